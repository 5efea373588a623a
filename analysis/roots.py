"""Roots and maxima of smooth functions of few variables, without importing scipy.optimize."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.errors import NotConverged
from analysis.inputs import Floats

MOST_STEPS = 200  # halving alone reaches the last digit in 60
# Roots are of logarithms or of z: neither is wanted closer than rounding of a number near 1.
SMALLEST_SHARE = 4e-16
# Bracketing doubles its step; after this many it has passed any number a likelihood can use.
MOST_DOUBLINGS = 60


def root(f: Callable[[float], float], start: float, *, step: float = 1.0) -> float:
    """Return where the rising function f is 0, searching outwards from `start`.

    Raises NotConverged where f has no change of sign within reach.
    """
    low, high = _bracket(f, start, step)
    return _ridders(f, low, high)


def _bracket(f: Callable[[float], float], start: float, step: float) -> tuple[float, float]:
    towards = 1.0 if f(start) < 0 else -1.0
    here = start
    for _ in range(MOST_DOUBLINGS):
        there = here + towards * step
        if f(there) * towards >= 0:
            return min(here, there), max(here, there)
        here, step = there, 2.0 * step
    raise NotConverged("a bracket of the root", MOST_DOUBLINGS)


def _ridders(f: Callable[[float], float], low: float, high: float) -> float:
    """Return the root between low and high (Ridders 1979): it halves the bracket at least."""
    f_low, f_high = f(low), f(high)
    if f_low == 0 or f_high == 0:
        return low if f_low == 0 else high
    for _ in range(MOST_STEPS):
        middle = 0.5 * (low + high)
        f_middle = f(middle)
        if f_middle == 0 or high - low <= SMALLEST_SHARE * (1 + abs(middle)):
            return middle
        spread = math.sqrt(f_middle**2 - f_low * f_high)
        point = middle + (middle - low) * math.copysign(1.0, f_low - f_high) * f_middle / spread
        f_point = f(point)
        if f_point == 0:
            return point
        corners = sorted(((low, f_low), (middle, f_middle), (point, f_point), (high, f_high)))
        for (a, f_a), (b, f_b) in zip(corners, corners[1:], strict=False):
            if f_a < 0 <= f_b:
                low, f_low, high, f_high = a, f_a, b, f_b
                break
    raise NotConverged("a root", MOST_STEPS)


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """A local maximum, its value and the second derivatives there."""

    point: Floats
    value: float
    curvature: Floats


# Differences of a log likelihood of a few hundred are good to 1e-12; a step of 1e-3 leaves six
# digits of a second derivative, and its truncation is smaller still on scales of about 1.
DIFFERENCE = 1e-3
# Steps that promise less than this move a maximum by less than 1e-5 of a standard error.
SMALLEST_GAIN = 1e-10
# Rounding of a log likelihood this large hides any gain below this share of it.
ROUNDING = 1e-13
LONGEST_STEP = 2.0

Derivatives = Callable[[Floats], tuple[Floats, Floats]]


def maximise(
    f: Callable[[Floats], float],
    start: Floats,
    *,
    derivatives: Derivatives | None = None,
    smallest_gain: float = SMALLEST_GAIN,
) -> Maximum:
    """Return the maximum of f that damped Newton steps reach from `start`.

    f is a log likelihood in parameters whose natural scale is about 1.
    derivatives: the first and second ones; None takes differences of f
    Raises NotConverged where the steps do not settle.
    """
    point, value, damping = start, f(start), 1e-6
    for _ in range(MOST_STEPS):
        slope, curvature = derivatives(point) if derivatives else differences(f, point, value)
        step = _step(slope, curvature, damping)
        enough = smallest_gain + ROUNDING * abs(value)
        promised = 0.5 * float(slope @ step)
        if promised > enough:
            point, value, damping, promised = _climb(f, point, value, (slope, curvature, damping))
        if promised <= enough:
            last = derivatives(point)[1] if derivatives else _curvature(f, point, value)
            return Maximum(point, value, last)
    raise NotConverged("a maximum of the likelihood", MOST_STEPS)


def _climb(
    f: Callable[[Floats], float],
    point: Floats,
    value: float,
    here: tuple[Floats, Floats, float],
) -> tuple[Floats, float, float, float]:
    """Return a higher point, its value, the damping to go on with, and inf to go on at all.

    Where no step is higher, the point itself comes back with what the last,
    smallest step promised: less than rounding, or the search has failed.
    """
    slope, curvature, damping = here
    for _ in range(MOST_DOUBLINGS):
        step = _step(slope, curvature, damping)
        moved = f(point + step)
        if moved > value:
            return point + step, moved, max(damping / 16.0, 1e-12), math.inf
        damping *= 4.0
    return point, value, damping, 0.5 * float(slope @ step)


def _step(slope: Floats, curvature: Floats, damping: float) -> Floats:
    """Return a step uphill: Newton's, with every direction of the curvature made concave."""
    values, vectors = np.linalg.eigh(curvature)
    steepness = np.maximum(np.abs(values), 1e-8) + damping
    step = np.asarray(vectors @ ((vectors.T @ slope) / steepness))
    return step * min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))


def _curvature(f: Callable[[Floats], float], point: Floats, value: float) -> Floats:
    """Return second derivatives from two steps, so that the error of the fourth ones cancels."""
    _, near = differences(f, point, value, DIFFERENCE)
    _, far = differences(f, point, value, 2 * DIFFERENCE)
    return np.asarray((4 * near - far) / 3)


def differences(
    f: Callable[[Floats], float], point: Floats, value: float, h: float = DIFFERENCE
) -> tuple[Floats, Floats]:
    """Return first and second derivatives of f by central differences over h."""
    size = point.size
    slope, curvature = np.zeros(size), np.zeros((size, size))
    ahead, behind = np.zeros(size), np.zeros(size)
    unit = np.eye(size) * h
    for i in range(size):
        ahead[i], behind[i] = f(point + unit[i]), f(point - unit[i])
        slope[i] = (ahead[i] - behind[i]) / (2 * h)
        curvature[i, i] = (ahead[i] - 2 * value + behind[i]) / h**2
    for i in range(size):
        for j in range(i):
            both, neither = f(point + unit[i] + unit[j]), f(point - unit[i] - unit[j])
            mixed = both - ahead[i] - ahead[j] + 2 * value - behind[i] - behind[j] + neither
            curvature[i, j] = curvature[j, i] = mixed / (2 * h**2)
    return slope, curvature
