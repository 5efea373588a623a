"""When what was allocated, measured or counted is not one person in one of two arms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.errors import InvalidInput
from analysis.inputs import Bools, Floats, GivenEffects, TwoByTwo, TwoMeans
from analysis.results import Measure


def design_effect(icc: float, cluster_size: float, *, size_variation: float = 0.0) -> float:
    """Return by how much allocating groups enlarges a variance: 1 + ((1 + cv²)·m - 1)·ICC.

    Parameters
    ----------
    icc : float
        Intracluster correlation, from 0 to 1.
    cluster_size : float
        Mean number of people in a cluster, 1 or more.
    size_variation : float, optional
        Coefficient of variation of the cluster sizes; 0 is the Handbook's formula.

    Returns
    -------
    float
        1 or more, a ratio of variances.

    Raises
    ------
    InvalidInput
        An ICC outside 0 to 1, a cluster of less than one person, a variation below 0.

    Notes
    -----
    Cochrane Handbook 23.1.4; Eldridge 2006, Int J Epidemiol 35:1292-1300 for unequal clusters.
    metafor has no call for it.
    """
    _refuse("icc", icc, 0.0 <= icc <= 1.0, "a correlation from 0 to 1")
    _refuse("cluster_size", cluster_size, cluster_size >= 1, "1 person or more")
    _refuse("size_variation", size_variation, size_variation >= 0, "0 or more")
    return 1.0 + max(0.0, (1.0 + size_variation**2) * cluster_size - 1.0) * icc


def effective_tables(tables: TwoByTwo, effects: Sequence[float] | Floats) -> TwoByTwo:
    """Divide events and people of each study by its design effect; the risks stay.

    effects: one design effect per study, 1 for a study that allocated people
    The counts need not be whole afterwards; nothing is rounded.
    Raises InvalidInput for a design effect below 1. Source: Cochrane Handbook 23.1.4.
    """
    by = _design_effects(tables.labels, effects)
    return type(tables)(
        tables.labels,
        tables.events_1 / by,
        tables.total_1 / by,
        tables.events_2 / by,
        tables.total_2 / by,
    )


def effective_means(means: TwoMeans, effects: Sequence[float] | Floats) -> TwoMeans:
    """Divide the people of each study by its design effect; means and their SDs stay.

    effects: one design effect per study, 1 for a study that allocated people
    Raises InvalidInput for a design effect below 1. Source: Cochrane Handbook 23.1.4.
    """
    by = _design_effects(means.labels, effects)
    return type(means)(
        means.labels,
        means.mean_1,
        means.sd_1,
        means.n_1 / by,
        means.mean_2,
        means.sd_2,
        means.n_2 / by,
    )


def effective_errors(given: GivenEffects, effects: Sequence[float] | Floats) -> GivenEffects:
    """Multiply each standard error by the root of its design effect; the effects stay.

    effects: one per study, 1 where the analysis already minded the clusters
    Raises InvalidInput for a design effect below 1. Source: Cochrane Handbook 23.1.4.
    """
    by = _design_effects(given.labels, effects)
    return GivenEffects(given.labels, given.estimate, given.se * np.sqrt(by), given.scale)


def shared_out(tables: TwoByTwo, times_1: Sequence[float], times_2: Sequence[float]) -> TwoByTwo:
    """Divide an arm that stands in several comparisons of one analysis among them.

    times_1, times_2: per row, in how many comparisons its arm stands; 1: in this one alone
    Nobody is counted twice, and the risks stay. The comparisons still share chance, so merging the
    other arms is better where their differences are of no interest.
    Raises InvalidInput for less than one comparison. Source: Cochrane Handbook 23.3.4.
    """
    by_1 = _at_least_one(tables.labels, "comparisons of arm 1", times_1)
    by_2 = _at_least_one(tables.labels, "comparisons of arm 2", times_2)
    return type(tables)(
        tables.labels,
        tables.events_1 / by_1,
        tables.total_1 / by_1,
        tables.events_2 / by_2,
        tables.total_2 / by_2,
    )


def shared_out_means(
    means: TwoMeans, times_1: Sequence[float], times_2: Sequence[float]
) -> TwoMeans:
    """Divide the people of an arm that stands in several comparisons; means and SDs stay.

    times_1, times_2: per row, in how many comparisons its arm stands; 1: in this one alone
    Raises InvalidInput for less than one comparison, or where fewer than two people are left.
    Source: Cochrane Handbook 23.3.4.
    """
    by_1 = _at_least_one(means.labels, "comparisons of arm 1", times_1)
    by_2 = _at_least_one(means.labels, "comparisons of arm 2", times_2)
    return type(means)(
        means.labels,
        means.mean_1,
        means.sd_1,
        means.n_1 / by_1,
        means.mean_2,
        means.sd_2,
        means.n_2 / by_2,
    )


def turned_scales(means: TwoMeans, turned: Sequence[bool] | Bools) -> TwoMeans:
    """Multiply the means of scales that point the other way by -1; their SDs stay.

    turned: per study, whether high is bad where the others say it is good
    Source: Cochrane Handbook 6.5.1.2.
    """
    sign = np.where(np.asarray(turned, dtype=bool), -1.0, 1.0)
    if sign.shape != (len(means.labels),):
        raise InvalidInput("turned", f"{sign.size} values", f"one for {len(means.labels)} studies")
    return type(means)(
        means.labels,
        sign * means.mean_1,
        means.sd_1,
        means.n_1,
        sign * means.mean_2,
        means.sd_2,
        means.n_2,
    )


def mixing_caution(measure: Measure, changes: Sequence[bool | None]) -> str | None:
    """Say what forbids pooling changes from baseline with values at the end; None: nothing.

    changes: per study, whether its means are changes; None where that is not told
    Their differences estimate the same in people who were allocated, so MD may mix them. The SD of
    a change and that of a value differ, so standardised differences may not.
    Source: Cochrane Handbook 10.5.2.
    """
    told = [each for each in changes if each is not None]
    if measure not in _STANDARDISED or len(set(told)) < 2:
        return None
    return (
        f"{told.count(True)} of {len(told)} studies report changes, the others values at the end:"
        " their standard deviations differ, so standardised differences do not mix"
    )


_STANDARDISED = (
    Measure.STANDARDISED_MEAN_DIFFERENCE,
    Measure.STANDARDISED_MEAN_DIFFERENCE_UNEQUAL,
    Measure.GLASS_DELTA,
)


def _design_effects(labels: tuple[str, ...], effects: Sequence[float] | Floats) -> Floats:
    return _at_least_one(labels, "design effect", effects)


def _at_least_one(labels: tuple[str, ...], what: str, values: Sequence[float] | Floats) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    if found.shape != (len(labels),):
        raise InvalidInput(what, f"{found.size} values", f"one for {len(labels)} studies")
    for label, value in zip(labels, found.tolist(), strict=True):
        _refuse(f"{label}: {what}", value, value >= 1, "a number of 1 or more")
    return found


def _refuse(where: str, value: float, right: bool, expected: str) -> None:
    if not right:
        raise InvalidInput(where, f"{value:g}", expected)
