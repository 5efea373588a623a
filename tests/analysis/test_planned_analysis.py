from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.distributions import two_sided_p
from analysis.errors import InvalidInput, InvalidOption
from analysis.inputs import (
    GivenEffects,
    LogRank,
    MeansAsPrinted,
    OneProportion,
    TablesAsPrinted,
    TwoByTwo,
    TwoMeans,
    TwoRates,
)
from analysis.plan import (
    Convention,
    Method,
    Plan,
    PoolingModel,
    PredictionConvention,
    interval_named,
    zero_cells_named,
)
from analysis.planned_analysis import Enters, meta_analysis
from analysis.pooling import Interval
from analysis.results import Estimate, Measure, Scale
from analysis.tau2 import Tau2Method
from tests.analysis.data import BCG, BCG_ALLOCATION, STROKE

RR, OR, RD = Measure.RISK_RATIO, Measure.ODDS_RATIO, Measure.RISK_DIFFERENCE
MD, SMD = Measure.MEAN_DIFFERENCE, Measure.STANDARDISED_MEAN_DIFFERENCE
COMMON, RANDOM = PoolingModel.COMMON, PoolingModel.RANDOM
MH, IV, PETO = Method.MANTEL_HAENSZEL, Method.INVERSE_VARIANCE, Method.PETO


def revman(measure, method=IV, model=COMMON, **options):
    return Plan(measure, method, model, convention=Convention.REVMAN, **options)


def analysed(*given, **options):
    return meta_analysis(*given, **options)


def pooled(studies, plan, **options):
    return analysed(studies, plan, **options).overall


def shown(estimate: Estimate, measure: Measure) -> tuple[float, ...]:
    values = (estimate.value, estimate.ci_lower, estimate.ci_upper)
    return tuple(round(measure.scale.shown(value), 4) for value in values)


# ---- what is left open ---------------------------------------------------------------------------


def test_a_plan_that_names_only_its_measure_is_headed_as_methods_md_says():
    found = pooled(STROKE, Plan(MD))

    assert found.interval is Interval.HARTUNG_KNAPP_FLOORED
    assert [round(v, 2) for v in (found.estimate.value, found.estimate.ci_lower)] == [
        -15.11,
        -36.32,
    ]
    assert round(found.estimate.ci_upper, 2) == 6.11
    assert round(found.prediction.lower) == -79
    assert round(found.prediction.upper) == 49


def test_mantel_haenszel_with_random_effects_is_revmans():
    found = pooled(BCG, Plan(RR, MH))

    assert shown(found.estimate, RR) == (0.4896, 0.3448, 0.6952)
    assert found.interval is Interval.NORMAL


def test_two_studies_have_no_prediction_unless_it_is_asked_for():
    two = TwoByTwo.of([("A", 4, 50, 9, 50), ("B", 3, 40, 8, 41)])

    assert pooled(two, Plan(RR)).prediction is None
    assert pooled(two, Plan(RR, prediction=PredictionConvention.T_K_1)).prediction is not None
    assert pooled(two, Plan(RR, prediction=PredictionConvention.T_K_2)).prediction is None


def test_the_words_of_a_protocol_name_intervals_and_zero_cell_rules():
    assert interval_named("HK") is interval_named("hartung-knapp") is Interval.HARTUNG_KNAPP
    assert zero_cells_named("none").add == 0
    with pytest.raises(InvalidOption, match="interval 'knha': expected one of wald, t, "):
        interval_named("knha")


@pytest.mark.parametrize(
    ("measure", "method", "model"), [(RR, PETO, COMMON), (MD, MH, COMMON), (OR, PETO, RANDOM)]
)
def test_a_method_that_does_not_pool_a_measure_is_refused(measure, method, model):
    with pytest.raises(InvalidOption, match=f"{method}"):
        Plan(measure, method, model)


@pytest.mark.parametrize(
    ("studies", "measure"),
    [
        (BCG, MD),
        (STROKE, RR),
        (TwoRates.of([("A", 1, 2, 3, 4)]), RR),
        (OneProportion.of([("A", 1, 2)]), RR),
        (LogRank.of([("A", 1, 2)]), MD),
        (GivenEffects.of([("A", 1, 2)]), Measure.HAZARD_RATIO),
    ],
)
def test_a_measure_that_the_numbers_do_not_give_is_refused(studies, measure):
    with pytest.raises(InvalidOption, match=str(measure)):
        analysed(studies, Plan(measure))


# ---- rows and groups -----------------------------------------------------------------------------


def test_weights_are_shares_of_the_overall_result():
    found = analysed(BCG, Plan(RR, MH, COMMON), subgroups=BCG_ALLOCATION)

    assert math.fsum(row.weight for row in found.rows) == pytest.approx(1)
    assert [row.subgroup for row in found.rows] == BCG_ALLOCATION


