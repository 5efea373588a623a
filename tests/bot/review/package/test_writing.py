"""What is written reads as what was read: import(export(x)) = x."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from bot.review.package.cited import cited_text, read_cited
from bot.review.package.model import Package, StudyReference
from bot.review.package.read_package import read_package
from bot.review.package.writing import number_text, package_files
from tests.bot.review.package.made_up import (
    OWN,
    of_2023,
    of_2026,
    of_early_2026,
    rm5,
    study_json,
)

EVERY = {
    "2026": of_2026,
    "early 2026": of_early_2026,
    "2023": of_2023,
    "rm5": rm5,
    "json": study_json,
}


@pytest.mark.parametrize("shape", EVERY)
def test_a_package_written_and_read_again_is_the_same(shape: str) -> None:
    package = read_package(EVERY[shape]())

    again = read_package(package_files(package))

    assert again == package
    assert again.not_held == ()


def test_settings_have_the_columns_of_2026_in_their_order() -> None:
    files = package_files(read_package(of_2026()))

    text = files[f"{OWN}-analysis-data/{OWN}-overall-estimates-and-settings.csv"].decode()
    header = next(csv.reader(io.StringIO(text)))
    assert header[:3] == ["Analysis group", "Analysis number", "Analysis name"]
    assert header[26:34] == [
        *("Swap event and non-event", "CI method", "CI/PI level", "Sort studies by"),
        *("Graph label (left)", "Graph label (right)", "Graph scale", "Show risk of bias"),
    ]
    assert header[-1] == "ID"
    assert len(header) == 58


def test_what_does_not_apply_is_said_as_the_format_says_it() -> None:
    files = package_files(read_package(of_2026()))

    text = files[f"{OWN}-analysis-data/{OWN}-overall-estimates-and-settings.csv"].decode()
    first = next(csv.DictReader(io.StringIO(text)))
    assert (first["Heterogeneity estimator"], first["CI/PI level"]) == ("#N/A", "95%")


def test_study_data_have_the_keys_of_the_schema_alone() -> None:
    files = package_files(read_package(of_2026()))

    written = json.loads(files[f"{OWN}-study-data/{OWN}-study-data.json"])
    assert list(written) == [
        *("$schema", "risk-of-bias-method", "review-level-concepts", "studies"),
    ]
    assert list(written["studies"][0]) == [
        *("name", "year", "data-source", "identifiers", "references", "characteristics"),
        *("covariates", "arms", "results", "risk-of-bias"),
    ]
    (domain,) = [
        each
        for each in written["review-level-concepts"]["risk-of-bias-domains"]
        if each["name"] == "Blinding"
    ]
    assert domain == {"name": "Blinding", "study-level": False, "groups": ["All outcomes"]}


def test_rows_of_another_level_than_the_result_keep_it() -> None:
    package = read_package(rm5())

    again = read_package(package_files(package))

    assert again.analyses[0].row_level == 0.99


def test_an_empty_review_is_a_page_about_it() -> None:
    assert list(package_files(Package("CD1"))) == ["CD1-data-package-info.html"]


@pytest.mark.parametrize(
    ("number", "text"),
    [(8.0, "8"), (0.1, "0.1"), (1.77e-7, "1.77e-7"), (None, ""), (-0.5, "-0.5")],
)
def test_a_number_is_written_with_every_digit(number: float | None, text: str) -> None:
    assert number_text(number) == text
    assert number is None or float(text) == number


@pytest.mark.parametrize(
    "authors",
    ["Ashby AB, Oak C, et al", "Ashby,A.B.; Oak,C.", "NCT99000002"],
)
def test_authors_are_read_as_they_were_written(authors: str) -> None:
    reference = StudyReference("JOURNAL_ARTICLE", parts=(("authors", authors),))

    ((_, again),) = read_cited("x.ris", cited_text([("", reference)]).encode())

    assert again.part("authors") == authors


def test_a_kind_that_ris_has_no_type_for_is_kept() -> None:
    review = StudyReference("COCHRANE_REVIEW", parts=(("title", "Tea"), ("notes", "old")))

    ((_, again),) = read_cited("x.ris", cited_text([("", review)]).encode())

    assert again == review


def test_two_judgements_of_one_study_are_one_row() -> None:
    package = read_package(of_2026())

    text = package_files(replace(package, arms=()))[f"{OWN}-study-data/{OWN}-risk-of-bias.csv"]

    assert text.decode().count("\n") == 3
