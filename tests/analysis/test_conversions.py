"""Conversions: identities come back exactly, estimates are flagged and near."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis import conversions
from analysis.conversions import Quantiles, mean_by_luo_wan, mean_by_mcgrath
from analysis.distributions import quantile, two_sided_p
from analysis.errors import InvalidInput, NotEstimable
from analysis.results import Measure


def test_a_standard_deviation_comes_back_from_each_of_its_disguises():
    sd, n = 7.0, 12
    half = quantile(0.95, n - 1) * sd / math.sqrt(n)

    assert conversions.sd_from_se(sd / math.sqrt(n), n).value == pytest.approx(sd)
    assert conversions.sd_from_ci(3 - half, 3 + half, n).value == pytest.approx(sd)


def test_a_common_standard_deviation_comes_back_from_a_difference():
    sd, n_1, n_2, difference = 4.0, 10, 14, 3.0
    se = sd * math.sqrt(1 / n_1 + 1 / n_2)
    half = quantile(0.95, n_1 + n_2 - 2) * se
    p = two_sided_p(difference / se, n_1 + n_2 - 2)

    found = [
        conversions.sd_from_difference_se(se, n_1, n_2),
        conversions.sd_from_difference_ci(difference - half, difference + half, n_1, n_2),
        conversions.sd_from_t(difference, difference / se, n_1, n_2),
        conversions.sd_from_p(difference, p, n_1, n_2),
    ]

    assert [each.value for each in found] == pytest.approx([sd] * 4)
    assert not any(each.estimated for each in found)


def test_the_scig_trial_gives_the_published_standard_deviations():
    """Harbo 2009: 3.6 (-3.6, 10.9) and 4.3 (-1.3, 10.0) for nine people."""
    assert conversions.sd_from_ci(-3.6, 10.9, 9).value == pytest.approx(9.432, abs=5e-4)
    assert conversions.sd_from_ci(-1.3, 10.0, 9).value == pytest.approx(7.350, abs=5e-4)


def test_a_printed_hazard_ratio_becomes_a_log_with_its_variance():
    found = conversions.effects_from_limits(["A"], [0.70], [0.50], [0.98], Measure.HAZARD_RATIO)

    assert found.effects[0] == pytest.approx(math.log(0.70))
    assert math.sqrt(found.variances[0]) == pytest.approx(
        math.log(0.98 / 0.50) / (2 * 1.959964), rel=1e-6
    )


def test_a_printed_p_value_becomes_the_variance_that_has_it():
    found = conversions.effects_from_p(["A"], [2.0], [0.03], Measure.RISK_RATIO)

    z = float(found.effects[0]) / math.sqrt(float(found.variances[0]))
    assert two_sided_p(z, None) == pytest.approx(0.03)


REFUSED = [
    pytest.param(
        lambda: conversions.effects_from_limits(["A"], [0.4], [0.5], [0.9], Measure.HAZARD_RATIO),
        "A: estimate: found 0.4, expected a value between its limits",
        id="outside its limits",
    ),
    pytest.param(
        lambda: conversions.effects_from_limits(["A"], [1.0], [0.0], [2.0], Measure.HAZARD_RATIO),
        "A: lower limit: found 0, expected a ratio above 0",
        id="a ratio of 0",
    ),
    pytest.param(
        lambda: conversions.effects_from_p(["A"], [0.0], [0.5]), "no effect has no", id="no effect"
    ),
    pytest.param(lambda: conversions.effects_from_p(["A"], [1.0], [0.0]), "exact p", id="p of 0"),
    pytest.param(lambda: conversions.sd_from_p(1, 1.2, 5, 5), "between 0 and 1", id="p above 1"),
    pytest.param(lambda: conversions.sd_from_ci(3, 1, 9), "width", id="limits swapped"),
    pytest.param(lambda: Quantiles(20, 5.0), "a median alone", id="a median alone"),
    pytest.param(lambda: Quantiles(20, 5.0, (6.0, 7.0)), "ascending", id="quartiles swapped"),
    pytest.param(
        lambda: mean_by_mcgrath(Quantiles(20, 5.0, (0.0, 7.0))),
        "above 0",
        id="zero is not positive",
    ),
]


@pytest.mark.parametrize(("convert", "message"), REFUSED)
def test_what_cannot_be_converted_is_refused(convert, message):
    with pytest.raises(InvalidInput, match=message):
        convert()


def test_a_difference_of_0_says_nothing_about_the_spread():
    with pytest.raises(NotEstimable, match="says nothing"):
        conversions.sd_from_t(0.0, 0.0, 5, 5)


@pytest.mark.parametrize("estimate", [mean_by_luo_wan, mean_by_mcgrath])
@pytest.mark.parametrize("shown", ["quartiles", "range", "both"])
def test_a_mean_from_quantiles_of_normal_data_is_near_and_flagged(estimate, shown):
    values = np.sort(np.random.default_rng(7).normal(50, 10, 400))
    low, q1, median, q3, high = np.percentile(values, [0, 25, 50, 75, 100])
    quartiles = (q1, q3) if shown != "range" else None
    span = (low, high) if shown != "quartiles" else None

    found = estimate(Quantiles(400, median, quartiles, span))

    assert found.estimated
    assert found.mean == pytest.approx(50, abs=1.5)
    assert found.sd == pytest.approx(10, abs=1.5)


def test_skewed_data_need_the_transformation():
    values = np.random.default_rng(8).lognormal(2, 0.7, 2000)
    q1, median, q3 = np.percentile(values, [25, 50, 75])
    quantiles = Quantiles(2000, median, (q1, q3))

    normal, skewed = mean_by_luo_wan(quantiles).mean, mean_by_mcgrath(quantiles).mean

    assert abs(skewed - values.mean()) < abs(normal - values.mean()) / 2


def test_the_power_of_mcgrath_is_that_of_the_paper_and_its_program():
    found = mean_by_mcgrath(Quantiles(50, 8, (5, 14), (1, 40)))

    # estmeansd::bc.mean.sd draws at random: mean about 10.9, SD about 9.5
    assert found.method == "McGrath 2020, Box-Cox power 0.09"
    assert (round(found.mean, 1), round(found.sd, 1)) == (10.8, 9.3)
    assert found.caution is None


def test_a_mean_above_the_third_quartile_carries_a_caution():
    assert mean_by_mcgrath(Quantiles(10, 20, (10, 60))).caution == (
        "the mean is above the third quartile: the data are very skewed"
    )
