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
    """The model with one mean."""

    __slots__ = ("k", "ones", "p", "v", "y")

    def __init__(self, y: Floats, v: Floats) -> None:
        self.y, self.v = y, v
        self.k, self.p = y.size, 1
        self.ones = np.ones(y.size)

    def mean(self, w: Floats) -> float:
        return float(w.dot(self.y) / w.dot(self.ones))

    def q(self, w: Floats) -> float:
        residuals = self.y - self.mean(w)
        return float((w * residuals).dot(residuals))

    def q_and_slope(self, w: Floats) -> tuple[float, float]:
        residuals = self.y - self.mean(w)
        py = w * residuals
        return float(py.dot(residuals)), float(py.dot(py))

    def trace_p(self, w: Floats) -> float:
        total = w.dot(self.ones)
        return float(total - w.dot(w) / total)

    def trace_pp(self, w: Floats) -> float:
        total, squares = w.dot(self.ones), w.dot(w)
        return float(squares - 2 * (w * w).dot(w) / total + (squares / total) ** 2)

    def trace_pvp(self, w: Floats) -> float:
        total, w2 = w.dot(self.ones), w * w
        return float(w2.dot(self.v) * (1 + w.dot(w) / total**2) - 2 * (w2 * w).dot(self.v) / total)

    def trace_pvpv(self, w: Floats) -> float:
        total, wv = w.dot(self.ones), w * self.v
        return float(wv.dot(wv) - 2 * (wv * wv).dot(w) / total + (wv.dot(w) / total) ** 2)

    def score(self, w: Floats, *, restricted: bool) -> tuple[float, float]:
        total, squares = float(w.dot(self.ones)), float(w.dot(w))
        py = w * (self.y - w.dot(self.y) / total)
        wpy = w * py
        ppy, across = float(py.dot(py)), float(w.dot(py))
        # P(Py) = w·Py - w·(w'Py)/Σw
        pppy = float(py.dot(wpy)) - across * float(w.dot(py)) / total
        if not restricted:
            return ppy - total, squares - 2 * pppy
        trace_pp = squares - 2 * float((w * w).dot(w)) / total + (squares / total) ** 2
        return ppy - (total - squares / total), trace_pp - 2 * pppy

    def scores(self, w: Floats, *, restricted: bool) -> Floats:
        # Measured from the most precise study, whose weight would otherwise cancel digits.
        y = self.y - self.y[self.v.argmin()]
        powers = np.array([self.ones, y, y * y]).T
        sums, squares = w @ powers, (w * w) @ powers
        total = sums[:, 0]
        mean = sums[:, 1] / total
        ppy = squares[:, 2] + mean * (mean * squares[:, 0] - 2 * squares[:, 1])
        return np.asarray(ppy - total + squares[:, 0] / total if restricted else ppy - total)

    def likelihood(self, w: Floats, *, restricted: bool) -> float:
        value = float(np.log(w).sum()) - self.q(w)
        return value - float(np.log(w.sum())) if restricted else value


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
