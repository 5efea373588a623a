"""Which arms of a study an analysis compares, where several are kinds of one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.review.planned import SharedControl
from bot.review.protocol import AnalysisPlan, ReviewProtocol
from bot.synthesis.arm_numbers import Numbers, divided, merged
from extraction.model import Basis, Field, Study, Value

# Where the numbers of an arm, or a pair, of a study stand.
At = Callable[..., Mapping[Field, Value]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two arms with their numbers; `part` names the one that is a kind of an arm of the analysis.

    merged: an arm here is several of the study's, so that the study has none of this name
    """

    arms: tuple[str, str]
    first: Numbers
    second: Numbers
    derived: bool
    part: str = ""
    notes: tuple[str, ...] = ()
    merged: bool = False


def compared_arms(
    study: Study, protocol: ReviewProtocol, plan: AnalysisPlan, at: At
) -> Iterator[Compared]:
    """Yield the pairs of arms of a study that an analysis compares.

    Where the study has not the arm itself but kinds of it (doses of a drug), they are made one arm,
    or each is compared with its share of the people on the other arm, as the plan says.
    """
    ones, twos = (_kinds(study, protocol, arm, at) for arm in (plan.arm_1, plan.arm_2))
    if len(ones) <= 1 and len(twos) <= 1:
        yield _plain_pair((ones or [plan.arm_1])[0], (twos or [plan.arm_2])[0], at)
    elif plan.shared_control is SharedControl.POOL:
        yield _pooled(ones, twos, plan, protocol, at)
    else:
        yield from _split(ones, twos, protocol, at)


def _kinds(study: Study, protocol: ReviewProtocol, arm: str, at: At) -> list[str]:
    """Return the arm where it has numbers, else the arms of the study that are kinds of it."""
    if not arm or at(arm) or arm in study.arms:
        return [arm]
    return [each.id for each in protocol.arms if each.part_of == arm and each.id in study.arms]


def _plain_pair(one: str, two: str, at: At) -> Compared:
    first, second = at(one), at(two) if two else {}
    return Compared((one, two), _numbers(first), _numbers(second), _derived(first, second))


def _pooled(
    ones: Sequence[str], twos: Sequence[str], plan: AnalysisPlan, protocol: ReviewProtocol, at: At
) -> Compared:
    sides = [[at(arm) for arm in side if at(arm)] for side in (ones, twos)]
    first, second = (merged([_numbers(each) for each in side]) for side in sides)
    several = [arm for side in (ones, twos) if len(side) > 1 for arm in side]
    note = f"{_listed(several, protocol)} are one arm"
    derived = _derived(*(each for side in sides for each in side))
    return Compared((plan.arm_1, plan.arm_2), first, second, derived, "", (note,), merged=True)


def _split(
    ones: Sequence[str], twos: Sequence[str], protocol: ReviewProtocol, at: At
) -> Iterator[Compared]:
    """Share out the people of each arm among the comparisons that it stands in."""
    labels = {arm.id: arm.label for arm in protocol.arms}
    with_1, with_2 = ([arm for arm in side if at(arm)] for side in (ones, twos))
    for one in with_1:
        for two in with_2:
            first, second = _numbers(at(one)), _numbers(at(two))
            shared = [
                f"{labels.get(arm, arm)} is compared {times} times: its people are shared out"
                for arm, times in ((one, len(with_2)), (two, len(with_1)))
                if times > 1
            ]
            part = " v ".join(
                labels.get(arm, arm) for arm, side in ((one, ones), (two, twos)) if len(side) > 1
            )
            yield Compared(
                (one, two),
                divided(first, len(with_2)),
                divided(second, len(with_1)),
                _derived(at(one), at(two)),
                part,
                tuple(shared),
            )


def _listed(arms: Sequence[str], protocol: ReviewProtocol) -> str:
    labels = {arm.id: arm.label for arm in protocol.arms}
    return ", ".join(labels.get(arm, arm) for arm in arms)


def _numbers(values: Mapping[Field, Value]) -> Numbers:
    return {field: value.number for field, value in values.items()}


def _derived(*arms: Mapping[Field, Value]) -> bool:
    every = (value for arm in arms for value in arm.values())
    return any(value.provenance.basis is Basis.DERIVED for value in every)
