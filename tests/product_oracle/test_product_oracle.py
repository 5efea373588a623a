from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from math import exp, log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.product_oracle.folders import Numbers, Set, expected, results, table, two_arms, written

METAFOR = expected()
# metafor's REML, ML, EB and SJ stop at 1e-5 of tau²; closed forms agree to the last digits.
LOOSE, TIGHT = 2e-4, 1e-6


def _two_by_two(name: str, label: list[str], columns: str) -> list[Numbers]:
    a, n1, c, n2 = columns.split()
    one, two = {"events": a, "total": n1}, {"events": c, "total": n2}
    return two_arms(table(name), label, one, two)


def _normand() -> Set:
    one, two = ({"mean": f"m{i}i", "sd": f"sd{i}i", "n": f"n{i}i"} for i in (1, 2))
    hk = {"interval": "HK"}
    return Set(
        "continuous",
        two_arms(table("normand1999"), ["source"], one, two),
        {
            "normand-default": {"measure": "MD"},
            "normand-dl": {"measure": "MD", "tau2": "DL", "interval": "wald"},
            "normand-common": {"measure": "MD", "model": "common"},
            "normand-smd": {"measure": "SMD", **hk},
            "normand-glass": {"measure": "SMD1", **hk},
            "normand-rom": {"measure": "ROM", **hk},
        },
    )


def _bcg_numbers() -> list[Numbers]:
    rows = [
        {**row, "n1": float(row["tpos"]) + float(row["tneg"]), "n2": _control(row)}
        for row in table("bcg")
    ]
    one, two = {"events": "tpos", "total": "n1"}, {"events": "cpos", "total": "n2"}
    return two_arms([{k: str(v) for k, v in row.items()} for row in rows], _AUTHOR, one, two)


def _control(row: Mapping[str, str]) -> float:
    return float(row["cpos"]) + float(row["cneg"])


_AUTHOR = ["author", "year"]


def _bcg() -> Set:
    rr: dict[str, object] = {"measure": "RR"}
    common = {"method": "MH", "model": "common"}
    estimators = ("REML", "DL", "PM", "ML", "EB", "SJ", "HE", "HS")
    return Set(
        "events",
        _bcg_numbers(),
        {
            "bcg-default": rr,
            **{f"bcg-{m}": {**rr, "tau2": m, "interval": "hartung-knapp"} for m in estimators},
            "bcg-t": {**rr, "interval": "t"},
            "bcg-90": {**rr, "interval": "wald", "level": 0.9, "prediction": "as-tested"},
            "bcg-or": {"measure": "OR", "interval": "wald"},
            "bcg-as": {"measure": "AS", "interval": "wald"},
            "bcg-rd": {"measure": "RD", "model": "common"},
            "bcg-mh-rr": {**rr, **common},
            "bcg-mh-or": {"measure": "OR", **common},
            "bcg-more": {
                **rr,
                "interval": "wald",
                "sensitivity": ["tau2 = DL", "interval = HK", "only alloc = random"],
                "regression": ["ablat"],
                "bias_tests": ["egger", "peters", "rank", "trim-and-fill"],
                "influence": True,
                "fragility": True,
                "sequential": {"effect": 0.8},
            },
            "by-alloc": {**rr, "interval": "wald", "subgroup": "alloc"},
        },
        covariates={
            f"{row['author']} {row['year']}": {"alloc": row["alloc"], "ablat": float(row["ablat"])}
            for row in table("bcg")
        },
        kinds={"ablat": "number"},
    )


def _li() -> Set:
    numbers = _two_by_two("li2007", ["study", "id"], "ai n1i ci n2i")
    peto = {"measure": "PETO", "method": "PETO", "model": "common"}
    return Set("events", numbers, {"li-default": {"measure": "OR"}, "li-peto": peto})


