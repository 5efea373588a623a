"""Meta-regression: effects explained by moderators, with common or random effects.

The numbers of studies this review has do not carry a regression; the module is here for reviews
that have ten studies or more for each moderator.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.distributions import chi2_p, f_p, quantile
from analysis.errors import InsufficientStudies, InvalidInput, InvalidOption
from analysis.heterogeneity import cochran_test, i2_of, typical_variance
from analysis.inputs import Floats
from analysis.linear import Intercept, LinearModel, Regression, regression
from analysis.pooling import Interval, Model, check_poolable, estimate_of, inflation_of
from analysis.results import Estimate, HeterogeneityTest, Limits, StudyEffects
from analysis.tau2 import Tau2, Tau2Method, estimate_tau2

INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True, eq=False)
class Moderators:
    """The design of a regression: the intercept first, then one column per coefficient."""

    names: tuple[str, ...]
    matrix: Floats  # studies × coefficients


def numeric(name: str, values: Sequence[float], *, subtract: float = 0.0) -> Moderators:
    """Return a numeric moderator, measured from `subtract`, as one column."""
    column = np.array(values, dtype=np.float64) - subtract
    if not np.isfinite(column).all():
        raise InvalidInput(f"moderator {name!r}", "a gap", "a finite number for each study")
    return Moderators((name,), column[:, None])


def factor(name: str, values: Sequence[str]) -> Moderators:
    """Return treatment coding: levels sorted, the first the reference, a column for each other."""
    levels = sorted(set(values))
    if len(levels) < 2:
        raise InvalidOption(f"factor {name!r} has one level, {levels}: there is nothing to compare")
    columns = [[float(value == level) for value in values] for level in levels[1:]]
    return Moderators(tuple(f"{name}: {level}" for level in levels[1:]), np.array(columns).T)


def design(*moderators: Moderators) -> Moderators:
    """Put an intercept and moderators side by side."""
    names = (INTERCEPT, *(name for each in moderators for name in each.names))
    rows = moderators[0].matrix.shape[0] if moderators else 0
    parts = [np.ones((rows, 1)), *(each.matrix for each in moderators)]
    return Moderators(names, np.hstack(parts))


@dataclass(frozen=True, slots=True)
class JointTest:
    """The test that all coefficients but the intercept are 0; df_2 None is χ², else F."""

    statistic: float
    df_1: int
    df_2: int | None
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class MetaRegression:
    """A fitted meta-regression.

    coefficients:  one estimate for each name of the design
    covariance:    of the coefficients, with the Hartung-Knapp factor in it
    heterogeneity: what the moderators leave unexplained (QE)
    r2:            share of tau2 explained (for a common effect the adjusted R² of
                   the weighted regression); 0 where there was no tau2 to explain
    """

    model: Model
    studies: StudyEffects
    names: tuple[str, ...]
    coefficients: tuple[Estimate, ...]
    covariance: Floats
    weights: Floats
    heterogeneity: HeterogeneityTest
    tau2: float
    tau2_se: float | None
    i2: float
    h2: float
    inflation: float
    joint: JointTest | None
    r2: float

    @property
    def df(self) -> int:
        return len(self.studies) - len(self.names)


def meta_regression(
    studies: StudyEffects, moderators: Moderators, model: Model | None = None
) -> MetaRegression:
    """Fit effects on moderators by weighted least squares.

    moderators: from `design`, one row for each effect
    Raises InsufficientStudies unless there are more studies than coefficients,
    InvalidOption where a moderator is constant or repeats another.
    Reference: metafor::rma(yi, vi, mods=...).
    """
    chosen = model or Model()
    check_poolable(studies)
    linear = _linear(studies, moderators)
    heterogeneity = cochran_test(linear.q(0.0), linear.k - linear.p)
    tau2 = None if chosen.tau2 is None else estimate_tau2(linear, chosen.tau2)
    at = 0.0 if tau2 is None else tau2.value
    w = linear.weights(at)
    inflation = inflation_of(linear.q(at) / (linear.k - linear.p), chosen.interval)
    covariance = inflation * linear.covariance(at)
    coefficients = linear.coefficients(at)
    i2, h2 = _i2_h2(linear, heterogeneity, tau2)
    return MetaRegression(
        chosen,
        studies,
        moderators.names,
        _estimates(coefficients, covariance, chosen, linear.k - linear.p),
        covariance,
        w / w.sum(),
        heterogeneity,
        at,
        None if tau2 is None else tau2.se,
        i2,
        h2,
        inflation,
        _joint(coefficients, covariance, chosen, linear.k),
        _r2(linear, chosen.tau2, tau2),
    )


def _linear(studies: StudyEffects, moderators: Moderators) -> Regression:
    k, (rows, p) = len(studies), moderators.matrix.shape
    if rows != k:
        raise InvalidInput("moderators", f"{rows} rows", f"one for each of {k} effects")
    if k <= p:
        raise InsufficientStudies(needed=p + 1, found=k)
    return regression(studies.effects, studies.variances, moderators.matrix, moderators.names)


def _i2_h2(
    linear: LinearModel, heterogeneity: HeterogeneityTest, tau2: Tau2 | None
) -> tuple[float, float]:
    if tau2 is None:
        return heterogeneity.i2, heterogeneity.h2
    typical = typical_variance(linear)
    return i2_of(tau2.value, typical), tau2.value / typical + 1.0


def _test_df(model: Model, df: int) -> int | None:
    return None if model.interval is Interval.NORMAL else df


def _estimates(
    coefficients: Floats, covariance: Floats, model: Model, df: int
) -> tuple[Estimate, ...]:
    errors = np.sqrt(np.diag(covariance)).tolist()
    return tuple(
        estimate_of(value, se, level=model.level, df=_test_df(model, df))
        for value, se in zip(coefficients.tolist(), errors, strict=True)
    )


def _joint(coefficients: Floats, covariance: Floats, model: Model, k: int) -> JointTest | None:
    tested = coefficients[1:]
    if tested.size == 0 or not covariance[1:, 1:].any():
        return None
    chi2 = float(tested @ np.linalg.solve(covariance[1:, 1:], tested))
    df = _test_df(model, k - coefficients.size)
    if df is None:
        return JointTest(chi2, tested.size, None, chi2_p(chi2, tested.size))
    statistic = chi2 / tested.size
    return JointTest(statistic, tested.size, df, f_p(statistic, tested.size, df))


def _r2(linear: Regression, method: Tau2Method | None, tau2: Tau2 | None) -> float:
    if tau2 is None or method is None:
        return _adjusted_r2(linear)
    alone = estimate_tau2(Intercept(linear.y, linear.v), method).value
    return max(0.0, 1.0 - tau2.value / alone) if alone > 0 else 0.0


def _adjusted_r2(linear: Regression) -> float:
    total = Intercept(linear.y, linear.v).q(0.0)
    if total == 0.0:
        return 0.0
    unexplained: float = linear.q(0.0) / total * (linear.k - 1) / (linear.k - linear.p)
    return max(0.0, 1.0 - unexplained)


@dataclass(frozen=True, slots=True)
class Predicted:
    """The effect at stated values of the moderators; `prediction` is for a new study's effect."""

    value: float
    se: float
    ci: Limits
    prediction: Limits | None


def predict(fit: MetaRegression, at: Sequence[float]) -> Predicted:
    """Return the effect where the moderators have these values, one for each but the intercept.

    Limits and prediction limits use t with k - p degrees of freedom unless the
    model asks for normal limits. Reference: metafor::predict.rma(newmods=...).
    """
    if len(at) != len(fit.names) - 1:
        raise InvalidInput("at", f"{len(at)} values", f"{len(fit.names) - 1}: {fit.names[1:]}")
    x = np.array([1.0, *at])
    value = float(x @ np.array([estimate.value for estimate in fit.coefficients]))
    variance = float(x @ fit.covariance @ x)
    critical = quantile(fit.model.level, _test_df(fit.model, fit.df))
    half, wide = critical * math.sqrt(variance), critical * math.sqrt(variance + fit.tau2)
    prediction = None if fit.model.tau2 is None else Limits(value - wide, value + wide)
    return Predicted(value, math.sqrt(variance), Limits(value - half, value + half), prediction)
