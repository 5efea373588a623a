from __future__ import annotations

import pytest

from extraction.model import Basis, Cell, Field, Provenance, Value
from state.agreement import Adjudication, Agreement, Entry, Submission, agree


def handed(seq: int, person: str, **cells: float) -> Submission:
    return Submission(seq, person, {name: Entry(number, None) for name, number in cells.items()})


def ruled(seq: int, cell: str, number: float | None) -> Adjudication:
    return Adjudication(seq, "cy", cell, number, None, "read in table 2")


def numbers(state: Agreement) -> dict[str, float | None]:
    return {cell: each.entry.number for cell, each in state.accepted.items()}


def test_equal_values_are_accepted_and_different_ones_wait() -> None:
    state = agree([handed(1, "ada", events=9, total=12), handed(2, "ben", events=8, total=12)])

    assert numbers(state) == {"total": 12}
    assert [each.cell for each in state.differences] == ["events"]
    assert not state.settled


def test_a_value_that_only_one_gives_is_a_difference() -> None:
    state = agree([handed(1, "ada", events=9), handed(2, "ben")])

    assert state.differences[0].entries == {"ada": Entry(9, None), "ben": None}


def test_a_unit_that_differs_is_a_difference() -> None:
    ada = Submission(1, "ada", {"mean": Entry(3.1, None, "kg")})
    ben = Submission(2, "ben", {"mean": Entry(3.1, None, "kPa")})

    assert agree([ada, ben]).differences


def test_an_adjudication_settles_its_cell() -> None:
    both = [handed(1, "ada", events=9), handed(2, "ben", events=8)]

    state = agree(both, [ruled(3, "events", 9)])

    assert state.settled
    assert state.accepted["events"].how == "adjudicated"


def test_an_adjudication_may_drop_a_cell() -> None:
    both = [handed(1, "ada", events=9, total=12), handed(2, "ben", total=12)]

    assert numbers(agree(both, [ruled(3, "events", None)])) == {"total": 12}


def test_the_first_of_two_is_sealed_and_may_be_replaced() -> None:
    state = agree([handed(1, "ada", events=9), handed(2, "ada", events=8)])

    assert state.accepted == {}
    assert state.open_round is not None
    assert state.open_round.people == ("ada",)


def test_a_second_round_supersedes_only_what_it_names() -> None:
    first = [handed(1, "ada", events=9, total=12), handed(2, "ben", events=9, total=12)]
    erratum = [handed(3, "ben", events=8), handed(4, "ada", events=8)]

    assert numbers(agree(first + erratum)) == {"events": 8, "total": 12}


def test_what_was_accepted_stays_while_a_second_round_is_open() -> None:
    first = [handed(1, "ada", events=9), handed(2, "ben", events=9)]

    state = agree([*first, handed(3, "ben", events=8)])

    assert numbers(state) == {"events": 9}
    assert state.differences == ()


def test_an_old_ruling_does_not_settle_a_later_difference() -> None:
    first = [handed(1, "ada", events=9), handed(2, "ben", events=8)]
    second = [handed(4, "ada", events=7), handed(5, "ben", events=6)]

    state = agree(first + second, [ruled(3, "events", 9)])

    assert [each.cell for each in state.differences] == ["events"]


def test_nobody_has_handed_in_anything() -> None:
    state = agree([])

    assert (state.rounds, dict(state.accepted), state.settled) == ((), {}, False)
    assert state.open_round is None


# Who handed in, in order → who sits in which round.
ROUNDS = [
    ("a", [("a",)]),
    ("ab", [("a", "b")]),
    ("aab", [("a", "b")]),
    ("aba", [("a", "b"), ("a",)]),
    ("abaa", [("a", "b"), ("a",)]),
    ("abba", [("a", "b"), ("b", "a")]),
    ("abcb", [("a", "b"), ("c", "b")]),
    ("abcdb", [("a", "b"), ("c", "d"), ("b",)]),
]


