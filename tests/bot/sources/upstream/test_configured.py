from __future__ import annotations

from pathlib import Path

from bot.config import read_config
from bot.demo.fiction import baseline_studies
from bot.sources.ctgov.search import search_ctgov
from bot.sources.ctgov.stand_in import CtgovStandIn
from bot.sources.upstream.configured import configured_client


def test_a_door_built_from_settings_passes_the_guard_and_names_the_contact(tmp_path: Path) -> None:
    with CtgovStandIn(baseline_studies()) as upstream:
        settings = {"LIVINGREVIEW_CTGOV_URL": upstream.url, "LIVINGREVIEW_CTGOV_INTERVAL_S": "0"}
        config = read_config(settings, tmp_path)
        client = configured_client(config.services["ctgov"].upstream, "team@review.test")
        answer = search_ctgov(client, config.services["ctgov"].url, "mmn")
        client.close()

    assert answer.found == 5
    assert upstream.seen[0].agent.endswith("(+mailto:team@review.test)")
    assert "living-review-bot/" in upstream.seen[0].agent
