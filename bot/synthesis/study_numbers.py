"""Which numbers an analysis uses: outcome, time point, arms and parts, per protocol. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.units import design_effect
from bot.results.model import DIVIDED, ArmNumbers, ContrastNumbers
from bot.review.outcome_fields import JOINT_TABLE, LOG_RANK, NEEDED_OF_AN_ARM
from bot.review.planned import BY_STRATUM, OF_A_PAIR, OutcomeKind
from bot.review.protocol import AnalysisPlan, ReviewProtocol
from bot.synthesis.arm_numbers import Numbers, divided, swapped, turned
from bot.synthesis.contrasts import contrast_of
from bot.synthesis.several_arms import Compared, compared_arms
from extraction.model import Basis, Clusters, Design, EntersInto, Field, Study, StudyEntry, Value

_SWAPPED = {Field.FIRST_ONLY: Field.SECOND_ONLY, Field.SECOND_ONLY: Field.FIRST_ONLY}
NOT_STATED = "not stated"  # the subgroup of a study that nobody put into one

Place = tuple[str, str, str, str, tuple[str, ...]]  # study, outcome, time point, stratum, arms
Cells = Mapping[Place, Mapping[Field, Value]]


@dataclass(frozen=True, slots=True)
class StudyNumbers:
    """What one study, or a part of one, gives one analysis, arms in the analysis's order.

    `joint` holds what is known of both arms together; its "first" is arm_1.
    fault: why the numbers cannot be pooled, as where one lacks its partners; joint_fault: why what
    was known of the same people on both arms is left out. unlisted: arms that have numbers and are
    none of the study's, as the two who read it last said: the study does not enter.
    notes: what was done with the numbers. shared: among how many rows of the study the people of
    arm_2 are shared out; people_2: how many there are.
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
    kind: OutcomeKind = OutcomeKind.EVENTS
    stratum: str = ""
    subgroup: str = ""
    enters: EntersInto = EntersInto.BOTH
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What the row is called: the study, and its part where it is one."""
        return f"{self.study.label}: {self.stratum}" if self.stratum else self.study.label

    @property
    def key(self) -> tuple[str, str, str]:
        """What the row is about: a study may have several in one analysis."""
        return self.study.id, self.stratum, self.subgroup

    @property
    def complete(self) -> bool:
        """Whether there is what an effect is made of: numbers of both arms, or of their pair."""
        if self.kind in OF_A_PAIR:
            return self.contrast is not None
        return bool(self.arm_1) and (bool(self.arm_2) or self.kind is OutcomeKind.PROPORTION)

    @property
    def contrast(self) -> ContrastNumbers | None:
        """What is known of the two arms together, where the effect stands on their pair."""
        return contrast_of(self.kind, self.joint)

    @property
    def totals(self) -> tuple[int, int]:
        """How many people each arm's numbers are about."""
        one, two = self._totals
        return round(one), round(two)

    @property
    def _totals(self) -> tuple[float, float]:
        """The same where people are shared out or divided: not always whole."""
        one, two = (arm.get(Field.TOTAL, arm.get(Field.N, 0)) for arm in (self.arm_1, self.arm_2))
        return one, two

    @property
    def same_people(self) -> bool:
        """Whether people are in both arms: in a cross-over trial they are.

        Of a design that is neither, the totals tell: they exceed the people in the trial.
        """
        enrolled = self.study.participants
        if self.study.design is Design.OTHER:
            return enrolled is not None and not self.stratum and sum(self.totals) > enrolled
        return self.study.design is Design.CROSSOVER

    @property
    def people(self) -> float:
        """How many people the numbers are about: whoever is in both arms counts once."""
        return max(self._totals) if self.same_people else sum(self._totals)


def pick(
    protocol: ReviewProtocol,
    plans: Sequence[AnalysisPlan],
    studies: Sequence[Study],
    values: Iterable[Value],
) -> dict[str, tuple[StudyNumbers, ...]]:
    """Return for each of some analyses, by id, the rows of every study that has numbers for it.

    The published rows come first and as they are; of other studies the whole, or else its parts.
    A row whose numbers lack their partners, or are there twice, has a fault that names them.
    """
    asked_at = {(plan.outcome, plan.time_point) for plan in plans}
    cells, twice = _by_place(
        each for each in values if (each.cell.outcome, each.cell.time_point) in asked_at
    )
    strata: dict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
    for study, outcome, time_point, stratum, _ in cells:
        strata[study, outcome, time_point].setdefault(stratum)
    kinds = {outcome.id: outcome.kind for outcome in protocol.outcomes}
    picked = {}
    for plan in plans:
        asked = _Asked(protocol, plan, kinds[plan.outcome], cells, twice, strata)
        picked[plan.id] = tuple(_rows(asked, studies))
    return picked


