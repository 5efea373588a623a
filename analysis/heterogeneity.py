"""How far studies differ: Q and I², and limits of tau2, I² and H² by the Q-profile."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.distributions import check_level, chi2_p, chi2_quantile
from analysis.linear import LinearModel
from analysis.results import HeterogeneityTest, Limits, StudyEffects
from analysis.tau2 import tau2_where_q_is


@dataclass(frozen=True, slots=True)
class Profile:
    """Limits of tau2 from the Q-profile, and the I² (share of 1) and H² they imply."""

    tau2: Limits
    i2: Limits
    h2: Limits


def cochran_test(q: float, df: int) -> HeterogeneityTest:
    """Return Cochran's test with I² = max(0, (Q - df)/Q); nothing is tested at df = 0."""
    if df < 1:
        return HeterogeneityTest(0.0, 0, 1.0, 0.0, 1.0)
    i2 = max(0.0, (q - df) / q) if q > 0 else 0.0
    return HeterogeneityTest(q, df, chi2_p(q, df), i2, q / df)


def heterogeneity_about(value: float, studies: StudyEffects) -> HeterogeneityTest:
    """Return Cochran's test of the studies about a pooled value."""
    q = ((studies.effects - value) ** 2 / studies.variances).sum()
    return cochran_test(float(q), len(studies) - 1)


def typical_variance(model: LinearModel) -> float:
    """Return the sampling variance (k - p)/tr P that tau2 is set against in I² and H²."""
    return (model.k - model.p) / model.trace_p(0.0)


def i2_of(tau2: float, typical: float) -> float:
    """Return tau2/(tau2 + typical variance), a share of 1."""
    return tau2 / (tau2 + typical)


def q_profile(model: LinearModel, typical: float, level: float) -> Profile:
    """Return the limits of tau2 at which Q(tau2) meets the two quantiles of its χ² distribution.

    Both limits are 0 where the studies differ so little that no tau2 is compatible.
    Source: Viechtbauer 2007, Stat Med 26:37-52. Reference: metafor::confint.rma.uni.
    """
    check_level(level)
    df, tail = model.k - model.p, (1.0 - level) / 2.0
    lower = tau2_where_q_is(model, chi2_quantile(tail, df))
    upper = tau2_where_q_is(model, chi2_quantile(1.0 - tail, df))
    return Profile(
        Limits(lower, upper),
        Limits(i2_of(lower, typical), i2_of(upper, typical)),
        Limits(lower / typical + 1.0, upper / typical + 1.0),
    )