def _yusuf() -> Set:
    numbers = _two_by_two("yusuf1985", ["trial", "id"], "ai n1i ci n2i")
    peto = {"measure": "PETO", "method": "PETO", "model": "common"}
    return Set("events", numbers, {"yusuf-peto": peto})


def _rates(name: str, label: list[str], analyses: Mapping[str, Mapping[str, object]]) -> Set:
    one, two = ({"events": f"x{i}i", "time": f"t{i}i"} for i in (1, 2))
    return Set("rates", two_arms(table(name), label, one, two), analyses)


def _niel() -> Set:
    return _rates("nielweise2008", ["authors", "year"], {"niel-irr": {"measure": "IRR"}})


def _hart() -> Set:
    mh = {"measure": "IRR", "method": "MH", "model": "common"}
    ird = {"measure": "IRD", "interval": "wald"}
    return _rates("hart1999", ["study", "year"], {"hart-mh": mh, "hart-ird": ird})


def _pritz() -> Set:
    numbers = [
        Numbers(
            f"{row['authors']} {row['study']}",
            {"new": {"events": float(row["xi"]), "total": float(row["ni"])}},
        )
        for row in table("pritz1997")
    ]
    measures = ("PR", "PLO", "PLN", "PAS", "PFT")
    analyses = {f"pritz-{m.lower()}": {"measure": m, "interval": "wald"} for m in measures}
    return Set("proportion", numbers, analyses)


def _pair(label: str, **fields: float) -> Numbers:
    return Numbers(label, {"new+old": fields})


def _pignon() -> Set:
    numbers = [
        _pair(f"{row['trial']} {row['id']}", o_minus_e=float(row["OmE"]), variance=float(row["V"]))
        for row in table("pignon2000")
    ]
    peto = {"measure": "HR", "method": "PETO", "model": "common"}
    random = {"measure": "HR", "interval": "HK"}
    return Set("o_e", numbers, {"pignon-hr": peto, "pignon-random": random})


def _riley() -> Set:
    numbers = [
        _pair(f"Trial {row['study']}", estimate=float(row["yi"]), se=float(row["sei"]))
        for row in table("riley2003")
    ]
    return Set("generic", numbers, {"riley-hr": {"measure": "HR"}})


def _hackshaw() -> Set:
    numbers = [
        _pair(
            f"{row['author']} {row['year']} {row['study']}",
            estimate=float(row["yi"]),
            se=float(row["vi"]) ** 0.5,
        )
        for row in table("hackshaw1998")
    ]
    return Set("generic", numbers, {"hackshaw-or": {"measure": "OR", "interval": "wald"}})


def _hcq() -> Set:
    columns = "hcq_arm_event hcq_arm_total control_arm_event control_arm_total"
    numbers = _two_by_two("axfors2021", ["trial"], columns)
    return Set(
        "events",
        numbers,
        {
            "hcq-rr": {"measure": "RR"},
            "hcq-rd": {"measure": "RD", "interval": "wald"},
            "hcq-mh-rd": {"measure": "RD", "method": "MH", "model": "common"},
        },
    )


SETS = {
    "normand": _normand,
    "bcg": _bcg,
    "li": _li,
    "yusuf": _yusuf,
    "niel": _niel,
    "hart": _hart,
    "pritz": _pritz,
    "pignon": _pignon,
    "riley": _riley,
    "hackshaw": _hackshaw,
    "hcq": _hcq,
}


@cache
def product(name: str) -> dict[str, dict[str, Any]]:
    with TemporaryDirectory() as folder:
        return results(SETS[name](), Path(folder) / "review")


def of(analysis: str) -> dict[str, Any]:
    return product(analysis.partition("-")[0])[analysis]


