"""Estimators of the between-study variance tau2, truncated at 0, with their standard errors.

The likelihoods may have several maxima, so a scoring iteration can end at the wrong one or
wander. Here every interval in which the score changes sign is found first, on a grid that ends at
a proven upper bound of all stationary points; each is then narrowed by Newton steps that
bisection guards, and the highest likelihood wins.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.errors import NotConverged
from analysis.inputs import Floats
from analysis.linear import EQUAL, LinearModel


class Tau2Method(StrEnum):
    """The estimator; names are metafor's."""

    DERSIMONIAN_LAIRD = "DL"
    PAULE_MANDEL = "PM"
    REML = "REML"
    ML = "ML"
    SIDIK_JONKMAN = "SJ"
    HEDGES = "HE"
    HUNTER_SCHMIDT = "HS"
    EMPIRICAL_BAYES = "EB"


# Grid points per e-fold of tau2 + min(v). Each study's weight moves over about one e-fold, so
# two maxima cannot hide between points four to the e-fold.
POINTS_PER_EFOLD = 4
LONGEST_GRID = 400
MOST_STEPS = 200
# Newton steps double the digits: what is missing after one this small, against tau2 + min(v), is
# about its square.
SMALLEST_STEP = 1e-9
# Where Newton's step keeps leaving the bracket, bisection ends at neighbouring numbers.
SMALLEST_BRACKET = 1e-15


@dataclass(frozen=True, slots=True)
class Tau2:
    """The estimate, 0 or more, and its standard error."""

    value: float
    se: float


def estimate_tau2(model: LinearModel, method: Tau2Method) -> Tau2:
    """Estimate tau2 of a model with more studies than coefficients.

    Reference: metafor::rma(method=...), $tau2 and $se.tau2, at tight tolerances.
    Sources: DerSimonian & Laird 1986; Paule & Mandel 1982; Viechtbauer 2005 (REML,
    ML, HE, HS); Sidik & Jonkman 2005; Morris 1983 (EB).
    """
    return _ESTIMATORS[method](model)


def dersimonian_laird(model: LinearModel, q: float | None = None) -> Tau2:
    """Estimate tau2 by the method of moments; q None is Cochran's Q of the model itself."""
    trace = model.trace_p(0.0)
    about = model.q(0.0) if q is None else q
    value = max(0.0, (about - (model.k - model.p)) / trace)
    return Tau2(value, _moment_se(model, value) / trace)


def _hunter_schmidt(model: LinearModel) -> Tau2:
    total = float(model.weights(0.0).sum())
    value = max(0.0, (model.q(0.0) - model.k) / total)
    return Tau2(value, _moment_se(model, value) / total)


def _moment_se(model: LinearModel, tau2: float) -> float:
    linear = 2.0 * (model.k - model.p) + 4.0 * tau2 * model.trace_p(0.0)
    return math.sqrt(linear + 2.0 * tau2**2 * model.trace_pp(0.0))


def _hedges(model: LinearModel) -> Tau2:
    df = model.k - model.p
    # With equal weights P is a projection, so that tr(PV) = tr(PVP) and tr(PP) = k - p.
    trace_pv = model.trace_pvp(EQUAL)
    value = max(0.0, (model.q(EQUAL) - trace_pv) / df)
    spread = 2.0 * model.trace_pvpv(EQUAL) + 4.0 * value * trace_pv + 2.0 * value**2 * df
    return Tau2(value, math.sqrt(spread) / df)


def _sidik_jonkman(model: LinearModel) -> Tau2:
    start = float(np.mean((model.y - model.y.mean()) ** 2))
    if start == 0.0:
        return Tau2(0.0, 0.0)
    df = model.k - model.p
    value = start * model.q(start) / df
    spread = (
        2.0 * model.trace_pvpv(start)
        + 4.0 * value * model.trace_pvp(start)
        + 2.0 * value**2 * model.trace_pp(start)
    )
    return Tau2(value, start / df * math.sqrt(spread))


def _paule_mandel(model: LinearModel) -> Tau2:
    df = model.k - model.p
    value = tau2_where_q_is(model, float(df))
    total = float(model.weights(value).sum())
    return Tau2(value, math.sqrt(2.0 / df) * model.k / total)


def _reml(model: LinearModel) -> Tau2:
    value = _highest(model, restricted=True)
    return Tau2(value, math.sqrt(2.0 / model.trace_pp(value)))


def _ml(model: LinearModel) -> Tau2:
    value = _highest(model, restricted=False)
    w = model.weights(value)
    return Tau2(value, math.sqrt(2.0 / float(w.dot(w))))


