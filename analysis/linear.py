"""The weighted linear model y = Xb + u + e that every inverse-variance method here rests on.

With weights w = 1/(v + tau2) and P = W - WX(X'WX)⁻¹X'W, estimators of tau2, Q and Knapp-Hartung
factors need y'Py, y'PPy and some traces of P. `Intercept` gives them by sums (one mean, no
matrix), `Regression` for any design; both have the same methods, so an estimator is written once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from analysis.errors import InvalidOption
from analysis.inputs import Floats


class LinearModel(Protocol):
    """What an estimator of tau2 asks of a model; `w` are weights, one per study."""

    y: Floats
    v: Floats
    k: int
    p: int
    ones: Floats

    def q(self, w: Floats) -> float:
        """Return y'Py."""
        ...

    def q_and_slope(self, w: Floats) -> tuple[float, float]:
        """Return y'Py and y'PPy, which is how fast it falls with tau2."""
        ...

    def trace_p(self, w: Floats) -> float: ...

    def trace_pp(self, w: Floats) -> float: ...

    def trace_pvp(self, w: Floats) -> float: ...

    def trace_pvpv(self, w: Floats) -> float: ...

    def score(self, w: Floats, *, restricted: bool) -> tuple[float, float]:
        """Return twice the score of tau2, and its slope in tau2."""
        ...

    def scores(self, w: Floats, *, restricted: bool) -> Floats:
        """Return twice the score for each row of a table of weights."""
        ...

    def likelihood(self, w: Floats, *, restricted: bool) -> float:
        """Return the log likelihood but for a constant."""
        ...


class Intercept:
    """The model with one mean.

    A study that outweighs all others makes textbook sums such as Σw - Σw²/Σw cancel to
    nothing. Everything is therefore measured from the most precise study, and its own terms are
    written out: the sums of a = w without it hold nothing that cancels.
    """

    __slots__ = ("_best", "_from_best", "_others", "k", "ones", "p", "v", "y")

    def __init__(self, y: Floats, v: Floats) -> None:
        self.y, self.v = y, v
        self.k, self.p = y.size, 1
        self.ones = np.ones(y.size)
        self._best = int(v.argmin())
        self._others = np.ones(y.size)
        self._others[self._best] = 0.0
        self._from_best = y - y[self._best]

    def mean(self, w: Floats) -> float:
        return float(self.y[self._best] + w.dot(self._from_best) / w.dot(self.ones))

    def _residuals(self, w: Floats) -> Floats:
        return np.asarray(self._from_best - w.dot(self._from_best) / w.dot(self.ones))

    def q(self, w: Floats) -> float:
        residuals = self._residuals(w)
        return float((w * residuals).dot(residuals))

    def q_and_slope(self, w: Floats) -> tuple[float, float]:
        residuals = self._residuals(w)
        py = w * residuals
        return float(py.dot(residuals)), float(py.dot(py))

    def trace_p(self, w: Floats) -> float:
        best, rest = float(w[self._best]), float(w.dot(self._others))
        squares = float((w * self._others).dot(w))
        return rest + (best * rest - squares) / (best + rest)

    def trace_pp(self, w: Floats) -> float:
        a = w * self._others
        best, rest, squares = float(w[self._best]), float(a.dot(self.ones)), float(a.dot(a))
        return _trace_pp(best, rest, squares, float((a * a).dot(a)))

    def trace_pvp(self, w: Floats) -> float:
        a, best = w * self._others, float(w[self._best])
        rest, squares = float(a.dot(self.ones)), float(a.dot(a))
        total = best + rest
        own = self.v[self._best] * (best / total) ** 2 * (rest**2 + squares)
        a2v = a * a * self.v
        others = a2v.dot(1 - 2 * a / total) + a2v.sum() * (best**2 + squares) / total**2
        return float(own + others)

    def trace_pvpv(self, w: Floats) -> float:
        a, best, v = w * self._others, float(w[self._best]), float(self.v[self._best])
        rest = float(a.dot(self.ones))
        total = best + rest
        av, a2v = a * self.v, float((a * a).dot(self.v))
        own = (v * best * rest / total) ** 2
        crossed = 2 * v * (best / total) ** 2 * a2v + (a2v / total) ** 2
        return float(own + crossed + (av * av).dot(1 - 2 * a / total))

    def score(self, w: Floats, *, restricted: bool) -> tuple[float, float]:
        a, best = w * self._others, float(w[self._best])
        rest, squares = float(a.dot(self.ones)), float(a.dot(a))
        total = best + rest
        py = w * (self._from_best - a.dot(self._from_best) / total)
        ppy = float(py.dot(py))
        # P(Py) is w times the residual of Py, measured from the best study as well.
        moved = py - py[self._best]
        moved -= a.dot(moved) / total
        pppy = float((w * moved).dot(moved))
        if not restricted:
            return ppy - total, best**2 + squares - 2 * pppy
        trace = rest + (best * rest - squares) / total
        return ppy - trace, _trace_pp(best, rest, squares, float((a * a).dot(a))) - 2 * pppy

    def scores(self, w: Floats, *, restricted: bool) -> Floats:
        y, best = self._from_best, w[:, self._best]
        powers = np.array([self._others, y, y * y]).T
        sums, squares = w @ powers, (w * w) @ powers
        rest = sums[:, 0]
        total = best + rest
        mean = sums[:, 1] / total
        ppy = squares[:, 2] - 2 * mean * squares[:, 1] + mean**2 * (best**2 + squares[:, 0])
        if not restricted:
            return np.asarray(ppy - total)
        return np.asarray(ppy - rest - (best * rest - squares[:, 0]) / total)

    def likelihood(self, w: Floats, *, restricted: bool) -> float:
        value = float(np.log(w).sum()) - self.q(w)
        return value - float(np.log(w.sum())) if restricted else value


