"""Values that cannot be: refused with the place, what was found and what was expected."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from extraction.model import Basis, Cell, Field, Value

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
CONTRASTS = frozenset({Field.ESTIMATE, Field.O_MINUS_E})
# What a number tells nothing without; of a rate the time stands where else the people do.
NEEDS = {
    Field.EVENTS: (Field.TOTAL,),
    Field.TIME: (Field.EVENTS,),
    Field.SE: (Field.ESTIMATE,),
    Field.P: (Field.ESTIMATE,),
    Field.CI_LOWER: (Field.CI_UPPER,),
    Field.CI_UPPER: (Field.CI_LOWER,),
    Field.O_MINUS_E: (Field.VARIANCE,),
    Field.VARIANCE: (Field.O_MINUS_E,),
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
    (COUNTS, lambda n: n >= 0, "a whole number of 0 or more"),
    (
        frozenset({Field.SD, Field.SD_DIFFERENCE, Field.SE, Field.VARIANCE, Field.TIME}),
        lambda n: n > 0,
        "a number above 0",
    ),
    (
        frozenset({Field.SD, Field.SD_DIFFERENCE, Field.SE}),
        lambda n: n >= SMALLEST_SD,
        f"{SMALLEST_SD:g} or more: it is a number that cannot be",
    ),
    (frozenset({Field.P}), lambda n: 0 < n <= 1, "a p-value above 0, at most 1"),
    (frozenset({Field.TOTAL, Field.N}), lambda n: n != 0, "at least one person"),
    (frozenset({Field.CORRELATION}), lambda n: -1 <= n <= 1, "a correlation from -1 to 1"),
)

Group = Mapping[Field, float]
Place = tuple[str, str, str, tuple[str, ...]]  # outcome, time point, stratum, arms


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
    for key, group in groups.items():
        place = _place(*key)
        of_arms = key[3]
        faults += [f"{place}: {fault}" for fault in _together(group, participants)]
        if len(of_arms) == 2:
            marginal = [groups.get((*key[:3], (arm,)), {}) for arm in of_arms]
            faults += [f"{place}: {fault}" for fault in _margins(group, marginal, of_arms)]
    return tuple(faults)


def gaps(values: Iterable[Value]) -> Iterator[str]:
    """Say which numbers lack those without which they tell nothing."""
    groups = _groups(values)
    contrasts = {key[:3] for key, group in groups.items() if CONTRASTS & group.keys()}
    for key, group in groups.items():
        for fault in _missing(group, told=key[:3] in contrasts):
            yield f"{_place(*key)}: {fault}"


def _groups(values: Iterable[Value]) -> dict[Place, dict[Field, float]]:
    groups: dict[Place, dict[Field, float]] = defaultdict(dict)
    for value in values:
        cell = value.cell
        place = (cell.outcome, cell.time_point, cell.stratum, cell.arms)
        groups[place][cell.field] = value.number
    return groups


def _place(outcome: str, time_point: str, stratum: str, arms: Iterable[str]) -> str:
    of = f", '{stratum}'" if stratum else ""
    return f"outcome '{outcome}' at '{time_point}'{of}, {' and '.join(arms)}"


def _twice(values: Sequence[Value]) -> Iterator[str]:
    seen: set[Cell] = set()
    for value in values:
        if value.cell in seen:
            yield f"{_place_of(value.cell)}: {value.cell.field} is given twice"
        seen.add(value.cell)


def _alone(value: Value, arms: Sequence[str]) -> Iterator[str]:
    cell, number = value.cell, value.number
    place = f"{_place_of(cell)}: {cell.field}"
    for arm in cell.arms:
        if arm not in arms:
            yield f"{place}: the study has no arm '{arm}' (it has {', '.join(arms) or 'none'})"
    for fields, allowed, expected in _ALLOWED:
        if cell.field in fields and not allowed(number):
            yield f"{place}: found {number:g}, expected {expected}"
            return
    # A derived count may be an effective one, as of a cluster trial.
    if cell.field in COUNTS and number % 1 and value.provenance.basis is not Basis.DERIVED:
        yield f"{place}: found {number:g}, expected a whole number of 0 or more"


def _place_of(cell: Cell) -> str:
    return _place(cell.outcome, cell.time_point, cell.stratum, cell.arms)


def _together(group: Group, participants: int | None) -> Iterator[str]:
    if Field.EVENTS in group and Field.TOTAL in group and group[Field.EVENTS] > group[Field.TOTAL]:
        events, total = group[Field.EVENTS], group[Field.TOTAL]
        yield f"{events:g} events among {total:g} participants"
    if Field.CI_LOWER in group and Field.CI_UPPER in group:
        lower, upper = group[Field.CI_LOWER], group[Field.CI_UPPER]
        if not lower <= group.get(Field.ESTIMATE, lower) <= upper or lower == upper:
            yield f"limits {lower:g} to {upper:g}, expected about the estimate"
    people = max(group.get(Field.TOTAL, 0), group.get(Field.N, 0))
    if participants is not None and people > participants:
        yield f"{people:g} people in an arm of a study with {participants} participants"


def _missing(group: Group, *, told: bool) -> Iterator[str]:
    """Yield what is lacking; told: the effect stands on the pair, and arms only tell of people."""
    alone_is_enough = {Field.EVENTS, Field.TOTAL} if told or Field.TIME in group else set[Field]()
    for field in (each for each in NEEDS if each in group.keys() - alone_is_enough):
        missing = [other.value for other in NEEDS[field] if other not in group]
        if missing:
            yield f"{field} is given without {' and '.join(missing)}"
    yield from _without_an_error(group)
    yield from _half_a_table(group)


def _without_an_error(group: Group) -> Iterator[str]:
    measured = {Field.SE, Field.CI_LOWER} & group.keys()
    if Field.ESTIMATE in group and not measured | ({Field.P} & group.keys()):
        yield "estimate is given without its standard error, limits or p"
    elif group.get(Field.ESTIMATE) == 0 and not measured:
        yield (
            f"estimate 0 is given with p {group[Field.P]:g} alone, which gives no standard error:"
            " expected that, or limits (what is printed as no effect was rounded)"
        )


def _half_a_table(group: Group) -> Iterator[str]:
    missing = [field.value for field in PAIRED if field not in group]
    if 0 < len(missing) < len(PAIRED):
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