def test_subgroups_stand_in_the_order_of_their_rows():
    found = analysed(BCG, Plan(RR), subgroups=BCG_ALLOCATION)

    assert [group.label for group in found.subgroups] == ["random", "alternate", "systematic"]
    assert sum(group.studies for group in found.subgroups) == found.overall.studies


def test_subgroups_and_the_test_between_them_agree_with_metafor():
    found = analysed(BCG, Plan(RR, model=COMMON), subgroups=BCG_ALLOCATION)

    assert [each.estimate.value for each in found.subgroups] == pytest.approx(
        [-0.294536663614776, -0.7185553676346008, -0.413328379603451], rel=1e-9
    )
    assert found.between.q == pytest.approx(19.865369819665634, rel=1e-9)


def test_a_row_of_a_subgroup_only_is_not_in_the_overall_result():
    enters = [Enters.SUBGROUP, *[Enters.BOTH] * 11, Enters.OVERALL]
    found = analysed(BCG, Plan(RR), subgroups=BCG_ALLOCATION, enters=enters)

    assert found.overall.studies == 12
    assert found.rows[0].weight is None
    assert [group.studies for group in found.subgroups] == [7, 2, 3]


def test_without_an_overall_result_weights_are_those_of_the_subgroups():
    found = analysed(
        BCG, Plan(RR), subgroups=BCG_ALLOCATION, enters=[Enters.SUBGROUP] * len(BCG.labels)
    )

    assert found.overall is None
    assert math.fsum(row.weight for row in found.rows) == pytest.approx(3)


def test_a_study_may_stand_twice():
    twice = TwoByTwo.of([("A", 4, 50, 9, 50), ("A", 3, 40, 8, 41)])

    assert [row.label for row in analysed(twice, Plan(RR)).rows] == ["A", "A"]


def test_a_group_without_an_estimate_says_why_and_the_others_stand():
    tables = TwoByTwo.of([("A", 4, 50, 9, 50), ("B", 0, 40, 0, 41)])
    found = analysed(tables, Plan(OR, MH, COMMON), subgroups=["one", "none"])

    assert found.rows[1].left_out == "no events in both arms"
    assert found.subgroups[1].why == "no study has events in one arm and not in the other"
    assert found.subgroups[0].estimate == found.overall.estimate
    assert found.between is None


def test_subgroups_need_one_label_a_row():
    with pytest.raises(
        InvalidInput, match="subgroups: found 1 values, expected one for each of 13"
    ):
        analysed(BCG, Plan(RR), subgroups=["all"])


def test_no_row_at_all_is_no_analysis():
    found = analysed(TwoByTwo.of([]), Plan(RR))

    assert found.overall is None
    assert found.rows == ()


def test_given_logarithms_are_shown_as_ratios():
    rate = GivenEffects.of([("A", math.log(2), 0.1), ("B", math.log(3), 0.2)], Scale.LOG)
    found = analysed(rate, Plan(Measure.GENERIC, model=COMMON))

    assert found.scale is Scale.LOG
    assert 2 < found.scale.shown(found.overall.estimate.value) < 3


def test_a_standard_error_of_nothing_has_no_weight_and_is_named():
    found = analysed(GivenEffects.of([("A", 1, 0), ("B", 2, 1)]), Plan(Measure.GENERIC))

    assert found.rows[0].left_out == "standard error 0, so no weight"
    assert found.overall.studies == 1


def test_observed_less_expected_pools_to_their_sums():
    found = pooled(
        LogRank.of([("A", -5, 10), ("B", 1, 6)]), Plan(Measure.HAZARD_RATIO, PETO, COMMON)
    )

    assert found.estimate.value == pytest.approx(-4 / 16)
    assert found.estimate.se == pytest.approx(1 / 4)


# ---- RevMan's rules ------------------------------------------------------------------------------


def test_all_events_in_both_arms_are_a_risk_ratio_of_one_in_revman():
    full = TwoByTwo.of([("A", 20, 20, 23, 23)])

    assert shown(pooled(full, revman(RR)).estimate, RR) == (1.0, 0.9151, 1.0927)
    assert shown(pooled(full, revman(RR, MH)).estimate, RR)[0] == 1.0
    assert pooled(full, revman(OR)).why == "no study has an effect (A: only events in both arms)"
    assert pooled(full, Plan(RR, MH, COMMON)).estimate is None


def test_all_events_draw_a_mantel_haenszel_ratio_to_one_in_revman():
    tables = TwoByTwo.of([("A", 20, 20, 23, 23), ("B", 5, 20, 10, 20)])
    found = analysed(tables, revman(RR, MH))
    alone = analysed(tables.take([1]), revman(RR, MH)).overall.estimate.value

    assert alone < found.overall.estimate.value < 0
    assert found.rows[0].weight > 0.5


