"""What must hold for all data: invariances, monotonicity, and typed errors for anything else."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis import effects, pooling, robustness, small_study
from analysis.effects import given_effects, odds_ratio, risk_difference, risk_ratio
from analysis.errors import AnalysisError, NotEstimable
from analysis.inputs import TwoByTwo
from analysis.pooling import Interval, Model, inverse_variance, mantel_haenszel, peto
from analysis.results import Estimate, Measure, StudyEffects
from analysis.tau2 import Tau2Method
from analysis.trim_and_fill import trim_and_fill

MEASURES = [Measure.RISK_RATIO, Measure.ODDS_RATIO, Measure.RISK_DIFFERENCE]
RANDOM_EFFECTS = [Model(method, interval) for method in Tau2Method for interval in Interval]


@st.composite
def arms(draw: st.DrawFn) -> tuple[int, int]:
    total = draw(st.integers(1, 60))
    return draw(st.integers(0, total)), total


@st.composite
def tables(draw: st.DrawFn, *, least: int = 1, most: int = 6) -> TwoByTwo:
    rows = draw(st.lists(st.tuples(arms(), arms()), min_size=least, max_size=most))
    return TwoByTwo.of([(f"S{at}", *one, *two) for at, (one, two) in enumerate(rows)])


@st.composite
def studies(draw: st.DrawFn, *, least: int = 2, most: int = 8) -> StudyEffects:
    k = draw(st.integers(least, most))
    y = draw(st.lists(st.floats(-5, 5), min_size=k, max_size=k))
    v = draw(st.lists(st.floats(1e-3, 10), min_size=k, max_size=k))
    return given_effects([f"S{at}" for at in range(k)], y, v)


def swapped(found: TwoByTwo) -> TwoByTwo:
    return TwoByTwo(found.labels, found.events_2, found.total_2, found.events_1, found.total_1)


def estimated(pool: Callable[[], Estimate]) -> Estimate:
    """Return the estimate, or drop the example where there is none."""
    try:
        return pool()
    except NotEstimable:
        assume(condition=False)
        raise


@given(tables(), st.sampled_from(MEASURES))
def test_swapping_the_arms_turns_a_mantel_haenszel_effect_round(found, measure):
    one = estimated(lambda: mantel_haenszel(found, measure).estimate)
    other = estimated(lambda: mantel_haenszel(swapped(found), measure).estimate)

    assert other.value == pytest.approx(-one.value, abs=1e-9)
    assert other.se == pytest.approx(one.se, rel=1e-9, abs=1e-12)
    assert other.ci_lower == pytest.approx(-one.ci_upper, abs=1e-8)


@given(tables())
def test_swapping_the_arms_turns_petos_effect_round(found):
    one = estimated(lambda: peto(found).estimate)
    other = estimated(lambda: peto(swapped(found)).estimate)

    assert other.value == pytest.approx(-one.value, abs=1e-9)


@given(tables(), st.sampled_from([risk_ratio, odds_ratio, risk_difference]))
def test_swapping_the_arms_turns_every_single_effect_round(found, measure):
    one, other = measure(found), measure(swapped(found))

    assert other.effects == pytest.approx(-one.effects, abs=1e-12)
    assert other.variances == pytest.approx(one.variances, rel=1e-9)


@given(tables(least=2), st.randoms(use_true_random=False), st.sampled_from(MEASURES))
def test_the_order_of_the_tables_does_not_matter(found, random, measure):
    order = list(range(len(found.labels)))
    random.shuffle(order)

    one = estimated(lambda: mantel_haenszel(found, measure).estimate)
    other = mantel_haenszel(found.take(order), measure).estimate

    assert other.value == pytest.approx(one.value, abs=1e-9)
    assert other.se == pytest.approx(one.se, rel=1e-9, abs=1e-12)


@given(studies(), st.randoms(use_true_random=False), st.sampled_from(RANDOM_EFFECTS))
def test_the_order_of_the_effects_does_not_matter(found, random, model):
    order = list(range(len(found)))
    random.shuffle(order)

    one, other = inverse_variance(found, model), inverse_variance(found.take(order), model)

    assert other.tau2 == pytest.approx(one.tau2, rel=1e-6, abs=1e-9)
    assert other.estimate.value == pytest.approx(one.estimate.value, rel=1e-6, abs=1e-7)


@given(studies(), st.floats(0.1, 10), st.floats(-3, 3), st.sampled_from(RANDOM_EFFECTS))
def test_another_unit_and_origin_move_everything_with_them(found, scale, shift, model):
    y, v = scale * found.effects + shift, scale**2 * found.variances
    moved = given_effects(found.labels, y, v)

    one, other = inverse_variance(found, model), inverse_variance(moved, model)

    assert other.tau2 == pytest.approx(scale**2 * one.tau2, rel=1e-6, abs=1e-8)
    assert other.estimate.value == pytest.approx(
        scale * one.estimate.value + shift, rel=1e-5, abs=1e-6
    )
    assert other.heterogeneity.q == pytest.approx(one.heterogeneity.q, rel=1e-6, abs=1e-7)


@given(studies())
def test_each_study_twice_is_each_study_with_half_the_variance(found):
    every = [*range(len(found)), *range(len(found))]
    halved = given_effects(found.labels, found.effects, found.variances / 2)

    twice, half = inverse_variance(found.take(every)), inverse_variance(halved)

    assert twice.estimate.value == pytest.approx(half.estimate.value, abs=1e-9)
    assert twice.estimate.se == pytest.approx(half.estimate.se, rel=1e-9)


@given(studies(), st.sampled_from(RANDOM_EFFECTS))
def test_everything_in_a_random_effects_result_is_in_its_place(found, model):
    pooled = inverse_variance(found, model)
    profile, prediction = pooled.profile, pooled.prediction

    assert profile is not None
    assert prediction is not None
    assert 0 <= profile.tau2.lower <= profile.tau2.upper
    assert 0 <= pooled.i2 < 1
    assert pooled.weights.sum() == pytest.approx(1)
    assert min(found.effects) - 1e-9 <= pooled.estimate.value <= max(found.effects) + 1e-9
    assert prediction.as_tested.lower <= pooled.estimate.ci_lower + 1e-9
    assert all(map(math.isfinite, (pooled.tau2, pooled.tau2_se or 0, pooled.estimate.se)))


@given(studies())
def test_paule_mandels_tau2_lies_in_its_own_profile(found):
    pooled = inverse_variance(found, Model(Tau2Method.PAULE_MANDEL))

    assert pooled.profile is not None
    assert pooled.profile.tau2.lower <= pooled.tau2 * (1 + 1e-9)


@given(studies(), st.sampled_from(RANDOM_EFFECTS))
def test_a_higher_level_is_never_narrower(found, model):
    narrow, wide = (
        inverse_variance(found, Model(model.tau2, model.interval, level)).estimate
        for level in (0.9, 0.99)
    )

    assert wide.ci_lower <= narrow.ci_lower
    assert narrow.ci_upper <= wide.ci_upper


@given(studies())
def test_the_floored_interval_is_never_narrower_than_the_common_effect_one(found):
    floored = inverse_variance(found, Model(interval=Interval.HARTUNG_KNAPP_FLOORED)).estimate
    common = inverse_variance(found).estimate

    width = common.ci_upper - common.ci_lower
    assert floored.ci_upper - floored.ci_lower >= width * (1 - 1e-9)


@settings(max_examples=30)
@given(st.lists(st.tuples(*[st.integers(2, 9)] * 4), min_size=2, max_size=4))
def test_methods_agree_as_trials_grow_and_effects_are_alike(cells):
    a, b, c, d = cells[0]
    rows = [
        (f"S{at}", m * a, m * (a + b), m * c, m * (c + d))
        for at, m in enumerate(10**5 * (1 + index) for index in range(len(cells)))
    ]
    grown = TwoByTwo.of(rows)

    mh = mantel_haenszel(grown, Measure.ODDS_RATIO).estimate
    iv = inverse_variance(odds_ratio(grown)).estimate

    assert mh.ci_lower == pytest.approx(iv.ci_lower, abs=1e-4)
    assert mh.ci_upper == pytest.approx(iv.ci_upper, abs=1e-4)
    assert mh.value == pytest.approx(math.log(a * d / (b * c)), abs=1e-9)


EVERYTHING: list[Callable[[TwoByTwo], object]] = [
    *(lambda found, m=m: mantel_haenszel(found, m) for m in MEASURES),
    *(lambda found, m=m: mantel_haenszel(found, m, rules=pooling.METAFOR_RULES) for m in MEASURES),
    peto,
    pooling.revman_random_effects,
    lambda found: inverse_variance(risk_ratio(found), RANDOM_EFFECTS[0]),
    lambda found: inverse_variance(risk_difference(found, effects.UNCHANGED), Model()),
    lambda found: inverse_variance(effects.arcsine_difference(found), Model()),
    lambda found: robustness.influence(odds_ratio(found), Model()),
    lambda found: small_study.egger(odds_ratio(found)),
    lambda found: small_study.rank_test(odds_ratio(found)),
    lambda found: trim_and_fill(odds_ratio(found), Model()),
    small_study.peters,
]


@pytest.mark.made_up
def test_ten_thousand_random_tables_raise_nothing_but_the_typed_errors():
    random = np.random.default_rng(20261125)
    refused = 0
    for at in range(10_000):
        found = _random_tables(random)
        try:
            EVERYTHING[at % len(EVERYTHING)](found)
        except AnalysisError:
            refused += 1

    assert 0 < refused < 10_000


def _random_tables(random: np.random.Generator) -> TwoByTwo:
    k = int(random.integers(1, 7))
    totals = random.integers(1, 25, (2, k))
    risks = random.choice([0.0, 0.02, 0.2, 0.6, 1.0], (2, k))
    events = random.binomial(totals, risks)
    names = tuple(f"S{at}" for at in range(k))
    first, second = (np.asarray(events[arm], float) for arm in (0, 1))
    return TwoByTwo(names, first, totals[0].astype(float), second, totals[1].astype(float))
