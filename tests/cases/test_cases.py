"""The cases of databases' documented formats, and what the program that plays them says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.__main__ import cases_in, main, play
from tests.cases.expected import wrong_in
from tests.cases.given import read_alone

OWN = Path(__file__).parent / "own"
OWN_CASES = {
    f"{folder.name}/{name}": (folder, name, wanted) for folder, name, wanted in cases_in(OWN)
}


READ_ALONE = Path(__file__).parent / "read"
READ_CASES = {
    f"{folder.name}/{name}": (folder, name, wanted) for folder, name, wanted in cases_in(READ_ALONE)
}


def write(folder: Path, expected: dict[str, object]) -> Path:
    (folder / "one.csv").write_text("Title,Year,Room\nLamps,2025,12\n", "utf-8")
    (folder / "expected.json").write_text(json.dumps(expected), "utf-8")
    return folder


@pytest.mark.parametrize("case", OWN_CASES)
def test_a_file_of_a_documented_format_is_read_right(case: str) -> None:
    assert play(*OWN_CASES[case]).wrong == ()


@pytest.mark.parametrize("case", READ_CASES)
def test_a_file_in_an_odd_dress_is_read_right(case: str) -> None:
    """Encodings, line ends, broken records: the reader alone; the program plays them whole."""
    folder, name, wanted = READ_CASES[case]

    assert list(wrong_in(wanted, read_alone(folder / name))) == []


def test_there_are_as_many_cases_as_were_promised() -> None:
    assert len(OWN_CASES) >= 60


def test_no_case_lies_in_the_folder_without_being_expected() -> None:
    for root, cases in ((OWN, OWN_CASES), (READ_ALONE, READ_CASES)):
        files = {path for path in root.rglob("*") if path.is_file()}
        files = {path for path in files if path.name != "expected.json"}

        assert files == {folder / name for folder, name, _ in cases.values()}


def faulty() -> Iterator[dict[str, object]]:
    yield {"one.csv": {"records": 2}}
    yield {"one.csv": {"records": 1, "first": {"year": 2024}}}
    yield {"one.csv": {"records": 1, "first": {"no such field": 1}}}
    yield {"one.csv": {"records": 1, "second": {"year": 2024}}}
    yield {"one.csv": {"asked": 1}}
    yield {"one.csv": {"refused": True}}
    yield {"one.csv": {"quiet": True}}
    yield {"one.csv": {"names": ["Year"]}}
    yield {"two.csv": {"records": 1}}


@pytest.mark.parametrize("expected", list(faulty()))
def test_a_wrong_case_is_named_and_ends_with_1(
    expected: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(write(tmp_path, expected))]) == 1

    assert "0 right, 1 wrong" in capsys.readouterr().out


def test_a_right_case_ends_with_0_and_can_be_had_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path, {"one.csv": {"records": 1, "names": ["Room"], "notes": "for people"}})

    assert main([str(folder), "--json"]) == 0

    (said,) = json.loads(capsys.readouterr().out)
    assert (said["case"], said["wrong"]) == ("one.csv", [])


def test_a_folder_without_cases_is_no_success(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1


def test_the_shared_cases_of_files_are_right(shared: Path) -> None:
    """But for the two lists of one search, which the sources answer for."""
    outcomes = [play(*case) for case in cases_in(shared / "cases") if " and " not in case[1]]

    assert [each.case for each in outcomes if each.wrong] == []
    assert len(outcomes) > 20
