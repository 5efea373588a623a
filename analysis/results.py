"""What an analysis gives back: frozen values, each on a stated scale.

Ratios are carried as logarithms (`Scale.LOG`) and weights and I² as shares of 1; `Scale.shown`
takes an estimate or a limit to the scale a reader knows. `None` means that a quantity does not
exist for this analysis, never that it could not be computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.inputs import Floats, as_column, refuse
from analysis.scales import Scale as Scale


class Measure(StrEnum):
    """The effect measure; names are metafor's."""

    RISK_RATIO = "RR"
    ODDS_RATIO = "OR"
    PETO_ODDS_RATIO = "PETO"
    RISK_DIFFERENCE = "RD"
    ARCSINE_DIFFERENCE = "AS"
    MEAN_DIFFERENCE = "MD"
    STANDARDISED_MEAN_DIFFERENCE = "SMD"
    STANDARDISED_MEAN_DIFFERENCE_UNEQUAL = "SMDH"
    GLASS_DELTA = "SMD1"
    RATIO_OF_MEANS = "ROM"
    VARIABILITY_RATIO = "VR"
    RATE_RATIO = "IRR"
    RATE_DIFFERENCE = "IRD"
    ROOT_RATE_DIFFERENCE = "IRSD"
    PROPORTION = "PR"
    LOG_PROPORTION = "PLN"
    LOGIT_PROPORTION = "PLO"
    ARCSINE_PROPORTION = "PAS"
    FREEMAN_TUKEY_PROPORTION = "PFT"
    HAZARD_RATIO = "HR"
    GENERIC = "GEN"

    @property
    def scale(self) -> Scale:
        return _SCALES.get(self, Scale.NATURAL)


_SCALES = {
    Measure.RISK_RATIO: Scale.LOG,
    Measure.ODDS_RATIO: Scale.LOG,
    Measure.PETO_ODDS_RATIO: Scale.LOG,
    Measure.RATIO_OF_MEANS: Scale.LOG,
    Measure.VARIABILITY_RATIO: Scale.LOG,
    Measure.RATE_RATIO: Scale.LOG,
    Measure.LOG_PROPORTION: Scale.LOG,
    Measure.HAZARD_RATIO: Scale.LOG,
    Measure.LOGIT_PROPORTION: Scale.LOGIT,
    Measure.ARCSINE_DIFFERENCE: Scale.ARCSINE,
    Measure.ARCSINE_PROPORTION: Scale.ARCSINE,
    Measure.FREEMAN_TUKEY_PROPORTION: Scale.DOUBLE_ARCSINE,
    Measure.ROOT_RATE_DIFFERENCE: Scale.SQUARE_ROOT,
}


# Powers of weights beyond this would overflow.
LARGEST = 1e75


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A study that has no effect, and why; `row` is its place in the input."""

    label: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class StudyEffects:
    """One effect and its sampling variance per study, on `scale`.

    `rows` gives the place of each effect in the input; studies without an
    effect are in `left_out`, so that labels and left_out together name every study.
    """

    measure: Measure
    scale: Scale
    labels: tuple[str, ...]
    effects: Floats
    variances: Floats
    rows: tuple[int, ...]
    left_out: tuple[LeftOut, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "effects", as_column("effect", self.effects, self.labels))
        object.__setattr__(self, "variances", as_column("variance", self.variances, self.labels))
        largest = f"a number of size {LARGEST:g} at most"
        refuse(self.labels, "effect", self.effects, np.abs(self.effects) > LARGEST, largest)
        v = self.variances
        odd = (v < 0) | (v > LARGEST) | ((v > 0) & (v < 1 / LARGEST))
        refuse(self.labels, "variance", v, odd, f"0, or between {1 / LARGEST:g} and {LARGEST:g}")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, at: Sequence[int]) -> StudyEffects:
        """Return the studies at these places among the effects, in this order."""
        chosen = list(at)
        return StudyEffects(
            self.measure,
            self.scale,
            tuple(self.labels[i] for i in chosen),
            self.effects[chosen],
            self.variances[chosen],
            tuple(self.rows[i] for i in chosen),
            self.left_out,
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard error, test of no effect and confidence limits, on one scale.

    `df` is None where the normal distribution was used. A standard error of 0 (Hartung-Knapp
    on equal effects) has an infinite statistic, and none where the value is no effect.
    """

    value: float
    se: float
    statistic: float | None
    df: float | None
    p: float | None
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True)
class HeterogeneityTest:
    """Cochran's Q about a pooled effect; `i2` is max(0, (Q - df)/Q), a share of 1.

    At one study there is nothing to test: q = 0, df = 0, p = 1, i2 = 0, h2 = 1.
    """

    q: float
    df: int
    p: float
    i2: float
    h2: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Two limits; the upper one may be infinite where the data do not bound it."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True, eq=False)
class PooledTables:
    """A pooled effect that is made from the tables themselves: Mantel-Haenszel and Peto.

    `labels`, `rows` and `weights` (shares of 1) are the tables that were pooled,
    `left_out` those that were not; `studies` are the effects of the single
    studies, about which Q is taken, and may be fewer or more.
    """

    measure: Measure
    scale: Scale
    level: float
    labels: tuple[str, ...]
    rows: tuple[int, ...]
    weights: Floats
    left_out: tuple[LeftOut, ...]
    studies: StudyEffects
    estimate: Estimate
    heterogeneity: HeterogeneityTest