POOLED = [
    *("normand-default", "normand-dl", "normand-common", "normand-smd", "normand-glass"),
    *("normand-rom", "bcg-default", "bcg-REML", "bcg-DL", "bcg-PM", "bcg-ML", "bcg-EB", "bcg-SJ"),
    *("bcg-HE", "bcg-HS", "bcg-t", "bcg-90", "bcg-or", "bcg-as", "bcg-mh-rr", "bcg-mh-or"),
    *("li-default", "li-peto", "yusuf-peto", "niel-irr", "hart-mh", "hart-ird", "pritz-pr"),
    *(
        "pritz-plo",
        "pritz-pln",
        "pritz-pas",
        "pritz-pft",
        "pignon-hr",
        "pignon-random",
        "riley-hr",
        "hackshaw-or",
        "hcq-rr",
    ),
]


@pytest.mark.parametrize("analysis", POOLED)
def test_the_product_prints_what_metafor_gives(analysis: str) -> None:
    theirs, ours = METAFOR[analysis], of(analysis)

    for key in ("estimate", "ci_lower", "ci_upper"):
        assert ours[key] == pytest.approx(theirs[key], rel=LOOSE, abs=1e-9), key
    assert ours["heterogeneity"]["q"] == pytest.approx(theirs["q"], rel=TIGHT)
    assert ours["heterogeneity"]["i2"] == pytest.approx(theirs["i2"], rel=LOOSE, abs=1e-6)


@pytest.mark.parametrize("analysis", [each for each in POOLED if "tau2" in METAFOR[each]])
def test_the_variance_between_studies_is_metafors(analysis: str) -> None:
    theirs, ours = METAFOR[analysis], of(analysis)["heterogeneity"]

    assert ours["tau2"] == pytest.approx(theirs["tau2"], rel=LOOSE, abs=1e-9)
    if "tau2_lower" in theirs:
        assert ours["tau2_lower"] == pytest.approx(theirs["tau2_lower"], rel=LOOSE, abs=1e-4)


@pytest.mark.parametrize("analysis", [each for each in POOLED if "pi_lower" in METAFOR[each]])
def test_the_prediction_interval_is_metafors(analysis: str) -> None:
    theirs, ours = METAFOR[analysis], of(analysis)["prediction"]

    assert ours["lower"] == pytest.approx(theirs["pi_lower"], rel=LOOSE)
    assert ours["upper"] == pytest.approx(theirs["pi_upper"], rel=LOOSE)


def test_a_random_effects_review_gets_the_documented_default() -> None:
    stroke = of("normand-default")

    printed = [round(stroke[each], 2) for each in ("estimate", "ci_lower", "ci_upper")]
    assert printed == [-15.11, -36.32, 6.11]
    assert [round(stroke["prediction"][each]) for each in ("lower", "upper")] == [-79, 49]
    assert stroke["how"]["tau2"] == "REML"
    assert stroke["how"]["interval"] == "hartung-knapp-floored"


def test_the_prediction_interval_of_bcg_lies_across_no_effect() -> None:
    found = of("bcg-default")

    assert found["ci_upper"] < 1
    assert found["prediction"]["lower"] < 1 < found["prediction"]["upper"]


def test_subgroups_are_pooled_each_with_its_own_variance_and_tested() -> None:
    found = product("bcg")["by-alloc"]

    for group in found["subgroups"]:
        theirs = METAFOR[f"bcg-alloc-{group['label']}"]
        for key in ("estimate", "ci_lower", "ci_upper"):
            assert group[key] == pytest.approx(theirs[key], rel=LOOSE), (group["label"], key)
    between = METAFOR["bcg-between"]
    assert found["subgroup_test"]["q"] == pytest.approx(between["q"], rel=LOOSE)
    assert found["subgroup_test"]["df"] == between["df"]


def test_a_plan_is_varied_as_the_protocol_says() -> None:
    by_name = {each["what"]: each for each in of("bcg-more")["sensitivity"]}

    assert by_name["tau2 = DL"]["estimate"] == pytest.approx(METAFOR["bcg-DL"]["estimate"])
    assert by_name["interval = HK"]["ci_lower"] == pytest.approx(
        METAFOR["bcg-REML"]["ci_lower"], rel=LOOSE
    )
    random = METAFOR["bcg-alloc-random"]
    assert by_name["only alloc = random"]["ci_upper"] == pytest.approx(
        random["ci_upper"], rel=LOOSE
    )


