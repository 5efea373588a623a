"""How a conflict ends, what is asked again, and what is refused; on a real database."""

from __future__ import annotations

import pytest

from state import decisions
from state.database import Database
from state.errors import BadInput, NotAllowed, NotFound
from state.events import head
from state.facts.words import CandidateOutcome
from state.screening import Answer, Decision, ScreeningStatus, Stage, StudyStatus, Verdict
from tests.state.builders import (
    article,
    both_say,
    close,
    exclude,
    find,
    include,
    own_place,
    rule,
    send_to_full_text,
    settle_link,
)
from tests.state.helpers import CANDIDATE, CRITERIA, decide, ledger, queue_record

UNSURE = Answer(Verdict.UNSURE)
FT = Stage.FULL_TEXT


def last_event(db: Database) -> int:
    with db.reading() as connection:
        return head(connection)[0]


@pytest.fixture
def differing(queued: Database) -> Database:
    """Ada would include the record, Ben not."""
    both_say(queued, include(), exclude("E2"))
    return queued


@pytest.fixture
def at_full_text(queued: Database) -> Database:
    send_to_full_text(queued)
    return queued


def test_an_agreement_takes_both(differing: Database) -> None:
    assert rule(differing, "ada", exclude("E2")).status is ScreeningStatus.CONFLICT

    result = rule(differing, "ben", exclude("E2"))

    assert (result.status, result.answer) == (ScreeningStatus.EXCLUDED, exclude("E2"))


def test_one_may_think_again_until_both_agree(differing: Database) -> None:
    rule(differing, "ada", exclude("E1"))
    rule(differing, "ben", exclude("E2"))

    result = rule(differing, "ada", exclude("E2"))

    assert result.status is ScreeningStatus.EXCLUDED


def test_one_may_come_back_to_what_one_said_first(differing: Database) -> None:
    rule(differing, "ada", exclude("E2"))
    rule(differing, "ada", include())

    rule(differing, "ada", exclude("E2"))

    assert rule(differing, "ben", exclude("E2")).status is ScreeningStatus.EXCLUDED


def test_an_inclusion_typed_again_without_its_place_changes_nothing(at_full_text: Database) -> None:
    both_say(at_full_text, include(StudyStatus.INCLUDED), exclude("E2"), FT)
    rule(at_full_text, "cy", include(), stage=FT)
    before = last_event(at_full_text)

    assert rule(at_full_text, "cy", include(), stage=FT).status is ScreeningStatus.INCLUDED
    assert last_event(at_full_text) == before


def test_a_third_persons_ruling_needs_nobody_else(differing: Database) -> None:
    result = rule(differing, "cy", include(), note="randomised")

    assert result.status is ScreeningStatus.TO_FULL_TEXT
    with differing.reading() as connection:
        (ruling,) = decisions.screening_state(connection, CANDIDATE).title_abstract.rulings
    assert (ruling.person, ruling.adjudication, ruling.note) == ("cy", True, "randomised")


def test_a_ruling_of_one_of_the_two_is_an_agreement(differing: Database) -> None:
    rule(differing, "ben", include())

    with differing.reading() as connection:
        (ruling,) = decisions.screening_state(connection, CANDIDATE).title_abstract.rulings
    assert not ruling.adjudication


def test_the_same_ruling_again_changes_nothing(differing: Database) -> None:
    first = rule(differing, "cy", include())
    before = last_event(differing)

    assert rule(differing, "cy", include()) == first
    assert last_event(differing) == before


@pytest.mark.parametrize("person", ["ada", "ben", "cy"])
def test_a_settled_conflict_is_not_settled_again_in_another_way(
    differing: Database, person: str
) -> None:
    rule(differing, "cy", exclude("E1"))

    with pytest.raises(NotAllowed, match="no conflict to settle: the status is 'excluded'"):
        rule(differing, person, include())


def test_the_stage_behind_is_not_ruled_any_more(differing: Database) -> None:
    rule(differing, "cy", include())

    with pytest.raises(NotAllowed, match="is at stage full_text, not title_abstract"):
        rule(differing, "cy", exclude("E1"))


