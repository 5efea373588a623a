"""Simulated reviews of the size of this one: two to four trials of five to twenty people an arm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from analysis.inputs import TwoByTwo


@dataclass(frozen=True, slots=True)
class Truth:
    """What a simulated review is drawn from; tau2 is of the log odds ratio."""

    k: int
    n: int
    control_risk: float
    risk_ratio: float
    tau2: float

    @property
    def treated_risk(self) -> float:
        return self.control_risk * self.risk_ratio

    @property
    def log_risk_ratio(self) -> float:
        return float(np.log(self.risk_ratio))

    @property
    def log_odds_ratio(self) -> float:
        return float(_logit(self.treated_risk) - _logit(self.control_risk))


SIZES = (2, 3, 4)
PEOPLE = (5, 10, 20)
CONTROL_RISKS = (0.01, 0.05, 0.2, 0.5)


def truths(risk_ratio: float, tau2: float) -> Iterator[Truth]:
    """Return every size, number of people and control risk, at one effect."""
    for k, n, risk in product(SIZES, PEOPLE, CONTROL_RISKS):
        if risk * risk_ratio < 1:
            yield Truth(k, n, risk, risk_ratio, tau2)


def draw(truth: Truth, random: np.random.Generator, *, k: int | None = None) -> TwoByTwo:
    """Draw the trials of one review; heterogeneity moves the treated arm on the logit."""
    size = truth.k if k is None else k
    effect = truth.log_odds_ratio + random.normal(0, np.sqrt(truth.tau2), size)
    treated = 1 / (1 + np.exp(-(_logit(truth.control_risk) + effect)))
    total = np.full(size, float(truth.n))
    events_1 = random.binomial(truth.n, treated).astype(float)
    events_2 = random.binomial(truth.n, truth.control_risk, size).astype(float)
    return TwoByTwo(tuple(f"S{at}" for at in range(size)), events_1, total, events_2, total)


def _logit(risk: float) -> float:
    return float(np.log(risk / (1 - risk)))
