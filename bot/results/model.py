"""What an analysis came to: the values that are printed, drawn, compared and stored."""

from __future__ import annotations

from dataclasses import dataclass

from bot.review.planned import PlannedMeasure, PlannedMethod, PlannedModel
from bot.review.protocol import PublishedResult


@dataclass(frozen=True, slots=True)
class ShownEffect:
    """An estimate with its limits, unrounded, on the natural scale (ratios not logged)."""

    estimate: float
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True)
class ArmNumbers:
    """What one arm of one study put into the analysis; None is not applicable."""

    events: int | None = None
    total: int | None = None
    mean: float | None = None
    sd: float | None = None


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study's line in an analysis (the line of a forest plot)."""

    study: str
    label: str
    arm_1: ArmNumbers
    arm_2: ArmNumbers
    effect: ShownEffect | None  # None: not estimable, and `why` says why
    why: str | None
    weight: float | None  # share of the pooled weight, 0-1
    derived: bool


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    tau2: float | None
    q: float
    q_df: int
    q_p: float
    i2: float  # 0-1


NO_CROSSOVER = "no study is a cross-over trial"


@dataclass(frozen=True, slots=True)
class Paired:
    """The cross-over analysis beside the parallel one, or why it cannot be done."""

    effect: ShownEffect | None
    how: str | None
    missing: str | None

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


@dataclass(frozen=True, slots=True)
class Refit:
    """The pooled effect of some of the studies, on the natural scale, or why there is none.

    label: the study that was left out, or that came last
    """

    label: str
    effect: ShownEffect | None
    why: str | None = None
