"""Does the conclusion survive the method? Every method for two-by-two tables, side by side.

The review's own method stays the headline. This table shows whether another defensible choice would
have concluded otherwise; a method that is not valid for these data is shown with the reason, and
does not count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from analysis.arm_corrections import (
    corrected_effects,
    empirical_correction,
    has_zero,
    treatment_arm_correction,
)
from analysis.beta_binomial import beta_binomial
from analysis.effects import REVMAN, UNCHANGED, arcsine_difference, risk_ratio
from analysis.errors import NotConverged, NotEstimable
from analysis.exact import ExactOddsRatio, exact_common_odds_ratio
from analysis.glmm import MixedModel, odds_ratio_glmm
from analysis.inputs import TwoByTwo
from analysis.pooling import (
    METAFOR_RULES,
    Model,
    headline,
    inverse_variance,
    mantel_haenszel,
    peto,
)
from analysis.results import Estimate, Limits, Measure


class Conclusion(StrEnum):
    """What an interval says about no effect."""

    ABOVE = "above no effect"
    BELOW = "below no effect"
    OPEN = "no effect inside"


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One method's result on the scale of its measure (logarithms for ratios).

    value, limits: None where there is none, and `why_none` says why; infinite
                   where the data do not bound them
    not_valid:     why the method does not suit these data; it then does not count
    caution:       what to know of a result that counts
    """

    method: str
    measure: Measure
    value: float | None
    limits: Limits | None
    conclusion: Conclusion | None
    why_none: str | None = None
    not_valid: str | None = None
    caution: str | None = None

    @property
    def counts(self) -> bool:
        return self.conclusion is not None and self.not_valid is None


@dataclass(frozen=True, slots=True)
class MethodTable:
    """All methods' results; `survives` is None where no method counts."""

    rows: tuple[MethodRow, ...]

    @property
    def survives(self) -> bool | None:
        """Whether all methods that count conclude the same."""
        said = {row.conclusion for row in self.rows if row.counts}
        return None if not said else len(said) == 1

    @property
    def dissenting(self) -> tuple[MethodRow, ...]:
        """Return the methods that conclude otherwise than the first that counts."""
        counted = [row for row in self.rows if row.counts]
        return tuple(row for row in counted if row.conclusion is not counted[0].conclusion)


# Peto's bias passes a tenth of the effect for odds ratios beyond this, and grows with unequal arms
# (Greenland & Salvan 1990, Stat Med 9:247-252; Cochrane Handbook 10.4.2).
LARGEST_FOR_PETO = math.log(3.0)
# Allocated 1 to 2 or nearer: no trial in two equal arms comes near it by chance, and one in three
# (the shared control of three arms) is beyond.
MOST_UNEQUAL_FOR_PETO = 2.0
# The variance between studies is estimated from their differences, and two have a single one.
FEWEST_FOR_GLMM = 3
# Up to this many people an arm the limits of differences hold the truth in 66 to 92 % where they
# say 95 (tests.simulations.sparse, docs/methods.md).
TOO_FEW_FOR_DIFFERENCES = 20
# Three parameters (two risks, one correlation) from arms compared across studies: of fewer than
# five, the correlation is mostly at its bound, and the limits are those of one big trial.
FEWEST_FOR_BETA_BINOMIAL = 5


@dataclass(frozen=True, slots=True)
class _Method:
    name: str
    measure: Measure
    result: Callable[[TwoByTwo, float], tuple[float, Limits]]
    not_valid: Callable[[TwoByTwo], str | None] = lambda tables: None
    caution: Callable[[TwoByTwo], str | None] = lambda tables: None


def method_table(tables: TwoByTwo, *, level: float = 0.95, valid_only: bool = False) -> MethodTable:
    """Pool the tables by every method, arm 1 against arm 2.

    valid_only: give the reason in place of the result of a method that is not valid here
    """
    return MethodTable(tuple(_row(method, tables, level, valid_only) for method in _METHODS))


def _row(method: _Method, tables: TwoByTwo, level: float, valid_only: bool) -> MethodRow:
    not_valid, caution = method.not_valid(tables), method.caution(tables)
    if valid_only and not_valid is not None:
        return MethodRow(
            method.name, method.measure, None, None, None, not_valid, not_valid, caution
        )
    try:
        value, limits = method.result(tables, level)
    except (NotEstimable, NotConverged) as error:
        return MethodRow(
            method.name, method.measure, None, None, None, str(error), not_valid, caution
        )
    said = _concluded(limits)
    return MethodRow(method.name, method.measure, value, limits, said, None, not_valid, caution)


def _concluded(limits: Limits) -> Conclusion:
    if limits.lower > 0:
        return Conclusion.ABOVE
    return Conclusion.BELOW if limits.upper < 0 else Conclusion.OPEN


def _of(estimate: Estimate) -> tuple[float, Limits]:
    return estimate.value, Limits(estimate.ci_lower, estimate.ci_upper)


def _exact(tables: TwoByTwo, level: float, *, midp: bool) -> tuple[float, Limits]:
    found = _exact_limits(tables, level)
    limits = found.midp_limits if midp else found.limits
    return _log(found.estimate), Limits(_log(limits.lower), _log(limits.upper))


@lru_cache(maxsize=1)  # two rows of the table, one after the other
def _exact_limits(tables: TwoByTwo, level: float) -> ExactOddsRatio:
    return exact_common_odds_ratio(tables, level=level)


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio > 0 else -math.inf


