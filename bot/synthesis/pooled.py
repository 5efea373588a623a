"""The numbers of one analysis to its pooled result: builds the inputs and asks `analysis`. Pure.

Results stay on the scale of the analysis (logarithms for ratios).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.errors import AnalysisError, InvalidInput
from analysis.plan import Convention, Plan, PoolingModel
from analysis.planned_analysis import Enters, Group, MetaAnalysis, meta_analysis
from analysis.planned_effects import planned_effects
from analysis.pooling import Model, Pooled, inverse_variance
from analysis.results import Estimate, StudyEffects
from analysis.scales import Scale
from analysis.tau2 import Tau2Method
from bot.results.model import ArmNumbers, ContrastNumbers
from bot.review.planned import OF_A_PAIR, OutcomeKind
from bot.review.protocol import AnalysisPlan
from bot.synthesis.engine_inputs import engine_plan, has_all, studies_of
from bot.synthesis.study_numbers import StudyNumbers, arm_numbers
from extraction.model import EntersInto, Field

DERSIMONIAN_LAIRD = Model(tau2=Tau2Method.DERSIMONIAN_LAIRD)
ONE_ARM = "one of the two arms has no numbers"
FEWEST_IN_AN_ARM = 2  # one person has no standard deviation
TOO_FEW = f"fewer than {FEWEST_IN_AN_ARM} people in an arm"
NO_CONTRAST = "no effect of the pair of arms"
NOT_ASKED = "the protocol asks for no overall result"
NOTHING = "no study has numbers for this outcome in both arms"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row: its effect and share of the weight, or why it has none.

    refused: its numbers are at fault, and people have to correct them.
    """

    effect: Estimate | None
    why: str | None
    weight: float | None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class EngineRow:
    """A row as the engine takes it."""

    label: str
    arm_1: ArmNumbers
    arm_2: ArmNumbers
    contrast: ContrastNumbers | None


@dataclass(frozen=True, slots=True)
class Pool:
    """A pooled result, or why there is none; `rows` in the order in which they were given.

    beside: DerSimonian and Laird's result beside a common effect, from two studies with an effect
    on. refused: the numbers of no one study are at fault, and yet they could not be pooled.
    """

    plan: Plan
    scale: Scale
    rows: tuple[RowResult, ...]
    why: str | None
    overall: Group | None = None
    found: MetaAnalysis | None = None
    beside: Pooled | None = None
    refused: bool = False

    @property
    def headline(self) -> Estimate | None:
        """The pooled effect."""
        return self.overall.estimate if self.overall is not None else None


def pool(plan: AnalysisPlan, kind: OutcomeKind, picked: Sequence[StudyNumbers]) -> Pool:
    """Pool the studies that have the numbers of their kind, as planned.

    A study whose numbers cannot be is set aside with the reason; it stops none of the others.
    """
    asked = engine_plan(plan, kind)
    rows = [engine_row(each) for each in picked]
    gone = _gone(asked, plan, kind, picked, rows)
    usable = _left(picked, gone)
    if not usable:
        return Pool(asked, asked.measure.scale, _in_order(gone), NOTHING)
    chosen = _Chosen(usable, [picked[at] for at in usable], [rows[at] for at in usable])
    return _pooled(asked, plan, chosen, gone)


def _gone(
    asked: Plan,
    plan: AnalysisPlan,
    kind: OutcomeKind,
    picked: Sequence[StudyNumbers],
    rows: Sequence[EngineRow],
) -> dict[int, RowResult]:
    """Return the rows that enter no result, by their place: set aside, impossible, shown alone."""
    aside = ((at, _set_aside(asked, each, rows[at])) for at, each in enumerate(picked))
    gone = {at: why for at, why in aside if why is not None}
    gone |= _that_cannot_be(asked, plan, kind, {at: rows[at] for at in _left(picked, gone)})
    if not plan.overall:
        left = [at for at in _left(picked, gone) if _alone(picked[at])]
        gone |= {at: _shown_alone(plan, kind, picked[at]) for at in left}
    return gone


