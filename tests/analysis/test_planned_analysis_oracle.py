"""`meta_analysis` on public data sets against metafor; R's calls stand beside its numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.inputs import GivenEffects, LogRank, OneProportion, TwoByTwo, TwoMeans, TwoRates
from analysis.plan import Method, Plan, PoolingModel, PredictionConvention, interval_named
from analysis.planned_analysis import Group, meta_analysis
from analysis.results import Measure, Scale
from analysis.tau2 import Tau2Method

ORACLE = json.loads((Path(__file__).parents[1] / "oracle" / "planned.json").read_text("utf-8"))
CASES = {case["id"]: case for case in ORACLE["cases"]}
INPUTS = {
    "tables": TwoByTwo,
    "means": TwoMeans,
    "rates": TwoRates,
    "proportion": OneProportion,
    "log_rank": LogRank,
}
# metafor searches for the tau2 of the others, and for its limits, and stops after some digits.
CLOSED = {None, "DL", "HE", "HS", "SJ"}
SEARCHED = {"tau2_limits", "i2_limits"}


def studies_of(name):
    columns = {key: np.array(values, float) for key, values in ORACLE["data"][name].items()}
    labels = tuple(str(at) for at in range(len(next(iter(columns.values())))))
    if ORACLE["shapes"][name] == "log_given":
        return GivenEffects(labels, columns["estimate"], columns["se"], Scale.LOG)
    return INPUTS[ORACLE["shapes"][name]](labels, **columns)


def plan_of(asked: Mapping[str, Any]) -> Plan:
    return Plan(
        Measure(asked["measure"]),
        Method(asked["method"]),
        PoolingModel(asked["model"]),
        Tau2Method(asked["tau2"]) if "tau2" in asked else None,
        interval_named(asked["interval"]) if "interval" in asked else None,
        PredictionConvention(asked["prediction"]) if "prediction" in asked else None,
        asked.get("level", 0.95),
    )


def numbers(group: Group) -> dict[str, Any]:
    assert group.estimate is not None, group.why
    assert group.heterogeneity is not None
    found: dict[str, Any] = {
        "k": group.studies,
        "estimate": group.estimate.value,
        "se": group.estimate.se,
        "ci_lower": group.estimate.ci_lower,
        "ci_upper": group.estimate.ci_upper,
        "p": group.estimate.p,
        "q": group.heterogeneity.q,
        "q_p": group.heterogeneity.p,
        "tau2": group.tau2,
        "i2": group.i2,
    }
    for name in ("tau2_limits", "i2_limits", "prediction"):
        limits = getattr(group, name)
        found[name] = None if limits is None else [limits.lower, limits.upper]
    return found


def agree(group: Group, expected: Mapping[str, Any], tau2: str | None) -> None:
    found = numbers(group)
    for name, value in expected.items():
        rel = 1e-8 if tau2 in CLOSED and name not in SEARCHED else 1e-5
        assert found[name] == pytest.approx(value, rel=rel, abs=1e-9), name


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_analysis_is_metafors(case):
    result = case["result"]
    found = meta_analysis(
        studies_of(case["data"]), plan_of(case["plan"]), subgroups=case.get("by") or None
    )

    assert found.overall is not None
    agree(found.overall, result["overall"], case["plan"].get("tau2"))
    assert [group.label for group in found.subgroups] == list(result.get("subgroups", {}))
    for group in found.subgroups:
        agree(group, result["subgroups"][group.label], case["plan"].get("tau2"))
    if "between" in result:
        assert found.between is not None
        assert found.between.df == result["between"]["df"]
        assert found.between.q == pytest.approx(result["between"]["q"], rel=1e-5)
        assert found.between.p == pytest.approx(result["between"]["p"], rel=1e-5)


def test_every_kind_of_number_measure_and_estimator_is_tried():
    assert {case["plan"].get("tau2") for case in CASES.values()} >= set(Tau2Method)
    assert set(ORACLE["shapes"].values()) == {*INPUTS, "log_given"}