def test_a_risk_difference_is_of_the_counts_with_the_corrected_variance_in_revman():
    [row] = analysed(TwoByTwo.of([("A", 2, 38, 0, 39)]), revman(RD)).rows

    assert shown(row.estimate, RD) == (0.0526, -0.0316, 0.1369)


def test_an_arm_of_one_person_is_taken_by_revman_and_left_out_by_the_handbook():
    alone = MeansAsPrinted.of([("A", 3, 2, 1, 1, 1.5, 2)])

    assert pooled(alone, revman(MD)).estimate.se == pytest.approx(math.sqrt(4 + 1.5**2 / 2))
    standardised = pooled(alone, revman(SMD)).estimate
    assert (standardised.value, standardised.se**2) == pytest.approx((0, 3 / 2))
    [row] = analysed(alone, Plan(MD)).rows
    assert row.left_out == "an arm of one person has no standard deviation"


def test_two_people_have_no_standardised_difference_in_revman():
    found = analysed(
        MeansAsPrinted.of([("A", 3, 2, 1, 1, 1, 1), ("B", 3, 2, 9, 1, 2, 9)]), revman(SMD)
    )

    assert found.rows[0].left_out == "an arm of one person has no standard deviation"
    assert found.overall.studies == 1


def test_rows_as_printed_without_an_effect_are_left_out_by_name():
    means = MeansAsPrinted.of([("A", 3, 0, 9, 1, 2, 9), ("B", 3, 1, 0, 1, 2, 9)])
    tables = TablesAsPrinted.of([("C", 0, 0, 1, 9)])

    assert [row.left_out for row in analysed(means, revman(MD)).rows] == [
        "a standard deviation of 0",
        "an arm without people",
    ]
    assert analysed(tables, revman(RR)).rows[0].left_out == "an arm without people"


def test_numbers_that_cannot_be_are_refused_by_name_even_as_printed():
    with pytest.raises(InvalidInput, match="A: n_1"):
        MeansAsPrinted.of([("A", 3, 1, -1, 1, 2, 9)])
    with pytest.raises(InvalidInput, match="A: sd_2"):
        MeansAsPrinted.of([("A", 3, 1, 1, 1, -2, 9)])


def test_revman_prints_walds_p_beside_an_unfloored_hartung_knapp_interval():
    plan = revman(MD, model=RANDOM, tau2=Tau2Method.REML, interval=Interval.HARTUNG_KNAPP)
    wald = revman(MD, model=RANDOM, tau2=Tau2Method.REML)
    found, normal = pooled(STROKE, plan).estimate, pooled(STROKE, wald).estimate

    assert found.p == pytest.approx(normal.p)
    assert found.statistic != normal.statistic
    assert pooled(STROKE, Plan(MD, interval=Interval.HARTUNG_KNAPP)).estimate.p == pytest.approx(
        two_sided_p(found.statistic, 8)
    )


def test_one_study_has_normal_limits_and_its_interval_for_prediction_in_revman():
    plan = revman(
        MD,
        model=RANDOM,
        interval=Interval.HARTUNG_KNAPP,
        prediction=PredictionConvention.AS_TESTED,
    )
    found = pooled(STROKE.take([0]), plan)

    assert found.interval is Interval.NORMAL
    assert found.estimate.df is None
    assert found.prediction.lower == found.estimate.ci_lower


def test_a_prediction_interval_without_heterogeneity_is_the_interval_in_revman():
    alike = TwoMeans.of([("A", 3, 2, 20, 2, 2, 20), ("B", 3.1, 2, 20, 2, 2, 20)])
    plan = revman(MD, model=RANDOM, prediction=PredictionConvention.AS_TESTED)
    found = pooled(alike, plan)

    assert found.tau2 == 0
    assert found.prediction.upper == pytest.approx(found.estimate.ci_upper)


def test_i2_is_from_q_under_dersimonian_laird_and_from_tau2_under_reml():
    by_moments = pooled(BCG, revman(RR, model=RANDOM))
    by_likelihood = pooled(BCG, revman(RR, model=RANDOM, tau2=Tau2Method.REML))

    assert by_moments.i2 == pytest.approx(by_moments.heterogeneity.i2)
    assert by_likelihood.i2 != pytest.approx(by_likelihood.heterogeneity.i2, rel=1e-4)


def test_a_single_subgroup_is_tested_against_nothing():
    found = analysed(BCG, revman(RR, MH), subgroups=["all"] * 13)

    assert (found.between.q, found.between.df, found.between.p) == (0, 0, 1)
    assert analysed(BCG, Plan(RR, MH, COMMON), subgroups=["all"] * 13).between is None


