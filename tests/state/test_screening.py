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
    current,
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


# ---- the whole table: each answer of one reader beside each of the other ------------------------

AWAITING = Answer(Verdict.INCLUDE, place=StudyStatus.AWAITING)
FULL, OUT, CONFLICT, INCLUDED = (
    ScreeningStatus.TO_FULL_TEXT,
    ScreeningStatus.EXCLUDED,
    ScreeningStatus.CONFLICT,
    ScreeningStatus.INCLUDED,
)
EXCLUDE = Answer(Verdict.EXCLUDE)
TITLE_ABSTRACT_ANSWERS = (INCLUDE, UNSURE, EXCLUDE, EXCLUDE_1, EXCLUDE_2)
TITLE_ABSTRACT_TABLE = (
    # include  unsure    exclude   exclude 1 exclude 2
    (FULL, FULL, CONFLICT, CONFLICT, CONFLICT),  # include
    (FULL, FULL, CONFLICT, CONFLICT, CONFLICT),  # unsure
    (CONFLICT, CONFLICT, OUT, OUT, OUT),  # exclude
    (CONFLICT, CONFLICT, OUT, OUT, OUT),  # exclude 1
    (CONFLICT, CONFLICT, OUT, OUT, OUT),  # exclude 2
)
FULL_TEXT_ANSWERS = (IN, ONGOING, AWAITING, UNSURE, EXCLUDE_1, EXCLUDE_2)
FULL_TEXT_TABLE = (
    # included ongoing   awaiting  unsure    exclude 1 exclude 2
    (INCLUDED, CONFLICT, CONFLICT, CONFLICT, CONFLICT, CONFLICT),  # included
    (CONFLICT, INCLUDED, CONFLICT, CONFLICT, CONFLICT, CONFLICT),  # ongoing
    (CONFLICT, CONFLICT, INCLUDED, CONFLICT, CONFLICT, CONFLICT),  # awaiting
    (CONFLICT, CONFLICT, CONFLICT, CONFLICT, CONFLICT, CONFLICT),  # unsure
    (CONFLICT, CONFLICT, CONFLICT, CONFLICT, OUT, OUT),  # exclude 1
    (CONFLICT, CONFLICT, CONFLICT, CONFLICT, OUT, OUT),  # exclude 2
)
EVERY_PAIR = [
    (stage, first, second, row[column])
    for stage, answers, table in (
        (TA, TITLE_ABSTRACT_ANSWERS, TITLE_ABSTRACT_TABLE),
        (FT, FULL_TEXT_ANSWERS, FULL_TEXT_TABLE),
    )
    for first, row in zip(answers, table, strict=True)
    for column, second in enumerate(answers)
]
RULED = {
    TA: {INCLUDE: FULL, UNSURE: FULL, EXCLUDE: OUT, EXCLUDE_2: OUT},
    FT: {IN: INCLUDED, ONGOING: INCLUDED, AWAITING: INCLUDED, EXCLUDE_1: OUT},
}


@pytest.mark.parametrize(("stage", "first", "second", "expected"), EVERY_PAIR)
def test_every_pair_of_verdicts_stands_in_the_table(
    stage: Stage, first: Answer, second: Answer, expected: ScreeningStatus
) -> None:
    assert status(stage, two(first, second)).status is expected


@pytest.mark.parametrize(("stage", "first", "second", "expected"), EVERY_PAIR)
def test_only_two_criteria_at_full_text_leave_the_criterion_open(
    stage: Stage, first: Answer, second: Answer, expected: ScreeningStatus
) -> None:
    result = status(stage, two(first, second))

    assert result.criterion_open == (stage is FT and expected is OUT and first != second)
    assert result.over == (expected is not CONFLICT and not result.criterion_open)


@pytest.mark.parametrize(("stage", "first", "second", "expected"), EVERY_PAIR)
def test_every_criterion_that_was_named_is_kept(
    stage: Stage, first: Answer, second: Answer, expected: ScreeningStatus
) -> None:
    named = {answer.criterion for answer in (first, second) if answer.criterion}

    assert set(status(stage, two(first, second)).criteria) == named


@pytest.mark.parametrize(("stage", "first", "second", "expected"), EVERY_PAIR)
def test_no_answer_counts_while_there_is_a_conflict(
    stage: Stage, first: Answer, second: Answer, expected: ScreeningStatus
) -> None:
    result = status(stage, two(first, second))

    assert (result.answer is None) == (expected is CONFLICT)
    assert result.answer in (None, first)


