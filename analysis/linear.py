"""The weighted linear model y = Xb + u + e that every inverse-variance method here rests on.

With weights w = 1/(v + tau2) and P = W - WX(X'WX)⁻¹X'W, estimators of tau2, Q and Knapp-Hartung
factors need y'Py, y'PPy and some traces of P. `Intercept` gives them by sums (one mean, no
matrix), `Regression` for any design; both have the same methods, so an estimator is written once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from analysis.errors import InvalidInput, InvalidOption
from analysis.inputs import Floats

# In place of a tau2: all studies weigh 1, whatever their variance.
EQUAL = math.inf


class LinearModel(Protocol):
    """What an estimator of tau2 asks of a model, at a value of tau2 or at EQUAL."""

    y: Floats
    v: Floats
    k: int
    p: int

    def weights(self, tau2: float) -> Floats: ...

    def q(self, tau2: float) -> float:
        """Return y'Py."""
        ...

    def q_and_slope(self, tau2: float) -> tuple[float, float]:
        """Return y'Py and y'PPy, which is how fast it falls with tau2."""
        ...

    def trace_p(self, tau2: float) -> float: ...

    def trace_pp(self, tau2: float) -> float: ...

    def trace_pvp(self, tau2: float) -> float: ...

    def trace_pvpv(self, tau2: float) -> float: ...

    def score(self, tau2: float, *, restricted: bool) -> tuple[float, float]:
        """Return twice the score of tau2, and its slope in tau2."""
        ...

    def scores(self, tau2: Floats, *, restricted: bool) -> Floats:
        """Return twice the score at each of several values of tau2."""
        ...

    def likelihood(self, tau2: float, *, restricted: bool) -> float:
        """Return twice the log likelihood but for a constant."""
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

    def weights(self, tau2: float) -> Floats:
        return self.ones if tau2 == EQUAL else np.asarray(1.0 / (self.v + tau2))

    def mean(self, w: Floats) -> float:
        return float(self.y[self._best] + w.dot(self._from_best) / w.dot(self.ones))

    def q(self, tau2: float) -> float:
        return self.q_and_slope(tau2)[0]

    def q_and_slope(self, tau2: float) -> tuple[float, float]:
        w = self.weights(tau2)
        residuals = self._from_best - w.dot(self._from_best) / w.dot(self.ones)
        py = w * residuals
        return float(py.dot(residuals)), float(py.dot(py))

    def trace_p(self, tau2: float) -> float:
        w = self.weights(tau2)
        best, rest = float(w[self._best]), float(w.dot(self._others))
        return rest + (best * rest - float((w * self._others).dot(w))) / (best + rest)

    def trace_pp(self, tau2: float) -> float:
        w = self.weights(tau2)
        a = w * self._others
        best, rest, squares = float(w[self._best]), float(a.dot(self.ones)), float(a.dot(a))
        return _trace_pp(best, rest, squares, float((a * a).dot(a)))

    def trace_pvp(self, tau2: float) -> float:
        w = self.weights(tau2)
        a, best = w * self._others, float(w[self._best])
        rest, squares = float(a.dot(self.ones)), float(a.dot(a))
        total = best + rest
        own = self.v[self._best] * (best / total) ** 2 * (rest**2 + squares)
        a2v = a * a * self.v
        others = a2v.dot(1 - 2 * a / total) + a2v.sum() * (best**2 + squares) / total**2
        return float(own + others)

    def trace_pvpv(self, tau2: float) -> float:
        w = self.weights(tau2)
        a, best, v = w * self._others, float(w[self._best]), float(self.v[self._best])
        rest = float(a.dot(self.ones))
        total = best + rest
        av, a2v = a * self.v, float((a * a).dot(self.v))
        own = (v * best * rest / total) ** 2
        crossed = 2 * v * (best / total) ** 2 * a2v + (a2v / total) ** 2
        return float(own + crossed + (av * av).dot(1 - 2 * a / total))

    def score(self, tau2: float, *, restricted: bool) -> tuple[float, float]:
        w = self.weights(tau2)
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

    def scores(self, tau2: Floats, *, restricted: bool) -> Floats:
        w = 1.0 / (self.v + tau2[:, None])
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

    def likelihood(self, tau2: float, *, restricted: bool) -> float:
        w = self.weights(tau2)
        value = float(np.log(w).sum()) - self.q(tau2)
        return value - float(np.log(w.sum())) if restricted else value