@dataclass(frozen=True, slots=True)
class _Asked:
    """An analysis, and the values that it may use."""

    protocol: ReviewProtocol
    plan: AnalysisPlan
    kind: OutcomeKind
    cells: Cells
    twice: Mapping[Place, Sequence[str]]
    parts: Mapping[tuple[str, str, str], Iterable[str]]

    def at(self, study: Study, stratum: str, *arms: str) -> Mapping[Field, Value]:
        place = (study.id, self.plan.outcome, self.plan.time_point, stratum, arms)
        return self.cells.get(place, {})

    def strata(self, study: Study) -> list[str]:
        """Return the parts in which a study is reported: the whole alone where it is there."""
        found = list(self.parts.get((study.id, self.plan.outcome, self.plan.time_point), ()))
        parts = [each for each in found if each]
        if self.plan.subgroup == BY_STRATUM and parts:
            return parts
        return [""] if "" in found else parts


def _rows(asked: _Asked, studies: Sequence[Study]) -> Iterator[StudyNumbers]:
    entries = [
        (study, each)
        for study in studies
        for each in study.entries or ()
        if each.analysis == asked.plan.id
    ]
    for study, entry in sorted(entries, key=lambda pair: pair[1].place):
        found = list(_numbers(study, asked, entry.stratum)) or [_nothing(study, asked, entry)]
        for row in found:
            yield _entered(row, entry)
    for study in studies:
        if not entries or study.entries is None:
            yield from _of_its_parts(asked, study)


def _of_its_parts(asked: _Asked, study: Study) -> Iterator[StudyNumbers]:
    for stratum in asked.strata(study):
        for row in _numbers(study, asked, stratum):
            yield replace(row, subgroup=_subgroup(asked.plan, row))


def _entered(row: StudyNumbers, entry: StudyEntry) -> StudyNumbers:
    footnote = (entry.footnote,) if entry.footnote else ()
    return replace(row, subgroup=entry.subgroup, enters=entry.enters, notes=(*row.notes, *footnote))


def _nothing(study: Study, asked: _Asked, entry: StudyEntry) -> StudyNumbers:
    """Return a published row that no number was published of: it is shown, and says so."""
    return StudyNumbers(study, {}, {}, {}, False, False, kind=asked.kind, stratum=entry.stratum)


def _subgroup(plan: AnalysisPlan, row: StudyNumbers) -> str:
    if plan.subgroup is None:
        return ""
    said = row.stratum if plan.subgroup == BY_STRATUM else row.study.covariate(plan.subgroup)
    return said or NOT_STATED


def _by_place(
    values: Iterable[Value],
) -> tuple[dict[Place, dict[Field, Value]], dict[Place, list[str]]]:
    """Return the values by place, and what is there twice."""
    cells: dict[Place, dict[Field, Value]] = defaultdict(dict)
    twice: dict[Place, list[str]] = defaultdict(list)
    for value in values:
        cell = value.cell
        place = (cell.study, cell.outcome, cell.time_point, cell.stratum, cell.arms)
        if cell.field in cells[place]:
            twice[place].append(f"{_said(cell.arms)}: {cell.field} twice")
        cells[place][cell.field] = value
    return cells, twice


def _numbers(study: Study, asked: _Asked, stratum: str) -> Iterator[StudyNumbers]:
    """Yield what a study has for an analysis; nothing where it has nothing or lacks an arm.

    Numbers in both arms are never passed over: an arm that is none of the study's is named. Of
    several arms that are kinds of one arm of the analysis there is a row each, or one of all.
    """
    for pair in compared_arms(
        study, asked.protocol, asked.plan, lambda *arms: asked.at(study, stratum, *arms)
    ):
        yield from _of_pair(study, asked, stratum, pair)


def _of_pair(study: Study, asked: _Asked, stratum: str, pair: Compared) -> Iterator[StudyNumbers]:
    joint, joint_derived = _joint(study, asked, stratum, pair.arms)
    of_pair = asked.kind in OF_A_PAIR
    named = () if pair.merged else pair.arms
    unlisted = tuple(arm for arm in named if arm and arm not in study.arms)
    if not _enters(pair, asked.kind, has_joint=bool(joint), unlisted=bool(unlisted)):
        return
    found = StudyNumbers(
        study,
        pair.first,
        pair.second,
        joint,
        derived=pair.derived or (of_pair and joint_derived),
        joint_derived=joint_derived,
        unlisted=unlisted,
        kind=asked.kind,
        stratum=": ".join(filter(None, [stratum, pair.part])),
        notes=pair.notes,
    )
    yield _ready(_checked(found, asked, stratum, pair.arms), asked.plan)


def _joint(
    study: Study, asked: _Asked, stratum: str, arms: tuple[str, str]
) -> tuple[Numbers, bool]:
    """Return what is known of both arms together, in their order, and whether it was derived."""
    one, two = arms
    straight, other_way = asked.at(study, stratum, one, two), asked.at(study, stratum, two, one)
    swapped_cells = {_SWAPPED.get(field, field): v.number for field, v in other_way.items()}
    every = [*straight.values(), *other_way.values()]
    return {**turned(swapped_cells), **_plain(straight)}, _any_derived(every)


