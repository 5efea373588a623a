"""The numbers of an arm made ready for an analysis: divided, shared out, turned, swapped. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.merging import MeanOfGroup, merge_means
from extraction.model import Field

Numbers = Mapping[Field, float]

# What counts people or their time: divided where people are shared out or resemble each other.
_COUNTED = frozenset({Field.EVENTS, Field.TOTAL, Field.N, Field.TIME})
# Of a pair: people without the event are those who had it on neither arm, and the other way round.
_OTHER_CELL = {
    Field.BOTH: Field.NEITHER,
    Field.NEITHER: Field.BOTH,
    Field.FIRST_ONLY: Field.SECOND_ONLY,
    Field.SECOND_ONLY: Field.FIRST_ONLY,
}
_POINTING = frozenset({Field.MEAN, Field.ESTIMATE, Field.O_MINUS_E})
_LIMITS = {Field.CI_LOWER: Field.CI_UPPER, Field.CI_UPPER: Field.CI_LOWER}


def divided(numbers: Numbers, by: float) -> Numbers:
    """Return an arm with every count of people, events and time divided; means stay."""
    return {field: n / by if field in _COUNTED else n for field, n in numbers.items()}


def turned(numbers: Numbers) -> Numbers:
    """Return numbers of a scale that points the other way; limits change their places."""
    return {
        _LIMITS.get(field, field): -n if field in _POINTING or field in _LIMITS else n
        for field, n in numbers.items()
    }


def swapped(numbers: Numbers) -> Numbers:
    """Return an arm, or a joint table, that counts people without the event."""
    found = {_OTHER_CELL.get(field, field): n for field, n in numbers.items()}
    if Field.EVENTS in numbers and Field.TOTAL in numbers:
        found[Field.EVENTS] = numbers[Field.TOTAL] - numbers[Field.EVENTS]
    return found


def merged(arms: Sequence[Numbers]) -> Numbers:
    """Return several arms as one; what one of them lacks the whole has not."""
    if len(arms) < 2:
        return arms[0] if arms else {}
    fields = [field for field in arms[0] if all(field in each for each in arms)]
    if {Field.MEAN, Field.SD, Field.N} <= set(fields):
        one = merge_means([MeanOfGroup(a[Field.N], a[Field.MEAN], a[Field.SD]) for a in arms])
        return {Field.MEAN: one.mean, Field.SD: one.sd, Field.N: one.n}
    return {field: sum(each[field] for each in arms) for field in fields if field in _COUNTED}
