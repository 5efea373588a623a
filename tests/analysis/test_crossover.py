from __future__ import annotations

import pytest

from analysis.crossover import (
    EMPTY_MARGIN,
    NO_EVENTS,
    PairedMeans,
    PairedTables,
    joint_count_range,
    paired_binary,
    paired_mean_difference,
    paired_standardised_mean_difference,
    sd_of_differences,
)
from analysis.errors import InvalidInput, InvalidOption
from analysis.pooling import inverse_variance
from analysis.results import Measure

# Two arms of one trial of 42 people: both 2, first only 15, second only 5, neither 20.
TRIAL = PairedTables.of([("Hahn 2013", 2, 15, 5, 20)])
# IVIg and SCIg in 9 people, with a correlation of 0.3 between the periods.
MEANS = PairedMeans.of(
    [("Harbo 2009", 4.3, 7.285, 3.6, 9.367, 9, sd_of_differences(7.285, 9.367, 0.3))]
)


@pytest.mark.parametrize(
    ("measure", "effect", "variance"),
    [
        (Measure.RISK_RATIO, 0.8873031950009027, 0.16806722689075632),
        (Measure.ODDS_RATIO, 1.2237754316221159, 0.2984873949579832),
        (Measure.RISK_DIFFERENCE, 0.2380952380952381, 0.009988122233020192),
    ],
)
def test_agrees_with_metafor_on_a_joint_table(measure, effect, variance):
    found = paired_binary(TRIAL, measure)

    assert found.effects[0] == pytest.approx(effect, rel=1e-12)
    assert found.variances[0] == pytest.approx(variance, rel=1e-12)


def test_agrees_with_metafor_on_paired_means():
    difference = paired_mean_difference(MEANS)
    standardised = paired_standardised_mean_difference(MEANS)

    assert difference.effects[0] == pytest.approx(0.7)
    assert difference.variances[0] == pytest.approx(11.096528555555558, rel=1e-12)
    assert standardised.effects[0] == pytest.approx(0.08342444709223477, rel=1e-12)
    assert standardised.variances[0] == pytest.approx(0.15609686076231682, rel=1e-12)


def test_the_spread_of_the_differences_tells_the_correlation():
    assert MEANS.correlation[0] == pytest.approx(0.3)


def test_paired_tables_pool_by_inverse_variance():
    tables = PairedTables.of(
        [("1", 6, 9, 2, 11), ("2", 3, 7, 1, 5), ("3", 0, 8, 1, 4), ("4", 11, 14, 6, 19)]
    )

    pooled = inverse_variance(paired_binary(tables, Measure.RISK_RATIO))

    assert pooled.estimate.value == pytest.approx(0.5646219, abs=1e-6)
    assert pooled.heterogeneity.q == pytest.approx(3.383296816480194)


def test_a_table_without_events_and_one_without_a_margin_are_left_out_with_the_reason():
    tables = PairedTables.of([("1", 0, 0, 0, 9), ("2", 0, 3, 0, 6), ("3", 2, 3, 1, 6)])

    found = paired_binary(tables, Measure.RISK_RATIO)

    assert found.labels == ("3",)
    assert found.rows == (2,)
    assert [gone.reason for gone in found.left_out] == [NO_EVENTS, EMPTY_MARGIN]


def test_a_risk_difference_needs_no_margin():
    found = paired_binary(PairedTables.of([("1", 0, 3, 0, 6)]), Measure.RISK_DIFFERENCE)

    assert found.effects[0] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("one", "two", "people", "expected"),
    [(4, 20, 42, (0, 4)), (5, 0, 5, (0, 0)), (9, 8, 10, (7, 8)), (10, 8, 10, (8, 8))],
)
def test_the_margins_bound_the_joint_count(one, two, people, expected):
    assert joint_count_range(one, two, people) == expected


def test_spreads_that_no_correlation_joins_are_refused():
    with pytest.raises(InvalidInput, match="correlation"):
        PairedMeans.of([("1", 1, 2, 1, 3, 10, 50)])


def test_negative_counts_and_other_measures_are_refused():
    with pytest.raises(InvalidInput, match="both"):
        PairedTables.of([("1", -1, 2, 1, 3)])
    with pytest.raises(InvalidOption):
        paired_binary(TRIAL, Measure.MEAN_DIFFERENCE)