def _enters(pair: Compared, kind: OutcomeKind, *, has_joint: bool, unlisted: bool) -> bool:
    """Tell whether a pair is a row: both arms always are, one arm where it is the study's own."""
    if pair.first and (pair.second or kind is OutcomeKind.PROPORTION):
        return True
    some = pair.first or pair.second or (has_joint and kind in OF_A_PAIR)
    return bool(some) and not unlisted


def _ready(numbers: StudyNumbers, plan: AnalysisPlan) -> StudyNumbers:
    """Swap, turn and divide numbers as the plan and the study say, and note it."""
    one, two, joint, notes = numbers.arm_1, numbers.arm_2, numbers.joint, [*numbers.notes]
    study = numbers.study
    if plan.swap_events:
        one, two, joint = swapped(one), swapped(two), swapped(joint)
    if plan.outcome in study.turned:
        one, two, joint = turned(one), turned(two), turned(joint)
        notes.append("measured on a scale that points the other way: signs are turned")
    if study.clusters is not None and numbers.kind not in OF_A_PAIR:
        effect, of = _design_effect(study.clusters)
        one, two = divided(one, effect), divided(two, effect)
        notes.append(f"{DIVIDED}: numbers are divided by {effect:.3g}{of}")
    return replace(numbers, arm_1=one, arm_2=two, joint=joint, notes=tuple(notes))


def _design_effect(clusters: Clusters) -> tuple[float, str]:
    """Return by what the numbers of a trial that allocated groups are divided, and what from."""
    if clusters.design_effect is not None or clusters.icc is None or clusters.size is None:
        return clusters.design_effect or 1.0, ""
    of = f" (ICC {clusters.icc:g}, clusters of {clusters.size:g})"
    return design_effect(clusters.icc, clusters.size), of


def _checked(
    numbers: StudyNumbers, asked: _Asked, stratum: str, arms: tuple[str, str]
) -> StudyNumbers:
    one, two = arms
    plan = asked.plan

    def faults(of: Sequence[tuple[str, ...]], lacking: Iterable[str]) -> str | None:
        places = ((numbers.study.id, plan.outcome, plan.time_point, stratum, each) for each in of)
        doubled = (fault for place in places for fault in asked.twice.get(place, ()))
        return "; ".join(dict.fromkeys([*doubled, *lacking])) or None

    joint_fault = faults([(one, two), (two, one)], _joint_faults(numbers, arms))
    fault = faults([(one,), (two,)], _arm_faults(numbers, arms))
    if numbers.kind in OF_A_PAIR and joint_fault is not None:
        fault, joint_fault = joint_fault, None
    return replace(
        numbers,
        joint={} if joint_fault is not None else numbers.joint,
        fault=fault,
        joint_fault=joint_fault,
    )


def _plain(values: Mapping[Field, Value]) -> Numbers:
    return {field: value.number for field, value in values.items()}


def _any_derived(values: Iterable[Value]) -> bool:
    return any(value.provenance.basis is Basis.DERIVED for value in values)


def _arm_faults(numbers: StudyNumbers, arms: tuple[str, str]) -> Iterator[str]:
    for arm, given in zip(arms, (numbers.arm_1, numbers.arm_2), strict=True):
        yield from _missing((arm,), given, NEEDED_OF_AN_ARM[numbers.kind])


def _joint_faults(numbers: StudyNumbers, arms: tuple[str, str]) -> Iterator[str]:
    joint = numbers.joint
    table = {field: number for field, number in joint.items() if field in JOINT_TABLE}
    yield from _missing(arms, table, JOINT_TABLE)
    if numbers.kind is OutcomeKind.O_E:
        yield from _missing(arms, joint, LOG_RANK)
    if numbers.kind is OutcomeKind.GENERIC and joint and numbers.contrast is None:
        expected = f"{Field.ESTIMATE} with {Field.SE}, limits or {Field.P}"
        yield f"{_said(arms)}: found {', '.join(joint)}, expected {expected}"


def _missing(arms: tuple[str, ...], given: Numbers, needed: tuple[Field, ...]) -> Iterator[str]:
    missing = [field for field in needed if field not in given]
    if given and missing:
        expected = f"{', '.join(missing)} as well"
        yield f"{_said(arms)}: found {', '.join(given)}, expected {expected}"


def _said(arms: Iterable[str]) -> str:
    return f"arm '{' and '.join(arms)}'"


def arm_numbers(numbers: Numbers) -> ArmNumbers:
    """Return what a row shows of an arm."""
    events, total, mean, sd, time = (
        numbers.get(each) for each in (Field.EVENTS, Field.TOTAL, Field.MEAN, Field.SD, Field.TIME)
    )
    people = total if total is not None else numbers.get(Field.N)
    return ArmNumbers(_count(events), _count(people), mean, sd, time)


def _count(number: float | None) -> int | float | None:
    """Return a whole number as one: people shared out or divided need not be whole."""
    return int(number) if number is not None and number % 1 == 0 else number
