from __future__ import annotations

import pytest

from analysis.errors import InvalidInput
from analysis.inputs import GivenEffects, TwoByTwo, TwoMeans
from analysis.plan import Plan, PoolingModel
from analysis.planned_analysis import meta_analysis
from analysis.results import Measure
from analysis.units import (
    design_effect,
    effective_errors,
    effective_means,
    effective_tables,
    mixing_caution,
    shared_out,
    shared_out_means,
    turned_scales,
)

SMD, MD = Measure.STANDARDISED_MEAN_DIFFERENCE, Measure.MEAN_DIFFERENCE


def test_the_handbooks_cluster_trial_counts_as_many_people_as_it_says():
    # Handbook 23.1.4: classrooms of 29.8 children on average, ICC 0.02, 63 of 295 and 84 of 330
    effect = design_effect(0.02, 29.8)
    tables = effective_tables(TwoByTwo.of([("A", 63, 295, 84, 330)]), [effect])

    assert round(effect, 3) == 1.576
    assert (round(tables.events_1[0], 1), round(tables.total_1[0], 1)) == (40.0, 187.2)
    assert (round(tables.events_2[0], 1), round(tables.total_2[0], 1)) == (53.3, 209.4)


def test_a_design_effect_enlarges_the_variance_by_itself():
    means = TwoMeans.of([("A", 3, 2, 40, 1, 2.5, 50)])
    given = GivenEffects.of([("A", 0.5, 0.1)])

    plain = meta_analysis(means, Plan(MD)).rows[0].estimate
    wider = meta_analysis(effective_means(means, [2.25]), Plan(MD)).rows[0].estimate
    assert plain is not None
    assert wider is not None
    assert wider.se == pytest.approx(1.5 * plain.se)
    assert effective_errors(given, [2.25]).se[0] == pytest.approx(0.15)


def test_clusters_of_unequal_size_weigh_less():
    assert design_effect(0.1, 20, size_variation=0.5) > design_effect(0.1, 20)
    assert design_effect(0.0, 20) == design_effect(0.5, 1) == 1


@pytest.mark.parametrize(("icc", "size"), [(-0.1, 20), (1.1, 20), (0.1, 0.5), (float("nan"), 9)])
def test_a_correlation_or_cluster_that_cannot_be_is_refused(icc, size):
    with pytest.raises(InvalidInput):
        design_effect(icc, size)


def test_a_design_effect_below_one_is_refused_by_the_study():
    with pytest.raises(InvalidInput, match="A: design effect: found 0.5"):
        effective_tables(TwoByTwo.of([("A", 1, 9, 2, 9)]), [0.5])


def test_a_shared_control_is_counted_once():
    doses = TwoByTwo.of([("low", 5, 20, 8, 30), ("high", 7, 21, 8, 30)])
    found = shared_out(doses, [1, 1], [2, 2])

    assert found.total_2.sum() == 30
    assert found.events_2.sum() == 8
    assert found.total_1.tolist() == [20, 21]


def test_means_of_a_shared_control_stay():
    doses = TwoMeans.of([("low", 5, 2, 20, 8, 3, 30), ("high", 7, 2, 21, 8, 3, 30)])
    found = shared_out_means(doses, [1, 1], [2, 2])

    assert found.n_2.tolist() == [15, 15]
    assert found.mean_2.tolist() == [8, 8]


def test_a_turned_scale_turns_its_effect():
    means = TwoMeans.of([("A", 3, 2, 40, 1, 2.5, 50), ("B", 3, 2, 40, 1, 2.5, 50)])
    found = meta_analysis(turned_scales(means, [False, True]), Plan(SMD, model=PoolingModel.COMMON))
    one, other = (row.estimate for row in found.rows)

    assert one is not None
    assert other is not None
    assert one.value == -other.value
    assert one.se == other.se


def test_standardised_changes_and_values_are_not_mixed():
    assert mixing_caution(MD, [True, False]) is None
    assert mixing_caution(SMD, [True, True, None]) is None
    assert mixing_caution(SMD, [True, False, False]) == (
        "1 of 3 studies report changes, the others values at the end:"
        " their standard deviations differ, so standardised differences do not mix"
    )