def _trace_pp(best: float, rest: float, squares: float, cubes: float) -> float:
    """Return tr PP from the weight of the best study and power sums of the other weights."""
    total = best + rest
    own = (best / total) ** 2 * (rest**2 + 2 * squares)
    return own + squares - 2 * cubes / total + (squares / total) ** 2


class Regression:
    """The model with a design matrix of full column rank."""

    __slots__ = ("k", "ones", "p", "v", "x", "y")

    def __init__(self, y: Floats, v: Floats, x: Floats) -> None:
        self.y, self.v, self.x = y, v, x
        self.k, self.p = x.shape
        self.ones = np.ones(self.k)

    def covariance(self, w: Floats) -> Floats:
        """Return (X'WX)⁻¹."""
        root = np.linalg.qr(np.sqrt(w)[:, None] * self.x, mode="r")
        inverse = np.linalg.solve(root, np.eye(self.p))
        return np.asarray(inverse @ inverse.T)

    def coefficients(self, w: Floats) -> Floats:
        q, r = np.linalg.qr(np.sqrt(w)[:, None] * self.x)
        return np.asarray(np.linalg.solve(r, q.T @ (np.sqrt(w) * self.y)))

    def q(self, w: Floats) -> float:
        return self.q_and_slope(w)[0]

    def q_and_slope(self, w: Floats) -> tuple[float, float]:
        residuals = self.y - self.x @ self.coefficients(w)
        py = w * residuals
        return float(py.dot(residuals)), float(py.dot(py))

    def _p(self, w: Floats) -> Floats:
        root = np.sqrt(w)
        q, _ = np.linalg.qr(root[:, None] * self.x)
        half = root[:, None] * q
        return np.asarray(np.diag(w) - half @ half.T)

    def trace_p(self, w: Floats) -> float:
        q, _ = np.linalg.qr(np.sqrt(w)[:, None] * self.x)
        return float(w.sum() - w.dot(np.sum(q * q, axis=1)))

    def trace_pp(self, w: Floats) -> float:
        return float(np.sum(self._p(w) ** 2))

    def trace_pvp(self, w: Floats) -> float:
        p = self._p(w)
        return float(np.sum(p * p * self.v))

    def trace_pvpv(self, w: Floats) -> float:
        pv = self._p(w) * self.v
        return float(np.sum(pv * pv.T))

    def score(self, w: Floats, *, restricted: bool) -> tuple[float, float]:
        p = self._p(w)
        py = w * (self.y - self.x @ self.coefficients(w))
        ppy, pppy = float(py.dot(py)), float(py.dot(p @ py))
        if not restricted:
            return ppy - float(w.sum()), float(w.dot(w)) - 2 * pppy
        return ppy - float(np.trace(p)), float(np.sum(p * p)) - 2 * pppy

    def scores(self, w: Floats, *, restricted: bool) -> Floats:
        return np.array([self._score_only(row, restricted=restricted) for row in w])

    def _score_only(self, w: Floats, *, restricted: bool) -> float:
        _, ppy = self.q_and_slope(w)
        return ppy - (self.trace_p(w) if restricted else float(w.sum()))

    def likelihood(self, w: Floats, *, restricted: bool) -> float:
        value = float(np.log(w).sum()) - self.q(w)
        if not restricted:
            return value
        r = np.linalg.qr(np.sqrt(w)[:, None] * self.x, mode="r")
        return value - 2 * float(np.log(np.abs(np.diag(r))).sum())


def regression(y: Floats, v: Floats, x: Floats, names: Sequence[str]) -> Regression:
    """Return the model, or say which column of the design repeats the others."""
    for column in range(1, x.shape[1] + 1):
        if np.linalg.matrix_rank(x[:, :column]) < column:
            name = names[column - 1]
            raise InvalidOption(f"moderator {name!r} is constant or repeats the ones before it")
    return Regression(y, v, x)
