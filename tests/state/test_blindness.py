"""Until both have decided, nothing that anybody is given depends on what one has said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state import decisions, people
from state.database import Database
from state.facts.words import RoleId
from state.screening import Answer, Stage, StudyStatus, Verdict
from state.values import PublicStatus, QueueEntryView, ToDo
from tests.state.builders import (
    both_say,
    close,
    exclude,
    holders,
    include,
    retire,
    rule,
    seen,
    send_to_full_text,
)
from tests.state.helpers import CANDIDATE, decide, ledger, queue_record

UNSURE = Answer(Verdict.UNSURE)
AT_TITLE_ABSTRACT = (include(), UNSURE, exclude(), exclude("E2"))
AT_FULL_TEXT = (include(), include(StudyStatus.ONGOING), UNSURE, exclude(), exclude("E2"))
OTHERS = ("ben", "cy", None)


def queue_of(db: Database, person: str | None) -> tuple[QueueEntryView, ...]:
    with db.reading() as connection:
        return decisions.queue(connection, person)


def public(db: Database) -> PublicStatus:
    with db.reading() as connection:
        return decisions.public_status(decisions.screening_state(connection, CANDIDATE))


def say(db: Database, person: str, answer: Answer, stage: Stage) -> None:
    decide(
        db,
        person,
        answer.verdict,
        stage=stage,
        criterion=answer.criterion,
        place=answer.place,
    )


@pytest.mark.parametrize("reader", OTHERS)
@pytest.mark.parametrize("answer", AT_TITLE_ABSTRACT, ids=str)
def test_the_first_verdict_changes_nothing_that_others_see(
    queued: Database, answer: Answer, reader: str | None
) -> None:
    before = seen(queued, reader), queue_of(queued, reader), public(queued)

    say(queued, "ada", answer, Stage.TITLE_ABSTRACT)

    assert (seen(queued, reader), queue_of(queued, reader), public(queued)) == before


@pytest.mark.parametrize("reader", OTHERS)
@pytest.mark.parametrize("answer", AT_FULL_TEXT, ids=str)
def test_the_first_verdict_at_full_text_changes_nothing_that_others_see(
    queued: Database, answer: Answer, reader: str | None
) -> None:
    send_to_full_text(queued)
    before = seen(queued, reader), queue_of(queued, reader), public(queued)

    say(queued, "ada", answer, Stage.FULL_TEXT)

    assert (seen(queued, reader), queue_of(queued, reader), public(queued)) == before


@pytest.mark.parametrize("answer", AT_TITLE_ABSTRACT, ids=str)
def test_the_order_of_a_queue_does_not_tell_who_was_screened(
    team: Database, answer: Answer
) -> None:
    for number in (3, 1, 2):
        queue_record(team, number)
    before = [each.candidate.id for each in queue_of(team, "ben")]

    decide(team, "ada", answer.verdict, candidate="pubmed:2", criterion=answer.criterion)

    assert [each.candidate.id for each in queue_of(team, "ben")] == before


def test_readers_see_their_own_verdict_and_no_more(queued: Database) -> None:
    say(queued, "ada", exclude("E2"), Stage.TITLE_ABSTRACT)

    mine = seen(queued, "ada")

    assert mine.mine is not None
    assert mine.mine.answer == exclude("E2")
    assert (mine.revealed, mine.rulings, mine.to_do) == ((), (), None)
    assert replace(mine, mine=None) == seen(queued, None)


def test_a_first_verdict_asks_nothing_more_of_its_reader(queued: Database) -> None:
    assert seen(queued, "ada").to_do is ToDo.DECIDE

    decide(queued, "ada", Verdict.INCLUDE)

    assert seen(queued, "ada").to_do is None
    assert seen(queued, "ben").to_do is ToDo.DECIDE


@pytest.mark.parametrize("reader", ["ada", "ben", "cy", None])
def test_everybody_sees_both_verdicts_once_both_are_given(
    queued: Database, reader: str | None
) -> None:
    both_say(queued, include(), exclude("E2"))

    found = seen(queued, reader)

    assert found.status is PublicStatus.CONFLICT
    assert [(each.person, each.answer) for each in found.revealed] == [
        ("ada", include()),
        ("ben", exclude("E2")),
    ]


def test_the_reading_of_title_and_abstract_is_shown_at_full_text(queued: Database) -> None:
    both_say(queued, include(), UNSURE)

    found = seen(queued, "cy")

    assert found.stage is Stage.FULL_TEXT
    assert [each.answer for each in found.earlier] == [include(), UNSURE]
    assert (found.revealed, found.mine) == ((), None)


def test_the_verdict_of_the_earlier_stage_is_not_ones_own_at_the_next(queued: Database) -> None:
    send_to_full_text(queued)

    assert seen(queued, "ada").mine is None
    assert seen(queued, "ada").to_do is ToDo.DECIDE


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (include(), include(), PublicStatus.WAITING),  # at full text now
        (exclude(), exclude(), PublicStatus.WAITING),  # until it is closed
        (include(), exclude(), PublicStatus.CONFLICT),
        (UNSURE, exclude(), PublicStatus.CONFLICT),
    ],
    ids=str,
)
def test_the_public_status_after_both_have_decided(
    queued: Database, first: Answer, second: Answer, expected: PublicStatus
) -> None:
    both_say(queued, first, second)

    assert public(queued) is expected


def test_an_open_criterion_is_shown_as_a_conflict(queued: Database) -> None:
    send_to_full_text(queued)
    both_say(queued, exclude("E1"), exclude("E2"), Stage.FULL_TEXT)

    assert public(queued) is PublicStatus.CONFLICT
    assert seen(queued, "ada").to_do is ToDo.AGREE


@pytest.mark.parametrize("outcome", ["included", "excluded", "report_of", "duplicate"])
def test_a_closed_candidate_shows_its_outcome_and_asks_nothing(
    queued: Database, outcome: str
) -> None:
    close(queued, outcome)

    assert public(queued) == outcome
    assert [seen(queued, each).to_do for each in ("ada", "ben", "cy")] == [None, None, None]
    assert queue_of(queued, "ada") == ()


@pytest.mark.parametrize(
    ("person", "expected"),
    [("ada", ToDo.AGREE), ("ben", ToDo.AGREE), ("cy", ToDo.ADJUDICATE), (None, None)],
)
def test_what_a_conflict_asks_of_each(
    queued: Database, person: str | None, expected: ToDo | None
) -> None:
    both_say(queued, include(), exclude())

    assert seen(queued, person).to_do is expected


def test_one_who_agreed_waits_for_the_other(queued: Database) -> None:
    both_say(queued, include(), exclude())

    rule(queued, "ada", exclude())

    assert seen(queued, "ada").to_do is None
    assert seen(queued, "ben").to_do is ToDo.AGREE
    assert [each.person for each in seen(queued, "ben").rulings] == ["ada"]


def test_a_deputy_is_asked_in_the_place_of_one_who_retired(queued: Database) -> None:
    with ledger(queued) as book:
        ben = people.find_person(book.connection, "ben")
        people.change_person(book, replace(ben, deputy="cy"))
    assert seen(queued, "cy").to_do is None

    retire(queued, "ben")

    assert "cy" in holders(queued, RoleId.SCREENER)
    assert seen(queued, "cy").to_do is ToDo.DECIDE
    assert seen(queued, "ben").to_do is None
