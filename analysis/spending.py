"""Group-sequential boundaries for repeated looks at growing data (Lan & DeMets 1983).

For an opt-in panel beside the main analysis and never in its place (Cochrane Handbook ch. 22). They
hold their level where the looks and the information aimed at were not chosen by what was seen, and
where the information fraction is right: it rests on a required information size that is a guess.

Under no effect the score at information t, S = Z·√t, is a Brownian motion. Its density among the
paths that have not yet crossed is carried from look to look on Gauss-Legendre points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import ndtr, ndtri

from analysis.errors import InvalidInput, InvalidOption
from analysis.inputs import Floats
from analysis.roots import root


class Spending(StrEnum):
    """How the type I error is spent over information; names are of the R package RTSA."""

    OBRIEN_FLEMING = "OF"
    POCOCK = "POC"


@dataclass(frozen=True, slots=True)
class Look:
    """The boundary at one look: crossed where |Z| (one-sided: Z) is `z` or more.

    z:         infinite where what may be spent here is too little to compute with
    nominal_p: the p value (with as many sides) at the boundary
    cumulative_alpha, increment_alpha: type I error spent up to here, and here
    """

    information: float
    z: float
    nominal_p: float
    cumulative_alpha: float
    increment_alpha: float


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Boundaries of all looks; achieved_alpha is the type I error found by integrating again."""

    looks: tuple[Look, ...]
    side: int
    alpha: float
    achieved_alpha: float


# A normal tail beyond this is below 1e-16 of the whole.
FURTHEST = 8.5
FEWEST_POINTS = 200
# The kernel from one look to the next has width √Δt; a third of it between points is ample.
POINTS_PER_WIDTH = 4
MOST_POINTS = 6000


def spending_boundaries(
    information: Sequence[float], *, spending: Spending, alpha: float = 0.05, side: int = 2
) -> Boundaries:
    """Return the boundary at each look.

    information: fractions of the required information, rising; past 1 all is spent
    alpha, side: both sides together; each side of a two-sided test spends half
    Raises InvalidInput for looks out of order or too close to be told apart.
    Source: Lan & DeMets 1983, Biometrika 70:659-663; Jennison & Turnbull 2000, ch. 19.
    """
    times = _checked(information, alpha, side)
    spent = [_spent(spending, min(t, 1.0), alpha, side) for t in times]
    paths = _Paths.start(side)
    looks, before = [], 0.0
    achieved = 0.0
    for t, cumulative in zip(times, spent, strict=True):
        increment = max(0.0, cumulative - before)
        before = cumulative
        z = paths.boundary(t, increment)
        achieved += paths.exit(t, z)
        looks.append(Look(t, z, side * float(ndtr(-z)), cumulative, increment))
        paths = paths.onward(t, z)
    return Boundaries(tuple(looks), side, alpha, achieved)


def drift_for_power(boundaries: Boundaries, power: float) -> float:
    """Return the mean of Z at information 1 at which the boundary is crossed with this power.

    Crossing on the side of the effect counts. Where the last look is short of
    information 1 the power is that of the looks there are.
    """
    if not boundaries.alpha < power < 1:
        raise InvalidInput("power", f"{power:g}", f"above alpha {boundaries.alpha:g}, below 1")
    start = float(ndtri(power)) + 2.0
    return root(lambda drift: crossing_probability(boundaries, drift) - power, start)


def crossing_probability(boundaries: Boundaries, drift: float) -> float:
    """Return the chance that Z crosses the upper boundary at any look; drift is its mean at 1."""
    paths, total = _Paths.start(boundaries.side), 0.0
    for look in boundaries.looks:
        total += paths.exit_above(look.information, look.z, drift)
        paths = paths.onward(look.information, look.z)
    return total


def inflation(boundaries: Boundaries, power: float) -> float:
    """Return how much more information these looks need than one look with the same power."""
    single = float(ndtri(1 - boundaries.alpha / boundaries.side) + ndtri(power))
    return (drift_for_power(boundaries, power) / single) ** 2


def conditional_power(
    z: float, information: float, final_z: float, *, drift: float | None = None
) -> float:
    """Return the chance that Z passes final_z at information 1, given Z here.

    drift: mean of Z at information 1 that is assumed from here on; None goes on
           with the trend so far, z/√information. A low value speaks for futility.
    Source: Lan & Wittes 1988, Biometrics 44:579-585.
    """
    if not 0 < information < 1:
        raise InvalidInput("information", f"{information:g}", "a fraction above 0 and below 1")
    mean = z / math.sqrt(information) if drift is None else drift
    left = 1 - information
    return float(ndtr((z * math.sqrt(information) + mean * left - final_z) / math.sqrt(left)))


