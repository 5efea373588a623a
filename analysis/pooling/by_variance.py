"""Pooled by inverse variance, with common or random effects and everything that belongs to it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from analysis.distributions import quantile
from analysis.errors import NotEstimable
from analysis.heterogeneity import Profile, cochran_test, i2_of, q_profile, typical_variance
from analysis.inputs import Floats, TwoByTwo
from analysis.linear import Intercept
from analysis.pooling.by_tables import mantel_haenszel
from analysis.pooling.estimates import estimate_of
from analysis.pooling.model import (
    COMMON_EFFECT,
    FEWEST_FOR_HARTUNG_KNAPP,
    FEWEST_FOR_TAU2,
    Interval,
    Model,
    inflation_of,
)
from analysis.results import (
    Estimate,
    HeterogeneityTest,
    Limits,
    Measure,
    PooledTables,
    StudyEffects,
)
from analysis.tau2 import Tau2, Tau2Method, dersimonian_laird, estimate_tau2


@dataclass(frozen=True, slots=True)
class Prediction:
    """Limits for the true effect of a new study, by three conventions of the distribution.

    as_tested:   metafor's: that of the confidence interval (normal, or t with k - 1)
    t_k_minus_1: t with k - 1 degrees of freedom (Cochrane since 2024)
    t_k_minus_2: t with k - 2 (Higgins, Thompson & Spiegelhalter 2009); None below k = 3
    """

    as_tested: Limits
    t_k_minus_1: Limits
    t_k_minus_2: Limits | None


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """An inverse-variance analysis with everything that belongs to it.

    weights:        shares of 1, one per study of `studies`
    heterogeneity:  Q about the common-effect mean, with I² from Q
    tau2, tau2_se:  0 and None for the common-effect model and for one study
    i2, h2:         from tau2 (metafor's); from Q for the common-effect model
    inflation:      the Hartung-Knapp factor on the squared standard error, 1 where not used
    profile, prediction: random effects with two studies or more
    """

    model: Model
    studies: StudyEffects
    weights: Floats
    estimate: Estimate
    heterogeneity: HeterogeneityTest
    tau2: float
    tau2_se: float | None
    i2: float
    h2: float
    inflation: float
    profile: Profile | None
    prediction: Prediction | None

    @property
    def cautions(self) -> tuple[str, ...]:
        """Say what a reader of this interval must know; empty where nothing is out of order."""
        k, hartung_knapp = len(self.studies), self.model.interval in _HARTUNG_KNAPP
        said = (
            (hartung_knapp and k == 2, "Hartung-Knapp at two studies is no interval to report"),
            (self.inflation < 1.0, "narrower than the normal interval: the effects hardly differ"),
            (
                self.model.tau2 is not None and 1 < k < FEWEST_FOR_TAU2,
                f"tau² from {k} studies is very uncertain",
            ),
        )
        return tuple(words for applies, words in said if applies)


_HARTUNG_KNAPP = (Interval.HARTUNG_KNAPP, Interval.HARTUNG_KNAPP_FLOORED)


def inverse_variance(studies: StudyEffects, model: Model = COMMON_EFFECT) -> Pooled:
    """Pool effects by inverse variance, with common or random effects.

    One study is returned as it is, with normal limits whatever the model asks:
    a Hartung-Knapp interval and tau2 do not exist for it.
    Raises NotEstimable without studies or where a variance is 0.
    Reference: metafor::rma.uni.
    """
    check_poolable(studies)
    linear = Intercept(studies.effects, studies.variances)
    if len(studies) == 1:
        return _single(studies, model)
    heterogeneity = cochran_test(linear.q(0.0), linear.k - 1)
    if model.tau2 is None:
        return _common(linear, studies, model, heterogeneity)
    return _random(linear, studies, model, heterogeneity, estimate_tau2(linear, model.tau2))


def _random(
    linear: Intercept,
    studies: StudyEffects,
    model: Model,
    heterogeneity: HeterogeneityTest,
    tau2: Tau2,
) -> Pooled:
    typical = typical_variance(linear)
    w = linear.weights(tau2.value)
    estimate, inflation = _estimate(linear, tau2.value, model)
    return Pooled(
        model,
        studies,
        w / w.sum(),
        estimate,
        heterogeneity,
        tau2.value,
        tau2.se,
        i2_of(tau2.value, typical),
        tau2.value / typical + 1.0,
        inflation,
        q_profile(linear, typical, model.level),
        _prediction(estimate, tau2.value, linear.k, model.level),
    )


def headline(
    studies: StudyEffects, *, level: float = 0.95, tau2: Tau2Method = Tau2Method.REML
) -> Pooled:
    """Pool by REML, or another tau2, with the interval that may head a table.

    Hartung-Knapp, floored so that it is never narrower than the common-effect
    interval, from three studies on and where tau2 is above 0; the normal interval
    otherwise. REML and Hartung-Knapp are Cochrane's recommendation (Handbook 10.10.4);
    the limits to it are ours: at two studies it has one degree of freedom and spans
    everything, and at tau2 = 0 its floored form covers nearly always (docs/methods.md).
    """
    normal = inverse_variance(studies, Model(tau2, Interval.NORMAL, level))
    if len(studies) < FEWEST_FOR_HARTUNG_KNAPP or normal.tau2 == 0.0:
        return normal
    return _with_interval(normal, Interval.HARTUNG_KNAPP_FLOORED)


def _with_interval(found: Pooled, interval: Interval) -> Pooled:
    """Return what was pooled with random effects with another interval: tau2 stays as it is."""
    linear = Intercept(found.studies.effects, found.studies.variances)
    model = replace(found.model, interval=interval)
    estimate, inflation = _estimate(linear, found.tau2, model)
    prediction = _prediction(estimate, found.tau2, linear.k, model.level)
    return replace(
        found, model=model, estimate=estimate, inflation=inflation, prediction=prediction
    )


def check_poolable(studies: StudyEffects) -> None:
    """Refuse to pool no study, or a study whose effect has no variance."""
    if len(studies) == 0:
        reasons = "; ".join(f"{gone.label}: {gone.reason}" for gone in studies.left_out)
        raise NotEstimable(f"no study has an effect ({reasons or 'none was given'})", studies=0)
    exact = studies.variances == 0
    if exact.any():
        label = studies.labels[int(exact.argmax())]
        raise NotEstimable(f"{label}: variance 0, so no weight", studies=len(studies))


def _single(studies: StudyEffects, model: Model) -> Pooled:
    value, se = float(studies.effects[0]), math.sqrt(float(studies.variances[0]))
    return Pooled(
        model,
        studies,
        np.ones(1),
        estimate_of(value, se, level=model.level),
        cochran_test(0.0, 0),
        tau2=0.0,
        tau2_se=None,
        i2=0.0,
        h2=1.0,
        inflation=1.0,
        profile=None,
        prediction=None,
    )


def _common(
    linear: Intercept, studies: StudyEffects, model: Model, heterogeneity: HeterogeneityTest
) -> Pooled:
    w = linear.weights(0.0)
    estimate, inflation = _estimate(linear, 0.0, model)
    return Pooled(
        model,
        studies,
        w / w.sum(),
        estimate,
        heterogeneity,
        tau2=0.0,
        tau2_se=None,
        i2=heterogeneity.i2,
        h2=heterogeneity.h2,
        inflation=inflation,
        profile=None,
        prediction=None,
    )


def _estimate(linear: Intercept, tau2: float, model: Model) -> tuple[Estimate, float]:
    w = linear.weights(tau2)
    df = None if model.interval is Interval.NORMAL else linear.k - linear.p
    inflation = inflation_of(linear.q(tau2) / (linear.k - linear.p), model.interval)
    se = math.sqrt(inflation / float(w.dot(linear.ones)))
    return estimate_of(linear.mean(w), se, level=model.level, df=df), inflation


def _prediction(estimate: Estimate, tau2: float, k: int, level: float) -> Prediction:
    spread = math.sqrt(estimate.se**2 + tau2)

    def limits(df: float | None) -> Limits:
        half = quantile(level, df) * spread
        return Limits(estimate.value - half, estimate.value + half)

    return Prediction(limits(estimate.df), limits(k - 1), limits(k - 2) if k > 2 else None)


def revman_random_effects(
    tables: TwoByTwo, measure: Measure = Measure.RISK_RATIO, *, level: float = 0.95
) -> Pooled:
    """Pool by RevMan 5's DerSimonian-Laird, whose Q is about the Mantel-Haenszel estimate.

    metafor's Q is about the inverse-variance estimate: for the BCG trials tau2 is
    0.3095 here and 0.3088 there.
    """
    model = Model(Tau2Method.DERSIMONIAN_LAIRD, level=level)
    return random_about(mantel_haenszel(tables, measure, level=level), model)


def random_about(about: PooledTables, model: Model) -> Pooled:
    """Pool with random effects by inverse variance, Q being about an estimate made from tables.

    DerSimonian and Laird's tau2 is taken from that Q, any other from the effects themselves.
    Scale and labels are those of `about.studies`. Raises NotEstimable as `inverse_variance`.
    Reference: RevMan, "Mantel-Haenszel, random effects".
    """
    studies = about.studies
    check_poolable(studies)
    if len(studies) == 1:
        return _single(studies, model)
    linear = Intercept(studies.effects, studies.variances)
    method = model.tau2 or Tau2Method.DERSIMONIAN_LAIRD
    tau2 = (
        dersimonian_laird(linear, about.heterogeneity.q)
        if method is Tau2Method.DERSIMONIAN_LAIRD
        else estimate_tau2(linear, method)
    )
    return _random(linear, studies, model, about.heterogeneity, tau2)
