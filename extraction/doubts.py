"""Numbers that can be, and are seldom right: a person is asked about them, and nothing is refused.

A standard error that was typed as a standard deviation is the commonest fault of published reviews
(Gøtzsche 2007, JAMA 298:430-437). It shows beside the other numbers of its outcome: an SD hardly
differs between groups measured on one scale, an SE falls with the root of the people.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from extraction.errors import UnclearNumber
from extraction.model import Cell, Field, Value, beside
from extraction.numbers import GroupsTogether, PrintedGroup, read_phrase

# SDs of one outcome in one unit seldom lie five-fold apart; the SE of 25 people is a fifth of their
# SD, and smaller groups are told by the next rule.
FAR_APART = 5.0
# An SE is told as such where the SD that it would belong to is like those of the others.
LIKE = 1.5
# With no other SD to compare with: an SD under a fiftieth of its mean is rare in people (body
# temperature has one of a hundredth), and 0.4 for 40 is an SE or a slipped decimal point.
SMALL_SHARE = 0.02
# A mean's limits are symmetrical; each of the three printed numbers is rounded by half a unit.
ROUNDING = 2.0001

Scale = tuple[str, str | None]  # outcome and unit: within it SDs can be compared


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean, SD and people of one arm at one time."""

    cell: Cell  # of the SD
    mean: float
    sd: float
    n: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question about what was read of an outcome at one time, of an arm or a pair."""

    outcome: str
    time_point: str
    arms: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        arms = " and ".join(self.arms)
        return f"outcome '{self.outcome}' at '{self.time_point}', {arms}: {self.text}"


def doubtful(values: Sequence[Value], others: Sequence[Value]) -> tuple[Doubt, ...]:
    """Return a question about each SD that is hardly one, beside its own study and the others.

    values: of one study; others: what counts of the other studies, whatever it is of.
    """
    known = _by_scale(others)
    found = []
    for scale, spreads in _by_scale(values).items():
        for each in spreads:
            near = [*known.get(scale, ()), *(other for other in spreads if other is not each)]
            if (question := _question(each, near)) is not None:
                cell = each.cell
                found.append(Doubt(cell.outcome, cell.time_point, cell.arms, question))
    return tuple(found)


def _by_scale(values: Iterable[Value]) -> Mapping[Scale, Sequence[Spread]]:
    groups: dict[tuple[str, str | None], dict[Field, Value]] = defaultdict(dict)
    for value in values:
        groups[beside(value.cell.key, ""), value.unit][value.cell.field] = value
    found: dict[Scale, list[Spread]] = defaultdict(list)
    for (_, unit), group in groups.items():
        if {Field.MEAN, Field.SD, Field.N} <= group.keys() and group[Field.SD].number > 0:
            mean, sd, n = (group[each].number for each in (Field.MEAN, Field.SD, Field.N))
            cell = group[Field.SD].cell
            found[cell.outcome, unit].append(Spread(cell, mean, sd, n))
    return found


def _question(each: Spread, near: Sequence[Spread]) -> str | None:
    own_study_alone = all(other.cell.study == each.cell.study for other in near)
    if own_study_alone and (question := _alone(each, near)) is not None:
        return question  # both arms may have the same fault
    sds = [other.sd for other in near]
    if not sds:
        return None
    usual, told = median(sds), f"{_few(sds)} of the others"
    as_se = each.sd * math.sqrt(each.n)
    if each.sd < usual / LIKE and usual / LIKE <= as_se <= usual * LIKE and each.n > LIKE**2:
        return (
            f"is the SD {each.sd:g} a standard error? With {each.n:g} people its SD would be"
            f" {as_se:.3g}, like {told}"
        )
    if each.sd < usual / FAR_APART:
        return f"is the SD {each.sd:g} right? It is small beside {told}"
    if each.sd > usual * FAR_APART:
        return f"is the SD {each.sd:g} right? It is large beside {told}"
    return _too_large(each, near)


def _alone(each: Spread, near: Sequence[Spread]) -> str | None:
    """Ask about an SD with which those of no other study can be compared."""
    if each.sd < SMALL_SHARE * abs(each.mean):
        return (
            f"is the SD {each.sd:g} right for a mean of {each.mean:g}, or is it a standard error?"
        )
    return _too_large(each, near)


def _too_large(each: Spread, near: Sequence[Spread]) -> str | None:
    """Ask about an SD that values of 0 or more cannot have, unless the outcome has others."""
    signed = any(other.mean <= 0 or other.sd > other.mean for other in near)
    largest = each.mean * math.sqrt(each.n)  # one person has all of it, the others nothing
    if each.mean > 0 and each.sd > largest and not signed:
        return (
            f"can values be below 0? If not, the SD of {each.n:g} people with a mean of"
            f" {each.mean:g} is at most {largest:.3g}, not {each.sd:g}"
        )
    return None


def _few(sds: Sequence[float]) -> str:
    shown = ", ".join(f"{sd:g}" for sd in sorted(sds)[:4])
    return shown if len(sds) <= 4 else f"{shown}, …"


def doubtful_phrase(text: str) -> str | None:
    """Return a question about a phrase that contradicts itself; None where it does not."""
    try:
        phrase = read_phrase(text)
    except UnclearNumber:
        return None
    groups = phrase.groups if isinstance(phrase, GroupsTogether) else (phrase,)
    found = (_contradiction(each) for each in groups if isinstance(each, PrintedGroup))
    return next((each for each in found if each is not None), None)


def _contradiction(said: PrintedGroup) -> str | None:
    if said.share is not None and said.percent is not None and said.share[1] > 0:
        events, total = said.share
        if not said.percent.agrees_with(events / total):
            return (
                f"{events}/{total} is {100 * events / total:.3g}%, and the text has"
                f" {said.percent.number:g}%: which is right?"
            )
    return _lopsided(said)


def _lopsided(said: PrintedGroup) -> str | None:
    limits = said.limits
    if limits is None or said.number is None:
        return None
    unit = 10.0 ** -min(limits.decimals, said.decimals)
    if not limits.lower <= said.number <= limits.upper:
        return f"{said.number:g} does not lie between its limits: which number is right?"
    if abs(limits.lower + limits.upper - 2 * said.number) > ROUNDING * unit:
        return (
            "the limits do not lie at equal distances from the mean: are they quartiles, a range,"
            " or limits of another scale?"
        )
    return None


def questions(
    values: Sequence[Value], typed: Mapping[str, str], others: Sequence[Value]
) -> tuple[Doubt, ...]:
    """Return everything that is to be asked about what was read of a study.

    typed: phrases by the cells of their fields.
    """
    return (*_of_phrases(typed), *doubtful(values, others))


def _of_phrases(typed: Mapping[str, str]) -> Iterator[Doubt]:
    for cell, text in typed.items():
        if (question := doubtful_phrase(text)) is not None:
            _, outcome, time_point, arms, *_ = cell.split("|")
            asked = f"“{text.strip()}”: {question}"
            yield Doubt(outcome, time_point, tuple(arms.split("+")), asked)
