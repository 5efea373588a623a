"""Meta-regression and subgroups, against metafor on the BCG trials."""

from __future__ import annotations

import pytest

from analysis.effects import risk_ratio
from analysis.errors import InsufficientStudies, InvalidInput, InvalidOption
from analysis.pooling import Interval, Model
from analysis.regression import design, factor, meta_regression, numeric, predict
from analysis.tau2 import Tau2Method
from tests.analysis.data import BCG, BCG_ALLOCATION, BCG_LATITUDE, BCG_YEAR

STUDIES = risk_ratio(BCG)
LATITUDE = design(numeric("latitude", BCG_LATITUDE))


def test_the_latitude_explains_three_quarters_as_in_metafor():
    found = meta_regression(STUDIES, LATITUDE)

    intercept, slope = found.coefficients
    assert (intercept.value, slope.value) == pytest.approx(
        (0.251468210007, -0.029101725012), rel=1e-8
    )
    assert (intercept.se, slope.se) == pytest.approx((0.249095396617, 0.007195327221), rel=1e-8)
    assert found.tau2 == pytest.approx(0.076347963955, rel=1e-8)
    assert found.r2 == pytest.approx(0.75626621811605, rel=1e-8)
    assert found.joint is not None
    assert found.joint.statistic == pytest.approx(16.358232147156, rel=1e-8)


def test_a_prediction_agrees_with_metafor():
    fit = meta_regression(STUDIES, LATITUDE, Model(interval=Interval.HARTUNG_KNAPP))

    found = predict(fit, [30])

    assert found.value == pytest.approx(-0.6215835403421364, rel=1e-8)
    assert found.se == pytest.approx(0.12187475880362951, rel=1e-7)
    assert found.prediction is not None
    assert found.prediction.lower == pytest.approx(-1.2862716599382635, rel=1e-7)


def test_subtracting_a_constant_moves_the_intercept_only():
    centred = design(numeric("latitude", BCG_LATITUDE, subtract=33))

    one, other = meta_regression(STUDIES, LATITUDE), meta_regression(STUDIES, centred)

    assert other.coefficients[1].value == pytest.approx(one.coefficients[1].value, rel=1e-9)
    assert other.coefficients[0].value == pytest.approx(predict(one, [33]).value, rel=1e-9)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-9)


def test_a_factor_has_its_first_level_as_the_reference():
    by = design(factor("allocation", BCG_ALLOCATION))

    found = meta_regression(STUDIES, by)

    assert found.names == ("intercept", "allocation: random", "allocation: systematic")
    assert found.coefficients[0].value == pytest.approx(-0.5179557771552944, rel=1e-8)


@pytest.mark.parametrize("method", [None, *Tau2Method])
def test_two_moderators_can_be_fitted_by_every_estimator(method):
    both = design(numeric("latitude", BCG_LATITUDE), numeric("year", BCG_YEAR, subtract=1948))

    found = meta_regression(STUDIES, both, Model(method, Interval.HARTUNG_KNAPP_FLOORED))

    assert found.inflation >= 1
    assert 0 <= found.r2 <= 1


REFUSED = [
    pytest.param(
        lambda: meta_regression(STUDIES, design(numeric("same", [1.0] * 13))),
        InvalidOption,
        "'same' is constant",
        id="a constant moderator",
    ),
    pytest.param(
        lambda: meta_regression(
            STUDIES, design(numeric("one", BCG_YEAR), numeric("twice", [2 * y for y in BCG_YEAR]))
        ),
        InvalidOption,
        "'twice' is constant or repeats",
        id="a moderator twice",
    ),
    pytest.param(
        lambda: meta_regression(STUDIES.take([0, 1]), design(numeric("x", [1, 2]))),
        InsufficientStudies,
        "2 studies with an effect, 3 needed",
        id="as many coefficients as studies",
    ),
    pytest.param(
        lambda: meta_regression(STUDIES, design(numeric("x", [1, 2]))),
        InvalidInput,
        "2 rows",
        id="a moderator of another length",
    ),
    pytest.param(
        lambda: numeric("x", [1.0, float("nan")]), InvalidInput, "a gap", id="a gap in a moderator"
    ),
    pytest.param(lambda: factor("x", ["a", "a"]), InvalidOption, "one level", id="one level"),
    pytest.param(
        lambda: predict(meta_regression(STUDIES, LATITUDE), [1, 2]),
        InvalidInput,
        "2 values",
        id="a value too many",
    ),
]


@pytest.mark.parametrize(("fit", "error", "message"), REFUSED)
def test_what_cannot_be_fitted_is_refused_with_its_reason(fit, error, message):
    with pytest.raises(error, match=message):
        fit()