@pytest.mark.parametrize(("who", "seats"), ROUNDS)
def test_two_different_people_make_a_round(who: str, seats: list[tuple[str, ...]]) -> None:
    state = agree([handed(seq, person, events=seq) for seq, person in enumerate(who)])

    assert [each.people for each in state.rounds] == seats
    assert [each.complete for each in state.rounds] == [len(each) == 2 for each in seats]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Entry(9, None), Entry(9.0, None), True),
        (Entry(9, None), Entry(9.000001, None), False),
        (Entry(9, None), Entry(None, "9"), False),
        (Entry(None, "parallel"), Entry(None, "parallel"), True),
        (Entry(None, "parallel"), Entry(None, "Parallel"), False),
        (Entry(3.1, None, "kg"), Entry(3.1, None, "kg"), True),
        (Entry(3.1, None, "kg"), Entry(3.1, None, None), False),
        (Entry(0, None), Entry(None, None), False),
    ],
)
def test_number_text_and_unit_must_be_the_same(one: Entry, other: Entry, same: bool) -> None:
    state = agree([Submission(1, "ada", {"x": one}), Submission(2, "ben", {"x": other})])

    assert state.settled is same
    assert one.agrees_with(other) is other.agrees_with(one) is same


def test_the_last_ruling_on_a_cell_counts() -> None:
    both = [handed(1, "ada", events=9), handed(2, "ben", events=8)]

    state = agree(both, [ruled(3, "events", 9), ruled(4, "events", 8)])

    assert numbers(state) == {"events": 8}


def test_a_ruling_on_another_cell_settles_nothing() -> None:
    both = [handed(1, "ada", events=9), handed(2, "ben", events=8)]

    assert not agree(both, [ruled(3, "total", 9)]).settled


def test_a_ruling_of_nought_is_a_number() -> None:
    both = [handed(1, "ada", events=9), handed(2, "ben", events=8)]

    assert numbers(agree(both, [ruled(3, "events", 0)])) == {"events": 0}


def test_a_later_round_that_agrees_ends_an_earlier_difference() -> None:
    first = [handed(1, "ada", events=9), handed(2, "ben", events=8)]
    second = [handed(3, "ada", events=8), handed(4, "ben", events=8)]

    state = agree(first + second)

    assert state.settled
    assert numbers(state) == {"events": 8}


def test_a_difference_stays_open_where_a_later_round_does_not_name_it() -> None:
    first = [handed(1, "ada", events=9, total=12), handed(2, "ben", events=8, total=12)]
    second = [handed(3, "ada", total=11), handed(4, "ben", total=11)]

    state = agree(first + second)

    assert [each.cell for each in state.differences] == ["events"]
    assert dict(state.standing) == {}


def test_what_counts_is_the_last_state_without_a_difference() -> None:
    first = [handed(1, "ada", events=9), handed(2, "ben", events=9)]
    second = [handed(3, "ada", events=8, total=12), handed(4, "ben", events=7, total=12)]

    state = agree(first + second)

    assert {cell: each.entry.number for cell, each in state.standing.items()} == {"events": 9}
    assert numbers(state) == {"events": 9, "total": 12}


def test_a_number_ruled_out_may_come_back_by_a_later_round() -> None:
    first = [handed(1, "ada", events=9), handed(2, "ben", events=8)]
    second = [handed(4, "ada", events=7), handed(5, "ben", events=7)]

    assert numbers(agree(first + second, [ruled(3, "events", None)])) == {"events": 7}


def test_a_ruling_keeps_the_unit_of_what_was_given() -> None:
    both = [Submission(1, "ada", {"mean": Entry(3.1, None, "kg")}), Submission(2, "ben", {})]

    assert agree(both, [ruled(3, "mean", 3.2)]).accepted["mean"].entry == Entry(3.2, None, "kg")


def converted(seq: int, person: str, sd: float, how: str | None) -> Submission:
    basis = Basis.EXTRACTED if how is None else Basis.DERIVED
    place = Provenance(basis, "pmid:1", "table 2", how=how)
    value = Value(Cell("doe", "pain", "end", ("tea",), Field.SD), sd, place)
    return Submission(seq, person, {"sd": Entry(sd, None, None, value)})


FORMULA = "SE × √n from “3.1 (SE 0.4)”, n 25"


@pytest.mark.parametrize(
    ("number", "basis", "how"),
    [
        (2.0, Basis.DERIVED, FORMULA),
        (1.9, Basis.EXTRACTED, None),
        (1.5, Basis.EXTRACTED, None),
    ],
)
def test_a_formula_goes_with_its_own_number_alone(
    number: float, basis: Basis, how: str | None
) -> None:
    both = [converted(1, "ada", 2.0, FORMULA), converted(2, "ben", 1.9, None)]

    accepted = agree(both, [ruled(3, "sd", number)]).accepted["sd"].entry.value

    assert accepted is not None
    assert (accepted.provenance.basis, accepted.provenance.how) == (basis, how)
    assert accepted.provenance.locator == "table 2"
