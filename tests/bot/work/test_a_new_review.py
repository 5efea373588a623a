"""A review of its own: no word and no number of the review that is shipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.review.published import PUBLISHED
from state import versions
from tests.bot.a_review import PROTOCOL, changed
from tests.bot.builders import an_app

STUDIES = """\
[[studies]]
id = "one"
label = "One"
design = "parallel"
arms = ["tea", "water"]

[[studies.reports]]
citation = "Tea at one. A Journal"
"""
VALUES = """\
study,outcome,time_point,arms,field,number,unit,basis,source,locator,quote,how
one,awake,one hour,tea,events,8,,published,a leaflet,,,
one,awake,one hour,tea,total,10,,published,a leaflet,,,
one,awake,one hour,water,events,4,,published,a leaflet,,,
one,awake,one hour,water,total,10,,published,a leaflet,,,
"""
GOES_ON_FROM = """\
[published]
number = "7.2"
doi = "10.1000/tea.1"
published_on = 2020-03-01
searched_on = 2019-11-30
"""
ITS_OWN_WORDS = ("version 3.0", "CD004429", "cross-over", "immunoglobulin")


def a_folder(folder: Path, protocol: str = PROTOCOL) -> Path:
    files = {
        "protocol.toml": protocol,
        "strategies/pubmed.txt": "tea AND tired*\n",
        "strategies/library.txt": "tea\n",
        "known_items.csv": "id,title,sources,study,confirmed\n",
        "baseline/studies.toml": STUDIES,
        "baseline/values.csv": VALUES,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return a_folder(tmp_path / "tea", changed('preceding_doi = "10.1000/tea.1"\n', ""))


@pytest.fixture
def begun(tmp_path: Path, folder: Path) -> Iterator[App]:
    app = an_app(tmp_path / "data", {"LIVINGREVIEW_REVIEW": str(folder)})
    yield app
    app.close()


def report(app: App, number: str) -> str:
    return (app.files / number / "report.html").read_text()


def numbers(app: App) -> list[str]:
    with app.database.reading() as connection:
        return [each.number for each in versions.versions(connection)]


def test_a_review_that_goes_on_from_none_is_born_as_1_0(begun: App) -> None:
    assert numbers(begun) == ["1.0"]
    said = report(begun, "1.0")
    assert "goes on from no published one" in said
    assert "<dt>The version this review continues</dt><dd>none</dd>" in said
    assert "· as published<" not in said


def test_no_word_of_the_shipped_review_is_in_the_report_of_another(begun: App) -> None:
    said = report(begun, "1.0").lower()

    assert [word for word in ITS_OWN_WORDS if word.lower() in said] == []


def test_a_review_goes_on_with_the_number_and_the_facts_of_its_folder(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "tea")
    (folder / PUBLISHED).write_text(GOES_ON_FROM)
    app = an_app(tmp_path / "data", {"LIVINGREVIEW_REVIEW": str(folder)})

    assert numbers(app) == ["7.2"]
    said = report(app, "7.2")
    assert "Version 7.2, doi:10.1000/tea.1, published on 1 March 2020" in said
    assert "last searched on 30 November 2019" in said
    assert "(version 7.2)" in said  # where certainty was rated
    app.close()
