"""A source that finds nothing: a failure where known reports are named, else a question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.silence.certify import certify
from bot.silence.status import status_json
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from state.certificates import certificates
from state.tasks import TaskKind, open_tasks, settle_task
from tests.bot.builders import DORA
from tests.bot.every_source import review_with_every_source
from tests.bot.world import World, a_world

NOTHING = {
    "europepmc": b'{"version": "6.9", "hitCount": 0, "resultList": {"result": []}}',
    "isrctn": b'<allTrials totalCount="0" xmlns="http://www.67bricks.com/isrctn"/>',
}
LASTS = 99


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    review = str(review_with_every_source(tmp_path))
    with a_world(tmp_path / "data", LIVINGREVIEW_REVIEW=review) as found:
        yield found


def finds_nothing(world: World, source: str) -> None:
    empty = PlayedFault(FaultKind.OTHER_BODY, times=LASTS, body=NOTHING[source])
    world.sources.by_name[source].faults.add(empty)


def standing(world: World, source: str) -> dict[str, Any]:
    return next(dict(s) for s in status_json(world.app)["sources"] if s["source"] == source)


def counted(world: World) -> list[str]:
    with world.app.database.reading() as connection:
        asked = open_tasks(connection)
    return [each.id for each in asked if each.kind is TaskKind.IMPLAUSIBLE_COUNT]


def test_nothing_found_where_known_reports_are_named_is_a_failure_from_the_first_time_on(
    world: World,
) -> None:
    finds_nothing(world, "europepmc")

    run = world.search("europepmc")

    assert (run.status, run.found, len(run.known_items_missing)) == ("failed", 0, 7)
    assert "found nothing at all, expected the 7 known reports" in (run.error or "")
    assert standing(world, "europepmc")["light"] == "red"


def test_a_source_that_found_its_reports_once_is_red_within_two_empty_answers(
    world: World,
) -> None:
    assert world.search("europepmc").status == "ok"
    finds_nothing(world, "europepmc")

    world.clock.advance(minutes=60)
    world.search("europepmc")
    assert standing(world, "europepmc")["light"] == "amber"

    world.clock.advance(minutes=60)
    world.search("europepmc")
    assert standing(world, "europepmc")["light"] == "red"


def test_a_source_without_known_reports_that_finds_nothing_is_asked_about_and_then_red(
    world: World,
) -> None:
    finds_nothing(world, "isrctn")

    assert world.search("isrctn").status == "ok"
    assert (standing(world, "isrctn")["light"], len(counted(world))) == ("amber", 1)

    world.clock.advance(days=1)
    world.search("isrctn")
    assert (standing(world, "isrctn")["light"], len(counted(world))) == ("red", 1)


def test_that_a_source_holds_nothing_can_be_said_by_a_person_once(world: World) -> None:
    finds_nothing(world, "isrctn")
    world.search("isrctn")
    (task,) = counted(world)
    world.clock.advance(days=1)
    with world.app.ledger() as ledger:
        settle_task(ledger, task, DORA, "nobody has registered a trial of this disease there")

    for _ in range(3):
        world.clock.advance(days=7)
        world.search("isrctn")

    assert (standing(world, "isrctn")["light"], counted(world)) == ("green", [])


def test_the_certificate_claims_nothing_by_an_empty_answer_and_names_what_nothing_guards(
    world: World,
) -> None:
    finds_nothing(world, "isrctn")
    world.search_all()
    certify(world.app)

    with world.app.database.reading() as connection:
        body = json.loads(certificates(connection)[-1].body)

    assert (
        "ISRCTN registry found nothing at all, and nobody has said that this can be"
        in (body["reasons"])
    )
    unguarded = {each["source"] for each in body["sources"] if not each["guarded"]}
    assert unguarded == {"openalex", "crossref", "ctis", "isrctn"}
    assert {each["source"] for each in body["by_hand"] if not each["guarded"]} == {"neuromuscular"}
