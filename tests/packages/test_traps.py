"""Packages with odd but legal contents give the engine's numbers, and come out as they went in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.review.package.model import Applicability, Package, PackagedRow, PackagedSubgroup
from bot.review.package.read_package import read_package
from bot.review.package.writing import package_files
from tests.bot.review.package.made_up import DICHOTOMOUS, EVENTS, analysis_files, row
from tests.packages.__main__ import differences
from tests.packages.in_memory import through_memory, unlike_the_engine
from tests.packages.made_up_packages import made_up_package

WITHOUT = {**EVENTS, "Experimental cases": "", "Control cases": ""}


def two_analyses(*rows: dict[str, str]) -> Package:
    """Return a package whose two analyses are of one name, and so of one outcome."""
    settings = [DICHOTOMOUS, {**DICHOTOMOUS, "Analysis number": "2", "ID": "analysis:2"}]
    return read_package(analysis_files(settings, rows))


@pytest.mark.parametrize("seed", range(4))
def test_an_odd_package_gives_the_engines_numbers_and_comes_out_as_it_went_in(
    tmp_path: Path, seed: int
) -> None:
    package = read_package(package_files(made_up_package(seed)))

    product = through_memory(package, tmp_path / "tea")

    assert list(unlike_the_engine(package, product)) == []
    assert list(differences(package, product.exported)) == []


@pytest.mark.parametrize("first", [EVENTS, WITHOUT], ids=["after", "before"])
def test_a_row_without_numbers_does_not_take_those_of_another_analysis(
    tmp_path: Path, first: dict[str, str]
) -> None:
    second = WITHOUT if first is EVENTS else EVENTS
    package = two_analyses(row("1.1", "Ashby 2001", first), row("1.2", "Ashby 2001", second))

    product = through_memory(package, tmp_path / "tea")

    lacking, whole = ("1.2", "1.1") if first is EVENTS else ("1.1", "1.2")
    assert product.results[lacking, ""].printed.estimate is None
    assert product.results[whole, ""].printed.estimate == pytest.approx(2.0)
    assert product.exported == package


def test_what_counts_overall_alone_counts_in_no_subgroup_where_nothing_is_overall(
    tmp_path: Path,
) -> None:
    (only,) = read_package(analysis_files([DICHOTOMOUS], [])).analyses
    both = PackagedRow("Ashby 2001", subgroup="1", cases_1=4.0, n_1=10.0, cases_2=2.0, n_2=10.0)
    alone = replace(both, study="Birch 2002", applicability=Applicability.OVERALL, cases_1=9.0)
    subgroups = (PackagedSubgroup("1", "Strong"),)
    analysis = replace(only, rows=(both, alone), subgroups=subgroups, overall=False)
    package = read_package(package_files(replace(made_up_package(0), analyses=(analysis,))))

    product = through_memory(package, tmp_path / "tea")

    assert product.results["1.1", "1"].printed.estimate == pytest.approx(2.0)
    assert product.exported == package
