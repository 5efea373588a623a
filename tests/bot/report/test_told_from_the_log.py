"""Versions of a program that runs: what each says is what happened in its time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.figures.flow_counts import BALANCES
from bot.report.document import ReviewDocument
from bot.report.gather import gather
from state import versions
from state.as_of import as_of, last_event_of
from state.events import head
from state.screening import Stage, Verdict
from state.verify import verify
from tests.bot.builders import ADA, BEN, DORA, a_trial, an_extraction, found, hand_in, say, sign
from tests.bot.notices import HARBO, search, with_notice
from tests.bot.world import World, a_world

WAITING = tuple(a_trial(number).key for number in range(22, 28))
STUDY = "doe2026"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as started:
        started.search_all()
        yield started


def a_day_later(world: World) -> None:
    world.clock.advance(days=1)


def publish(world: World) -> str:
    """Have the open draft signed by two, its signals first, and published."""
    world.tick()
    with world.app.database.reading() as connection:
        draft = versions.open_draft(connection)
        assert draft is not None
        signals = [each.id for each in versions.signals(connection, draft.number)]
    for subject in (*signals, draft.number):
        for person in (DORA, ADA):
            sign(world.app, person, subject)
    world.tick()
    return draft.number


def document(world: World, number: str) -> ReviewDocument:
    """Gather a published version again."""
    with world.app.database.reading() as connection:
        at = versions.find_version(connection, number).published_at
        return gather(world.app, connection, number, at)


def written(world: World, number: str) -> Any:
    return json.loads((world.app.files / number / "results.json").read_text())


def a_trial_enters(world: World) -> None:
    """Seven records come, one is included and extracted; a day passes with each step."""
    found(world.app, *(a_trial(number) for number in range(21, 28)))
    a_day_later(world)
    for stage in Stage:
        for person in (ADA, BEN):
            say(world.app, person, a_trial(21).key, Verdict.INCLUDE, stage=stage)
    a_day_later(world)
    for person in (ADA, BEN):
        hand_in(world.app, person, STUDY, an_extraction(9))
    a_day_later(world)


def six_are_screened_and_one_is_retracted(world: World) -> None:
    a_day_later(world)
    for candidate in WAITING:
        for person in (ADA, BEN):
            say(world.app, person, candidate, Verdict.EXCLUDE, criterion="E2")
    world.pubmed.add(with_notice(HARBO, "RetractionIn"))
    a_day_later(world)
    search(world)
    a_day_later(world)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str, str]]:
    """A world with two versions published after the first; no test changes it."""
    with a_world(tmp_path_factory.mktemp("two") / "data") as world:
        world.search_all()
        a_trial_enters(world)
        first = publish(world)
        six_are_screened_and_one_is_retracted(world)
        yield world, first, publish(world)


def boxes(world: World, number: str, column: str) -> Counter[str]:
    flow = written(world, number)["flow"][column]
    numbers = {key: value for key, value in flow.items() if isinstance(value, int)}
    return Counter({key: value for key, value in numbers.items() if key not in BALANCES})


def test_the_boxes_of_what_was_published_add_up_to_the_last_column_of_all(
    two: tuple[World, str, str],
) -> None:
    world, first, second = two
    summed: Counter[str] = Counter()
    for number in ("3.0", first, second):
        summed.update(boxes(world, number, "this_version"))

    assert summed == boxes(world, second, "cumulative")
    assert boxes(world, second, "this_version")["records_screened"] == len(WAITING)
    for number in ("3.0", first, second):
        assert "does not add up" not in (world.app.files / number / "report.html").read_text()


def test_work_counts_for_the_version_in_whose_time_it_was_done(
    two: tuple[World, str, str],
) -> None:
    world, first, second = two
    before, after = (written(world, number)["process"] for number in (first, second))

    assert before["title_abstract"] == {"done": 1, "by_two": 1}
    assert before["extraction"] == {"done": 1, "by_two": 1}
    assert after["title_abstract"] == {"done": len(WAITING), "by_two": len(WAITING)}
    assert after["extraction"] == {"done": 0, "by_two": 0}
    assert after["in_all"].startswith(f"{2 * len(WAITING)} verdicts")


def test_what_each_did_comes_to_what_all_did(two: tuple[World, str, str]) -> None:
    world, _, second = two
    told = written(world, second)
    each = [int(line["did"].split()[0]) for line in told["people"] if "verdict" in line["did"]]

    assert sum(each) == int(told["process"]["in_all"].split()[0])


def test_a_retraction_is_said_first_on_the_rows_it_touches_and_in_the_mail(
    two: tuple[World, str, str],
) -> None:
    world, _, second = two
    told = written(world, second)
    page = (world.app.files / second / "report.html").read_text()

    assert told["sentences"]["whats_new"][0].startswith("A report of Harbo 2009 was retracted (")
    assert told["sentences"]["standing_notices"] == told["sentences"]["whats_new"][:1]
    assert page.count("Rests on Harbo 2009, of which a report was retracted; not judged yet.") == 4
    for kind in ("new_result", "published"):
        newest = max(world.notices(kind), key=lambda each: each.written_at).notice
        assert "  - A report of Harbo 2009 was retracted" in newest.body


def test_a_search_that_ran_is_never_denied(two: tuple[World, str, str]) -> None:
    world, _, second = two

    opening = written(world, second)["sentences"]["opening"]
    assert "5 searches of 5 sources brought 0 new records." in opening
    assert "without a new search" not in (world.app.files / second / "report.html").read_text()


def test_the_published_review_keeps_its_own_date(two: tuple[World, str, str]) -> None:
    world, first, _ = two
    baseline, next_one = (
        (world.app.files / number / "report.html").read_text() for number in ("3.0", first)
    )

    assert "Published 11 January 2022 (doi:10.1002/14651858.CD004429.pub3)" in baseline
    assert "follows version 3.0 of 11 January 2022" in next_one


def test_what_was_published_is_gathered_again_as_it_was(two: tuple[World, str, str]) -> None:
    world, first, _ = two

    again = document(world, first)

    assert again.facts.title_abstract.done == 1
    assert (
        again.flow_cumulative.records_waiting
        == written(world, first)["flow"]["cumulative"]["records_waiting"]
    )
    assert again.notices == ()


def test_the_review_as_it_was_is_what_the_log_said_then(two: tuple[World, str, str]) -> None:
    world, first, _ = two
    with world.app.database.reading() as connection:
        seq = last_event_of(connection, versions.find_version(connection, first))
        with as_of(connection, seq) as then:
            assert head(then)[0] == seq < head(connection)[0]
            assert versions.last_published(then) == versions.find_version(connection, "3.0")
    assert verify(world.app.database).faults == ()


def test_a_report_excluded_at_full_text_is_listed_with_its_reason_and_who_decided(
    world: World,
) -> None:
    a_trial_enters(world)
    for person in (ADA, BEN):
        say(world.app, person, WAITING[0], Verdict.INCLUDE)
    say(world.app, ADA, WAITING[0], Verdict.EXCLUDE, stage=Stage.FULL_TEXT, criterion="E2")
    say(world.app, BEN, WAITING[0], Verdict.EXCLUDE, stage=Stage.FULL_TEXT, criterion="E2")

    (line,) = document(world, publish(world)).excluded

    assert WAITING[0] in line.cited
    assert (line.criterion, line.reason[:8]) == ("E2", "Design: ")
    assert line.how == "independently"
    assert len(line.decided_by) == 2


def test_what_one_reader_has_decided_is_said_to_wait_for_the_second(world: World) -> None:
    a_trial_enters(world)
    say(world.app, ADA, WAITING[0], Verdict.INCLUDE)

    facts = document(world, publish(world)).facts

    assert (facts.title_abstract.done, facts.sealed) == (1, 1)