def _left(picked: Sequence[StudyNumbers], gone: Mapping[int, RowResult]) -> list[int]:
    return [at for at in range(len(picked)) if at not in gone]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The rows that can be pooled, with their places among all."""

    places: Sequence[int]
    picked: Sequence[StudyNumbers]
    rows: Sequence[EngineRow]


def _pooled(asked: Plan, plan: AnalysisPlan, chosen: _Chosen, gone: dict[int, RowResult]) -> Pool:
    try:
        studies = studies_of(chosen.picked[0].kind, plan.measure, chosen.rows, asked)
        found = meta_analysis(
            studies,
            asked,
            subgroups=_subgroups(chosen.picked),
            enters=_entering(plan, chosen.picked),
        )
        beside = _random_beside(planned_effects(studies, asked), asked)
    except AnalysisError as error:
        alone = dict.fromkeys(chosen.places, RowResult(None, None, None))
        return Pool(asked, asked.measure.scale, _in_order(gone | alone), str(error), refused=True)
    results = {
        at: RowResult(row.estimate, row.left_out, row.weight)
        for at, row in zip(chosen.places, found.rows, strict=True)
    }
    return Pool(
        asked,
        found.scale,
        _in_order(gone | results),
        NOT_ASKED if found.overall is None else found.overall.why,
        found.overall,
        found,
        beside,
    )


def _subgroups(chosen: Sequence[StudyNumbers]) -> list[str] | None:
    named = [each.subgroup for each in chosen]
    return named if any(named) else None


def _entering(plan: AnalysisPlan, chosen: Sequence[StudyNumbers]) -> list[Enters]:
    """Say what each row counts in; without an overall result in its subgroup alone."""
    return [Enters(each.enters) if plan.overall else Enters.SUBGROUP for each in chosen]


def _alone(numbers: StudyNumbers) -> bool:
    """Tell whether a row counts in no subgroup: without an overall result in nothing."""
    return numbers.enters is EntersInto.OVERALL


def _shown_alone(plan: AnalysisPlan, kind: OutcomeKind, numbers: StudyNumbers) -> RowResult:
    """Return the effect of a row that counts in nothing."""
    by_itself = pool(plan, kind, [replace(numbers, enters=EntersInto.SUBGROUP)])
    return replace(by_itself.rows[0], weight=None)


def _in_order(results: Mapping[int, RowResult]) -> tuple[RowResult, ...]:
    return tuple(results[at] for at in sorted(results))


def _random_beside(effects: StudyEffects, plan: Plan) -> Pooled | None:
    """Return DerSimonian and Laird's result to stand beside a common effect."""
    if plan.model is PoolingModel.RANDOM or len(effects) < 2:
        return None
    return inverse_variance(effects, replace(DERSIMONIAN_LAIRD, level=plan.level))


def engine_row(numbers: StudyNumbers) -> EngineRow:
    return EngineRow(
        numbers.label,
        arm_numbers(numbers.arm_1),
        arm_numbers(numbers.arm_2),
        numbers.contrast,
    )


def single_effects(plan: AnalysisPlan, numbers: StudyNumbers) -> StudyEffects:
    """Return the effect of one row, as if its arms were different people."""
    asked = engine_plan(plan, numbers.kind)
    return planned_effects(
        studies_of(numbers.kind, plan.measure, [engine_row(numbers)], asked), asked
    )


def _set_aside(asked: Plan, numbers: StudyNumbers, row: EngineRow) -> RowResult | None:
    """Return why a row cannot be pooled, as far as its numbers need not be computed with."""
    if numbers.fault is not None:
        return RowResult(None, numbers.fault, None, refused=True)
    if not numbers.complete or not has_all(numbers.kind, row):
        of_pair = numbers.kind in OF_A_PAIR
        return RowResult(None, NO_CONTRAST if of_pair else ONE_ARM, None)
    sizes = (arm.get(Field.N, FEWEST_IN_AN_ARM) for arm in (numbers.arm_1, numbers.arm_2))
    if min(sizes) < FEWEST_IN_AN_ARM and asked.convention is Convention.HANDBOOK:
        return RowResult(None, TOO_FEW, None)
    return None


def _that_cannot_be(
    asked: Plan, plan: AnalysisPlan, kind: OutcomeKind, rows: Mapping[int, EngineRow]
) -> dict[int, RowResult]:
    """Return the rows that the engine refuses: looked for one by one where it refuses them all."""
    if _refusal(asked, plan, kind, list(rows.values())) is None:
        return {}
    each = {at: _refusal(asked, plan, kind, [row]) for at, row in rows.items()}
    return {at: RowResult(None, why, None, refused=True) for at, why in each.items() if why}


def _refusal(
    asked: Plan, plan: AnalysisPlan, kind: OutcomeKind, rows: Sequence[EngineRow]
) -> str | None:
    try:
        planned_effects(studies_of(kind, plan.measure, rows, asked), asked)
    except InvalidInput as error:
        return f"found {error.found}, expected {error.expected}"
    return None
