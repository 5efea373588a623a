"""Pooled effects: Mantel-Haenszel, Peto and inverse variance, common and random effects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.distributions import quantile, two_sided_p
from analysis.effects import (
    METAFOR,
    NO_EVENTS,
    REVMAN,
    UNCHANGED,
    Cells,
    ZeroCells,
    corrected_cells,
    corrected_counts,
    left_out_tables,
    odds_ratio,
    peto_odds_ratio,
    peto_parts,
    rate_difference,
    rate_ratio,
    risk_difference,
    risk_ratio,
)
from analysis.errors import InvalidOption, NotEstimable
from analysis.heterogeneity import (
    Profile,
    cochran_test,
    heterogeneity_about,
    i2_of,
    q_profile,
    typical_variance,
)
from analysis.inputs import Bools, Floats, TwoByTwo, TwoRates
from analysis.linear import Intercept
from analysis.mantel_haenszel import (
    RiskDifferenceVariance,
    Sums,
    pooled_odds_ratio,
    pooled_rate_difference,
    pooled_rate_ratio,
    pooled_risk_difference,
    pooled_risk_ratio,
)
from analysis.results import (
    Estimate,
    HeterogeneityTest,
    LeftOut,
    Limits,
    Measure,
    PooledTables,
    StudyEffects,
)
from analysis.tau2 import Tau2, Tau2Method, dersimonian_laird, estimate_tau2


def estimate_of(value: float, se: float, *, level: float, df: float | None = None) -> Estimate:
    """Return the estimate with its test and limits; df None uses the normal distribution."""
    half = quantile(level, df) * se
    if se == 0.0:
        return _exact(value, df)
    statistic = value / se
    p = two_sided_p(statistic, df)
    return Estimate(value, se, statistic, df, p, value - half, value + half)


def _exact(value: float, df: float | None) -> Estimate:
    """Return the estimate whose standard error is 0: an infinite statistic, none for no effect."""
    if value == 0.0:
        return Estimate(value, 0.0, None, df, None, value, value)
    return Estimate(value, 0.0, math.copysign(math.inf, value), df, 0.0, value, value)


@dataclass(frozen=True, slots=True)
class TableRules:
    """The zero-cell rule for the tables that are pooled, and for the single effects beside them."""

    pooled: ZeroCells
    effects: ZeroCells


METAFOR_RULES = TableRules(pooled=UNCHANGED, effects=REVMAN)


def revman_rules(measure: Measure) -> TableRules:
    """Return what RevMan 5 does: 0.5 in trials with a zero cell, double-zero trials dropped.

    The pooled risk difference needs no constant and drops no trial.
    """
    if measure is Measure.RISK_DIFFERENCE:
        return TableRules(UNCHANGED, METAFOR)
    return TableRules(REVMAN, REVMAN)


def mantel_haenszel(
    tables: TwoByTwo,
    measure: Measure = Measure.RISK_RATIO,
    *,
    rules: TableRules | None = None,
    variance: RiskDifferenceVariance = RiskDifferenceVariance.GREENLAND_ROBINS,
    level: float = 0.95,
) -> PooledTables:
    """Pool risk ratios, odds ratios or risk differences by Mantel and Haenszel.

        rules:    None is RevMan's rule for the measure; metafor's default is
    METAFOR_RULES: nothing is added to what is pooled
        variance: for the risk difference only
        The estimate is on the log scale for ratios. Variances: Greenland & Robins
        1985 (RR, RD), Robins, Breslow & Greenland 1986 (OR), Sato 1989 (RD).
        Raises NotEstimable where an arm has no events left in all tables together.
        Reference: metafor::rma.mh; RevMan 5 for RevMan's rule.
    """
    rule = rules or revman_rules(measure)
    studies = effects_of(tables, measure, rule.effects)
    every = corrected_cells(tables, rule.pooled)
    if not every.keep.any():
        raise NotEstimable("no study has events in one arm and not in the other", studies=0)
    sums = _mantel_haenszel_sums(every.kept(), measure, variance)
    gone = left_out_tables(tables, every.keep, "left out")
    return _pooled_tables(measure, tables.labels, every.keep, gone, studies, sums, level)


def effects_of(tables: TwoByTwo, measure: Measure, zero_cells: ZeroCells) -> StudyEffects:
    """Return the effects of the single studies in the measure that is pooled."""
    if measure is Measure.RISK_RATIO:
        return risk_ratio(tables, zero_cells)
    if measure is Measure.ODDS_RATIO:
        return odds_ratio(tables, zero_cells)
    if measure is Measure.RISK_DIFFERENCE:
        return risk_difference(tables, zero_cells)
    raise InvalidOption(f"Mantel-Haenszel pools RR, OR and RD of two groups, not {measure}")


def _mantel_haenszel_sums(x: Cells, measure: Measure, variance: RiskDifferenceVariance) -> Sums:
    if measure is Measure.RISK_RATIO:
        return pooled_risk_ratio(x)
    if measure is Measure.ODDS_RATIO:
        return pooled_odds_ratio(x)
    return pooled_risk_difference(x, variance)


def mantel_haenszel_rates(
    rates: TwoRates,
    measure: Measure = Measure.RATE_RATIO,
    *,
    rules: TableRules = METAFOR_RULES,
    level: float = 0.95,
) -> PooledTables:
    """Pool incidence rate ratios (log scale) or differences by Mantel and Haenszel.

    Reference: metafor::rma.mh(measure="IRR" or "IRD").
    """
    if measure not in (Measure.RATE_RATIO, Measure.RATE_DIFFERENCE):
        raise InvalidOption(f"Mantel-Haenszel pools IRR and IRD of two rates, not {measure}")
    ratio = measure is Measure.RATE_RATIO
    studies = (rate_ratio if ratio else rate_difference)(rates, rules.effects)
    x = corrected_counts(rates, rules.pooled)
    keep = x.keep
    if not keep.any():
        raise NotEstimable("no study has events", studies=0)
    pool = pooled_rate_ratio if ratio else pooled_rate_difference
    sums = pool(x.events_1[keep], rates.time_1[keep], x.events_2[keep], rates.time_2[keep])
    gone = tuple(
        LeftOut(rates.labels[row], row, NO_EVENTS) for row in np.flatnonzero(~keep).tolist()
    )
    return _pooled_tables(measure, rates.labels, keep, gone, studies, sums, level)


def peto(tables: TwoByTwo, *, level: float = 0.95) -> PooledTables:
    """Pool log odds ratios by Peto's one-step method; nothing is added to any cell.

    Tables without variance (no events, or only events) are left out.
    Not for large effects or unequal arms: its bias grows with both (Greenland & Salvan 1990).
    Reference: metafor::rma.peto.
    """
    studies = peto_odds_ratio(tables)
    observed_less_expected, v = peto_parts(corrected_cells(tables, UNCHANGED))
    keep = v > 0
    if not keep.any():
        raise NotEstimable("no table has both events and no events", studies=0)
    total = float(v.sum())
    value = float(observed_less_expected[keep].sum()) / total
    sums = Sums(value, 1 / math.sqrt(total), v[keep] / total)
    gone = left_out_tables(tables, keep, "no variance")
    return _pooled_tables(Measure.PETO_ODDS_RATIO, tables.labels, keep, gone, studies, sums, level)


def _pooled_tables(
    measure: Measure,
    labels: tuple[str, ...],
    keep: Bools,
    left_out: tuple[LeftOut, ...],
    studies: StudyEffects,
    sums: Sums,
    level: float,
) -> PooledTables:
    rows = np.flatnonzero(keep).tolist()
    return PooledTables(
        measure,
        measure.scale,
        level,
        tuple(labels[row] for row in rows),
        tuple(rows),
        sums.weights,
        left_out,
        studies,
        estimate_of(sums.value, sums.se, level=level),
        heterogeneity_about(sums.value, studies),
    )


class Interval(StrEnum):
    """How the limits of a pooled effect are made; names are metafor's."""

    NORMAL = "z"
    T = "t"  # t with k - p degrees of freedom, the same standard error
    HARTUNG_KNAPP = "knha"  # t, standard error from the spread of the effects
    HARTUNG_KNAPP_FLOORED = "adhoc"  # the same, never narrower than NORMAL's standard error