def test_a_meta_regression_and_the_looks_at_small_studies_are_metafors() -> None:
    by_name = {each["what"]: each for each in of("bcg-more")["further"]}

    slope = METAFOR["bcg-ablat"]
    found = by_name["Meta-regression, ablat"]
    assert found["estimate"] == pytest.approx(exp(slope["slope"]), rel=LOOSE)
    assert found["ci_lower"] == pytest.approx(exp(slope["slope_lower"]), rel=LOOSE)
    assert (
        f"{METAFOR['bcg-egger']['t']:.2f}".lstrip("-")
        in by_name["Small studies, Egger's test"]["told"]
    )
    assert {"Trim and fill", "Fragility", "Small studies, rank test"} <= set(by_name)
    assert "not done" not in " ".join(each["told"] for each in by_name.values())


def test_trials_that_allocated_groups_are_divided_by_the_design_effect(tmp_path: Path) -> None:
    arms = {"new": {"events": 30.0, "total": 200.0}, "old": {"events": 44.0, "total": 190.0}}
    keys = {"A": {"design_effect": 2.0}, "B": {"icc": 0.05, "cluster_size": 21.0}}
    found = Set(
        "events",
        [Numbers("A", arms), Numbers("B", arms)],
        {"1": {"measure": "RR", "model": "common"}},
        studies=keys,
    )

    result = results(found, tmp_path / "review")["1"]

    # escalc("RR", ai=15, n1i=100, ci=22, n2i=95): yi -0.4340454, vi 0.0915843
    assert result["rows"][0]["events_1"] == 15
    assert result["rows"][0]["estimate"] == pytest.approx(exp(log(0.15) - log(22 / 95)))
    assert result["rows"][0]["ci_lower"] == result["rows"][1]["ci_lower"]
    assert "ICC 0.05" in result["rows"][1]["notes"][0]


def _two_doses() -> list[Numbers]:
    means = {"mean": 10.0, "sd": 4.0}
    return [
        Numbers(
            "A",
            {
                "low": {**means, "n": 20.0},
                "high": {"mean": 8.0, "sd": 3.0, "n": 20.0},
                "old": {"mean": 12.0, "sd": 4.0, "n": 30.0},
            },
        ),
        Numbers("B", {"new": {**means, "n": 25.0}, "old": {"mean": 13.0, "sd": 4.0, "n": 25.0}}),
    ]


@pytest.mark.parametrize(("way", "rows"), [("split", 3), ("pool", 2)])
def test_a_shared_control_is_split_or_the_other_arms_are_one(
    tmp_path: Path, way: str, rows: int
) -> None:
    found = Set(
        "continuous",
        _two_doses(),
        {"1": {"measure": "MD", "model": "common", "shared_control": way}},
        parts={"low": "new", "high": "new"},
    )

    result = results(found, tmp_path / "review")["1"]

    assert len(result["rows"]) == rows
    assert result["participants"] == 70 + 50
    if way == "split":
        assert [row["n_2"] for row in result["rows"][:2]] == [15, 15]
    else:
        # Cochrane Handbook 6.5.2.10 of 20, 10, 4 and 20, 8, 3
        assert result["rows"][0]["mean_1"] == 9
        assert result["rows"][0]["sd_1"] == pytest.approx(3.63388, rel=1e-5)


def test_a_scale_that_points_the_other_way_is_turned_and_marked(tmp_path: Path) -> None:
    numbers = [
        Numbers(name, {"new": _mean(sign * 10.0), "old": _mean(sign * 12.0)})
        for name, sign in (("A", 1), ("B", -1))
    ]
    found = Set(
        "continuous",
        numbers,
        {"1": {"measure": "SMD", "model": "common"}},
        studies={"B": {"turned": ["it"]}},
    )

    one, two = results(found, tmp_path / "review")["1"]["rows"]

    assert one["estimate"] == two["estimate"]
    assert "signs are turned" in two["notes"][0]


