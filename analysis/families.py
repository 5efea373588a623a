"""Likelihoods of counts on the scale of their linear predictor, for models with random effects.

Each family gives, for an array of predictors (study, arm, point), the log likelihood of what was
observed and its first derivative and information (minus the second), all of the same shape.
Constants that no parameter changes are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

from analysis.exact import hypergeometric_log_weights
from analysis.inputs import Floats

# exp of more overflows; a rate this far from what was observed has no likelihood left.
LARGEST_PREDICTOR = 500.0


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Log likelihood, slope and information per study, arm and point."""

    log_likelihood: Floats
    slope: Floats
    information: Floats


class Family(Protocol):
    """Counts of studies (rows) in arms (columns), given their predictors."""

    @property
    def shape(self) -> tuple[int, int]: ...

    def terms(self, predictor: Floats) -> Terms: ...


@dataclass(frozen=True, slots=True, eq=False)
class Binomial:
    """Events among trials; the predictor is the log odds, less `offset`."""

    events: Floats
    total: Floats
    offset: Floats

    @property
    def shape(self) -> tuple[int, int]:
        return self.events.shape[0], self.events.shape[1]

    def terms(self, predictor: Floats) -> Terms:
        eta = predictor + self.offset[:, :, None]
        p = expit(eta)
        events, total = self.events[:, :, None], self.total[:, :, None]
        log_likelihood = events * eta - total * np.logaddexp(0.0, eta)
        return Terms(log_likelihood, events - total * p, total * p * (1 - p))


@dataclass(frozen=True, slots=True, eq=False)
class Poisson:
    """Events in a time at risk; the predictor is the log rate."""

    events: Floats
    time: Floats

    @property
    def shape(self) -> tuple[int, int]:
        return self.events.shape[0], self.events.shape[1]

    def terms(self, predictor: Floats) -> Terms:
        eta = np.minimum(predictor, LARGEST_PREDICTOR)
        expected = self.time[:, :, None] * np.exp(eta)
        events = self.events[:, :, None]
        return Terms(events * eta - expected, events - expected, expected)


@dataclass(frozen=True, slots=True, eq=False)
class Hypergeometric:
    """Events of arm 1 given all margins of a table; the predictor is the log odds ratio."""

    events: Floats
    log_weights: Sequence[Floats]
    lowest: Sequence[int]

    @classmethod
    def of(cls, a: Floats, n1: Floats, c: Floats, n2: Floats) -> Hypergeometric:
        found = [hypergeometric_log_weights(*row) for row in zip(n1, n2, a + c, strict=True)]
        return cls(a, [weights for _, weights in found], [low for low, _ in found])

    @property
    def shape(self) -> tuple[int, int]:
        return self.events.size, 1

    def terms(self, predictor: Floats) -> Terms:
        log_likelihood = np.empty_like(predictor)
        slope, information = np.empty_like(predictor), np.empty_like(predictor)
        for row, weights in enumerate(self.log_weights):
            eta = predictor[row, 0]
            above = np.arange(weights.size)
            log_p = weights + np.multiply.outer(eta, above)
            peak = log_p.max(axis=1)
            p = np.exp(log_p - peak[:, None])
            total = p.sum(axis=1)
            mean = p @ above / total
            observed = self.events[row] - self.lowest[row]
            log_likelihood[row, 0] = weights[int(observed)] + eta * observed - peak - np.log(total)
            slope[row, 0] = observed - mean
            information[row, 0] = np.maximum(0.0, p @ (above * above) / total - mean**2)
        return Terms(log_likelihood, slope, information)
