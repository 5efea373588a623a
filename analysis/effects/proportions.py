"""A single proportion per study, on five scales."""

from __future__ import annotations

import numpy as np

from analysis.effects.zero_cells import (
    METAFOR,
    UNCHANGED,
    ZERO_CELL,
    ZeroCells,
    kept_effects,
    kept_studies,
)
from analysis.inputs import Floats, OneProportion
from analysis.results import Measure, StudyEffects


def proportion(group: OneProportion, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return proportions, variance p(1 - p)/n (escalc measure="PR")."""
    x, n = _corrected_group(group, zero_cells)
    p = x / n
    return _from_group(Measure.PROPORTION, group, p, p * ((n - x) / n) / n)


def log_proportion(group: OneProportion, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return log proportions, variance 1/x - 1/n (escalc measure="PLN")."""
    x, n = _corrected_group(group, zero_cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _from_group(Measure.LOG_PROPORTION, group, np.log(x / n), 1 / x - 1 / n)


def logit_proportion(group: OneProportion, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return log odds, variance 1/x + 1/(n - x) (escalc measure="PLO")."""
    x, n = _corrected_group(group, zero_cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        effects, variances = np.log(x / (n - x)), 1 / x + 1 / (n - x)
    return _from_group(Measure.LOGIT_PROPORTION, group, effects, variances)


def arcsine_proportion(group: OneProportion, zero_cells: ZeroCells = UNCHANGED) -> StudyEffects:
    """Return asin √p, variance 1/(4n) (escalc measure="PAS")."""
    x, n = _corrected_group(group, zero_cells)
    return _from_group(Measure.ARCSINE_PROPORTION, group, np.arcsin(np.sqrt(x / n)), 1 / (4 * n))


def freeman_tukey_proportion(
    group: OneProportion, zero_cells: ZeroCells = UNCHANGED
) -> StudyEffects:
    """Return the Freeman-Tukey double arcsine, variance 1/(4n + 2) (escalc measure="PFT")."""
    x, n = _corrected_group(group, zero_cells)
    effects = (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))) / 2
    return _from_group(Measure.FREEMAN_TUKEY_PROPORTION, group, effects, 1 / (4 * n + 2))


def proportion_of_arcsine(angle: float) -> float:
    """Return the proportion with this arcsine, between 0 and 1 (metafor::transf.iarcsin)."""
    return float(np.sin(np.clip(angle, 0.0, np.pi / 2)) ** 2)


def proportion_of_freeman_tukey(angle: Floats, n: float | Floats) -> Floats:
    """Return the proportion with this double arcsine in a group of n, between 0 and 1.

    For a pooled angle n is the harmonic mean of the group sizes. Angles beyond
    those of 0/n and n/n give 0 and 1.
    Source: Miller 1978, Am Stat 32:138. Reference: metafor::transf.ipft, transf.ipft.hm.
    """
    size = np.asarray(n, dtype=np.float64)
    least = np.arcsin(np.sqrt(1 / (size + 1))) / 2
    most = (np.arcsin(np.sqrt(size / (size + 1))) + np.pi / 2) / 2
    inside = np.clip(angle, least, most)
    sine, cosine = np.sin(2 * inside), np.cos(2 * inside)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.maximum(0.0, 1 - (sine + (sine - 1 / sine) / size) ** 2))
    found = (1 - np.sign(cosine) * root) / 2
    found = np.where(angle <= least, 0.0, np.where(angle >= most, 1.0, found))
    return np.asarray(found)


def _corrected_group(group: OneProportion, zero_cells: ZeroCells) -> tuple[Floats, Floats]:
    more = zero_cells.added((group.events == 0) | (group.events == group.total))
    return group.events + more, group.total + 2 * more


def _from_group(
    measure: Measure, group: OneProportion, effects: Floats, variances: Floats
) -> StudyEffects:
    keep = np.isfinite(effects) & np.isfinite(variances)
    kept = kept_studies(group.labels, keep, lambda _: ZERO_CELL)
    return kept_effects(measure, kept, effects, variances)