def test_the_level_is_that_of_every_interval():
    plan = revman(RR, level=0.99)
    found = analysed(BCG, plan)
    estimate = found.rows[0].estimate

    assert estimate.ci_upper - estimate.value == pytest.approx(2.5758293 * estimate.se)
    assert found.overall.estimate.ci_upper > pooled(BCG, revman(RR)).estimate.ci_upper


# ---- differences of risks ------------------------------------------------------------------------


@pytest.mark.parametrize("method", [MH, IV])
@pytest.mark.parametrize("model", [COMMON, RANDOM])
@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ((0, 101, 0, 105), (0.0, -0.0353, 0.0366)),
        ((2, 2, 0, 2), (1.0, 0.07, 1.0)),
        ((10, 10, 0, 20), (1.0, 0.6791, 1.0)),
    ],
)
def test_a_trial_and_its_own_pool_agree_and_neither_is_certain(method, model, table, expected):
    found = analysed(TwoByTwo.of([("A", *table)]), Plan(RD, method, model))

    assert shown(found.overall.estimate, RD) == expected
    assert shown(found.rows[0].estimate, RD) == expected
    assert found.overall.estimate.se > 0


def test_trials_without_any_event_pool_to_limits_of_a_width():
    tables = TwoByTwo.of([("A", 0, 101, 0, 105), ("B", 0, 101, 0, 105)])

    for method in (MH, IV):
        found = pooled(tables, Plan(RD, method, COMMON)).estimate
        single = analysed(tables, Plan(RD, method, COMMON)).rows[0].estimate
        assert found.value == 0
        assert single.ci_lower < found.ci_lower < 0 < found.ci_upper < single.ci_upper


def test_a_constant_is_never_seen_as_a_difference():
    [row] = analysed(TwoByTwo.of([("A", 0, 21, 0, 12)]), Plan(RD)).rows

    assert row.estimate.value == 0


def test_limits_of_a_difference_stay_between_minus_one_and_one():
    tables = TwoByTwo.of([("A", 2, 2, 0, 3), ("B", 3, 3, 1, 4), ("C", 4, 4, 0, 2)])

    for method in (MH, IV):
        found = analysed(tables, Plan(RD, method))
        for each in (found.overall.estimate, *(row.estimate for row in found.rows)):
            assert -1 <= each.ci_lower < each.value <= each.ci_upper <= 1
        if found.overall.prediction is not None:
            assert found.overall.prediction.upper <= 1


def test_differences_of_rare_events_by_inverse_variance_carry_a_caution():
    rare = TwoByTwo.of([("A", 0, 349, 0, 151), ("B", 421, 1561, 790, 3155)])
    often = TwoByTwo.of([("A", 10, 30, 14, 30), ("B", 421, 1561, 790, 3155)])

    assert any("rare events" in each for each in pooled(rare, Plan(RD)).cautions)
    assert not any("rare events" in each for each in pooled(often, Plan(RD)).cautions)
    assert pooled(rare, Plan(RD, MH, COMMON)).cautions == ()


def test_a_proportion_stays_between_none_and_all():
    few = OneProportion.of([("A", 0, 9), ("B", 1, 12)])
    found = analysed(few, Plan(Measure.PROPORTION, model=COMMON))

    assert found.overall.estimate.ci_lower == 0
    assert all(row.estimate.ci_lower >= 0 for row in found.rows)


def test_an_effect_of_no_size_has_its_weight_whatever_its_neighbours():
    tables = TwoByTwo.of([("A", 4, 50, 9, 50), ("B", 0, 40, 0, 41), ("C", 3, 30, 8, 31)])
    found = analysed(tables, Plan(RR, MH, COMMON))

    assert found.rows[1].weight is None
    assert np.isclose(found.rows[0].weight + found.rows[2].weight, 1)


def test_limits_that_are_score_limits_are_said_to_be():
    nobody = TwoByTwo.of([("a", 0, 101, 0, 105)])
    plan = Plan(RD, MH, COMMON)

    assert pooled(nobody, plan).score_limits
    assert not pooled(BCG, plan).score_limits


def test_i2_of_a_common_effect_has_no_limits_that_do_not_hold_it():
    found = pooled(BCG, Plan(RD, MH, COMMON))

    assert found.i2 == pytest.approx(0.969, abs=1e-3)
    assert found.i2_limits is None
    assert pooled(BCG, Plan(RR, MH, COMMON)).i2_limits is not None


def test_limits_of_an_arcsine_difference_stay_where_one_can_be():
    found = analysed(TwoByTwo.of([("A", 2, 2, 0, 2)]), Plan(Measure.ARCSINE_DIFFERENCE))

    for estimate in (found.overall.estimate, found.rows[0].estimate):
        assert estimate.value == pytest.approx(math.pi / 2)
        assert estimate.ci_upper == pytest.approx(math.pi / 2)
