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
    """Events of arm 1 given all margins of a table; the predictor is the log odds ratio.

    Tables of about the same range of counts are worked on together.
    """

    studies: int
    alike: Sequence[_Alike]

    @classmethod
    def of(cls, a: Floats, n1: Floats, c: Floats, n2: Floats) -> Hypergeometric:
        found = [hypergeometric_log_weights(*row) for row in zip(n1, n2, a + c, strict=True)]
        groups: dict[int, list[int]] = {}
        for row, (_, weights) in enumerate(found):
            groups.setdefault(weights.size.bit_length(), []).append(row)
        alike = [
            _Alike.of(
                rows, [found[row][1] for row in rows], [a[row] - found[row][0] for row in rows]
            )
            for rows in groups.values()
        ]
        return cls(a.size, alike)

    @property
    def shape(self) -> tuple[int, int]:
        return self.studies, 1

    def terms(self, predictor: Floats) -> Terms:
        eta = predictor[:, 0, :]
        parts = np.empty((3, *eta.shape))
        for group in self.alike:
            parts[:, group.rows] = group.terms(eta[group.rows])
        return Terms(*parts[:, :, None, :])


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """Tables of one group: log weights of their counts from the least on, -inf beyond the last."""

    rows: Counts
    observed: Counts
    log_weights: Floats
    falls: Floats  # from each count to the next; infinite from the last on

    @classmethod
    def of(cls, rows: list[int], weights: list[Floats], observed: list[float]) -> _Alike:
        padded = np.full((len(rows), max(each.size for each in weights)), -np.inf)
        for at, each in enumerate(weights):
            padded[at, : each.size] = each
        falls = np.full(padded.shape, np.inf)
        for at, each in enumerate(weights):
            falls[at, : each.size - 1] = -np.diff(each)
        return cls(np.array(rows), np.array(observed, dtype=np.int64), padded, falls)

    def terms(self, eta: Floats) -> Floats:
        """Return log likelihood, slope and information, each (table, point)."""
        near = self._near(eta)
        tables = np.arange(self.rows.size)[:, None, None]
        above = near - self.observed[:, None, None]
        log_p = self.log_weights[tables, near] + eta[:, :, None] * above
        peak = log_p.max(axis=2)
        p = np.exp(log_p - peak[:, :, None])
        total = p.sum(axis=2)
        p *= above
        mean = p.sum(axis=2) / total
        p *= above
        square = p.sum(axis=2) / total
        seen = np.take_along_axis(self.log_weights, self.observed[:, None], axis=1)
        information = np.maximum(0.0, square - mean**2)
        return np.stack([seen - peak - np.log(total), -mean, information])

    def _near(self, eta: Floats) -> Counts:
        """Return the counts that have any chance at each predictor: all of them, where few."""
        size = self.log_weights.shape[1]
        if size <= FEW:
            return np.arange(size, dtype=np.int64)[None, None, :]
        mode = self._likeliest(eta)
        width = min(size, FEW)
        while True:
            start = np.clip(mode - width // 2, 0, size - width)
            near: Counts = start[:, :, None] + np.arange(width)
            if width == size or self._tails_are_nothing(eta, near, mode):
                return near
            width = min(size, 2 * width)

    def _likeliest(self, eta: Floats) -> Counts:
        """Return where the log probability is highest: its slope over counts falls."""
        return np.stack([np.searchsorted(*each) for each in zip(self.falls, eta, strict=True)])

    def _tails_are_nothing(self, eta: Floats, near: Counts, mode: Counts) -> bool:
        """Whether both ends of the windows are below rounding beside the peak, or all there is."""
        tables = np.arange(self.rows.size)[:, None]
        peak = self.log_weights[tables, mode] + eta * mode
        for end, edge in ((near[:, :, 0], 0), (near[:, :, -1], self.log_weights.shape[1] - 1)):
            drop = peak - (self.log_weights[tables, end] + eta * end)
            if bool(((end != edge) & (drop < NOTHING)).any()):
                return False
        return True
