"""Values that cannot be: refused with the place, what was found and what was expected."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from extraction.model import Cell, Field, Value

COUNTS = frozenset(
    {
        Field.EVENTS,
        Field.TOTAL,
        Field.N,
        Field.BOTH,
        Field.FIRST_ONLY,
        Field.SECOND_ONLY,
        Field.NEITHER,
    }
)
PAIRED = (Field.BOTH, Field.FIRST_ONLY, Field.SECOND_ONLY, Field.NEITHER)
NEEDS = {
    Field.EVENTS: (Field.TOTAL,),
    Field.TOTAL: (Field.EVENTS,),
    Field.MEAN: (Field.SD, Field.N),
    Field.SD: (Field.MEAN, Field.N),
    Field.N: (Field.MEAN, Field.SD),
}

# Beyond them no result of people is printed, and no effect can be computed: such a number comes
# from a slip of the keyboard or of a unit.
LARGEST, SMALLEST_SD = 1e15, 1e-30

# What a number must be by its field; the first line that it breaks is told.
_ALLOWED: tuple[tuple[frozenset[Field], Callable[[float], bool], str], ...] = (
    (frozenset(Field), math.isfinite, "a number"),
    (
        frozenset(Field),
        lambda n: abs(n) <= LARGEST,
        f"a size of {LARGEST:g} at most: it is a number that cannot be",
    ),
    (COUNTS, lambda n: n >= 0 and n == int(n), "a whole number of 0 or more"),
    (frozenset({Field.SD, Field.SD_DIFFERENCE}), lambda n: n > 0, "a number above 0"),
    (
        frozenset({Field.SD, Field.SD_DIFFERENCE}),
        lambda n: n >= SMALLEST_SD,
        f"{SMALLEST_SD:g} or more: it is a number that cannot be",
    ),
    (frozenset({Field.TOTAL, Field.N}), lambda n: n != 0, "at least one person"),
    (frozenset({Field.CORRELATION}), lambda n: -1 <= n <= 1, "a correlation from -1 to 1"),
)

Group = Mapping[Field, float]
Place = tuple[str, str, tuple[str, ...]]  # outcome, time point, arms


def impossible(
    values: Sequence[Value], arms: Sequence[str], participants: int | None = None
) -> tuple[str, ...]:
    """Say everything that is wrong with a study's values, given its arms and its people."""
    return (*contradictions(values, arms, participants), *gaps(values))


def contradictions(
    values: Sequence[Value], arms: Sequence[str], participants: int | None = None
) -> tuple[str, ...]:
    """Say what cannot be true, whatever may still be missing."""
    faults = list(_twice(values))
    for value in values:
        faults += _alone(value, arms)
    groups = _groups(values)
    for (outcome, time_point, of_arms), group in groups.items():
        place = _place(outcome, time_point, of_arms)
        faults += [f"{place}: {fault}" for fault in _together(group, participants)]
        if len(of_arms) == 2:
            marginal = [groups.get((outcome, time_point, (arm,)), {}) for arm in of_arms]
            faults += [f"{place}: {fault}" for fault in _margins(group, marginal, of_arms)]
    return tuple(faults)


def gaps(values: Iterable[Value]) -> Iterator[str]:
    """Say which numbers lack those without which they tell nothing."""
    for (outcome, time_point, arms), group in _groups(values).items():
        for fault in _missing(group):
            yield f"{_place(outcome, time_point, arms)}: {fault}"


def _groups(values: Iterable[Value]) -> dict[Place, dict[Field, float]]:
    groups: dict[Place, dict[Field, float]] = defaultdict(dict)
    for value in values:
        cell = value.cell
        groups[cell.outcome, cell.time_point, cell.arms][cell.field] = value.number
    return groups


def _place(outcome: str, time_point: str, arms: Iterable[str]) -> str:
    return f"outcome '{outcome}' at '{time_point}', {' and '.join(arms)}"


def _twice(values: Sequence[Value]) -> Iterator[str]:
    seen: set[Cell] = set()
    for value in values:
        if value.cell in seen:
            cell = value.cell
            yield f"{_place(cell.outcome, cell.time_point, cell.arms)}: {cell.field} is given twice"
        seen.add(value.cell)


def _alone(value: Value, arms: Sequence[str]) -> Iterator[str]:
    cell, number = value.cell, value.number
    place = f"{_place(cell.outcome, cell.time_point, cell.arms)}: {cell.field}"
    for arm in cell.arms:
        if arm not in arms:
            yield f"{place}: the study has no arm '{arm}' (it has {', '.join(arms) or 'none'})"
    for fields, allowed, expected in _ALLOWED:
        if cell.field in fields and not allowed(number):
            yield f"{place}: found {number:g}, expected {expected}"
            return


def _together(group: Group, participants: int | None) -> Iterator[str]:
    if Field.EVENTS in group and Field.TOTAL in group and group[Field.EVENTS] > group[Field.TOTAL]:
        events, total = group[Field.EVENTS], group[Field.TOTAL]
        yield f"{events:g} events among {total:g} participants"
    people = max(group.get(Field.TOTAL, 0), group.get(Field.N, 0))
    if participants is not None and people > participants:
        yield f"{people:g} people in an arm of a study with {participants} participants"


def _missing(group: Group) -> Iterator[str]:
    for field, needed in NEEDS.items():
        missing = [other.value for other in needed if other not in group]
        if field in group and missing:
            yield f"{field} is given without {' and '.join(missing)}"
    paired = [field for field in PAIRED if field in group]
    if paired and len(paired) < len(PAIRED):
        missing = [field.value for field in PAIRED if field not in group]
        yield f"a joint table needs all four cells; missing: {', '.join(missing)}"


def _margins(group: Group, marginal: Sequence[Group], arms: Sequence[str]) -> Iterator[str]:
    """Compare a joint table with the arms' own events and totals, where both are given."""
    if any(field not in group for field in PAIRED):
        return
    total = sum(group[field] for field in PAIRED)
    only = (group[Field.FIRST_ONLY], group[Field.SECOND_ONLY])
    for arm, own, alone in zip(arms, marginal, only, strict=True):
        events = group[Field.BOTH] + alone
        if Field.EVENTS in own and own[Field.EVENTS] != events:
            yield f"the joint table has {events:g} events on {arm}, the arm {own[Field.EVENTS]:g}"
        if Field.TOTAL in own and own[Field.TOTAL] != total:
            yield f"the joint table has {total:g} people, the arm {arm} {own[Field.TOTAL]:g}"
