"""The library's face: three lines from a table to a result, whatever holds the table."""

from __future__ import annotations

import subprocess
import sys
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import analysis as ma

# rma(yi, vi, method="REML", test="knha") of escalc("RR"), metafor 3.8-1
METAFOR_BCG = (0.489420939826016, 0.330072248483585, 0.725698259822329)


def test_bcg_in_three_lines() -> None:
    result = ma.meta(ma.data.bcg(), "RR", tau2="REML", interval="HK")

    found = (result.estimate, result.ci_lower, result.ci_upper)
    assert found == pytest.approx(METAFOR_BCG, rel=1e-9)
    assert result.tau2 == pytest.approx(0.3132433, rel=1e-6)
    assert result.i2 == pytest.approx(0.9222139, rel=1e-5)
    assert result.k == 13


def test_six_lines_say_the_result() -> None:
    lines = str(ma.meta(ma.data.normand1999(), "MD")).split("\n")

    assert len(lines) == 6
    assert lines[0] == "Mean difference (MD) of 9 studies, random effects"
    assert lines[1] == "  estimate    −15.11 (95% CI −36.32 to 6.11), p 0.139"
    assert lines[2] == "  prediction  −79.06 to 48.85"
    assert lines[3].startswith("  tau²        684.6")
    assert lines[5] == "  method      inverse variance, REML, hartung-knapp-floored"


def tables() -> dict[str, Any]:
    columns = dict(ma.data.bcg())
    frame = pd.DataFrame(columns)
    return {
        "a dict of tuples": columns,
        "a dict of arrays": {name: np.array(column) for name, column in columns.items()},
        "a data frame": frame,
        "a structured array": frame.to_records(index=False),
    }


@pytest.mark.parametrize("held", tables())
def test_any_table_will_do(held: str) -> None:
    found = ma.meta(tables()[held], "RR", interval="HK")

    assert found.estimate == ma.meta(ma.data.bcg(), "RR", interval="HK").estimate
    assert found.analysis.rows[0].label == "Aronson 1948"


MEASURED = [
    ("bcg", "OR"), ("li2007", "PETO"), ("bcg", "RD"), ("bcg", "AS"), ("normand1999", "SMD"),
    ("normand1999", "ROM"), ("nielweise2008", "IRR"), ("nielweise2008", "IRD"),
    ("pritz1997", "PLO"), ("pritz1997", "PFT"), ("riley2003", "HR"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "measure"), MEASURED)
def test_every_data_set_gives_a_result_a_frame_and_two_plots(name: str, measure: str) -> None:
    result = ma.meta(getattr(ma.data, name)(), measure)

    limits = (result.ci_lower, result.estimate, result.ci_upper)
    assert None not in limits
    assert list(limits) == sorted(each for each in limits if each is not None)
    assert len(result.to_frame()) == len(result.analysis.rows)
    for drawing in (result.forest(), result.funnel()):
        ElementTree.fromstring(drawing)
        assert drawing._repr_svg_() == drawing
    assert "<table>" in result._repr_html_()


def test_subgroups_are_pooled_and_tested() -> None:
    result = ma.meta(ma.data.bcg(), "RR", subgroup="allocation")

    assert [each.label for each in result.analysis.subgroups] == [
        "random",
        "alternate",
        "systematic",
    ]
    assert "between subgroups: Q" in str(result)
    assert "alternate" in result.forest()


def test_a_frame_has_the_readers_scale_beside_the_pooled_one() -> None:
    frame = ma.meta(ma.data.bcg(), "RR").to_frame()

    assert list(frame.columns) == [
        *("study", "subgroup", "estimate", "ci_lower", "ci_upper"),
        *("effect", "se", "weight", "left_out"),
    ]
    assert np.allclose(np.exp(frame["effect"]), frame["estimate"])
    assert frame["weight"].sum() == pytest.approx(1)


def test_effects_can_be_had_alone_for_a_meta_regression() -> None:
    data = ma.data.bcg()

    effects = ma.study_effects(data, "RR")
    fit = ma.meta_regression(effects, ma.design(ma.numeric("latitude", data["latitude"])))

    assert fit.coefficients[1].value == pytest.approx(-0.0291, abs=1e-4)  # rma(mods = ~ ablat)


def test_names_may_be_left_out_and_one_study_is_a_result() -> None:
    columns = {"events_1": [3], "total_1": [10], "events_2": [5], "total_2": [11]}

    result = ma.meta(columns, "RR")

    assert result.analysis.rows[0].label == "1"
    assert "of 1 study" in str(result)


def test_a_study_without_an_effect_is_shown_with_the_reason() -> None:
    columns = {
        "study": ["A", "B & C"],
        "events_1": [0, 3], "total_1": [10, 12], "events_2": [0, 5], "total_2": [10, 11],
    }  # fmt: skip

    result = ma.meta(columns, "RR")

    assert "not estimable" in result.forest()
    assert "B &amp; C" in result._repr_html_()
    assert result.to_frame()["left_out"].notna().tolist() == [True, False]


REFUSED = [
    ({"measure": "XX"}, ma.InvalidOption, "measure: found 'XX', expected one of RR, OR"),
    ({"measure": "MD"}, ma.InvalidInput, "no mean_1, sd_1"),
    ({"measure": "RR", "tau2": "best"}, ma.InvalidOption, "tau2: found 'best', expected one of DL"),
    ({"measure": "RR", "interval": "wide"}, ma.InvalidOption, "interval 'wide'"),
    ({"measure": "RR", "subgroup": "dose"}, ma.InvalidInput, "no column 'dose'"),
    (
        {"measure": "RR", "subgroup": ["a"]},
        ma.InvalidInput,
        "1 labels, expected one for each of 13",
    ),
]


@pytest.mark.parametrize(("asked", "error", "message"), REFUSED)
def test_what_cannot_be_asked_is_refused_with_what_can(
    asked: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ma.meta(ma.data.bcg(), **asked)


def test_what_is_no_number_is_named() -> None:
    with pytest.raises(ma.InvalidInput, match="se: found 'small', expected a number"):
        ma.meta({"estimate": [1.0], "se": ["small"]}, "GEN")


def test_the_package_loads_nothing_until_a_name_is_asked_for() -> None:
    code = (
        "import sys, analysis; assert 'numpy' not in sys.modules; analysis.data.bcg();"
        "assert 'numpy' not in sys.modules; analysis.meta(analysis.data.bcg(), 'RR');"
        "assert 'pandas' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(
        AttributeError, match="analysis has no 'metta'; it has data, MetaResult, meta"
    ):
        _ = ma.metta


def test_a_table_without_a_row_is_refused_in_words() -> None:
    with pytest.raises(ma.InvalidInput, match="found no row, expected one row a study"):
        ma.meta({"estimate": [], "se": []}, "GEN")


def test_random_effects_without_an_estimate_are_not_said_to_be_common() -> None:
    assert "common effect" not in str(ma.meta({"estimate": [0.1], "se": [0.0]}, "GEN"))


def test_score_limits_are_named_as_the_method() -> None:
    nobody = {"events_1": [0], "total_1": [101], "events_2": [0], "total_2": [105]}

    assert str(ma.meta(nobody, "RD")).endswith("newcombe (score)")
