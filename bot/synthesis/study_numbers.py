"""Which numbers an analysis uses: outcome, time point and arms, per protocol. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.review.outcome_fields import JOINT_TABLE, NEEDED_OF_AN_ARM
from bot.review.planned import OutcomeKind
from bot.review.protocol import AnalysisPlan, ReviewProtocol
from extraction.model import Basis, Design, Field, Study, Value

_SWAPPED = {Field.FIRST_ONLY: Field.SECOND_ONLY, Field.SECOND_ONLY: Field.FIRST_ONLY}

Numbers = Mapping[Field, float]
Place = tuple[str, str, str, tuple[str, ...]]  # study, outcome, time point, arms


@dataclass(frozen=True, slots=True)
class StudyNumbers:
    """What one study gives one analysis, arms in the analysis's order.

    `joint` holds what is known of the same people on both arms; its "first" is arm_1.
    fault: why the numbers cannot be pooled, as where one lacks its partners; joint_fault: why what
    was known of the same people on both arms is left out. unlisted: arms that have numbers and are
    none of the study's, as the two who read it last said: the study does not enter.
    """

    study: Study
    arm_1: Numbers
    arm_2: Numbers
    joint: Numbers
    derived: bool
    joint_derived: bool
    fault: str | None = None
    joint_fault: str | None = None
    unlisted: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether both arms have numbers."""
        return bool(self.arm_1) and bool(self.arm_2)

    @property
    def totals(self) -> tuple[int, int]:
        """How many people each arm's numbers are about."""
        one, two = (arm.get(Field.TOTAL, arm.get(Field.N, 0)) for arm in (self.arm_1, self.arm_2))
        return int(one), int(two)

    @property
    def same_people(self) -> bool:
        """Whether people are in both arms: in a cross-over trial they are.

        Of a design that is neither, the totals tell: they exceed the people in the trial.
        """
        enrolled = self.study.participants
        if self.study.design is Design.OTHER:
            return enrolled is not None and sum(self.totals) > enrolled
        return self.study.design is Design.CROSSOVER

    @property
    def people(self) -> int:
        """How many people the numbers are about: whoever is in both arms counts once."""
        return max(self.totals) if self.same_people else sum(self.totals)


def pick(
    protocol: ReviewProtocol, studies: Sequence[Study], values: Iterable[Value]
) -> dict[str, tuple[StudyNumbers, ...]]:
    """Return for each analysis, by id, the numbers of every study that has any for it.

    A study whose numbers lack their partners, or are there twice, has a fault that names them.
    """
    cells, twice = _by_place(values)
    kinds = {outcome.id: outcome.kind for outcome in protocol.outcomes}
    picked = {}
    for plan in protocol.analyses:
        found = [_numbers(study, plan, cells) for study in studies]
        picked[plan.id] = tuple(
            _checked(each, plan, kinds[plan.outcome], twice) for each in found if each is not None
        )
    return picked


def _by_place(
    values: Iterable[Value],
) -> tuple[dict[Place, dict[Field, Value]], dict[Place, list[str]]]:
    """Return the values by place, and what is there twice."""
    cells: dict[Place, dict[Field, Value]] = defaultdict(dict)
    twice: dict[Place, list[str]] = defaultdict(list)
    for value in values:
        cell = value.cell
        place = (cell.study, cell.outcome, cell.time_point, cell.arms)
        if cell.field in cells[place]:
            twice[place].append(f"{_said(cell.arms)}: {cell.field} twice")
        cells[place][cell.field] = value
    return cells, twice


def _checked(
    numbers: StudyNumbers,
    plan: AnalysisPlan,
    kind: OutcomeKind,
    twice: Mapping[Place, Sequence[str]],
) -> StudyNumbers:
    one, two = plan.arm_1, plan.arm_2

    def faults(arms: Sequence[tuple[str, ...]], lacking: Iterable[str]) -> str | None:
        places = ((numbers.study.id, plan.outcome, plan.time_point, each) for each in arms)
        doubled = (fault for place in places for fault in twice.get(place, ()))
        return "; ".join(dict.fromkeys([*doubled, *lacking])) or None

    joint_fault = faults([(one, two), (two, one)], _joint_faults(numbers, plan))
    return replace(
        numbers,
        joint={} if joint_fault is not None else numbers.joint,
        fault=faults([(one,), (two,)], _arm_faults(numbers, plan, kind)),
        joint_fault=joint_fault,
    )


def _numbers(
    study: Study, plan: AnalysisPlan, cells: Mapping[Place, Mapping[Field, Value]]
) -> StudyNumbers | None:
    """Return what a study has for an analysis; None where it has nothing or lacks an arm.

    Numbers in both arms are never passed over: an arm that is none of the study's is named.
    """

    def at(*arms: str) -> Mapping[Field, Value]:
        return cells.get((study.id, plan.outcome, plan.time_point, arms), {})

    first, second = at(plan.arm_1), at(plan.arm_2)
    if not (first and second) and (not (first or second) or _unlisted(study, plan)):
        return None
    turned = at(plan.arm_2, plan.arm_1)
    joint = {_SWAPPED.get(field, field): value for field, value in turned.items()}
    joint |= at(plan.arm_1, plan.arm_2)
    return StudyNumbers(
        study,
        _plain(first),
        _plain(second),
        _plain(joint),
        derived=_any_derived([*first.values(), *second.values()]),
        joint_derived=_any_derived(joint.values()),
        unlisted=_unlisted(study, plan),
    )


def _unlisted(study: Study, plan: AnalysisPlan) -> tuple[str, ...]:
    """Return the arms of an analysis that are none of a study's."""
    return tuple(arm for arm in (plan.arm_1, plan.arm_2) if arm not in study.arms)


def _plain(values: Mapping[Field, Value]) -> Numbers:
    return {field: value.number for field, value in values.items()}


def _any_derived(values: Iterable[Value]) -> bool:
    return any(value.provenance.basis is Basis.DERIVED for value in values)


def _arm_faults(numbers: StudyNumbers, plan: AnalysisPlan, kind: OutcomeKind) -> Iterator[str]:
    for arm, given in ((plan.arm_1, numbers.arm_1), (plan.arm_2, numbers.arm_2)):
        yield from _missing((arm,), given, NEEDED_OF_AN_ARM[kind])


def _joint_faults(numbers: StudyNumbers, plan: AnalysisPlan) -> Iterator[str]:
    table = {field: number for field, number in numbers.joint.items() if field in JOINT_TABLE}
    yield from _missing((plan.arm_1, plan.arm_2), table, JOINT_TABLE)


def _missing(arms: tuple[str, ...], given: Numbers, needed: tuple[Field, ...]) -> Iterator[str]:
    missing = [field for field in needed if field not in given]
    if given and missing:
        expected = f"{', '.join(missing)} as well"
        yield f"{_said(arms)}: found {', '.join(given)}, expected {expected}"


def _said(arms: Iterable[str]) -> str:
    return f"arm '{' and '.join(arms)}'"
