"""Effects of two groups measured: differences, standardised or not, and ratios."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from scipy.special import gammaln

from analysis.effects.zero_cells import kept_effects, kept_studies
from analysis.errors import InvalidOption
from analysis.inputs import Floats, TwoMeans
from analysis.results import Measure, StudyEffects


class SmallSampleFactor(StrEnum):
    """Small-sample factor of a standardised difference, with m = n1 + n2 - 2 degrees of freedom."""

    EXACT = "exact"  # J(m) from gamma functions (Hedges 1981)
    APPROXIMATE = "approx"  # 1 - 3/(4m - 1), as RevMan 5 does
    NONE = "none"


class SmdVariance(StrEnum):
    """Sampling variance of a standardised mean difference g = J·d, with N = n1 + n2."""

    LARGE_SAMPLE = "LS"  # metafor's default: 1/n1 + 1/n2 + g²/(2N)
    LARGE_SAMPLE_2 = "LS2"  # J²(1/n1 + 1/n2 + d²/(2N))
    UNBIASED = "UB"  # 1/n1 + 1/n2 + (1 - (m - 2)/(m·J²))·g²
    REVMAN_5 = "RM5"  # N/(n1·n2) + g²/(2(N - 3.94))


# Hedges' approximation N - 3.94 to the degrees of freedom, as RevMan 5 prints it.
REVMAN_LOST = 3.94


def hedges_j(m: Floats) -> Floats:
    """Return the exact small-sample factor J(m); it exists for m > 1 only."""
    if np.any(m <= 1):
        raise InvalidOption(f"Hedges' J needs more than 1 degree of freedom, found {m.min():g}")
    return np.asarray(np.exp(gammaln(m / 2) - np.log(np.sqrt(m / 2)) - gammaln((m - 1) / 2)))


def hedges_j_approximate(m: Floats) -> Floats:
    """Return 1 - 3/(4m - 1), for m degrees of freedom."""
    return 1 - 3 / (4 * m - 1)


def _factor(correction: SmallSampleFactor, m: Floats) -> Floats:
    if correction is SmallSampleFactor.EXACT:
        return hedges_j(m)
    if correction is SmallSampleFactor.APPROXIMATE:
        return hedges_j_approximate(m)
    return np.ones(m.size)


def mean_difference(means: TwoMeans) -> StudyEffects:
    """Return differences of means, variance sd1²/n1 + sd2²/n2 (escalc measure="MD")."""
    effects = means.mean_1 - means.mean_2
    variances = means.sd_1**2 / means.n_1 + means.sd_2**2 / means.n_2
    return _from_means(Measure.MEAN_DIFFERENCE, means, effects, variances)


def pooled_sd(means: TwoMeans) -> Floats:
    """Return the standard deviation pooled over both arms, weighted by n - 1."""
    m = means.n_1 + means.n_2 - 2
    return np.sqrt(((means.n_1 - 1) * means.sd_1**2 + (means.n_2 - 1) * means.sd_2**2) / m)


def standardised_mean_difference(
    means: TwoMeans,
    *,
    correction: SmallSampleFactor = SmallSampleFactor.EXACT,
    variance: SmdVariance = SmdVariance.LARGE_SAMPLE,
) -> StudyEffects:
    """Return Hedges' g on the pooled standard deviation (escalc measure="SMD").

    The defaults are metafor's. RevMan 5 prints correction=APPROXIMATE with
    variance=REVMAN_5; for the reference data the two differ in the third digit.
    """
    total = means.n_1 + means.n_2
    m = total - 2
    d = (means.mean_1 - means.mean_2) / pooled_sd(means)
    j = _factor(correction, m)
    g = j * d
    base = 1 / means.n_1 + 1 / means.n_2
    if variance is SmdVariance.LARGE_SAMPLE:
        variances = base + g**2 / (2 * total)
    elif variance is SmdVariance.LARGE_SAMPLE_2:
        variances = j**2 * (base + d**2 / (2 * total))
    elif variance is SmdVariance.UNBIASED:
        variances = base + (1 - (m - 2) / (m * j**2)) * g**2
    else:
        variances = base + g**2 / (2 * (total - REVMAN_LOST))
    return _from_means(Measure.STANDARDISED_MEAN_DIFFERENCE, means, g, variances)


def smd_unequal_variances(
    means: TwoMeans, *, correction: SmallSampleFactor = SmallSampleFactor.EXACT
) -> StudyEffects:
    """Return g on the root mean of both variances (escalc measure="SMDH").

    The variance is metafor 3.8's (Bonett 2009); metafor 5 changed it.
    """
    square_1, square_2 = means.sd_1**2, means.sd_2**2
    square = (square_1 + square_2) / 2
    j = _factor(correction, means.n_1 + means.n_2 - 2)
    g = j * (means.mean_1 - means.mean_2) / np.sqrt(square)
    df_1, df_2 = means.n_1 - 1, means.n_2 - 1
    spread = g**2 * (square_1**2 / df_1 + square_2**2 / df_2) / (8 * square**2)
    variances = j**2 * (spread + (square_1 / df_1 + square_2 / df_2) / square)
    return _from_means(Measure.STANDARDISED_MEAN_DIFFERENCE_UNEQUAL, means, g, variances)


def glass_delta(
    means: TwoMeans, *, correction: SmallSampleFactor = SmallSampleFactor.EXACT
) -> StudyEffects:
    """Return the difference over the standard deviation of arm 2 (escalc measure="SMD1").

    J has n2 - 1 degrees of freedom; the variance is 1/n1 + 1/n2 + Δ²/(2 n2).
    """
    possible = (means.n_2 > 2) | (correction is not SmallSampleFactor.EXACT)
    j = _factor(correction, np.where(possible, means.n_2 - 1, 2))
    delta = j * (means.mean_1 - means.mean_2) / means.sd_2
    variances = 1 / means.n_1 + 1 / means.n_2 + delta**2 / (2 * means.n_2)
    kept = kept_studies(means.labels, possible, lambda _: "no J for 2 participants in arm 2")
    return kept_effects(Measure.GLASS_DELTA, kept, delta, variances)


def ratio_of_means(means: TwoMeans) -> StudyEffects:
    """Return log(mean 1/mean 2), variance Σ sd²/(n·mean²), uncorrected (metafor 3.8's "ROM").

    metafor 5 adds a bias correction. Two means of unlike sign, or a mean of 0, have no ratio.
    """
    possible = means.mean_1 * means.mean_2 > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = np.log(means.mean_1 / means.mean_2)
        variances = means.sd_1**2 / (means.n_1 * means.mean_1**2)
        variances += means.sd_2**2 / (means.n_2 * means.mean_2**2)
    kept = kept_studies(means.labels, possible, lambda _: "the two means have no positive ratio")
    return kept_effects(Measure.RATIO_OF_MEANS, kept, effects, variances)


def variability_ratio(means: TwoMeans, *, corrected: bool = True) -> StudyEffects:
    """Return log(sd 1/sd 2), variance Σ 1/(2(n - 1)) (escalc measure="VR").

    corrected: adds 1/(2(n1 - 1)) - 1/(2(n2 - 1)), as metafor does
    """
    bias_1, bias_2 = 1 / (2 * (means.n_1 - 1)), 1 / (2 * (means.n_2 - 1))
    effects = np.log(means.sd_1 / means.sd_2)
    if corrected:
        effects = effects + bias_1 - bias_2
    return _from_means(Measure.VARIABILITY_RATIO, means, effects, bias_1 + bias_2)


def _from_means(
    measure: Measure, means: TwoMeans, effects: Floats, variances: Floats
) -> StudyEffects:
    rows = tuple(range(len(means.labels)))
    return StudyEffects(measure, measure.scale, means.labels, effects, variances, rows)
