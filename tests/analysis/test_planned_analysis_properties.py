"""Whatever is planned of whatever numbers: an answer that can be, or the reason why not."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.errors import InvalidOption
from analysis.inputs import MeansAsPrinted, TablesAsPrinted
from analysis.plan import Convention, Method, Plan, PoolingModel, PredictionConvention
from analysis.planned_analysis import Enters, meta_analysis
from analysis.pooling import Interval
from analysis.results import Measure
from analysis.tau2 import Tau2Method

TABLE_MEASURES = (
    Measure.RISK_RATIO,
    Measure.ODDS_RATIO,
    Measure.RISK_DIFFERENCE,
    Measure.PETO_ODDS_RATIO,
    Measure.ARCSINE_DIFFERENCE,
)
MEAN_MEASURES = (
    Measure.MEAN_DIFFERENCE,
    Measure.STANDARDISED_MEAN_DIFFERENCE,
    Measure.GLASS_DELTA,
    Measure.RATIO_OF_MEANS,
)


@st.composite
def arms(draw):
    total = draw(st.integers(0, 60))
    return draw(st.integers(0, total)), total


@st.composite
def some_tables(draw):
    rows = draw(st.lists(st.tuples(arms(), arms()), min_size=1, max_size=6))
    return TablesAsPrinted.of((str(at), *one, *two) for at, (one, two) in enumerate(rows))


@st.composite
def some_means(draw):
    # Of one decimal: what overflows beside it is refused by name.
    decimals = st.integers(-500, 500).map(lambda n: n / 10)
    arm = st.tuples(decimals, decimals.map(abs), st.integers(0, 60))
    rows = draw(st.lists(st.tuples(arm, arm), min_size=1, max_size=6))
    return MeansAsPrinted.of((str(at), *one, *two) for at, (one, two) in enumerate(rows))


@st.composite
def plans(draw, measures):
    try:
        return Plan(
            draw(st.sampled_from(measures)),
            draw(st.sampled_from(Method)),
            draw(st.sampled_from(PoolingModel)),
            draw(st.none() | st.sampled_from(Tau2Method)),
            draw(st.none() | st.sampled_from(Interval)),
            draw(st.none() | st.sampled_from(PredictionConvention)),
            draw(st.sampled_from([0.8, 0.95, 0.99])),
            None,
            draw(st.sampled_from(Convention)),
        )
    except InvalidOption:
        assume(False)


def check(found):
    groups = [group for group in (found.overall, *found.subgroups) if group is not None]
    for group in groups:
        assert (group.estimate is None) == (group.why is not None)
    estimates = [group.estimate for group in groups if group.estimate is not None]
    estimates += [row.estimate for row in found.rows if row.estimate is not None]
    for each in estimates:
        assert all(map(math.isfinite, (each.value, each.se, each.ci_lower, each.ci_upper)))
        assert each.ci_lower <= each.value <= each.ci_upper
        assert each.p is None or 0 <= each.p <= 1
        if found.plan.measure is Measure.RISK_DIFFERENCE and each.se > 0:
            handbook = found.plan.convention is Convention.HANDBOOK
            assert not handbook or -1 <= each.ci_lower < each.ci_upper <= 1
    for row in found.rows:
        assert (row.estimate is None) == (row.left_out is not None)
    weights = [row.weight for row in found.rows if row.weight is not None]
    if found.overall is not None and found.overall.estimate is not None:
        assert math.fsum(weights) == pytest.approx(1)


@settings(deadline=None, max_examples=60)
@given(some_tables(), plans(TABLE_MEASURES), st.data())
def test_any_plan_of_any_tables_has_an_answer_or_a_reason(tables, plan, data):
    k = len(tables.labels)
    named = data.draw(st.lists(st.sampled_from("ab"), min_size=k, max_size=k))
    enters = data.draw(st.lists(st.sampled_from(Enters), min_size=k, max_size=k))

    check(meta_analysis(tables, plan, subgroups=named, enters=enters))
    check(meta_analysis(tables, plan))


@settings(deadline=None, max_examples=40)
@given(some_means(), plans(MEAN_MEASURES))
def test_any_plan_of_any_means_has_an_answer_or_a_reason(means, plan):
    check(meta_analysis(means, plan))


@settings(deadline=None, max_examples=50)
@given(some_tables(), plans(TABLE_MEASURES))
def test_exchanged_arms_turn_the_estimate(tables, plan):
    turned = TablesAsPrinted(
        tables.labels, tables.events_2, tables.total_2, tables.events_1, tables.total_1
    )
    one, other = meta_analysis(tables, plan).overall, meta_analysis(turned, plan).overall

    assert one is not None
    assert other is not None
    assert (one.estimate is None) == (other.estimate is None)
    if one.estimate is not None and other.estimate is not None:
        assert one.estimate.value == pytest.approx(-other.estimate.value, abs=1e-7)
        assert one.estimate.ci_lower == pytest.approx(-other.estimate.ci_upper, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(some_tables())
def test_a_wider_level_is_a_wider_interval(tables):
    plan = Plan(Measure.ODDS_RATIO, Method.MANTEL_HAENSZEL, PoolingModel.COMMON)
    narrow = meta_analysis(tables, plan).overall
    wide = meta_analysis(tables, replace(plan, level=0.99)).overall

    assert narrow is not None
    assert wide is not None
    if narrow.estimate is not None and wide.estimate is not None and narrow.estimate.se > 0:
        assert wide.estimate.ci_lower < narrow.estimate.ci_lower