@pytest.mark.parametrize(
    ("stage", "answer", "expected"),
    [(stage, answer, ended) for stage, said in RULED.items() for answer, ended in said.items()],
)
@pytest.mark.parametrize("adjudication", [True, False], ids=["adjudicated", "agreed"])
def test_a_conflict_ends_as_the_answer_that_settles_it(
    stage: Stage, answer: Answer, expected: ScreeningStatus, adjudication: bool
) -> None:
    said = two(INCLUDE if stage is TA else IN, EXCLUDE_1)
    third = [Ruling("cy", answer, True)]
    agreed = [Ruling("ada", answer, False), Ruling("ben", answer, False)]

    result = status(stage, said, third if adjudication else agreed)

    assert (result.status, result.answer, result.over) == (expected, answer, True)


def test_the_criterion_to_report_is_settled_by_a_ruling() -> None:
    result = status(FT, two(EXCLUDE_1, EXCLUDE_2), [Ruling("cy", EXCLUDE_2, True)])

    assert result.answer == EXCLUDE_2
    assert result.criteria == ("E1", "E2")
    assert result.over


def test_the_last_of_two_rulings_counts() -> None:
    rulings = [Ruling("cy", IN, True), Ruling("cy", EXCLUDE_1, True)]

    assert status(FT, two(IN, EXCLUDE_1), rulings).answer == EXCLUDE_1


def test_an_agreement_counts_as_each_said_last() -> None:
    rulings = [Ruling("ada", EXCLUDE_1, False), Ruling("ben", IN, False)]
    rulings.append(Ruling("ada", IN, False))

    assert status(FT, two(IN, EXCLUDE_1), rulings).answer == IN


def test_an_adjudication_counts_above_an_agreement() -> None:
    agreed = [Ruling("ada", IN, False), Ruling("ben", IN, False)]

    assert status(FT, two(IN, EXCLUDE_1), [*agreed, Ruling("cy", EXCLUDE_1, True)]).answer == (
        EXCLUDE_1
    )


def test_somebody_who_changes_their_mind_keeps_their_seat_and_order() -> None:
    said = [Decision("ada", INCLUDE), Decision("ben", UNSURE), Decision("ada", EXCLUDE_1)]

    assert [(each.person, each.answer) for each in current(said)] == [
        ("ada", EXCLUDE_1),
        ("ben", UNSURE),
    ]


def test_the_first_reader_may_change_their_mind_while_a_seat_is_free() -> None:
    may_decide("ada", [Decision("ada", INCLUDE), Decision("ada", EXCLUDE_1)])
    may_decide("ben", [Decision("ada", INCLUDE)])


@pytest.mark.parametrize("person", ["ada", "ben"])
def test_nobody_changes_a_verdict_that_the_other_has_seen(person: str) -> None:
    with pytest.raises(NotAllowed, match="it is decided"):
        may_decide(person, two(INCLUDE, EXCLUDE_1))


@pytest.mark.parametrize("said", [[], [Decision("ada", INCLUDE)]], ids=["nobody", "one"])
def test_there_is_no_conflict_before_two_have_decided(said: list[Decision]) -> None:
    for may, person in ((may_agree, "ada"), (may_adjudicate, "cy")):
        with pytest.raises(NotAllowed, match="no conflict to settle"):
            may(person, said, status(TA, said))


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        (TA, IN),
        (TA, Answer(Verdict.UNSURE, place=StudyStatus.ONGOING)),
        (FT, Answer(Verdict.EXCLUDE, "E1", StudyStatus.INCLUDED)),
    ],
    ids=["title-abstract", "unsure", "exclusion"],
)
def test_a_place_goes_only_with_an_inclusion_at_full_text(stage: Stage, answer: Answer) -> None:
    with pytest.raises(BadInput, match="belongs to an inclusion at full text"):
        checked_answer(stage, answer, ("E1",))


@pytest.mark.parametrize(
    ("stage", "answer"),
    [(TA, answer) for answer in TITLE_ABSTRACT_ANSWERS]
    + [(FT, answer) for answer in FULL_TEXT_ANSWERS],
)
def test_every_answer_of_the_table_is_stored_as_it_is(stage: Stage, answer: Answer) -> None:
    assert checked_answer(stage, answer, ("E1", "E2")) == answer
