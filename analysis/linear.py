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

    def coefficients(self, w: Floats) -> Floats: ...

    def residual_sums(self, w: Floats) -> tuple[float, float, float]:
        """Return y'Py, y'PPy and y'PPPy."""
        ...

    def q(self, w: Floats) -> float:
        """Return y'Py."""
        ...

    def trace_p(self, w: Floats) -> float: ...

    def trace_pp(self, w: Floats) -> float: ...

    def trace_pvp(self, w: Floats) -> float: ...

    def trace_pvpv(self, w: Floats) -> float: ...

    def grid(self, w: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return y'Py, y'PPy, tr P and log|X'WX| for each row of a table of weights."""
        ...


class Intercept:
    """The model with one mean."""

    __slots__ = ("k", "p", "v", "y")

    def __init__(self, y: Floats, v: Floats) -> None:
        self.y, self.v = y, v
        self.k, self.p = y.size, 1

    def coefficients(self, w: Floats) -> Floats:
        return np.array([w.dot(self.y) / w.sum()])

    def q(self, w: Floats) -> float:
        residuals = self.y - w.dot(self.y) / w.sum()
        return float((w * residuals).dot(residuals))

    def residual_sums(self, w: Floats) -> tuple[float, float, float]:
        total = w.sum()
        residuals = self.y - w.dot(self.y) / total
        py = w * residuals
        wpy = w * py
        along = w.dot(py) / total
        return float(py.dot(residuals)), float(py.dot(py)), float(py.dot(wpy) - along * w.dot(py))

    def trace_p(self, w: Floats) -> float:
        total = w.sum()
        return float(total - w.dot(w) / total)

    def trace_pp(self, w: Floats) -> float:
        total, w2 = w.sum(), w * w
        squares = w2.sum()
        return float(squares - 2 * w2.dot(w) / total + (squares / total) ** 2)

    def trace_pvp(self, w: Floats) -> float:
        total, w2 = w.sum(), w * w
        return float(w2.dot(self.v) * (1 + w2.sum() / total**2) - 2 * (w2 * w).dot(self.v) / total)

    def trace_pvpv(self, w: Floats) -> float:
        total, wv = w.sum(), w * self.v
        wv2 = wv * wv
        return float(wv2.sum() - 2 * wv2.dot(w) / total + (wv.dot(w) / total) ** 2)

    def grid(self, w: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        total = w.sum(axis=1)
        residuals = self.y - (w @ self.y / total)[:, None]
        py = w * residuals
        trace = total - np.einsum("gk,gk->g", w, w) / total
        q = np.einsum("gk,gk->g", py, residuals)
        return q, np.einsum("gk,gk->g", py, py), trace, np.log(total)


class Regression:
    """The model with a design matrix of full column rank."""

    __slots__ = ("k", "p", "v", "x", "y")

    def __init__(self, y: Floats, v: Floats, x: Floats) -> None:
        self.y, self.v, self.x = y, v, x
        self.k, self.p = x.shape

    def covariance(self, w: Floats) -> Floats:
        """Return (X'WX)⁻¹."""
        root = np.linalg.qr(np.sqrt(w)[:, None] * self.x, mode="r")
        inverse = np.linalg.solve(root, np.eye(self.p))
        return np.asarray(inverse @ inverse.T)

    def coefficients(self, w: Floats) -> Floats:
        q, r = np.linalg.qr(np.sqrt(w)[:, None] * self.x)
        return np.asarray(np.linalg.solve(r, q.T @ (np.sqrt(w) * self.y)))

    def residuals(self, w: Floats) -> Floats:
        return np.asarray(self.y - self.x @ self.coefficients(w))

    def q(self, w: Floats) -> float:
        residuals = self.residuals(w)
        return float((w * residuals).dot(residuals))

    def residual_sums(self, w: Floats) -> tuple[float, float, float]:
        residuals = self.residuals(w)
        py = w * residuals
        return float(py.dot(residuals)), float(py.dot(py)), float(py.dot(self._p(w) @ py))

    def _p(self, w: Floats) -> Floats:
        q, _ = np.linalg.qr(np.sqrt(w)[:, None] * self.x)
        root = np.sqrt(w)
        return np.asarray(np.diag(w) - (root[:, None] * q) @ (root[:, None] * q).T)

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

    def grid(self, w: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        rows = [self._grid_row(row) for row in w]
        q, ppy, trace, logdet = np.array(rows).T
        return q, ppy, trace, logdet

    def _grid_row(self, w: Floats) -> tuple[float, float, float, float]:
        root = np.sqrt(w)
        q, r = np.linalg.qr(root[:, None] * self.x)
        scaled = root * self.y
        py = root * (scaled - q @ (q.T @ scaled))
        trace = float(w.sum() - w.dot(np.sum(q * q, axis=1)))
        logdet = 2 * float(np.sum(np.log(np.abs(np.diag(r)))))
        return float((py / w).dot(py)), float(py.dot(py)), trace, logdet


def regression(y: Floats, v: Floats, x: Floats, names: Sequence[str]) -> Regression:
    """Return the model, or say which column of the design repeats the others."""
    for column in range(1, x.shape[1] + 1):
        if np.linalg.matrix_rank(x[:, :column]) < column:
            name = names[column - 1]
            raise InvalidOption(f"moderator {name!r} is constant or repeats the ones before it")
    return Regression(y, v, x)
