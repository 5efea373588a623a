"""Likelihoods with normal random effects integrated out, by adaptive Gauss-Hermite quadrature.

Each study's integral is centred on the most likely value of its random effects and scaled by the
information there; with one point this is Laplace's approximation. Random effects are taken as
standard normal and multiplied by their standard deviations, so that a standard deviation of 0 is
no special case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analysis.errors import NotConverged
from analysis.families import Family
from analysis.inputs import Floats

# Far more than the tables of the oracle take; then it is said that it does not converge.
MOST_STEPS = 200
# Newton steps double the digits of a mode; after one this small it is exact.
SMALLEST_STEP = 1e-9
MOST_HALVINGS = 40


def integrated(family: Family, fixed: Floats, loadings: Floats, points: int) -> Floats:
    """Return each study's log likelihood, its random effects integrated out.

    fixed:    predictors (study, arm) without random effects
    loadings: (arm, effect) what one standard random effect adds to each arm
    points:   quadrature points per random effect; 1 is Laplace
    """
    mode, information = modes(family, fixed, loadings)
    nodes, log_weights = _grid(points, loadings.shape[1])
    root = np.linalg.cholesky(np.linalg.inv(information))
    at = mode[:, :, None] + np.sqrt(2.0) * (root @ nodes.T)
    log_f = _log_joint(family, fixed, loadings, at) + log_weights
    peak = log_f.max(axis=1)
    log_sum = peak + np.log(np.exp(log_f - peak[:, None]).sum(axis=1))
    # The constant of the normal density and that of the change of variable leave π^(-d/2).
    log_scale = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return np.asarray(log_sum + log_scale - 0.5 * loadings.shape[1] * np.log(np.pi))


def slopes_of_one_effect(
    family: Family, fixed: Floats, sd: float, points: int
) -> tuple[Floats, Floats]:
    """Return first and second derivatives of the summed log likelihood by (predictor, sd).

    fixed: predictors (study, 1) without the one random effect, whose standard deviation is `sd`
    They are expectations over what the quadrature finds likely of each study's effect, so that one
    round gives all of them. Source: Louis 1982, J R Stat Soc B 44:226-233.
    """
    loadings = np.array([[sd]])
    mode, information = modes(family, fixed, loadings)
    nodes, log_weights = _grid(points, 1)
    at = mode + np.sqrt(2.0 / information[:, :, 0]) * nodes.T
    terms = family.terms((fixed + sd * at)[:, None, :])
    log_f = terms.log_likelihood[:, 0, :] - 0.5 * at**2 + log_weights
    likely = np.exp(log_f - log_f.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)

    def mean(each: Floats) -> Floats:
        return np.asarray((likely * each).sum(axis=1))

    score = terms.slope[:, 0, :]
    bend = score**2 - terms.information[:, 0, :]
    first, second = mean(score), mean(score * at)
    slope = np.array([first.sum(), second.sum()])
    mixed = float((mean(bend * at) - first * second).sum())
    ends = (mean(bend) - first**2).sum(), (mean(bend * at**2) - second**2).sum()
    return slope, np.array([[ends[0], mixed], [mixed, ends[1]]])


@lru_cache(maxsize=32)
def _grid(points: int, effects: int) -> tuple[Floats, Floats]:
    """Return nodes (node, effect) and the logarithms of weight × exp(node²)."""
    nodes, weights = np.polynomial.hermite.hermgauss(points)
    corners = np.meshgrid(*[nodes] * effects, indexing="ij")
    parts = np.meshgrid(*[np.log(weights) + nodes**2] * effects, indexing="ij")
    grid = np.stack([corner.ravel() for corner in corners], axis=1)
    return grid, np.asarray(np.sum(parts, axis=0).ravel())


def _log_joint(family: Family, fixed: Floats, loadings: Floats, at: Floats) -> Floats:
    """Return log likelihood plus log density of the random effects, less its constant."""
    predictor = fixed[:, :, None] + np.einsum("je,seq->sjq", loadings, at)
    return np.asarray(
        family.terms(predictor).log_likelihood.sum(axis=1) - 0.5 * (at**2).sum(axis=1)
    )


def modes(family: Family, fixed: Floats, loadings: Floats) -> tuple[Floats, Floats]:
    """Return each study's most likely random effects, and the information there.

    Both parts of the log joint density are concave, so a Newton step that is
    halved until it gains cannot miss.
    """
    effects = loadings.shape[1]
    at = np.zeros((fixed.shape[0], effects))
    here = _at(family, fixed, loadings, at)
    for _ in range(MOST_STEPS):
        slope = here.slope @ loadings - at
        information = np.eye(effects) + np.einsum(
            "sj,je,jf->sef", here.information, loadings, loadings
        )
        step = np.linalg.solve(information, slope[:, :, None])[:, :, 0]
        if float(np.abs(step).max(initial=0.0)) <= SMALLEST_STEP:
            return at, information
        at, here = _uphill(family, fixed, loadings, (at, here), step)
    raise NotConverged("the modes of the random effects", MOST_STEPS)


@dataclass(frozen=True, slots=True, eq=False)
class _Here:
    """Each study's log joint density at its random effects, and what its arms add to the slope."""

    value: Floats
    slope: Floats
    information: Floats


def _at(family: Family, fixed: Floats, loadings: Floats, at: Floats) -> _Here:
    terms = family.terms((fixed + at @ loadings.T)[:, :, None])
    value = terms.log_likelihood[:, :, 0].sum(axis=1) - 0.5 * (at**2).sum(axis=1)
    return _Here(value, terms.slope[:, :, 0], terms.information[:, :, 0])


def _uphill(
    family: Family, fixed: Floats, loadings: Floats, start: tuple[Floats, _Here], step: Floats
) -> tuple[Floats, _Here]:
    """Return where the step leads, halved for each study that it would take downhill."""
    at, here = start
    moved, there = at + step, _at(family, fixed, loadings, at + step)
    for _ in range(MOST_HALVINGS):
        worse = there.value < here.value - 1e-9 * (1 + np.abs(here.value))
        if not worse.any():
            break
        step = np.where(worse[:, None], 0.5 * step, step)
        moved = at + step
        there = _at(family, fixed, loadings, moved)
    return moved, there