def _checked(information: Sequence[float], alpha: float, side: int) -> list[float]:
    if side not in (1, 2):
        raise InvalidOption(f"side {side}: expected 1 or 2")
    if not 0 < alpha < 1:
        raise InvalidInput("alpha", f"{alpha:g}", "above 0 and below 1")
    times = [float(t) for t in information]
    if not times:
        raise InvalidInput("information", "no look", "at least one look")
    for before, t in zip([0.0, *times], times, strict=False):
        if not before < t < math.inf:
            raise InvalidInput("information", f"{t:g} after {before:g}", "a rising list above 0")
        if before > 0 and t - before < _closest(t):
            raise InvalidInput(
                "information", f"{t:g} after {before:g}", "looks far enough apart to be told apart"
            )
    return times


def _closest(t: float) -> float:
    """Return the smallest step for which the points of the integral are fine enough."""
    width = 2 * FURTHEST * math.sqrt(t) * POINTS_PER_WIDTH / MOST_POINTS
    return width**2


def _spent(spending: Spending, t: float, alpha: float, side: int) -> float:
    """Return the type I error spent up to information t, all sides together."""
    if spending is Spending.POCOCK:
        return alpha * math.log1p((math.e - 1) * t)
    critical = float(ndtri(1 - alpha / (2 * side)))
    return 2 * side * float(ndtr(-critical / math.sqrt(t)))


@dataclass(frozen=True, slots=True, eq=False)
class _Paths:
    """Where paths that have not crossed are, at information t: masses on points of S.

    A path from a point to beyond b at a later time has a normal chance; before
    the first look all paths are at 0.
    """

    side: int
    t: float
    points: Floats
    masses: Floats

    @classmethod
    def start(cls, side: int) -> _Paths:
        return cls(side, 0.0, np.zeros(1), np.ones(1))

    def exit_above(self, t: float, z: float, drift: float = 0.0) -> float:
        """Return the chance of being at or above the boundary at t, not having crossed before."""
        if math.isinf(z):
            return 0.0
        width = math.sqrt(t - self.t)
        # Under a drift θ densities change by exp(θS - θ²t/2).
        tilt = np.exp(drift * self.points - drift**2 * self.t / 2)
        beyond = (self.points + drift * (t - self.t) - z * math.sqrt(t)) / width
        return float((self.masses * tilt).dot(ndtr(beyond)))

    def exit(self, t: float, z: float) -> float:
        return self.side * self.exit_above(t, z)

    def boundary(self, t: float, increment: float) -> float:
        """Return the z at t that spends this much."""
        if increment <= SMALLEST_SPEND:
            return math.inf
        single = -float(ndtri(increment / self.side))
        if self.t == 0:
            return single
        return root(lambda z: math.log(increment) - _log(self.exit(t, z)), single, step=0.25)

    def onward(self, t: float, z: float) -> _Paths:
        """Return the paths that go on after the look at t."""
        reach = FURTHEST * math.sqrt(t)
        upper = min(z * math.sqrt(t), reach)
        lower = -upper if self.side == 2 else -reach
        width = math.sqrt(t - self.t) if self.t > 0 else math.sqrt(t)
        points, weights = _panels(lower, upper, width)
        away = (points[:, None] - self.points) / width
        density = np.exp(-0.5 * away**2) @ self.masses / (width * math.sqrt(2 * math.pi))
        return _Paths(self.side, t, points, weights * density)


# Spending less than this at a look leaves a boundary no data can reach.
SMALLEST_SPEND = 1e-300


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _panels(lower: float, upper: float, width: float) -> tuple[Floats, Floats]:
    """Return Gauss-Legendre points and weights, ten to a panel."""
    wanted = max(FEWEST_POINTS, POINTS_PER_WIDTH * (upper - lower) / width)
    panels = math.ceil(wanted / 10)
    nodes, weights = np.polynomial.legendre.leggauss(10)
    edges = np.linspace(lower, upper, panels + 1)
    half = (edges[1:] - edges[:-1])[:, None] / 2
    middle = (edges[1:] + edges[:-1])[:, None] / 2
    return (middle + half * nodes).ravel(), (half * weights).ravel()
