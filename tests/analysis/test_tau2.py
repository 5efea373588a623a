"""Estimators of tau2: metafor's numbers, and solvers that cannot miss."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.effects import risk_ratio
from analysis.inputs import Floats
from analysis.linear import EQUAL, Intercept, Regression
from analysis.tau2 import Tau2Method, estimate_tau2, tau2_where_q_is
from tests.analysis.data import BCG

# metafor 3.8-1 with tight tolerances: rma(measure="RR", data=dat.bcg)$tau2, $se.tau2.
METAFOR = {
    Tau2Method.DERSIMONIAN_LAIRD: (0.3087602629, 0.2298699925),
    Tau2Method.PAULE_MANDEL: (0.3180684522, 0.1736630275),
    Tau2Method.REML: (0.3132432581, 0.1664257528),
    Tau2Method.ML: (0.2800281373, 0.1442519494),
    Tau2Method.SIDIK_JONKMAN: (0.3455157016, 0.1496805113),
    Tau2Method.HEDGES: (0.328563858, 0.2070871783),
    Tau2Method.HUNTER_SCHMIDT: (0.2283628637, 0.1279045566),
    Tau2Method.EMPIRICAL_BAYES: (0.3180684522, 0.1736630275),
}


@pytest.mark.parametrize("method", Tau2Method)
def test_agrees_with_metafor_on_the_bcg_trials(method):
    studies = risk_ratio(BCG)

    found = estimate_tau2(Intercept(studies.effects, studies.variances), method)

    assert (found.value, found.se) == pytest.approx(METAFOR[method], rel=1e-8)


@pytest.mark.parametrize("method", Tau2Method)
def test_is_0_where_studies_do_not_differ(method):
    found = estimate_tau2(Intercept(np.full(3, 0.1), np.array([0.1, 0.2, 0.3])), method)

    assert found.value == 0.0


@pytest.mark.parametrize("method", Tau2Method)
def test_one_mean_is_the_regression_with_an_intercept_only(method):
    studies = risk_ratio(BCG)
    one = Intercept(studies.effects, studies.variances)
    same = Regression(studies.effects, studies.variances, np.ones((13, 1)))

    mean, regression = estimate_tau2(one, method), estimate_tau2(same, method)

    assert (mean.value, mean.se) == pytest.approx((regression.value, regression.se), rel=1e-9)


def test_q_is_what_was_asked_at_the_tau2_returned():
    studies = risk_ratio(BCG)
    model = Intercept(studies.effects, studies.variances)

    tau2 = tau2_where_q_is(model, 7.5)

    assert model.q(tau2) == pytest.approx(7.5, rel=1e-12)


class _Steep(Intercept):
    """Q = 20·exp(-t^4): nearly level at 0, so that Newton's step on 1/Q overshoots any bound."""

    def q(self, tau2: float) -> float:
        return 20.0 if tau2 == EQUAL else 20.0 * math.exp(-(tau2**4) - 1e-9 * tau2)

    def q_and_slope(self, tau2: float) -> tuple[float, float]:
        q = self.q(tau2)
        return q, q * (4 * tau2**3 + 1e-9)


def test_a_step_by_q_that_leaves_the_bracket_is_halved():
    model = _Steep(np.array([0.0, 1.0]), np.ones(2))

    found = tau2_where_q_is(model, 10.0)

    assert model.q(found) == pytest.approx(10.0, rel=1e-9)


class _Sudden(Intercept):
    """A score level but for a sudden fall at 3.3: Newton's step from its ends overshoots."""

    def score(self, tau2: float, *, restricted: bool) -> tuple[float, float]:
        away = 200 * (tau2 - 3.3)
        return -math.atan(away), -200 / (1 + away**2)

    def scores(self, tau2: Floats, *, restricted: bool) -> Floats:
        return np.array([self.score(each, restricted=restricted)[0] for each in tau2])


@pytest.mark.parametrize("method", [Tau2Method.REML, Tau2Method.ML])
def test_a_step_by_likelihood_that_leaves_the_bracket_is_halved(method):
    model = _Sudden(np.array([-4.0, 0.0, 4.0]), np.ones(3))

    assert estimate_tau2(model, method).value == pytest.approx(3.3, rel=1e-9)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("kind", ["alike", "wild", "two kinds", "outlier"])
def test_no_likelihood_is_higher_than_the_one_found(kind, restricted):
    """The reference is a dense grid of tau2, which plain Fisher scoring fails on 1 % of sets."""
    method = Tau2Method.REML if restricted else Tau2Method.ML
    random = np.random.default_rng(2026)
    for _ in range(400):
        y, v = _data_set(kind, random)

        found = estimate_tau2(Intercept(y, v), method).value

        spread = float(np.sum((y - y.mean()) ** 2))
        grid = np.append(np.geomspace(v.min() * 1e-3, 10 * spread + v.max(), 2000), 0.0)
        best = _likelihood(y, v, grid, restricted=restricted).max()
        mine = _likelihood(y, v, np.array([found]), restricted=restricted)[0]
        assert mine >= best - 1e-9 * max(1.0, abs(best))


def _data_set(kind, random):
    if kind == "alike":
        v = random.uniform(0.01, 0.6, 10)
        return random.normal(0, np.sqrt(v + 0.05)), v
    k = int(random.integers(2, 12))
    if kind == "wild":
        v = 10 ** random.uniform(-6, 2, k)
        return random.normal(0, np.sqrt(v + 10 ** random.uniform(-4, 2))), v
    if kind == "two kinds":
        v = np.where(random.random(k) < 0.5, 1e-4, 1.0) * random.uniform(0.5, 2, k)
        return random.normal(0, np.sqrt(v)), v
    v = random.uniform(0.01, 0.6, k)
    y = random.normal(0, np.sqrt(v))
    y[0] += 10
    return y, v


def _likelihood(y, v, tau2, *, restricted):
    w = 1 / (v + tau2[:, None])
    total = w.sum(axis=1)
    residuals = y - (w @ y / total)[:, None]
    value = np.log(w).sum(axis=1) - np.sum(w * residuals**2, axis=1)
    return value - np.log(total) if restricted else value