def _trace_pp(best: float, rest: float, squares: float, cubes: float) -> float:
    """Return tr PP from the weight of the best study and power sums of the other weights."""
    total = best + rest
    own = (best / total) ** 2 * (rest**2 + 2 * squares)
    return own + squares - 2 * cubes / total + (squares / total) ** 2


# The eigenvalues below keep at least seven digits up to this ratio of the variances.
WIDEST_RATIO = 1e9


class Regression:
    """The model with a design matrix of full column rank.

    With Z a basis of what X leaves unexplained and Z'VZ = UΛU', P is BDB' for
    B = ZU and D = 1/(Λ + tau2). One decomposition turns every y'P…Py and trace of P,
    at any tau2, into a sum over Λ and the contrasts c = B'y.
    """

    __slots__ = ("_contrasts", "_lambda", "k", "p", "v", "x", "y")

    def __init__(self, y: Floats, v: Floats, x: Floats) -> None:
        self.y, self.v, self.x = y, v, x
        self.k, self.p = x.shape
        z = np.linalg.qr(x, mode="complete")[0][:, self.p :]
        self._lambda, turn = np.linalg.eigh(z.T @ (v[:, None] * z))
        self._contrasts = (y @ z @ turn) ** 2

    def weights(self, tau2: float) -> Floats:
        return np.ones(self.k) if tau2 == EQUAL else np.asarray(1.0 / (self.v + tau2))

    def covariance(self, tau2: float) -> Floats:
        """Return (X'WX)⁻¹."""
        r = np.linalg.qr(np.sqrt(self.weights(tau2))[:, None] * self.x, mode="r")
        inverse = np.linalg.solve(r, np.eye(self.p))
        return np.asarray(inverse @ inverse.T)

    def coefficients(self, tau2: float) -> Floats:
        root = np.sqrt(self.weights(tau2))
        q, r = np.linalg.qr(root[:, None] * self.x)
        return np.asarray(np.linalg.solve(r, q.T @ (root * self.y)))

    def _d(self, tau2: float) -> Floats:
        if tau2 == EQUAL:
            return np.ones(self.k - self.p)
        return np.asarray(1.0 / (self._lambda + tau2))

    def q(self, tau2: float) -> float:
        return float(self._contrasts.dot(self._d(tau2)))

    def q_and_slope(self, tau2: float) -> tuple[float, float]:
        d = self._d(tau2)
        return float(self._contrasts.dot(d)), float(self._contrasts.dot(d * d))

    def trace_p(self, tau2: float) -> float:
        return float(self._d(tau2).sum())

    def trace_pp(self, tau2: float) -> float:
        return float(np.sum(self._d(tau2) ** 2))

    def trace_pvp(self, tau2: float) -> float:
        return float(self._lambda.dot(self._d(tau2) ** 2))

    def trace_pvpv(self, tau2: float) -> float:
        return float(np.sum((self._lambda * self._d(tau2)) ** 2))

    def score(self, tau2: float, *, restricted: bool) -> tuple[float, float]:
        d = self._d(tau2)
        e = d if restricted else self.weights(tau2)
        value = float(self._contrasts.dot(d * d)) - float(e.sum())
        return value, float(e.dot(e)) - 2 * float(self._contrasts.dot(d**3))

    def scores(self, tau2: Floats, *, restricted: bool) -> Floats:
        d = 1.0 / (self._lambda + tau2[:, None])
        e = d if restricted else 1.0 / (self.v + tau2[:, None])
        return np.asarray((d * d) @ self._contrasts - e.sum(axis=1))

    def likelihood(self, tau2: float, *, restricted: bool) -> float:
        e = self._d(tau2) if restricted else self.weights(tau2)
        return float(np.log(e).sum()) - self.q(tau2)


def regression(y: Floats, v: Floats, x: Floats, names: Sequence[str]) -> Regression:
    """Return the model, or say which column of the design repeats the others."""
    for column in range(1, x.shape[1] + 1):
        if np.linalg.matrix_rank(x[:, :column]) < column:
            name = names[column - 1]
            raise InvalidOption(f"moderator {name!r} is constant or repeats the ones before it")
    ratio = float(v.max() / v.min())
    if ratio > WIDEST_RATIO:
        expected = f"a ratio of at most {WIDEST_RATIO:g}"
        raise InvalidInput("variances", f"largest over smallest {ratio:.2g}", expected)
    return Regression(y, v, x)
