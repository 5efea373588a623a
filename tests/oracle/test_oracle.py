"""The oracle's own rule of agreement, and every public case where the shared folder is at hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.crossover_margins import CorrelationRange
from analysis.errors import NotConverged
from analysis.exact import conditional_distribution, exact_common_odds_ratio
from analysis.families import Binomial
from analysis.glmm import MixedModel, odds_ratio_glmm
from analysis.inputs import TwoByTwo
from tests.oracle.__main__ import main, run_case
from tests.oracle.compare import Tolerance, mismatches
from tests.oracle.loose_laplace import loose_standard_error
from tests.oracle.registry import OPERATIONS
from tests.oracle.sparse_ops import as_r_stops, is_a_rounding_beyond

PUBLIC = Path(__file__).parents[3] / "shared" / "oracle" / "oracle_public.json"
LOOSE = Tolerance(1e-6, {"k0": 0.0}, {})

DATA = {"one": {"columns": {"yi": [0.3, None, 0.5], "vi": [0.04, 0.1, 0.04]}}}


def case(expect: dict[str, Any], **spec: Any) -> dict[str, Any]:
    options = {"op": "pool_iv", "measure": "GEN", "tau2": "none", "ci": "z", "level": 95}
    columns = {"yi": "yi", "vi": "vi"}
    return {
        "id": "made",
        "dataset": "one",
        "spec": options | spec | {"columns": columns},
        "expect": expect,
        "rtol": 1e-9,
    }


def test_a_trial_with_a_gap_is_left_out():
    assert run_case(case({"k": 2, "estimate": 0.4}), DATA) == []


def test_a_wrong_number_is_told_with_both_numbers():
    [line] = run_case(case({"estimate": 0.5}), DATA)

    assert line.startswith("estimate: expected 0.5, found 0.4")


def test_a_case_that_cannot_be_run_is_a_fault():
    assert run_case(case({"k": 1}, op="never"), DATA) == ["cannot run: no operation 'never'"]


def test_an_estimate_where_a_refusal_is_due_is_a_fault():
    assert run_case(case({"error": "not_estimable"}), DATA) != []


AGREEMENT = [
    pytest.param({"a": None}, {"a": 7}, False, id="a value where there is none"),
    pytest.param({"a": [None, 1.0]}, {"a": [7, 1.0]}, False, id="one where a list has none"),
    pytest.param({"a": None}, {"a": None}, True, id="none where there is none"),
    pytest.param({"a": None}, {}, True, id="nothing where there is none"),
    pytest.param({"QM": None}, {"QM": math.inf}, True, id="what R squares not"),
    pytest.param({"QM": None}, {"QM": 4.0}, False, id="another than what R squares not"),
    pytest.param({"pval": 1e-20}, {"pval": 1.001e-20}, False, id="a small p value"),
    pytest.param({"tau2": 1e-12}, {"tau2": 1.1e-12}, False, id="a small variance"),
    pytest.param({"tau2": 8e-17}, {"tau2": 0.0}, True, id="what rounding leaves of nothing"),
    pytest.param({"a": 1.0}, {"a": 1.0 + 5e-7}, True, id="within the tolerance"),
    pytest.param({"a": 1.0}, {"a": 1.0 + 5e-6}, False, id="beyond it"),
    pytest.param({"a": 1.0}, {"a": None}, False, id="no number"),
    pytest.param({"a": 1.0}, {}, False, id="no key"),
    pytest.param({"a": [1.0]}, {"a": 1.0}, True, id="one in a list"),
    pytest.param({"a": 1.0}, {"a": [1.0]}, True, id="a list of one"),
    pytest.param({"a": [1.0, 2.0]}, {"a": [1.0]}, False, id="a list too short"),
    pytest.param({"a": "Infinity"}, {"a": float("inf")}, True, id="infinity"),
    pytest.param({"a": "left"}, {"a": "right"}, False, id="another word"),
    pytest.param({"in": {"k0": 3}}, {"in": {"k0": 3.0000001}}, False, id="a key of its own"),
]


@pytest.mark.parametrize(("expected", "found", "agree"), AGREEMENT)
def test_agreement_is_the_oracles(expected, found, agree):
    assert (mismatches(expected, found, LOOSE) == []) is agree


def test_the_runner_exits_1_on_a_mismatch(tmp_path, capsys):
    file = tmp_path / "oracle.json"
    file.write_text(json.dumps({"datasets": DATA, "cases": [case({"k": 2}), case({"k": 3})]}))

    assert main([str(file)]) == 1
    assert capsys.readouterr().out.endswith("2 cases, 1 pass, 1 fail\n")


def test_a_wrong_odds_ratio_does_not_pass_as_one_that_r_finds_loosely():
    table = TwoByTwo.of([("a trial", 7, 9, 2, 9)])
    null, exact = conditional_distribution(table, 0.0), exact_common_odds_ratio(table)

    def stop(odds_ratio: float) -> float:
        return as_r_stops(odds_ratio, null.lowest - 7, lambda at: at.mean() - 7, null)

    assert stop(exact.estimate) == pytest.approx(exact.estimate, rel=1e-3)
    with pytest.raises(NotConverged, match="solves nothing"):
        stop(exact.estimate * (1 + 1e-6))


def test_a_wrong_standard_error_does_not_pass_as_lme4s():
    table = TwoByTwo.of(
        [("one", 4, 123, 11, 139), ("two", 6, 306, 29, 303), ("three", 3, 231, 11, 220)]
    )
    fit = odds_ratio_glmm(table, MixedModel.RANDOM_STUDY, points=1)
    arms = (
        np.array([[4, 11], [6, 29], [3, 11]], float),
        np.array([[123, 139], [306, 303], [231, 220]], float),
    )
    family = Binomial(*arms, np.zeros((3, 2)))
    wrong = replace(fit, estimate=replace(fit.estimate, se=fit.estimate.se * 1.001))

    assert loose_standard_error(family, fit) == pytest.approx(fit.estimate.se, rel=0.01)
    with pytest.raises(NotConverged, match="exactly"):
        loose_standard_error(family, wrong)


def test_a_correlation_is_left_out_at_its_bound_and_only_there():
    bounds = CorrelationRange(-1.0, 0.49999999999999994)

    assert is_a_rounding_beyond(bounds, 0.5)
    assert not is_a_rounding_beyond(bounds, 0.49)
    assert not is_a_rounding_beyond(bounds, 0.51)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_public_case_agrees(operation, capsys):
    if not PUBLIC.exists():
        pytest.skip("the shared oracle is not here")

    assert main([str(PUBLIC), "--op", operation]) == 0, capsys.readouterr().out
