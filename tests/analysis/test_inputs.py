"""What cannot be true is refused where it enters, and the study is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.errors import InvalidInput
from analysis.inputs import OneProportion, TwoByTwo, TwoMeans, TwoRates

SHORT: Any = ("A", 1, 5, 0)
REFUSED = [
    pytest.param(
        lambda: TwoByTwo.of([("A", 1, 5, 0, 5), ("B", 7, 5, 0, 5)]),
        "B: arm 1: found 7 events among 5 participants, expected no more events than participants",
        id="more events than people",
    ),
    pytest.param(lambda: TwoByTwo.of([("A", -1, 5, 0, 5)]), "A: arm 1 events", id="below 0"),
    pytest.param(lambda: TwoByTwo.of([("A", 0, 5, 0, 0)]), "A: arm 2 participants", id="nobody"),
    pytest.param(lambda: TwoByTwo.of([("A", np.nan, 5, 0, 5)]), "A: events_1", id="not a number"),
    pytest.param(lambda: TwoByTwo.of([SHORT]), "A: found 3 numbers", id="a cell short"),
    pytest.param(lambda: TwoMeans.of([("A", 1, 0, 5, 1, 1, 5)]), "A: sd_1", id="sd of 0"),
    pytest.param(lambda: TwoMeans.of([("A", 1, 1, 1, 1, 1, 5)]), "A: n_1", id="one person"),
    pytest.param(lambda: TwoRates.of([("A", 1, 0, 1, 5)]), "A: time_1", id="no time at risk"),
    pytest.param(lambda: OneProportion.of([("A", 6, 5)]), "A: group", id="6 of 5"),
]


@pytest.mark.parametrize(("build", "message"), REFUSED)
def test_an_impossible_number_is_refused_with_its_study(build, message):
    with pytest.raises(InvalidInput, match=message):
        build()


def test_inputs_cannot_be_changed_after_they_were_checked():
    tables = TwoByTwo.of([("A", 1, 5, 0, 5)])

    with pytest.raises(ValueError, match="read-only"):
        tables.events_1[0] = 7


def test_the_callers_numbers_are_copied():
    events = np.array([1.0])
    tables = TwoByTwo(("A",), events, np.array([5.0]), np.array([0.0]), np.array([5.0]))

    events[0] = 3

    assert tables.events_1[0] == 1


def test_studies_are_taken_in_the_order_asked():
    tables = TwoByTwo.of([("A", 1, 5, 0, 5), ("B", 2, 6, 1, 6), ("C", 3, 7, 2, 7)])

    assert tables.take([2, 0]).labels == ("C", "A")
    assert tables.take([2, 0]).events_1.tolist() == [3, 1]
