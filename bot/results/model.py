"""What an analysis came to: the values that are printed, drawn, compared and stored."""

from __future__ import annotations

from dataclasses import dataclass

from bot.review.planned import (
    OutcomeKind,
    PlannedConvention,
    PlannedInterval,
    PlannedMeasure,
    PlannedMethod,
    PlannedModel,
    PlannedPrediction,
    PlannedTau2,
    PlannedZeroCells,
)
from bot.review.protocol import ControlRisks, PublishedResult
from extraction.model import EntersInto


@dataclass(frozen=True, slots=True)
class ShownEffect:
    """An estimate with its limits, unrounded, on the natural scale (ratios not logged)."""

    estimate: float
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True)
class ArmNumbers:
    """What one arm of one study put into the analysis; None is not applicable.

    Counts are not whole where people are shared out or divided by a design effect.
    """

    events: int | float | None = None
    total: int | float | None = None
    mean: float | None = None
    sd: float | None = None
    time: float | None = None


@dataclass(frozen=True, slots=True)
class ContrastNumbers:
    """What a study put into the analysis of its two arms together, on the pooled scale.

    estimate with se, or o_minus_e with variance
    """

    estimate: float | None = None
    se: float | None = None
    o_minus_e: float | None = None
    variance: float | None = None


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study's line in an analysis (the line of a forest plot), or that of a part of it.

    notes: what a reader of its numbers must know (divided, shared out, turned, a footnote)
    """

    study: str
    label: str
    arm_1: ArmNumbers
    arm_2: ArmNumbers
    effect: ShownEffect | None  # None: not estimable, and `why` says why
    why: str | None
    weight: float | None  # share of the pooled weight, 0-1
    derived: bool
    stratum: str = ""
    subgroup: str = ""
    enters: EntersInto = EntersInto.BOTH
    contrast: ContrastNumbers | None = None
    notes: tuple[str, ...] = ()
    year: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What the row is about: a study may have several in one analysis."""
        return self.study, self.stratum, self.subgroup


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """How much the studies differ; tau2 on the pooled scale, I² as a share of 1.

    The limits are by the Q-profile; None where there is none, or the data do not bound it.
    """

    tau2: float | None
    q: float
    q_df: int
    q_p: float
    i2: float  # 0-1
    tau2_lower: float | None = None
    tau2_upper: float | None = None
    i2_lower: float | None = None
    i2_upper: float | None = None


@dataclass(frozen=True, slots=True)
class How:
    """How an analysis was computed, with what its plan left open filled in.

    tau2: None for a common effect; interval: that of the pooled effect, and interval_asked what
    the plan says (None: the default, which looks at the studies); prediction: None where there is
    no prediction interval
    """

    tau2: PlannedTau2 | None
    interval: PlannedInterval
    interval_asked: PlannedInterval | None = None
    prediction: PlannedPrediction | None = None
    level: float = 0.95
    zero_cells: PlannedZeroCells | None = None
    convention: PlannedConvention = PlannedConvention.HANDBOOK


@dataclass(frozen=True, slots=True)
class ShownPrediction:
    """Between which limits the effect of a new study is expected, on the natural scale."""

    lower: float
    upper: float
    convention: PlannedPrediction


@dataclass(frozen=True, slots=True)
class SubgroupResult:
    """What the rows of one subgroup came to."""

    label: str
    effect: ShownEffect | None
    not_estimable: str | None
    studies: int
    participants: int
    heterogeneity: Heterogeneity | None = None
    interval: PlannedInterval | None = None
    prediction: ShownPrediction | None = None


@dataclass(frozen=True, slots=True)
class BetweenSubgroups:
    """The test of the subgroups' results against each other; I² as a share of 1."""

    q: float
    q_df: int
    q_p: float
    i2: float


@dataclass(frozen=True, slots=True)
class Beside:
    """The result of a change of the plan, or another look at the same studies.

    what: what was changed or looked at; told: what came of it where that is no effect
    """

    what: str
    effect: ShownEffect | None = None
    told: str = ""
    studies: int | None = None


DIVIDED = "groups were allocated"  # begins the note of a row whose people are effective ones
NO_CROSSOVER = "no study is a cross-over trial"


@dataclass(frozen=True, slots=True)
class Paired:
    """The cross-over analysis beside the parallel one, or why it cannot be done."""

    effect: ShownEffect | None
    how: str | None
    missing: str | None
    trials: int = 0  # cross-over trials that were paired
    exact_p: float | None = None  # McNemar's, of the one trial whose joint table is known

    @property
    def applies(self) -> bool:
        """Whether any study is a cross-over trial, so that there is something to pair."""
        return self.missing != NO_CROSSOVER

    @property
    def lacks_data(self) -> bool:
        """Whether there is a cross-over trial that does not tell what pairs need."""
        return self.missing is not None and self.applies


@dataclass(frozen=True, slots=True)
class ApartRow:
    """A study that is shown and not pooled: an open decision of the protocol concerns it."""

    row: StudyRow
    decision: str


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """One analysis of the protocol computed from accepted values.

    apart: studies that an open decision keeps from being pooled, each with its own effect.
    refused: studies whose values cannot be pooled, each with the reason; the others are.
    """

    id: str
    outcome: str
    outcome_label: str
    comparison: str
    comparison_label: str
    time_point: str
    measure: PlannedMeasure
    method: PlannedMethod
    model: PlannedModel
    arm_1: str
    arm_2: str
    arm_1_label: str
    arm_2_label: str
    direction: str
    arm_order_inferred: bool
    effect: ShownEffect | None
    not_estimable: str | None
    studies: int
    participants: int
    heterogeneity: Heterogeneity | None
    random_effects: ShownEffect | None  # DerSimonian-Laird beside a common-effect headline
    rows: tuple[StudyRow, ...]
    paired: Paired
    published: PublishedResult | None
    derived_inputs: bool
    apart: tuple[ApartRow, ...] = ()
    refused: tuple[str, ...] = ()
    kind: OutcomeKind | None = None
    how: How | None = None  # None: computed by a program that knew one way only
    prediction: ShownPrediction | None = None
    subgroups: tuple[SubgroupResult, ...] = ()
    between: BetweenSubgroups | None = None
    overall: bool = True  # False: subgroups are not pooled together
    pooled: int | None = None  # studies that have weight; None: not counted by that program
    cautions: tuple[str, ...] = ()
    sensitivity: tuple[Beside, ...] = ()
    further: tuple[Beside, ...] = ()
    control_risks: ControlRisks | None = None

    @property
    def level(self) -> float:
        """The level of every interval, as a share of 1."""
        return self.how.level if self.how is not None else 0.95


@dataclass(frozen=True, slots=True)
class Refit:
    """The pooled effect of some of the studies, on the natural scale, or why there is none.

    label: the study that was left out, or that came last
    """

    label: str
    effect: ShownEffect | None
    why: str | None = None
