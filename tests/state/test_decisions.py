from __future__ import annotations

from dataclasses import replace

import pytest

from state import decisions, records
from state.database import Database
from state.errors import NotAllowed, NotFound
from state.screening import Answer, ScreeningStatus, Stage, Verdict
from state.values import QueueEntryView
from tests.state.helpers import CANDIDATE, CRITERIA, add_team, decide, ledger, queue_record


@pytest.fixture
def world(db: Database) -> Database:
    add_team(db)
    queue_record(db)
    return db


def seen(db: Database, person: str | None) -> QueueEntryView:
    with db.reading() as connection:
        return decisions.seen_by(connection, CANDIDATE, person)


@pytest.mark.parametrize("reader", ["ada", "ben", "cy", None])
def test_nobody_sees_what_the_first_reader_said_before_the_second_has(
    world: Database, reader: str | None
) -> None:
    decide(world, "ada", Verdict.INCLUDE)
    included = seen(world, reader)

    decide(world, "ada", Verdict.EXCLUDE, criterion="E1")
    excluded = seen(world, reader)

    if reader == "ada":
        included, excluded = replace(included, mine=None), replace(excluded, mine=None)
    assert included == excluded


def test_the_queue_of_the_second_reader_is_the_same_before_and_after_the_first_decides(
    world: Database,
) -> None:
    with world.reading() as connection:
        before = decisions.queue(connection, "ben")

    decide(world, "ada", Verdict.UNSURE)

    with world.reading() as connection:
        assert decisions.queue(connection, "ben") == before


def test_both_answers_are_revealed_once_both_have_decided(world: Database) -> None:
    decide(world, "ada", Verdict.INCLUDE)
    decide(world, "ben", Verdict.EXCLUDE, criterion="E1")

    found = seen(world, "ada")

    assert found.status == "conflict"
    assert found.to_do == "agree"
    assert {each.person for each in found.revealed} == {"ada", "ben"}


def test_the_adjudicator_is_asked_only_for_a_conflict(world: Database) -> None:
    decide(world, "ada", Verdict.INCLUDE)
    assert seen(world, "cy").to_do is None

    decide(world, "ben", Verdict.EXCLUDE)

    assert seen(world, "cy").to_do == "adjudicate"


def test_the_same_verdict_again_changes_nothing(world: Database) -> None:
    decide(world, "ada", Verdict.INCLUDE)
    decide(world, "ben", Verdict.INCLUDE)

    again = decide(world, "ben", Verdict.INCLUDE)

    assert again.status is ScreeningStatus.TO_FULL_TEXT
    with world.reading() as connection:
        assert len(decisions.screening_state(connection, CANDIDATE).title_abstract.decisions) == 2


def test_a_verdict_at_the_wrong_stage_is_refused(world: Database) -> None:
    with pytest.raises(NotAllowed, match="is at stage title_abstract, not full_text"):
        decide(world, "ada", Verdict.EXCLUDE, stage=Stage.FULL_TEXT, criterion="E1")


def test_an_unknown_candidate_is_named(world: Database) -> None:
    with pytest.raises(NotFound, match="no candidate 'pubmed:9'"):
        decide(world, "ada", Verdict.INCLUDE, candidate="pubmed:9")


def test_a_ruling_ends_a_conflict_and_keeps_both_verdicts(world: Database) -> None:
    decide(world, "ada", Verdict.INCLUDE)
    decide(world, "ben", Verdict.EXCLUDE, criterion="E2")

    with ledger(world) as book:
        result = decisions.rule(
            book,
            CANDIDATE,
            "cy",
            Answer(Verdict.EXCLUDE, "E2"),
            stage=Stage.TITLE_ABSTRACT,
            note="not randomised",
            criteria=CRITERIA,
            protocol_version="1",
        )

    assert result.status is ScreeningStatus.EXCLUDED
    with world.reading() as connection:
        said = decisions.screening_state(connection, CANDIDATE).title_abstract
    assert [each.answer.verdict for each in said.decisions] == [Verdict.INCLUDE, Verdict.EXCLUDE]


def test_a_proposed_link_is_settled_before_anything_is_screened(db: Database) -> None:
    add_team(db)
    queue_record(db, study="hahn2013")

    with pytest.raises(NotAllowed, match="confirm or refuse that link first"):
        decide(db, "ada", Verdict.INCLUDE)


def test_a_confirmed_link_gives_the_record_to_the_study(db: Database) -> None:
    add_team(db)
    queue_record(db, study="hahn2013")

    with ledger(db) as book:
        decisions.settle_link(book, CANDIDATE, "ada", confirmed=True, note=None)

    with db.reading() as connection:
        assert decisions.candidate(connection, CANDIDATE).outcome == "report_of"
        linked = records.records_of_study(connection, "hahn2013")
    assert [each.record.key for each in linked] == [CANDIDATE]


def test_a_refused_link_is_screened_like_any_other(db: Database) -> None:
    add_team(db)
    queue_record(db, study="hahn2013")

    with ledger(db) as book:
        decisions.settle_link(book, CANDIDATE, "ada", confirmed=False, note="another trial")

    assert seen(db, "ben").to_do == "decide"
