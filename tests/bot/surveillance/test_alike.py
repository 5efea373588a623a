"""Records that may be the same: what a person says of them, and how it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from bot.report.flow import FlowSource, flow_counts
from bot.surveillance.alike import open_pairs
from state import decisions, likeness, records
from state.errors import BadInput, NotFound
from state.facts import QueueEntry
from state.screening import Verdict
from state.verify import verify
from tests.bot.builders import (
    ADA,
    BEN,
    DORA,
    a_trial,
    add_team,
    an_app,
    found,
    include,
    say,
    say_whether_same,
)

ONE = a_trial(1)
TWO = replace(a_trial(2), source="embase", source_id="L2")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    found(running, ONE, TWO)
    with running.ledger() as ledger:
        likeness.find_likeness(
            ledger, TWO.key, ONE.key, likeness.MAYBE, rule="M4", reasons=["one title"]
        )
    yield running
    running.close()


def settle(app: App, *, same: bool, person: str = ADA) -> None:
    say_whether_same(app, person, TWO.key, ONE.key, same=same)


def queue(app: App) -> dict[str, list[str]]:
    with app.database.reading() as connection:
        return {
            seen.candidate.id: sorted(each.record.key for each in seen.records)
            for seen in decisions.queue(connection, ADA)
        }


def pairs(app: App) -> int:
    with app.database.reading() as connection:
        return len(open_pairs(connection))


def test_both_are_queued_until_somebody_has_looked(app: App) -> None:
    assert queue(app) == {ONE.key: [ONE.key], TWO.key: [TWO.key]}
    assert pairs(app) == 1


def test_the_same_record_joins_the_place_of_the_other(app: App) -> None:
    settle(app, same=True)

    assert queue(app) == {ONE.key: sorted([ONE.key, TWO.key])}
    assert pairs(app) == 0


def test_different_records_keep_their_places(app: App) -> None:
    settle(app, same=False)

    assert queue(app) == {ONE.key: [ONE.key], TWO.key: [TWO.key]}
    assert pairs(app) == 0


def test_a_merge_can_be_undone_and_said_again(app: App) -> None:
    for same, places in ((True, 1), (False, 2), (True, 1), (False, 2)):
        settle(app, same=same)
        assert len(queue(app)) == places
    assert verify(app.database).faults == ()


def test_what_a_reader_had_said_before_a_merge_counts_again_when_it_is_undone(app: App) -> None:
    say(app, ADA, TWO.key, Verdict.INCLUDE)
    for person in (ADA, BEN):
        settle(app, same=True, person=person)
    settle(app, same=False)

    with app.database.reading() as connection:
        seen = decisions.seen_by(connection, TWO.key, ADA)
    assert seen.mine is not None
    assert seen.mine.answer.verdict is Verdict.INCLUDE


def test_the_program_took_two_for_one_and_a_person_parts_them(app: App) -> None:
    three = replace(a_trial(3), source="central", source_id="CN-3")
    with app.ledger() as ledger:
        digest = records.keep_payload(ledger.connection, b"three", "text/plain")
        records.find_record(
            ledger,
            three,
            identifiers=[],
            payload_sha256=digest,
            run_id="a-run",
            place=QueueEntry(ONE.key, False, 0, "main", (), ()),
            study=None,
            known_report=False,
        )
        likeness.find_likeness(
            ledger, three.key, ONE.key, likeness.SAME, rule="S2", reasons=["same DOI"]
        )

    say_whether_same(app, DORA, three.key, ONE.key, same=False)

    assert queue(app)[three.key] == [three.key]
    with app.database.reading() as connection:
        reasons = decisions.candidate(connection, three.key).reasons
    assert reasons[0] == f"was taken as the same record as {ONE.key}; a person says it is not"


def test_a_record_that_became_a_study_is_not_merged_away(app: App) -> None:
    include(app, TWO.key)

    with pytest.raises(BadInput, match="settled already"):
        settle(app, same=True)


def test_a_merge_into_a_study_found_by_us_takes_its_names_along_only_while_it_lasts(
    app: App,
) -> None:
    include(app, ONE.key)
    for person in (ADA, BEN):
        settle(app, same=True, person=person)
    settle(app, same=False)

    with app.database.reading() as connection:
        assert records.studies_with(connection, [f"doi:{TWO.ids.doi}"]) == {}
        assert list(records.studies_with(connection, [f"doi:{ONE.ids.doi}"])) != []
    assert TWO.key in queue(app)


def test_an_unknown_pair_or_person_is_named(app: App) -> None:
    with pytest.raises(NotFound, match="likeness"):
        say_whether_same(app, ADA, ONE.key, TWO.key, same=True)
    with pytest.raises(NotFound, match="nobody"):
        settle(app, same=True, person="nobody")


def test_a_merged_record_is_a_duplicate_in_the_flow_and_not_screened_twice(app: App) -> None:
    settle(app, same=True)
    for person in (ADA, BEN):
        say(app, person, ONE.key, Verdict.EXCLUDE)

    with app.database.reading() as connection:
        known = tuple(records.all_records(connection))
        flow = flow_counts(
            FlowSource(known, decisions.screening_states(connection), (), frozenset())
        )
    assert (flow.duplicates, flow.records_screened, flow.records_waiting) == (1, 1, 0)