def _corrected(tables: TwoByTwo, level: float, *, empirical: bool) -> tuple[float, Limits]:
    rule = empirical_correction if empirical else treatment_arm_correction
    informative = tables.take(_informative(tables))
    if not informative.labels:
        raise NotEstimable("no study has both events and no events", studies=0)
    studies = corrected_effects(informative, Measure.ODDS_RATIO, rule(informative))
    return _of(inverse_variance(studies, Model(tau2=None, level=level)).estimate)


def _informative(tables: TwoByTwo) -> list[int]:
    events = tables.events_1 + tables.events_2
    total = tables.total_1 + tables.total_2
    rows: list[int] = np.flatnonzero((events > 0) & (events < total)).tolist()
    return rows


def _zero_cells(tables: TwoByTwo) -> str | None:
    zeros = int(has_zero(tables).sum())
    return f"a constant is added in {zeros} of {len(tables.labels)} studies" if zeros else None


def _peto_not_valid(tables: TwoByTwo) -> str | None:
    ratio = tables.total_1 / tables.total_2
    if float(np.maximum(ratio, 1 / ratio).max()) > MOST_UNEQUAL_FOR_PETO:
        return "arms of unequal size"
    try:
        value = peto(tables).estimate.value
    except NotEstimable:
        return None
    return "the effect is too large for it" if abs(value) > LARGEST_FOR_PETO else None


def _few_people(tables: TwoByTwo) -> str | None:
    people = float(np.concatenate([tables.total_1, tables.total_2]).mean())
    if people > TOO_FEW_FOR_DIFFERENCES:
        return None
    return f"{people:.0f} people an arm: its limits are too close"


def _fewer_than(needed: int) -> Callable[[TwoByTwo], str | None]:
    def not_valid(tables: TwoByTwo) -> str | None:
        k = len(_informative(tables))
        return f"{k} informative studies, {needed} needed" if k < needed else None

    return not_valid


RR, OR, RD = Measure.RISK_RATIO, Measure.ODDS_RATIO, Measure.RISK_DIFFERENCE


def _mantel_haenszel(tables: TwoByTwo, level: float) -> tuple[float, Limits]:
    return _of(mantel_haenszel(tables, RR, level=level).estimate)


def _uncorrected(measure: Measure) -> Callable[[TwoByTwo, float], tuple[float, Limits]]:
    return lambda tables, level: _of(
        mantel_haenszel(tables, measure, rules=METAFOR_RULES, level=level).estimate
    )


def _common(tables: TwoByTwo, level: float) -> tuple[float, Limits]:
    model = Model(tau2=None, level=level)
    return _of(inverse_variance(risk_ratio(tables, REVMAN), model).estimate)


def _arcsine(tables: TwoByTwo, level: float) -> tuple[float, Limits]:
    studies = arcsine_difference(tables, UNCHANGED)
    return _of(inverse_variance(studies, Model(tau2=None, level=level)).estimate)


def _glmm(model: MixedModel) -> Callable[[TwoByTwo, float], tuple[float, Limits]]:
    return lambda tables, level: _of(odds_ratio_glmm(tables, model, level=level).estimate)


_METHODS = (
    _Method("Mantel-Haenszel, 0.5 where a cell is 0", RR, _mantel_haenszel, caution=_zero_cells),
    _Method("Mantel-Haenszel, nothing added", RR, _uncorrected(RR)),
    _Method("Mantel-Haenszel, nothing added", OR, _uncorrected(OR)),
    _Method(
        "Mantel-Haenszel",
        RD,
        lambda tables, level: _of(mantel_haenszel(tables, RD, level=level).estimate),
        _few_people,
    ),
    _Method("inverse variance, common effect", RR, _common, caution=_zero_cells),
    _Method(
        "inverse variance, random effects",
        RR,
        lambda tables, level: _of(headline(risk_ratio(tables, REVMAN), level=level).estimate),
        caution=_zero_cells,
    ),
    _Method(
        "inverse variance, constants by arm size",
        OR,
        lambda tables, level: _corrected(tables, level, empirical=False),
        caution=_zero_cells,
    ),
    _Method(
        "inverse variance, empirical constants",
        OR,
        lambda tables, level: _corrected(tables, level, empirical=True),
        caution=_zero_cells,
    ),
    _Method(
        "Peto", OR, lambda tables, level: _of(peto(tables, level=level).estimate), _peto_not_valid
    ),
    _Method("exact conditional", OR, lambda tables, level: _exact(tables, level, midp=False)),
    _Method("exact conditional, mid-p", OR, lambda tables, level: _exact(tables, level, midp=True)),
    _Method(
        "mixed model, conditional",
        OR,
        _glmm(MixedModel.CONDITIONAL_EXACT),
        _fewer_than(FEWEST_FOR_GLMM),
    ),
    _Method(
        "mixed model, study baselines fixed",
        OR,
        _glmm(MixedModel.FIXED_STUDY),
        _fewer_than(FEWEST_FOR_GLMM),
    ),
    _Method(
        "beta-binomial",
        OR,
        lambda tables, level: _of(beta_binomial(tables, level=level).estimate),
        _fewer_than(FEWEST_FOR_BETA_BINOMIAL),
    ),
    _Method("arcsine difference", Measure.ARCSINE_DIFFERENCE, _arcsine, _few_people),
)
