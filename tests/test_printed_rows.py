from __future__ import annotations

from pathlib import Path

import pytest

from tests.printed_rows import check, checked, main, same_as_printed, told

TABLE = Path(__file__).parents[2] / "shared" / "packages" / "rows-341-reviews.csv.gz"
COLUMNS = "cases_1 n_1 cases_2 n_2 mean_1 sd_1 mean_2 sd_2 giv_mean giv_se effect lower upper"


def row(kind, measure="", **cells):
    named = {"review": "R", "analysis": "1.1", "subgroup": "", "kind": kind, "measure": measure}
    return named | dict.fromkeys(COLUMNS.split(), "") | {key: str(n) for key, n in cells.items()}


RATIO = {"cases_1": 4, "n_1": 123, "cases_2": 11, "n_2": 139}
PRINTED = {"effect": 0.410939, "lower": 0.134302, "upper": 1.257398}


def test_a_row_that_is_equal_to_each_printed_digit():
    found = checked([row("dich", "RR", **RATIO, **PRINTED)])

    assert (found.equal, found.explained.total(), found.unexplained) == (1, 0, ())


def test_a_measure_that_the_table_does_not_tell_is_found():
    assert checked([row("dich", **RATIO, **PRINTED)]).equal == 1


def test_events_that_were_exchanged_are_a_rule():
    turned = RATIO | {"cases_1": 119, "cases_2": 128}
    found = checked([row("dich", "RR", **turned, **PRINTED)])

    assert found.explained == {"events and no events exchanged": 1}


def test_limits_at_another_level_are_a_rule():
    wide = {"effect": 0.5, "lower": 0.242417, "upper": 0.757583}
    found = checked([row("giv", "GIV plain", giv_mean=0.5, giv_se=0.1, **wide)])

    assert found.explained == {"limits at 99%": 1}


def test_what_no_rule_explains_is_named_and_fails(tmp_path):
    wrong = row("dich", "RR", **RATIO, **(PRINTED | {"lower": 0.134301}))
    table = tmp_path / "rows.csv"
    table.write_text(",".join(wrong) + "\n" + ",".join(wrong.values()) + "\n")

    assert list(told(check(table)))[-1].startswith("  R 1.1: lower 0.134301, here 0.13430")
    assert main(str(table)) == 1


def test_an_effect_on_one_side_only_is_a_difference():
    nobody = row("dich", "RR", cases_1=0, n_1=0, cases_2=1, n_2=9)
    none = checked([row("dich", "RR", **RATIO, **PRINTED), nobody])
    some = checked([row("dich", "RR", **RATIO, **PRINTED), nobody | {"effect": "1.0"}])

    assert none.equal == 2
    assert len(some.unexplained) == 1


@pytest.mark.parametrize(
    ("value", "printed", "same"),
    [
        (0.4109387, "0.410939", True),
        (0.4109381, "0.410939", False),
        (1.5042736, "1.5042740000000001", True),
        (2.0 + 3e-9, "2.000000000000001", True),
        (2.0 + 3e-7, "2.000000000000001", True),
        (2.1 / 3.3, "0.6363636363636364", True),
        (2.1 / 3.3 + 1e-7, "0.6363636363636364", False),
        (3.59e-4, "3.59E-4", True),
    ],
)
def test_digits_are_compared_as_they_were_printed(value, printed, same):
    assert same_as_printed(value, printed) is same


@pytest.mark.skipif(not TABLE.exists(), reason="the table of printed rows lies in ../shared")
def test_every_row_of_the_shared_table_is_explained():
    found = check(TABLE)

    assert found.unexplained == ()
    assert found.equal > 58_000
