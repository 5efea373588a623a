"""The standard error that lme4 reports for Laplace's approximation with two random effects.

lme4 differences its deviance with the modes of the random effects moved by one step only, and the
determinant taken at the information from before that step: its stopping rule is met at once. The
exact curvature gives another standard error (BCG trials, UM.RS: 0.18214, lme4 0.18146). The engine
gives the exact one; this repeats lme4's for the comparison alone, and only where the engine's own
agrees with the curvature taken here, so that lme4's never stands in for a wrong one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from analysis.errors import NotConverged
from analysis.families import Family
from analysis.glmm import HALVES, Glmm
from analysis.inputs import Floats
from analysis.marginal import modes
from analysis.roots import differences

# The engine's standard error against the same curvature by differences of the likelihood here. On
# the public tables they agree within 5e-6, a twentieth of this; lme4's lies up to 1.2e-2 away.
FURTHEST_APART = 1e-4


def loose_standard_error(family: Family, fit: Glmm) -> float:
    """Return lme4's standard error of the effect of a fit with random baselines.

    Raises NotConverged where the engine's own is not the exact one.
    """
    if fit.baseline is None or fit.baseline_variance is None:
        raise NotConverged("a fit with random baselines", 0)
    tau = [math.sqrt(fit.tau2)] if fit.tau2 > 0 else []
    at = np.array([fit.estimate.value, fit.baseline, math.sqrt(fit.baseline_variance), *tau])
    settled, _ = modes(family, *_parts(at, family.shape[0]))

    exact = _standard_error(lambda point: _laplace(family, point, _settled(family, point)), at)
    if abs(fit.estimate.se / exact - 1) > FURTHEST_APART:
        raise NotConverged(f"the engine's standard error {fit.estimate.se}, exactly {exact}", 0)
    return _standard_error(lambda point: _laplace(family, point, settled), at)


def _standard_error(log_likelihood: Callable[[Floats], float], at: Floats) -> float:
    _, curvature = differences(log_likelihood, at, log_likelihood(at))
    return math.sqrt(float(np.linalg.inv(-curvature)[0, 0]))


def _settled(family: Family, point: Floats) -> Floats:
    found, _ = modes(family, *_parts(point, family.shape[0]))
    return found


def _laplace(family: Family, point: Floats, start: Floats) -> float:
    """Return Laplace's log likelihood with the modes one step from where they start."""
    moved, information = _one_step(family, point, start)
    fixed, loadings = _parts(point, start.shape[0])
    log_likelihood = family.terms((fixed + moved @ loadings.T)[:, :, None]).log_likelihood
    determinant = float(np.log(np.linalg.det(information)).sum())
    return float(log_likelihood.sum()) - 0.5 * float((moved**2).sum()) - 0.5 * determinant


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
