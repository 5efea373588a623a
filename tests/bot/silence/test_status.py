from __future__ import annotations

from pathlib import Path

from bot.silence.status import status_json
from bot.work import jobs
from tests.bot.world import a_world


def test_a_notice_that_could_not_be_delivered_is_said_with_the_reason(tmp_path: Path) -> None:
    with a_world(tmp_path / "data", LIVINGREVIEW_SMTP_URL="smtp://127.0.0.1:9") as world:
        world.search()
        jobs.work_off(world.app)

        needs = status_json(world.app)["needs"]

    assert any("not delivered: ConnectionRefusedError" in each for each in needs)