def test_nobody_rules_before_there_is_a_conflict(queued: Database) -> None:
    decide(queued, "ada", Verdict.INCLUDE)

    for person in ("ada", "ben", "cy"):
        with pytest.raises(NotAllowed, match="the status is 'half_screened'"):
            rule(queued, person, include())


@pytest.mark.parametrize("person", ["ada", "ben"])
def test_a_verdict_is_not_changed_once_the_other_has_seen_it(
    differing: Database, person: str
) -> None:
    with pytest.raises(NotAllowed, match="both seats are taken by ada and ben"):
        decide(differing, person, Verdict.UNSURE)


def test_a_first_verdict_may_be_changed_and_both_are_kept(queued: Database) -> None:
    decide(queued, "ada", Verdict.INCLUDE)
    result = decide(queued, "ada", Verdict.EXCLUDE, criterion="E1")

    assert result.status is ScreeningStatus.HALF_SCREENED
    with queued.reading() as connection:
        said = decisions.screening_state(connection, CANDIDATE).title_abstract.decisions
    assert said == (Decision("ada", include()), Decision("ada", exclude("E1")))


def test_a_third_reader_finds_no_seat(queued: Database) -> None:
    both_say(queued, include(), include())

    with pytest.raises(NotAllowed, match="is at stage full_text"):
        decide(queued, "cy", Verdict.INCLUDE)


@pytest.mark.parametrize("first", ["ada", "ben"])
def test_the_same_verdict_again_is_taken_even_when_the_stage_is_over(
    at_full_text: Database, first: str
) -> None:
    before = last_event(at_full_text)

    assert decide(at_full_text, first, Verdict.INCLUDE).status is ScreeningStatus.TO_FULL_TEXT
    assert last_event(at_full_text) == before


def test_another_note_is_another_verdict(queued: Database) -> None:
    decide(queued, "ada", Verdict.INCLUDE)
    before = last_event(queued)

    with ledger(queued) as book:
        decisions.give_verdict(
            book,
            CANDIDATE,
            "ada",
            include(),
            stage=Stage.TITLE_ABSTRACT,
            note="randomised",
            criteria=CRITERIA,
            protocol_version="1",
        )

    assert last_event(queued) == before + 1


def test_two_criteria_leave_only_the_criterion_to_settle(at_full_text: Database) -> None:
    both_say(at_full_text, exclude("E1"), exclude("E2"), FT)

    with pytest.raises(BadInput, match="only the criterion to report is left to settle"):
        rule(at_full_text, "cy", include(StudyStatus.INCLUDED), stage=FT)

    result = rule(at_full_text, "cy", exclude("E2"), stage=FT)
    assert (result.answer, result.criteria, result.over) == (exclude("E2"), ("E1", "E2"), True)


def test_a_conflict_at_full_text_does_not_end_unsure(at_full_text: Database) -> None:
    both_say(at_full_text, include(), UNSURE, FT)

    with pytest.raises(BadInput, match="not with unsure"):
        rule(at_full_text, "cy", UNSURE, stage=FT)


def test_two_places_are_a_conflict_that_names_one(at_full_text: Database) -> None:
    result = both_say(at_full_text, include(StudyStatus.ONGOING), include(StudyStatus.INCLUDED), FT)
    assert result.status is ScreeningStatus.CONFLICT

    result = rule(at_full_text, "cy", include(StudyStatus.ONGOING), stage=FT)

    assert result.answer == include(StudyStatus.ONGOING)


def test_a_ruling_is_checked_like_a_verdict(at_full_text: Database) -> None:
    both_say(at_full_text, include(), exclude("E1"), FT)

    with pytest.raises(BadInput, match="names the criterion that failed"):
        rule(at_full_text, "cy", exclude(None), stage=FT)
    with pytest.raises(BadInput, match="'E9' is not one of E1, E2"):
        rule(at_full_text, "cy", exclude("E9"), stage=FT)


def test_nothing_is_stored_of_a_verdict_that_is_refused(queued: Database) -> None:
    before = last_event(queued)

    with pytest.raises(BadInput, match="'E9' is not one of"):
        decide(queued, "ada", Verdict.EXCLUDE, criterion="E9")

    assert last_event(queued) == before


