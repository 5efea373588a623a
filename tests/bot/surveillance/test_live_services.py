"""Looking at a live service: what is seen beside what is assumed, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.sources.catalogue import SOURCES
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.surveillance.live_services import probe
from state.errors import NotFound
from state.events import head
from tests.bot.every_source import review_with_every_source
from tests.bot.world import World, a_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("probe")
    review = str(review_with_every_source(folder))
    with a_world(folder / "data", LIVINGREVIEW_REVIEW=review) as found:
        yield found


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_can_be_looked_at_and_nothing_is_stored(world: World, source: str) -> None:
    with world.app.database.reading() as connection:
        before = head(connection)

    seen = probe(world.app, source)

    assert seen[-1].what == "the search in force"
    assert "records" in seen[-1].seen
    assert all(each.assumed and each.seen for each in seen)
    with world.app.database.reading() as connection:
        assert head(connection) == before


def test_a_question_that_is_not_answered_says_why_and_stops_no_other(world: World) -> None:
    world.sources.by_name["ctis"].faults.add(PlayedFault(FaultKind.FORBIDDEN))

    seen = probe(world.app, "ctis")

    assert [each.failed for each in seen][:2] == [True, False]
    assert "403" in seen[0].seen


def test_openalex_is_seen_to_refuse_a_cursor_without_a_key(world: World) -> None:
    by_page, by_cursor, *_ = probe(world.app, "openalex")

    assert "no cursor" in by_page.seen
    assert "401" in by_cursor.seen


def test_a_source_that_nobody_knows_is_named(world: World) -> None:
    with pytest.raises(NotFound, match="atlantis"):
        probe(world.app, "atlantis")
