"""Groups merged are the one group that their people would have been."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.errors import InvalidInput
from analysis.merging import MeanOfGroup, merge_means


def group(values: np.ndarray) -> MeanOfGroup:
    return MeanOfGroup(values.size, float(values.mean()), float(values.std(ddof=1)))


@pytest.mark.parametrize("sizes", [(12, 13), (2, 40, 9), (100, 3)])
def test_merged_groups_are_the_group_of_all_people(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(len(sizes))
    people = [rng.normal(10 * at, 1 + at, n) for at, n in enumerate(sizes)]

    merged, whole = merge_means([group(each) for each in people]), group(np.concatenate(people))

    assert (merged.n, merged.mean, merged.sd) == pytest.approx((whole.n, whole.mean, whole.sd))


def test_the_handbooks_formula_for_two_groups_gives_the_same() -> None:
    n, m, s = (30, 20), (10.0, 14.0), (2.0, 3.0)
    inside = (n[0] - 1) * s[0] ** 2 + (n[1] - 1) * s[1] ** 2
    between = n[0] * n[1] / sum(n) * (m[0] ** 2 + m[1] ** 2 - 2 * m[0] * m[1])

    merged = merge_means([MeanOfGroup(*each) for each in zip(n, m, s, strict=True)])

    assert merged.sd == pytest.approx(((inside + between) / (sum(n) - 1)) ** 0.5)
    assert merged.mean == pytest.approx(11.6)


def test_what_is_no_group_is_refused() -> None:
    for n, mean, sd in ((0, 1, 1), (5, float("nan"), 1), (5, 1, -1)):
        with pytest.raises(InvalidInput):
            MeanOfGroup(n, mean, sd)
    with pytest.raises(InvalidInput, match="two or more"):
        merge_means([MeanOfGroup(5, 1, 1)])
