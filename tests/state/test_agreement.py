from __future__ import annotations

from state.agreement import Adjudication, Entry, Submission, agree


def handed(seq: int, person: str, **cells: float) -> Submission:
    return Submission(seq, person, {name: Entry(number, None) for name, number in cells.items()})


def ruled(seq: int, cell: str, number: float | None) -> Adjudication:
    return Adjudication(seq, "cy", cell, number, None, "read in table 2")


def numbers(state: object) -> dict[str, float | None]:
    return {cell: each.entry.number for cell, each in state.accepted.items()}  # type: ignore[attr-defined]


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