_ESTIMATORS: dict[Tau2Method, Callable[[LinearModel], Tau2]] = {
    Tau2Method.DERSIMONIAN_LAIRD: dersimonian_laird,
    Tau2Method.PAULE_MANDEL: _paule_mandel,
    Tau2Method.REML: _reml,
    Tau2Method.ML: _ml,
    Tau2Method.SIDIK_JONKMAN: _sidik_jonkman,
    Tau2Method.HEDGES: _hedges,
    Tau2Method.HUNTER_SCHMIDT: _hunter_schmidt,
    # Morris' empirical Bayes equation has the same root as Paule and Mandel's.
    Tau2Method.EMPIRICAL_BAYES: _paule_mandel,
}


def tau2_where_q_is(model: LinearModel, target: float) -> float:
    """Return the tau2 at which Q(tau2) = y'Py equals the target; 0 where Q(0) is below it.

    Q falls steadily, so the root is unique; Newton's step is taken on 1/Q, which
    is nearly a straight line in tau2.
    """
    smallest = float(model.v.min())
    q, falls = model.q_and_slope(0.0)
    if q <= target:
        return 0.0
    low, high, tau2 = 0.0, model.q(EQUAL) / target, 0.0
    for _ in range(MOST_STEPS):
        before, tau2 = tau2, tau2 + q * (q / target - 1.0) / falls
        if _settled(tau2, before, smallest):
            return max(tau2, 0.0)
        if not low < tau2 < high:
            tau2 = 0.5 * (low + high)
        q, falls = model.q_and_slope(tau2)
        low, high = (tau2, high) if q > target else (low, tau2)
    raise NotConverged("tau2 by Q", MOST_STEPS)


def _settled(tau2: float, before: float, smallest: float) -> bool:
    return abs(tau2 - before) <= SMALLEST_STEP * (abs(tau2) + smallest)


def _highest(model: LinearModel, *, restricted: bool) -> float:
    """Return the tau2 of highest likelihood, be it 0 or any of the local maxima."""
    points = _grid(model)
    if points is None:
        return 0.0
    table = model.scores(points, restricted=restricted)
    scores, grid = table.tolist(), points.tolist()
    maxima = [] if scores[0] > 0 else [0.0]
    for at in range(len(grid) - 1):
        if scores[at] > 0 >= scores[at + 1]:
            # Where a straight line between the two scores would cross 0.
            start = grid[at] + (grid[at + 1] - grid[at]) * scores[at] / (
                scores[at] - scores[at + 1]
            )
            bracket = (grid[at], start, grid[at + 1])
            maxima.append(_narrow(model, bracket, restricted=restricted))
    if len(maxima) == 1:
        return maxima[0]
    return max(maxima, key=lambda tau2: model.likelihood(tau2, restricted=restricted))


def _grid(model: LinearModel) -> Floats | None:
    """Return points from 0 to a bound above which the likelihood falls; None if it always does.

    The score is y'PPy - tr P. With S the residual sum of squares at equal weights,
    y'PPy ≤ w_max²·S and tr P ≥ (k - p)·w_min, so with x = tau2 + v_min the score is
    below 0 once x² - x·S/(k - p) > (v_max - v_min)·S/(k - p).
    """
    smallest, largest = float(model.v.min()), float(model.v.max())
    spread = model.q(EQUAL) / (model.k - model.p)
    bound = 0.5 * (spread + math.sqrt(spread * (spread + 4.0 * (largest - smallest))))
    if bound <= smallest:
        return None
    efolds = math.log(bound / smallest)
    count = min(LONGEST_GRID, 3 + math.ceil(POINTS_PER_EFOLD * efolds))
    # A hair beyond the bound, so that rounding cannot put the last point below it.
    step = (efolds * 1.0001 + 1e-9) / (count - 1)
    return np.asarray(smallest * np.expm1(step * np.arange(count)))


def _narrow(model: LinearModel, bracket: tuple[float, float, float], *, restricted: bool) -> float:
    """Return the tau2 in the bracket (low, start, high) at which the score passes below 0."""
    low, tau2, high = bracket
    smallest = float(model.v.min())
    for _ in range(MOST_STEPS):
        score, slope = model.score(tau2, restricted=restricted)
        low, high = (tau2, high) if score > 0 else (low, tau2)
        newton = tau2 - score / slope if slope < 0 else high
        if slope < 0 and _settled(newton, tau2, smallest):
            return max(newton, 0.0)
        if high - low <= SMALLEST_BRACKET * (high + smallest):
            return tau2
        tau2 = newton if low < newton < high else 0.5 * (low + high)
    raise NotConverged("tau2 by likelihood", MOST_STEPS)
