"""A gate is met only by something that was measured."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest

from tests.benchmarks import dedup, linking, parse
from tests.benchmarks.figures import Figure, write_figures


@pytest.mark.parametrize("at_least", [True, False])
@pytest.mark.parametrize("ours", [0, 3])
def test_a_goal_with_nothing_to_divide_by_is_not_met_and_says_so(ours: int, at_least: bool) -> None:
    figure = Figure("found", ours, 0, "records", 0.9, at_least=at_least)

    said = json.loads(figure.line())

    assert said["met"] is False
    assert said["ratio"] is None
    assert said["note"] == "nothing to measure: 0 records to divide by"


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("wrong", 0, 7, "records", 0), True),
        (Figure("wrong", 1, 7, "records", 0), False),
        (Figure("found", 9, 10, "records", 0.9, at_least=True), True),
        (Figure("found", 8, 10, "records", 0.9, at_least=True), False),
        (Figure("shown", 8, 10, "records", None), None),
        (Figure("against a peer", 8, None, "s", 1, "peer"), None),
    ],
)
def test_a_goal_is_met_on_its_side_of_the_ratio(figure: Figure, met: bool | None) -> None:
    assert figure.met is met
    assert "note" not in json.loads(figure.line())


def test_a_run_is_met_only_when_it_measured_something_and_missed_nothing() -> None:
    right, wrong = (Figure("wrong", ours, 7, "records", 0) for ours in (0, 1))
    missing = Figure("against a peer", 8, None, "s", 1, "peer")

    assert write_figures([right, missing], StringIO())
    assert not write_figures([right, wrong], StringIO())
    assert not write_figures([], StringIO())


def test_linking_without_a_positive_is_not_met(tmp_path: Path) -> None:
    file = tmp_path / "records.json"
    file.write_text(json.dumps([{"key": "roe2020", "title": "Tea against tiredness in Dublin"}]))

    missed, *others = linking.figures(file)

    assert missed.empty
    assert missed.met is False
    assert all(each.met for each in others)


def test_linking_without_a_record_meets_nothing(tmp_path: Path) -> None:
    file = tmp_path / "records.json"
    file.write_text("[]")

    assert [each.met for each in linking.figures(file)] == [False, False, False]


def test_deduplication_without_a_duplicate_is_not_met(tmp_path: Path) -> None:
    file = tmp_path / "distinct.csv"
    file.write_text("id,gold_id,title\n1,a,Tea against tiredness in Dublin\n2,b,Rest at noon\n")

    pooled = {each.name: each for each in dedup.figures(file) if "pooled" in each.name}

    for name in ("duplicates found", "found with the queue confirmed"):
        assert pooled[f"dedup, pooled: {name}"].met is False
        assert pooled[f"dedup, pooled: {name}"].empty


def test_a_folder_without_a_record_is_not_met(tmp_path: Path) -> None:
    assert [each.met for each in parse.figures(tmp_path)] == [False]