@dataclass(frozen=True, slots=True)
class Model:
    """How effects are pooled: tau2 None is the common-effect model."""

    tau2: Tau2Method | None = Tau2Method.REML
    interval: Interval = Interval.NORMAL
    level: float = 0.95


COMMON_EFFECT = Model(tau2=None)

# Below three studies a Hartung-Knapp interval has one degree of freedom and spans everything.
FEWEST_FOR_HARTUNG_KNAPP = 3
# Below five studies tau2 says little (Cochrane Handbook 10.10.4).
FEWEST_FOR_TAU2 = 5


def headline_model(k: int, *, level: float = 0.95) -> Model:
    """Return the random-effects model whose interval may head a table of k studies.

    REML with the floored Hartung-Knapp interval, which is never narrower than the
    normal one and so never narrower than that of the common-effect model; below
    three studies the normal interval (Cochrane Handbook 10.10.4.4).
    """
    hartung_knapp = k >= FEWEST_FOR_HARTUNG_KNAPP
    interval = Interval.HARTUNG_KNAPP_FLOORED if hartung_knapp else Interval.NORMAL
    return Model(Tau2Method.REML, interval, level)


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


def inflation_of(mean_square: float, interval: Interval) -> float:
    """Return the factor on the squared standard error that this kind of interval uses."""
    if interval is Interval.HARTUNG_KNAPP:
        return mean_square
    return max(1.0, mean_square) if interval is Interval.HARTUNG_KNAPP_FLOORED else 1.0


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
    about = mantel_haenszel(tables, measure, level=level)
    studies = about.studies
    check_poolable(studies)
    model = Model(Tau2Method.DERSIMONIAN_LAIRD, level=level)
    if len(studies) == 1:
        return _single(studies, model)
    linear = Intercept(studies.effects, studies.variances)
    tau2 = dersimonian_laird(linear, about.heterogeneity.q)
    return _random(linear, studies, model, about.heterogeneity, tau2)
