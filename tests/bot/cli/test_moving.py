"""Moving a review in and out by command, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.errors import PackageFaults
from bot.review.folder import read_review
from bot.review.package.read_package import read_package
from state.errors import BadInput
from tests.bot.review.package.made_up import (
    DICHOTOMOUS,
    EVENTS,
    ROWS,
    analysis_files,
    archive,
    of_2023,
    of_2026,
    rm5,
    row,
    study_json,
)
from tests.test_docs import documented, keys


@pytest.fixture
def package(tmp_path: Path) -> Path:
    place = tmp_path / "package.zip"
    place.write_bytes(archive(of_2026()))
    return place


def typed(*words: str | Path, **environment: str) -> Result:
    """Type a command; a fault of the program itself is one of the test."""
    done = CliRunner(env=environment).invoke(cli, [str(each) for each in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_a_published_review_moves_in_with_what_people_must_know(
    package: Path, tmp_path: Path
) -> None:
    done = typed("new", tmp_path / "tea", "--from", package)

    assert done.exit_code == 0
    assert "studies: 3 included, 1 excluded, 1 awaiting, 1 ongoing" in done.stdout
    assert "to check: published.toml: not written" in done.stdout
    assert read_review(tmp_path / "tea").protocol.title == "Tea & tiredness"


def test_the_days_of_the_published_review_are_given(package: Path, tmp_path: Path) -> None:
    days = ("--published-on", "2026-02-03", "--searched-on", "2025-11-01")

    typed("new", tmp_path / "tea", "--from", package, *days)

    published = read_review(tmp_path / "tea").published
    assert published is not None
    assert (published.number, published.searched_on) == ("2.0", "2025-11-01")


def test_nothing_is_written_over(package: Path, tmp_path: Path) -> None:
    (tmp_path / "tea").mkdir()
    (tmp_path / "tea" / "mine.txt").write_text("mine")

    with pytest.raises(BadInput, match="expected a new or empty folder"):
        typed("new", tmp_path / "tea", "--from", package)

    assert [each.name for each in (tmp_path / "tea").iterdir()] == ["mine.txt"]


def test_a_broken_package_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(archive(of_2026())[:700])

    with pytest.raises(PackageFaults, match="a whole ZIP archive"):
        typed("new", tmp_path / "tea", "--from", tmp_path / "broken.zip")

    assert not (tmp_path / "tea").exists()


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="found nothing, expected a package"):
        typed("new", tmp_path / "tea", "--from", tmp_path / "nowhere")


def test_a_new_review_names_every_answer_that_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected --question, --arm-1, --arm-2, --outcome"):
        typed("new", tmp_path / "tea", "--title", "Tea")


def test_a_new_review_of_a_few_answers_starts(tmp_path: Path) -> None:
    answers = {
        **{"title": "Tea for tiredness", "question": "Does tea help?", "arm-1": "Tea"},
        **{"arm-2": "Water", "outcome": "Awake", "kind": "events", "more-is": "good"},
        "time-point": "one hour",
    }
    flags = [word for flag, value in answers.items() for word in (f"--{flag}", value)]

    typed("new", tmp_path / "tea", *flags)
    done = typed(
        *("analyse", "--json", "--data", tmp_path / "data"),
        LIVINGREVIEW_REVIEW=str(tmp_path / "tea"),
    )

    (analysis,) = json.loads(done.stdout)["analyses"]
    assert (analysis["id"], analysis["estimate"]) == ("1.1", None)


SHAPES = {
    "2026": {"p.zip": archive(of_2026())},
    "2023": of_2023(),
    "rm5": rm5(),
    "json": study_json(),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_moved_in_is_written_out_the_same(shape: str, tmp_path: Path) -> None:
    ((name, body),) = SHAPES[shape].items()
    (tmp_path / name).write_bytes(body)
    typed("new", tmp_path / "tea", "--from", tmp_path / name)

    done = typed(
        *("export", tmp_path / "out", "--format", "cochrane", "--data", tmp_path / "data"),
        LIVINGREVIEW_REVIEW=str(tmp_path / "tea"),
    )

    assert done.exit_code == 0
    assert read_package(_files(tmp_path / "out")) == read_package(SHAPES[shape])


def _files(folder: Path) -> dict[str, bytes]:
    return {
        each.relative_to(folder).as_posix(): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }


def test_of_one_study_nothing_differs_as_revman_prints_it(package: Path, tmp_path: Path) -> None:
    typed("new", tmp_path / "tea", "--from", package)

    done = typed(
        *("analyse", "--json", "--data", tmp_path / "data"),
        LIVINGREVIEW_REVIEW=str(tmp_path / "tea"),
    )

    alone = next(each for each in json.loads(done.stdout)["analyses"] if each["id"] == "1.2")
    spread = alone["heterogeneity"]
    assert [spread[name] for name in ("tau2", "q", "df", "p", "i2")] == [0, 0, 0, 1, 0]


def test_what_new_and_compare_print_is_as_documented(tmp_path: Path) -> None:
    place = tmp_path / "package.zip"
    place.write_bytes(archive({**of_2026(), "notes.docx": b"words"}))

    moved = json.loads(typed("new", tmp_path / "tea", "--from", place, "--json").stdout)
    compared = json.loads(typed("compare", tmp_path / "tea", "--with", place, "--json").stdout)

    assert keys(moved) == keys(documented("The JSON of new")[0])
    assert keys(compared) == keys(documented("The JSON of compare")[0])


def test_a_package_confirms_and_contradicts_a_baseline(package: Path, tmp_path: Path) -> None:
    typed("new", tmp_path / "tea", "--from", package)
    other = row("1.1", "Ashby 2001", {**EVENTS, "Control cases": "3"})
    for path, body in analysis_files([DICHOTOMOUS], [other, *ROWS[1:3]]).items():
        (tmp_path / "other" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "other" / path).write_bytes(body)

    same = typed("compare", tmp_path / "tea", "--with", package)
    differs = typed("compare", tmp_path / "tea", "--with", tmp_path / "other", "--json")

    assert same.exit_code == 0
    assert "0 contradicted, 0 not found" in same.stdout
    assert differs.exit_code == 3
    cells = json.loads(differs.stdout)["cells"]
    assert [each["printed"] for each in cells if each["finding"] == "contradicted"] == [3]
