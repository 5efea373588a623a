from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.batch import fit_batch
from analysis.batch_tables import mantel_haenszel_batch, peto_batch
from analysis.effects import REVMAN, UNCHANGED, given_effects
from analysis.errors import InsufficientStudies, InvalidInput, InvalidOption, NotEstimable
from analysis.inputs import TwoByTwo
from analysis.pooling import (
    COMMON_EFFECT,
    METAFOR_RULES,
    Interval,
    Model,
    inverse_variance,
    mantel_haenszel,
    peto,
)
from analysis.results import Measure
from analysis.tau2 import Tau2Method

MODELS = [
    COMMON_EFFECT,
    *(Model(method, interval) for method in Tau2Method for interval in Interval),
]
COUNT = st.integers(1, 8)
MEASURES = [Measure.RISK_RATIO, Measure.ODDS_RATIO, Measure.RISK_DIFFERENCE]


def drawn(seed, sets, k, spread=2.0):
    random = np.random.default_rng(seed)
    v = 0.1 * np.exp(random.normal(0, spread, (sets, k)))
    return random.normal(0, np.sqrt(v + random.choice([0.0, 0.1, 10.0], (sets, 1)))), v


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.tau2}-{model.interval}")
@pytest.mark.parametrize("k", [2, 3, 10])
def test_every_row_is_the_fit_of_that_row_alone(model, k):
    y, v = drawn(k, 60, k)

    found = fit_batch(y, v, model)

    alone = [
        inverse_variance(given_effects([str(at) for at in range(k)], *row), model)
        for row in zip(y, v, strict=True)
    ]
    assert found.tau2 == pytest.approx([fit.tau2 for fit in alone], rel=1e-8, abs=1e-10)
    for mine, theirs in (
        (found.estimate, [fit.estimate.value for fit in alone]),
        (found.se, [fit.estimate.se for fit in alone]),
        (found.p, [fit.estimate.p for fit in alone]),
        (found.ci_lower, [fit.estimate.ci_lower for fit in alone]),
        (found.ci_upper, [fit.estimate.ci_upper for fit in alone]),
    ):
        assert mine == pytest.approx(theirs, rel=1e-7, abs=1e-9)


def test_ten_thousand_fits_leave_no_higher_likelihood_on_a_fine_grid():
    y, v = drawn(5, 10_000, 10, spread=1.0)

    found = fit_batch(y, v, Model(interval=Interval.HARTUNG_KNAPP))

    reached = likelihood(y, v, found.tau2)
    for tau2 in np.concatenate([[0.0], np.geomspace(1e-4, 1e3, 60)]):
        assert (likelihood(y, v, np.full(10_000, tau2)) <= reached + 1e-7).all()


def likelihood(y, v, tau2):
    w = 1 / (v + tau2[:, None])
    total = w.sum(axis=1)
    apart = y - ((w * y).sum(axis=1) / total)[:, None]
    return np.log(w).sum(axis=1) - np.log(total) - (w * apart**2).sum(axis=1)


def test_one_row_of_variances_serves_all_data_sets():
    y, v = drawn(1, 5, 4)

    found = fit_batch(y, v[0], Model())

    assert found.estimate == pytest.approx(fit_batch(y, np.tile(v[0], (5, 1)), Model()).estimate)


def test_equal_effects_have_no_error_under_hartung_and_knapp():
    found = fit_batch(
        np.array([[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]]),
        np.ones(3),
        Model(interval=Interval.HARTUNG_KNAPP),
    )

    assert found.se.tolist() == [0.0, 0.0]
    assert found.p.tolist() == [1.0, 0.0]


def test_an_empty_batch_has_no_results():
    assert fit_batch(np.empty((0, 4)), np.ones(4), Model()).estimate.size == 0


def test_what_cannot_be_pooled_is_refused_by_row_and_column():
    with pytest.raises(InvalidInput, match="data set 1, study 2: effect"):
        fit_batch(np.array([[1.0, 2, 3], [1, 2, np.nan]]), np.ones(3))
    with pytest.raises(InvalidInput, match="data set 0, study 0: variance"):
        fit_batch(np.ones((1, 2)), np.zeros(2))
    with pytest.raises(InsufficientStudies):
        fit_batch(np.ones((4, 1)), np.ones(1))
    with pytest.raises(InvalidInput, match="shape"):
        fit_batch(np.ones(3), np.ones(3))


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 4).flatmap(
        lambda k: st.lists(
            st.lists(
                st.tuples(
                    st.integers(0, 8), st.integers(1, 8), st.integers(0, 8), st.integers(1, 8)
                ),
                min_size=k,
                max_size=k,
            ),
            min_size=1,
            max_size=5,
        )
    ),
    st.sampled_from(MEASURES),
    st.booleans(),
)
def test_batches_of_tables_are_the_tables_one_by_one(sets, measure, corrected):
    cells = np.array(sets, float)
    cells[..., 0] = np.minimum(cells[..., 0], cells[..., 1])
    cells[..., 2] = np.minimum(cells[..., 2], cells[..., 3])

    rule = REVMAN if corrected else UNCHANGED

    a, n_1, c, n_2 = np.moveaxis(cells, 2, 0)
    found = mantel_haenszel_batch(a, n_1, c, n_2, measure, zero_cells=rule)

    alone = {}
    for row, tables in enumerate(cells):
        given_tables = TwoByTwo.of([(str(at), *table) for at, table in enumerate(tables)])
        rules = None if corrected else METAFOR_RULES
        try:
            alone[row] = mantel_haenszel(given_tables, measure, rules=rules).estimate
        except NotEstimable:
            continue
    assert found.rows.tolist() == list(alone)
    assert found.estimate == pytest.approx([each.value for each in alone.values()])
    assert found.se == pytest.approx([each.se for each in alone.values()])


def test_impossible_tables_and_measures_are_refused():
    five = np.array([5.0, 5.0])
    one = np.array([[1.0, 1.0]])

    with pytest.raises(InvalidInput, match="data set 0, study 1: arm 1 events"):
        mantel_haenszel_batch(np.array([[1.0, 9.0]]), five, one, five)
    with pytest.raises(InvalidOption):
        mantel_haenszel_batch(one, five, one, five, Measure.RATE_RATIO)


def test_peto_batches_are_petos_estimates_one_by_one():
    random = np.random.default_rng(20260804)
    n = np.array([[9.0, 14.0, 22.0]])
    a, c = (random.binomial(n.astype(int), 0.15, (200, 3)).astype(float) for _ in range(2))

    found = peto_batch(a, n, c, n + 2)

    for row, value, se in zip(found.rows, found.estimate, found.se, strict=True):
        tables = TwoByTwo.of(zip("123", a[row], n[0], c[row], n[0] + 2, strict=True))
        alone = peto(tables).estimate
        assert value == pytest.approx(alone.value)
        assert se == pytest.approx(alone.se)
    none = sorted(set(range(200)) - set(found.rows.tolist()))
    assert (a[none].sum(axis=1) + c[none].sum(axis=1) == 0).all()
