"""Capture-recapture against published figures, and against a fit made in another way."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from analysis.capture import (
    CaptureEstimate,
    CaptureMethod,
    chao_lower_bound,
    chao_of_counts,
    chapman,
    independent_lists,
)
from analysis.errors import InvalidInput, NotEstimable

# Children with spina bifida on birth certificates, death certificates and lists of rehabilitation
# (Hook, Albright & Cross 1980, Am J Epidemiol 112:750-758).
SPINA_BIFIDA = {"B": 247, "D": 142, "R": 112, "BD": 60, "BR": 49, "DR": 12, "BDR": 4}


def spina_bifida() -> list[str]:
    return [lists for lists, n in SPINA_BIFIDA.items() for _ in range(n)]


def poisson_intercept(counts: dict[str, int]) -> tuple[float, float]:
    """Fit the main effects of three lists by Newton's method; return the empty cell and its log's
    variance."""
    cells = [each for each in product((0, 1), repeat=3) if any(each)]
    design = np.array([[1, *cell] for cell in cells], dtype=float)
    names = ["".join(name for name, on in zip("BDR", cell, strict=True) if on) for cell in cells]
    found = np.array([counts[name] for name in names], dtype=float)
    beta = np.array([math.log(found.mean()), 0.0, 0.0, 0.0])
    for _ in range(50):
        expected = np.exp(design @ beta)
        information = design.T @ (expected[:, None] * design)
        beta = beta + np.linalg.solve(information, design.T @ (found - expected))
    return float(np.exp(beta[0])), float(np.linalg.inv(information)[0, 0])


def test_two_lists_give_chapmans_figure_worked_out_by_hand() -> None:
    found = chapman(346, 184, 49)

    assert found.estimate == pytest.approx(347 * 185 / 50 - 1)  # 1282.9
    assert found.se**2 == pytest.approx(347 * 185 * 297 * 135 / (50**2 * 51))
    assert (found.found, found.shared, found.method) == (481, 49, CaptureMethod.CHAPMAN)


def test_chaos_bound_is_that_of_vegan_for_the_trees_of_barro_colorado() -> None:
    """vegan's specpool(BCI): 225 species on 50 plots, 21 on one and 19 on two; 236.3732, 6.54361"""
    found = chao_of_counts(50, 225, 21, 19, shared=204)

    assert found.estimate == pytest.approx(236.3732, abs=5e-5)
    assert found.se == pytest.approx(6.54361, abs=5e-6)


def test_chaos_bound_counts_what_is_on_one_list_and_on_two() -> None:
    found = chao_lower_bound(spina_bifida())

    assert (found.lists, found.found, found.shared) == (3, 626, 125)
    assert found.estimate == pytest.approx(626 + 2 / 3 * 501**2 / (2 * 121))
    assert found.lower > 626


def test_independent_lists_give_what_a_poisson_regression_gives() -> None:
    found = independent_lists(spina_bifida())

    empty_cell, variance_of_its_log = poisson_intercept(SPINA_BIFIDA)
    assert found.missed == pytest.approx(empty_cell, rel=1e-6)
    # of the unconditional size: that of the empty cell, and its own chance variation
    assert found.se**2 == pytest.approx(empty_cell + empty_cell**2 * variance_of_its_log, rel=1e-6)


def test_where_one_list_has_everything_nothing_is_missed() -> None:
    found = independent_lists(["AB"] * 8 + ["A"] * 3)

    assert (found.estimate, found.lower, found.upper) == (11, 11, 11)


def test_limits_lie_about_the_estimate_and_never_below_what_was_found() -> None:
    for found in a_few():
        assert found.found <= found.lower <= found.estimate <= found.upper


def a_few() -> Iterator[CaptureEstimate]:
    yield chapman(20, 15, 10)
    yield chapman(10, 10, 10)
    yield chao_lower_bound(["AB"] * 9 + ["A"] * 4 + ["ABC"] * 3)
    yield independent_lists(["AB"] * 9 + ["A"] * 4 + ["C"])


@pytest.mark.parametrize("both", [0, 6])
def test_too_few_in_common_give_no_figure(both: int) -> None:
    with pytest.raises(NotEstimable, match=f"{both} found by more than one source, 7 needed"):
        chapman(20, 20, both)


def test_nothing_on_two_lists_exactly_gives_no_bound() -> None:
    with pytest.raises(NotEstimable, match="by two sources exactly"):
        chao_lower_bound(["ABC"] * 8 + ["A"])


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidInput, match="12 on both, expected 0 to 10"):
        chapman(10, 20, 12)
    with pytest.raises(InvalidInput, match="one on no list"):
        independent_lists(["A", ""])
