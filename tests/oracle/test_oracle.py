"""The oracle's own rule of agreement, and every public case where the shared folder is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import core_ops
from tests.oracle.__main__ import main, run_case
from tests.oracle.compare import Tolerance, mismatches
from tests.oracle.registry import OPERATIONS

PUBLIC = Path(__file__).parents[3] / "shared" / "oracle" / "oracle_public.json"
CORE = sorted(name for name, run in OPERATIONS.items() if run.__module__ == core_ops.__name__)
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
    pytest.param({"a": None}, {"a": 7}, True, id="null is not compared"),
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


@pytest.mark.parametrize("operation", CORE)
def test_every_public_case_agrees(operation, capsys):
    if not PUBLIC.exists():
        pytest.skip("the shared oracle is not here")

    assert main([str(PUBLIC), "--op", operation]) == 0, capsys.readouterr().out
