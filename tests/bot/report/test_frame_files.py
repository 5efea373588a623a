"""The frames as files: read back by this program's own reader, and by others."""

from __future__ import annotations

import csv
import importlib.util
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from bot.cli import cli
from bot.report import written_workbook
from bot.report.frame_columns import FRAMES
from bot.report.written_workbook import MOST_CHARACTERS, SheetTable, workbook_of
from extraction.readers.workbook import sheets_of
from state.errors import BadInput
from tests.bot.builders import an_app


def read_back(body: bytes) -> dict[str, list[list[str]]]:
    return {each.name: list(csv.reader(StringIO(each.text))) for each in sheets_of(body, "a.xlsx")}


def test_what_was_written_is_read_back() -> None:
    at = datetime(2026, 12, 1, 10, 30, tzinfo=UTC)
    rows = [("=1+1", 0.1, 3, at, True), ("  Müller & <Söhne>\n", None, None, None, False)]

    book = workbook_of([SheetTable("a & b", ("text", "x", "n", "at", "so"), rows)])

    assert book.cut == ()
    assert read_back(book.body) == {
        "a & b": [
            ["text", "x", "n", "at", "so"],
            ["=1+1", "0.1", "3", "2026-12-01", "1"],
            ["  Müller & <Söhne>\n", "", "", "", "0"],
        ]
    }


def test_the_same_tables_are_the_same_bytes() -> None:
    tables = [SheetTable("one", ("x",), [(1.5,)])]

    assert workbook_of(tables) == workbook_of(tables)


def test_a_text_that_no_cell_can_hold_is_cut_and_named() -> None:
    book = workbook_of([SheetTable("records", ("abstract",), [("short",), ("𝔸" * 20_000,)])])

    assert book.cut == ("records, row 3, abstract: 20000 characters",)
    held = read_back(book.body)["records"][2][0]
    assert held.endswith("𝔸 … [cut]")
    assert len(held.encode("utf-16-le")) <= 2 * MOST_CHARACTERS


def test_signs_that_xml_cannot_hold_are_written_as_the_format_has_them() -> None:
    book = workbook_of([SheetTable("one", ("x",), [("a\x0bb _x0041_",)])])

    assert read_back(book.body)["one"][1] == ["a_x000B_b _x005F_x0041_"]


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_workbook, "MOST_ROWS", 2)

    with pytest.raises(BadInput, match="records: found 2 rows, expected fewer than 2"):
        workbook_of([SheetTable("records", ("x",), [(1,), (2,)])])


@pytest.mark.parametrize("name", ["tables", "mine.xlsx"])
def test_a_review_is_exported_as_a_workbook(tmp_path: Path, name: str) -> None:
    an_app(tmp_path / "data").close()
    to = tmp_path / name

    said = CliRunner().invoke(
        cli, ["export", str(to), "--format", "xlsx", "--data", str(tmp_path / "data")]
    )

    assert said.exit_code == 0, said.output
    file = to if name == "mine.xlsx" else to / "review.xlsx"
    sheets = read_back(file.read_bytes())
    assert list(sheets) == list(FRAMES)
    assert {sheet: rows[0] for sheet, rows in sheets.items()} == {
        sheet: list(columns) for sheet, columns in FRAMES.items()
    }
    assert len(sheets["results"]) > 1


def test_parquet_is_written_where_its_library_is_and_named_where_it_is_not(tmp_path: Path) -> None:
    an_app(tmp_path / "data").close()
    words = [
        "export",
        str(tmp_path / "to"),
        "--format",
        "parquet",
        "--data",
        str(tmp_path / "data"),
    ]

    said = CliRunner().invoke(cli, words)

    if importlib.util.find_spec("pyarrow") is None:
        assert isinstance(said.exception, BadInput)
        assert "pip install pyarrow" in str(said.exception)
        assert not (tmp_path / "to").exists()
        return
    for name, columns in FRAMES.items():
        frame = pd.read_parquet(BytesIO((tmp_path / "to" / f"{name}.parquet").read_bytes()))
        assert {column: str(frame[column].dtype) for column in frame} == columns
