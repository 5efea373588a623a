from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effects import given_effects
from analysis.errors import InvalidInput, NotEstimable
from analysis.inputs import TwoByTwo
from analysis.pooling import inverse_variance, mantel_haenszel
from analysis.results import Limits, Scale
from analysis.signals import OutcomeState, fired
from analysis.what_would_change import what_effect_would_change, what_would_change, with_trial
from tests.analysis.test_published_results import DISABILITY

NOW = TwoByTwo.of(DISABILITY)


def state(tables):
    found = mantel_haenszel(tables).estimate
    return OutcomeState(
        "disability",
        "Disability",
        "IVIg v placebo",
        "MMN",
        scale=Scale.LOG,
        estimate=found.value,
        ci=Limits(found.ci_lower, found.ci_upper),
        studies=frozenset(tables.labels),
    )


def signals(tables):
    return frozenset(signal.rule.value for signal in fired([state(NOW)], [state(tables)]))


def test_a_new_trial_in_favour_would_make_the_open_result_of_disability_clear():
    found = what_would_change(NOW, 10, 10, signals)

    crosses = found.where("S1")
    assert crosses[9, 1]
    assert not crosses[3, 3]
    assert found.rules == ("S1", "S2", "S3")


def test_the_direction_flips_only_where_the_new_trial_points_the_other_way():
    flips = what_would_change(NOW, 10, 10, signals).where("S3")

    assert flips[0, 10]
    assert not np.triu(np.ones((11, 11), bool)).T[flips].any()


def test_the_chance_of_a_change_follows_from_the_risks():
    found = what_would_change(NOW, 10, 10, signals)

    effective = found.chance("S1", risk_1=0.6, risk_2=0.1)
    assert 0.5 < effective < 1
    assert found.chance("S1", risk_1=0.1, risk_2=0.1) < 0.2
    assert found.chance("S1", risk_1=1.0, risk_2=0.0) == 1.0
    assert found.chance("no such rule", risk_1=0.5, risk_2=0.5) == 0.0


def test_a_coarse_grid_keeps_the_last_count_and_has_no_chance():
    found = what_would_change(NOW, 10, 10, signals, step=4)

    assert found.events_1.tolist() == [0, 4, 8, 10]
    with pytest.raises(InvalidInput, match="every result"):
        found.chance("S1", risk_1=0.5, risk_2=0.5)


def test_grids_that_show_nothing_are_refused():
    with pytest.raises(InvalidInput, match="larger step"):
        what_would_change(NOW, 1000, 1000, signals)
    with pytest.raises(InvalidInput, match="new trial"):
        what_would_change(NOW, 0, 10, signals)


def test_a_trial_is_added_last():
    grown = with_trial(NOW, (1, 10, 2, 11))

    assert grown.labels[-1] == "new trial"
    assert grown.events_1[-1] == 1
    assert len(NOW.labels) == 3


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 6), st.integers(1, 6))
def test_every_cell_is_what_the_rule_says_of_that_result(n_1, n_2):
    def open_result(tables):
        try:
            estimate = mantel_haenszel(tables).estimate
        except NotEstimable:
            return frozenset({"none"})
        return frozenset({"open"} if estimate.ci_lower <= 0 <= estimate.ci_upper else ())

    found = what_would_change(NOW, n_1, n_2, open_result)

    for a in range(n_1 + 1):
        for c in range(n_2 + 1):
            assert found.fired[a][c] == open_result(with_trial(NOW, (a, n_1, c, n_2)))


def test_a_difference_that_would_close_an_open_result_is_found():
    studies = given_effects(["1", "2"], [1.0, 0.5], [1.0, 1.0])

    def closed(grown):
        return frozenset({"closed"} if inverse_variance(grown).estimate.ci_lower > 0 else ())

    found = what_effect_would_change(studies, np.linspace(-2, 6, 33), 1.0, closed)

    assert not found.where("closed")[0]
    assert found.where("closed")[-1]
    assert (np.diff(found.where("closed").astype(int)) >= 0).all()
    with pytest.raises(InvalidInput, match="se"):
        what_effect_would_change(studies, [1.0], 0.0, closed)