@pytest.mark.parametrize("outcome", list(CandidateOutcome))
def test_a_closed_candidate_takes_no_verdict_and_no_ruling(
    differing: Database, outcome: CandidateOutcome
) -> None:
    close(differing, outcome)

    with pytest.raises(NotAllowed, match=f"is closed: {outcome}"):
        decide(differing, "ada", Verdict.UNSURE)
    with pytest.raises(NotAllowed, match=f"is closed: {outcome}"):
        rule(differing, "cy", include())


def test_a_candidate_is_closed_with_one_of_the_known_outcomes(queued: Database) -> None:
    with pytest.raises(ValueError, match="lost"):
        close(queued, "lost")


# ---- links ---------------------------------------------------------------------------------------


@pytest.fixture
def proposed(team: Database) -> Database:
    """One record that may be a report of a known study."""
    queue_record(team, study="hahn2013")
    return team


def test_a_confirmed_link_closes_the_candidate(proposed: Database) -> None:
    settle_link(proposed, confirmed=True)

    with proposed.reading() as connection:
        found = decisions.candidate(connection, CANDIDATE)
    assert (found.closed, found.outcome, found.study) == (
        True,
        CandidateOutcome.REPORT_OF,
        "hahn2013",
    )


def test_a_refused_link_leaves_a_candidate_without_a_study(proposed: Database) -> None:
    settle_link(proposed, confirmed=False)

    with proposed.reading() as connection:
        found = decisions.candidate(connection, CANDIDATE)
    assert (found.closed, found.study, found.link_settled) == (False, None, True)


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_link_is_settled_once(proposed: Database, confirmed: bool) -> None:
    settle_link(proposed, confirmed=confirmed)
    before = last_event(proposed)

    settle_link(proposed, confirmed=confirmed, person="ben")
    assert last_event(proposed) == before

    with pytest.raises(NotAllowed, match="no link of 'pubmed:1' waits"):
        settle_link(proposed, confirmed=not confirmed)


def test_a_new_candidate_has_no_link_to_settle(queued: Database) -> None:
    with pytest.raises(NotAllowed, match="no link of 'pubmed:1' waits"):
        settle_link(queued, confirmed=True)


def test_a_link_of_an_unknown_candidate_is_named(queued: Database) -> None:
    with pytest.raises(NotFound, match="no candidate 'pubmed:9'"):
        settle_link(queued, confirmed=True, candidate="pubmed:9")


def test_a_proposed_link_takes_no_ruling(proposed: Database) -> None:
    with pytest.raises(NotAllowed, match="proposed as a report of hahn2013"):
        rule(proposed, "cy", include())


# ---- the stated order ----------------------------------------------------------------------------


def test_candidates_stand_in_the_order_of_score_age_and_id(team: Database) -> None:
    for key, score, after_s in (
        ("pubmed:4", 5, 0),
        ("pubmed:3", 9, 60),
        ("pubmed:2", 9, 0),
        ("pubmed:1", 9, 0),
    ):
        find(team, article(key), place=own_place(key, score=score), after_s=after_s)

    with team.reading() as connection:
        order = [each.id for each in decisions.candidates(connection)]
    assert order == ["pubmed:1", "pubmed:2", "pubmed:3", "pubmed:4"]


@pytest.mark.parametrize(
    ("closed", "expected"),
    [(None, {"pubmed:1", "pubmed:2"}), (True, {"pubmed:1"}), (False, {"pubmed:2"})],
)
def test_open_and_closed_candidates_are_told_apart(
    queued: Database, closed: bool | None, expected: set[str]
) -> None:
    queue_record(queued, 2)
    close(queued, "excluded")

    with queued.reading() as connection:
        listed = {each.id for each in decisions.candidates(connection, closed=closed)}
        stood = {
            each.candidate.id for each in decisions.screening_states(connection, closed=closed)
        }

    assert listed == stood == expected


def test_what_is_said_of_one_candidate_is_not_said_of_another(queued: Database) -> None:
    queue_record(queued, 2)
    both_say(queued, include(), exclude())

    with queued.reading() as connection:
        other = decisions.screening_state(connection, "pubmed:2")

    assert (other.log.decisions, other.log.rulings) == ((), ())
    assert other.log.result.status is ScreeningStatus.WAITING
