"""The standard error that lme4 reports for Laplace's approximation with two random effects.

lme4 differences its deviance with the modes of the random effects moved by one step only, and the
determinant taken at the information from before that step: its stopping rule is met at once. The
exact curvature gives another standard error (BCG trials, UM.RS: 0.18214, lme4 0.18146). The engine
gives the exact one; this repeats lme4's for the comparison alone.
"""

from __future__ import annotations

import math

import numpy as np

from analysis.errors import NotConverged
from analysis.families import Family
from analysis.glmm import HALVES, Glmm
from analysis.inputs import Floats
from analysis.marginal import modes
from analysis.roots import differences

# The two agree within this share wherever the comparison is fair.
FURTHEST_APART = 0.05


def loose_standard_error(family: Family, fit: Glmm) -> float:
    """Return lme4's standard error of the effect of a fit with random baselines."""
    if fit.baseline is None or fit.baseline_variance is None:
        raise NotConverged("a fit with random baselines", 0)
    tau = [math.sqrt(fit.tau2)] if fit.tau2 > 0 else []
    at = np.array([fit.estimate.value, fit.baseline, math.sqrt(fit.baseline_variance), *tau])
    studies = family.shape[0]
    settled, _ = modes(family, *_parts(at, studies))

    def approximate(point: Floats) -> float:
        moved, information = _one_step(family, point, settled)
        fixed, loadings = _parts(point, studies)
        log_likelihood = family.terms((fixed + moved @ loadings.T)[:, :, None]).log_likelihood
        determinant = float(np.log(np.linalg.det(information)).sum())
        return float(log_likelihood.sum()) - 0.5 * float((moved**2).sum()) - 0.5 * determinant

    _, curvature = differences(approximate, at, approximate(at))
    found = math.sqrt(float(np.linalg.inv(-curvature)[0, 0]))
    if abs(found / fit.estimate.se - 1) > FURTHEST_APART:
        raise NotConverged(f"lme4's standard error {found}, exactly {fit.estimate.se}", 0)
    return found


def _parts(point: Floats, studies: int) -> tuple[Floats, Floats]:
    effect, middle, sd, *tau = point.tolist()
    loadings = np.stack([np.full(2, sd), *(value * HALVES for value in tau)], axis=1)
    return np.tile(middle + effect * HALVES, (studies, 1)), loadings


def _one_step(family: Family, point: Floats, start: Floats) -> tuple[Floats, Floats]:
    fixed, loadings = _parts(point, start.shape[0])
    terms = family.terms((fixed + start @ loadings.T)[:, :, None])
    information = np.eye(start.shape[1]) + np.einsum(
        "sj,je,jf->sef", terms.information[:, :, 0], loadings, loadings
    )
    slope = terms.slope[:, :, 0] @ loadings - start
    return start + np.linalg.solve(information, slope[:, :, None])[:, :, 0], information
