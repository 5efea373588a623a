"""Texts of others as cells of a table. Pure."""

from __future__ import annotations

# A spreadsheet runs a cell that begins so; an apostrophe makes it text there.
_RUNS_IN_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet_cell(text: str | None) -> str:
    """Return a text as a cell that no spreadsheet runs; what is not there is empty."""
    if text is None:
        return ""
    return f"'{text}" if text.startswith(_RUNS_IN_A_SPREADSHEET) else text
