from __future__ import annotations

import numpy as np
import pytest

from analysis.effects import given_effects
from analysis.errors import InsufficientStudies, InvalidInput
from analysis.pooling import Model
from analysis.resampling import bootstrap, permutation_p


def studies(k, effect=0.5):
    random = np.random.default_rng(20260728)
    v = random.uniform(0.05, 0.3, k)
    return given_effects([str(at) for at in range(k)], random.normal(effect, np.sqrt(v)), v)


def test_the_bootstrap_is_the_same_for_the_same_seed():
    one = bootstrap(studies(8), Model(), np.random.default_rng(1), times=500)
    other = bootstrap(studies(8), Model(), np.random.default_rng(1), times=500)

    assert one == other
    assert one.estimate.lower < 0.5 < one.estimate.upper
    assert 0 <= one.tau2.lower <= one.tau2.upper


def test_three_studies_on_one_side_have_a_permutation_p_of_a_quarter():
    found = given_effects(["1", "2", "3"], [1.0, 1.0, 1.0], [0.1, 0.1, 0.1])

    assert permutation_p(found, Model(tau2=None), np.random.default_rng(1)) == 0.25


def test_no_effect_at_all_has_a_p_of_one():
    found = given_effects(["1", "2"], [0.0, 0.0], [0.1, 0.1])

    assert permutation_p(found, Model(tau2=None), np.random.default_rng(1)) == 1.0


def test_many_studies_are_flipped_at_random():
    p = permutation_p(studies(20, 1.0), Model(), np.random.default_rng(1), times=2000)

    assert 0 < p < 0.01


def test_too_few_studies_or_draws_are_refused():
    with pytest.raises(InsufficientStudies):
        bootstrap(studies(4), Model(), np.random.default_rng(1))
    with pytest.raises(InsufficientStudies):
        permutation_p(studies(1), Model(), np.random.default_rng(1))
    with pytest.raises(InvalidInput, match="times"):
        bootstrap(studies(8), Model(), np.random.default_rng(1), times=5)
