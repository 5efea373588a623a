from __future__ import annotations

import pytest

from state.errors import BadInput, NotAllowed
from state.screening import (
    Answer,
    Decision,
    Ruling,
    ScreeningStatus,
    Stage,
    StudyStatus,
    Verdict,
    checked_answer,
    may_adjudicate,
    may_agree,
    may_decide,
    status,
)

INCLUDE, UNSURE = Answer(Verdict.INCLUDE), Answer(Verdict.UNSURE)
EXCLUDE_1, EXCLUDE_2 = Answer(Verdict.EXCLUDE, "E1"), Answer(Verdict.EXCLUDE, "E2")
IN, ONGOING = (
    Answer(Verdict.INCLUDE, place=StudyStatus.INCLUDED),
    Answer(Verdict.INCLUDE, place=StudyStatus.ONGOING),
)
TA, FT = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT


def two(first: Answer, second: Answer) -> list[Decision]:
    return [Decision("ada", first), Decision("ben", second)]


@pytest.mark.parametrize(
    ("stage", "first", "second", "expected"),
    [
        (TA, INCLUDE, INCLUDE, ScreeningStatus.TO_FULL_TEXT),
        (TA, INCLUDE, UNSURE, ScreeningStatus.TO_FULL_TEXT),
        (TA, UNSURE, UNSURE, ScreeningStatus.TO_FULL_TEXT),
        (TA, EXCLUDE_1, EXCLUDE_2, ScreeningStatus.EXCLUDED),
        (TA, INCLUDE, EXCLUDE_1, ScreeningStatus.CONFLICT),
        (TA, EXCLUDE_1, UNSURE, ScreeningStatus.CONFLICT),
        (FT, IN, IN, ScreeningStatus.INCLUDED),
        (FT, ONGOING, ONGOING, ScreeningStatus.INCLUDED),
        (FT, IN, ONGOING, ScreeningStatus.CONFLICT),
        (FT, EXCLUDE_1, EXCLUDE_1, ScreeningStatus.EXCLUDED),
        (FT, EXCLUDE_1, EXCLUDE_2, ScreeningStatus.EXCLUDED),
        (FT, IN, UNSURE, ScreeningStatus.CONFLICT),
        (FT, UNSURE, UNSURE, ScreeningStatus.CONFLICT),
        (FT, IN, EXCLUDE_1, ScreeningStatus.CONFLICT),
    ],
)
def test_the_table_of_two_verdicts_decides(
    stage: Stage, first: Answer, second: Answer, expected: ScreeningStatus
) -> None:
    assert status(stage, two(first, second)).status is expected
    assert status(stage, two(second, first)).status is expected


def test_two_criteria_at_full_text_exclude_but_leave_the_criterion_to_settle() -> None:
    result = status(FT, two(EXCLUDE_1, EXCLUDE_2))

    assert result.criterion_open
    assert result.criteria == ("E1", "E2")
    assert not result.over


def test_both_criteria_of_a_title_abstract_exclusion_are_kept() -> None:
    assert status(TA, two(EXCLUDE_1, EXCLUDE_2)).criteria == ("E1", "E2")


def test_one_verdict_is_half_screened() -> None:
    assert status(TA, [Decision("ada", INCLUDE)]).status is ScreeningStatus.HALF_SCREENED


def test_a_changed_mind_counts_once() -> None:
    said = [Decision("ada", INCLUDE), Decision("ada", EXCLUDE_1), Decision("ben", EXCLUDE_1)]

    assert status(TA, said).status is ScreeningStatus.EXCLUDED


def test_a_conflict_ends_when_both_sign_the_same_answer() -> None:
    said = two(INCLUDE, EXCLUDE_1)
    one, both = Ruling("ada", EXCLUDE_1, False), Ruling("ben", EXCLUDE_1, False)

    assert status(TA, said, [one]).status is ScreeningStatus.CONFLICT
    assert status(TA, said, [one, both]).status is ScreeningStatus.EXCLUDED


def test_two_who_sign_different_answers_still_differ() -> None:
    rulings = [Ruling("ada", EXCLUDE_1, False), Ruling("ben", INCLUDE, False)]

    assert status(TA, two(INCLUDE, EXCLUDE_1), rulings).status is ScreeningStatus.CONFLICT


def test_a_third_persons_ruling_ends_a_conflict() -> None:
    result = status(FT, two(IN, EXCLUDE_1), [Ruling("cy", IN, True)])

    assert result.status is ScreeningStatus.INCLUDED
    assert result.answer == IN


def test_both_seats_taken_leaves_no_third_verdict() -> None:
    with pytest.raises(NotAllowed, match="both seats are taken by ada and ben"):
        may_decide("cy", two(INCLUDE, INCLUDE))


def test_a_reader_does_not_adjudicate_an_own_conflict() -> None:
    said = two(INCLUDE, EXCLUDE_1)

    with pytest.raises(NotAllowed, match="the adjudicator is a third person"):
        may_adjudicate("ada", said, status(TA, said))


def test_only_the_two_readers_may_agree() -> None:
    said = two(INCLUDE, EXCLUDE_1)

    with pytest.raises(NotAllowed, match="only the two who did may agree"):
        may_agree("cy", said, status(TA, said))


def test_there_is_nothing_to_rule_where_both_agree() -> None:
    said = two(INCLUDE, INCLUDE)

    with pytest.raises(NotAllowed, match="no conflict to settle"):
        may_adjudicate("cy", said, status(TA, said))


def test_an_exclusion_at_full_text_needs_its_criterion() -> None:
    with pytest.raises(BadInput, match="one of E1, E2"):
        checked_answer(FT, Answer(Verdict.EXCLUDE), ("E1", "E2"))


def test_an_unknown_criterion_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="'E9' is not one of E1, E2"):
        checked_answer(TA, Answer(Verdict.EXCLUDE, "E9"), ("E1", "E2"))


def test_a_criterion_does_not_go_with_an_inclusion() -> None:
    with pytest.raises(BadInput, match="belongs to an exclusion"):
        checked_answer(TA, Answer(Verdict.INCLUDE, "E1"), ("E1", "E2"))


def test_an_inclusion_at_full_text_without_a_place_is_included() -> None:
    assert checked_answer(FT, INCLUDE, ("E1",)) == IN
