"""How much information an answer needs, and intervals that stay valid however often one looks.

An opt-in panel beside the main analysis, never in its place (Cochrane Handbook ch. 22).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from analysis.errors import InsufficientStudies, InvalidInput, InvalidOption
from analysis.pooling import COMMON_EFFECT, Model, check_poolable, inverse_variance
from analysis.results import Limits, StudyEffects
from analysis.tau2 import Tau2Method


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """The type I error (over `side` sides together) and type II error that are planned for."""

    alpha: float = 0.05
    beta: float = 0.1
    side: int = 2

    def __post_init__(self) -> None:
        for name in ("alpha", "beta"):
            value = getattr(self, name)
            if not 0 < value < 1:
                raise InvalidInput(name, f"{value:g}", "above 0 and below 1")
        if self.side not in (1, 2):
            raise InvalidOption(f"side {self.side}: expected 1 or 2")

    @property
    def factor(self) -> float:
        """Return (z_alpha + z_beta)²."""
        return float(ndtri(1 - self.alpha / self.side) + ndtri(1 - self.beta)) ** 2


def required_size_for_risks(
    control_risk: float, treated_risk: float, errors: ErrorRates | None = None
) -> float:
    """Return the participants, in two arms together and 1:1, that tell two risks apart.

    Not rounded up. Source: Wetterslev, Jakobsen & Gluud 2017, BMC Med Res Methodol 17:39.
    """
    for name, risk in (("control risk", control_risk), ("treated risk", treated_risk)):
        if not 0 < risk < 1:
            raise InvalidInput(name, f"{risk:g}", "a risk above 0 and below 1")
    mean = (control_risk + treated_risk) / 2
    return _size(mean * (1 - mean), treated_risk - control_risk, errors)


def required_size_for_means(
    difference: float, sd: float, errors: ErrorRates | None = None
) -> float:
    """Return the participants, in two arms together and 1:1, that tell two means apart."""
    if not 0 < sd < math.inf:
        raise InvalidInput("sd", f"{sd:g}", "a standard deviation above 0")
    return _size(sd**2, difference, errors)


def _size(variance: float, difference: float, errors: ErrorRates | None) -> float:
    if difference == 0 or not math.isfinite(difference):
        raise InvalidInput("effect", f"{difference:g}", "a difference other than none")
    return 4 * (errors or ErrorRates()).factor * variance / difference**2


def risk_with_ratio(control_risk: float, ratio: float) -> float:
    """Return the treated risk under a risk ratio."""
    return control_risk * ratio


def risk_with_odds_ratio(control_risk: float, odds_ratio: float) -> float:
    """Return the treated risk under an odds ratio."""
    odds = odds_ratio * control_risk / (1 - control_risk)
    return odds / (1 + odds)


@dataclass(frozen=True, slots=True)
class Diversity:
    """How much heterogeneity widens the pooled variance.

    d2:     (random - fixed)/random variance of the pooled effect, a share of 1
    factor: 1/(1 - d2), by which the required information size grows
    """

    q: float
    tau2: float
    i2: float
    variance_common: float
    variance_random: float
    d2: float
    factor: float


def diversity(
    studies: StudyEffects, method: Tau2Method = Tau2Method.DERSIMONIAN_LAIRD
) -> Diversity:
    """Return the diversity D² of studies pooled with common and with random effects.

    Raises InsufficientStudies for one study. With few studies tau2, and so D²,
    is close to a guess.
    Source: Wetterslev, Thorlund, Brok & Gluud 2009, BMC Med Res Methodol 9:86.
    """
    check_poolable(studies)
    if len(studies) < 2:
        raise InsufficientStudies(needed=2, found=len(studies))
    common = inverse_variance(studies, COMMON_EFFECT)
    random = inverse_variance(studies, Model(method))
    fixed, wide = common.estimate.se**2, random.estimate.se**2
    return Diversity(
        common.heterogeneity.q,
        random.tau2,
        random.i2,
        fixed,
        wide,
        (wide - fixed) / wide,
        wide / fixed,
    )


@dataclass(frozen=True, slots=True)
class EvidenceLook:
    """The evidence against no effect after one more study, valid at every look.

    log_e_value: natural logarithm of the e-value; no effect makes it exceed
                 log(1/alpha) at any look with a chance of alpha at most
    limits:      an interval that holds the effect at all looks together with
                 the stated confidence
    p:           1 over the largest e-value so far, 1 at most
    """

    label: str
    log_e_value: float
    limits: Limits
    p: float

    @property
    def e_value(self) -> float:
        return math.exp(self.log_e_value) if self.log_e_value < 709 else math.inf


def evidence_over_time(
    studies: StudyEffects, *, prior_variance: float = 0.25, alpha: float = 0.05
) -> tuple[EvidenceLook, ...]:
    """Return e-values and anytime-valid limits as studies are added in their order.

    prior_variance: how large effects are expected to be, on the analysis scale
                    squared, set before looking; it moves power, not validity
    E = (1 + ρ²I)^-½ exp(S²/(2(I + 1/ρ²))) with S the sum of weight × effect and I
    the sum of weights. For one common effect: heterogeneity makes it too sure.
    Source: Robbins 1970, Ann Math Stat 41:1397-1409; Howard et al. 2021; Grünwald et al. 2024.
    """
    if not 0 < prior_variance < math.inf:
        raise InvalidInput("prior variance", f"{prior_variance:g}", "above 0")
    if not 0 < alpha < 1:
        raise InvalidInput("alpha", f"{alpha:g}", "above 0 and below 1")
    check_poolable(studies)
    weights = 1 / studies.variances
    score, information = np.cumsum(weights * studies.effects), np.cumsum(weights)
    spread = information + 1 / prior_variance
    log_e = score**2 / (2 * spread) - np.log1p(prior_variance * information) / 2
    middle = score / information
    log_bound = np.log1p(prior_variance * information) / 2 - math.log(alpha)
    half = np.sqrt(2 * spread / information**2 * log_bound)
    p = np.exp(-np.maximum(0.0, np.maximum.accumulate(log_e)))
    rows = zip(
        log_e.tolist(), (middle - half).tolist(), (middle + half).tolist(), p.tolist(), strict=True
    )
    return tuple(
        EvidenceLook(label, value, Limits(lower, upper), at)
        for label, (value, lower, upper, at) in zip(studies.labels, rows, strict=True)
    )


def order_by(studies: StudyEffects, keys: Sequence[float]) -> StudyEffects:
    """Return the studies in rising order of a key each, ties as they were."""
    if len(keys) != len(studies):
        raise InvalidInput("order", f"{len(keys)} keys", f"one for each of {len(studies)} studies")
    return studies.take(np.argsort(np.asarray(keys), kind="stable").tolist())