def _mean(mean: float) -> dict[str, float]:
    return {"mean": mean, "sd": 4.0, "n": 20.0}


def test_people_without_the_event_are_counted_where_the_plan_says(tmp_path: Path) -> None:
    arms = {"new": {"events": 15.0, "total": 100.0}, "old": {"events": 22.0, "total": 95.0}}
    plan = {"measure": "RR", "model": "common", "swap_events": True}
    found = Set("events", [Numbers("A", arms)], {"1": plan})

    result = results(found, tmp_path / "review")["1"]

    assert (result["rows"][0]["events_1"], result["rows"][0]["events_2"]) == (85, 73)
    assert result["direction"] == "above 1 favours arm_1"


def test_parts_of_a_study_stand_in_the_rows_subgroups_and_order_of_the_published_review(
    tmp_path: Path,
) -> None:
    def arms(events: float) -> dict[str, dict[str, float]]:
        return {"new": {"events": events, "total": 50.0}, "old": {"events": 20.0, "total": 50.0}}

    found = Set(
        "events",
        [Numbers("A", arms(10), "women"), Numbers("A", arms(12), "men"), Numbers("B", arms(9))],
        {"1": {"measure": "RR", "model": "common"}, "2": {"measure": "RR", "model": "common"}},
        rows=["1,B,,whole,,", "1,A,men,parts,,a note", "1,A,women,parts,subgroup,"],
    )

    result = results(found, tmp_path / "review")

    assert [row["label"] for row in result["1"]["rows"]] == ["B", "A: men", "A: women"]
    assert [group["label"] for group in result["1"]["subgroups"]] == ["whole", "parts"]
    assert result["1"]["rows"][2]["weight"] is None
    assert result["1"]["rows"][1]["notes"] == ["a note"]
    assert [row["label"] for row in result["2"]["rows"]] == ["A: women", "A: men", "B"]


def test_rates_are_pooled_by_mantel_haenszel_with_random_effects_and_any_zero_cells(
    tmp_path: Path,
) -> None:
    arms = [(0.0, 4.0), (3.0, 5.0), (0.0, 0.0)]
    numbers = [
        Numbers(
            f"Trial {at}",
            {"new": {"events": one, "time": 10.0}, "old": {"events": two, "time": 12.0}},
        )
        for at, (one, two) in enumerate(arms)
    ]
    plan = {"measure": "IRR", "method": "MH", "zero_cells": "all"}

    found = results(Set("rates", numbers, {"1": plan}), tmp_path / "review")["1"]

    assert found["pooled"] == 3
    assert sum(row["weight"] for row in found["rows"]) == pytest.approx(1)


def test_the_command_prints_what_the_folder_comes_to(tmp_path: Path) -> None:
    found = _normand()
    one = Set(found.kind, found.numbers, {"1": {"measure": "MD"}})
    folder, data = written(one, tmp_path / "review"), tmp_path / "data"
    command = [sys.executable, "-m", "bot", "analyse", "--json", "--data", str(data)]

    done = subprocess.run(
        command,
        env={**os.environ, "LIVINGREVIEW_REVIEW": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )

    (printed,) = json.loads(done.stdout)["analyses"]
    assert printed["ci_upper"] == pytest.approx(METAFOR["normand-default"]["ci_upper"], rel=LOOSE)
    report = (data / "versions" / "1.0" / "report.html").read_text("utf-8")
    assert "\N{MINUS SIGN}15.11 (\N{MINUS SIGN}36.32 to 6.11)" in report
    assert "95% prediction interval \N{MINUS SIGN}79.06 to 48.85" in report
    assert "Undecided: the estimate leans to new" in report
    assert "As published" not in report
