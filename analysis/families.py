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
from numpy.typing import NDArray
from scipy.special import expit

from analysis.exact import hypergeometric_log_weights
from analysis.inputs import Floats

Counts = NDArray[np.int64]

# exp of more overflows; a rate this far from what was observed has no likelihood left.
LARGEST_PREDICTOR = 500.0
# Up to this many counts, leaving out those without a chance saves nothing.
FEW = 128
# Probabilities that fall as a log-concave one does are nothing beyond e^-45 of the peak.
NOTHING = 45.0


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
        found = [self._of_study(row, eta[0]) for row, eta in enumerate(predictor)]
        parts = np.array(found).transpose(1, 0, 2)[:, :, None, :]
        return Terms(*parts)

    def _of_study(self, row: int, eta: Floats) -> tuple[Floats, Floats, Floats]:
        weights = self.log_weights[row]
        observed = int(self.events[row] - self.lowest[row])
        near = self._near(row, eta)
        above = near - observed
        log_p = weights[near] + eta[:, None] * above
        peak = log_p.max(axis=1)
        p = np.exp(log_p - peak[:, None])
        total = p.sum(axis=1)
        mean = np.einsum("qx,qx->q", p, above) / total
        square = np.einsum("qx,qx,qx->q", p, above, above) / total
        log_likelihood = weights[observed] - peak - np.log(total)
        return log_likelihood, -mean, np.maximum(0.0, square - mean**2)

    def _near(self, row: int, eta: Floats) -> Counts:
        """Return the counts that have any chance at each predictor: all of them, where few."""
        size = self.log_weights[row].size
        if size <= FEW:
            return np.broadcast_to(np.arange(size), (eta.size, size))
        # Where the log probability is highest: its slope over counts falls.
        rises = np.diff(self.log_weights[row])
        mode = np.searchsorted(-rises, eta)
        width = min(size, FEW)
        while True:
            start = np.clip(mode - width // 2, 0, size - width)
            near = start[:, None] + np.arange(width)
            if width == size or self._tails_are_nothing(row, eta, near, mode):
                return near
            width = min(size, 2 * width)

    def _tails_are_nothing(self, row: int, eta: Floats, near: Counts, mode: Counts) -> bool:
        """Whether both ends of the window are below rounding beside its peak, or all there is."""
        weights = self.log_weights[row]
        peak = weights[mode] + eta * mode
        for end, edge in ((near[:, 0], 0), (near[:, -1], weights.size - 1)):
            inside = end != edge
            drop = peak - (weights[end] + eta * end)
            if bool((inside & (drop < NOTHING)).any()):
                return False
        return True
