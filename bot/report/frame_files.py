"""The frames of a review as files: one workbook of Excel, or a file of Parquet each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from io import BytesIO

import pandas as pd

from bot.report.review_frames import ReviewFrames
from bot.report.written_workbook import SheetTable, Workbook, workbook_of
from state.errors import BadInput


def frames_as_workbook(frames: ReviewFrames) -> Workbook:
    """Write a sheet for each frame; instants stand to the second, and are UTC."""
    return workbook_of([_table(name, each) for name, each in by_name(frames).items()])


def frames_as_parquet(frames: ReviewFrames) -> dict[str, bytes]:
    """Write a file for each frame, by its name; raise BadInput where PyArrow is not installed."""
    return {f"{name}.parquet": _parquet(each) for name, each in by_name(frames).items()}


def by_name(frames: ReviewFrames) -> Mapping[str, pd.DataFrame]:
    """Return the frames by their names, in their order."""
    return {each.name: getattr(frames, each.name) for each in fields(frames)}


def _parquet(frame: pd.DataFrame) -> bytes:
    written = BytesIO()
    try:
        frame.to_parquet(written, engine="pyarrow", index=False)
    except ImportError as error:
        raise BadInput(
            "found no PyArrow, which writes Parquet; expected it beside this program"
            " (pip install 'living-review-bot[parquet]', or pip install pyarrow);"
            " --format xlsx needs nothing more"
        ) from error
    return written.getvalue()


def _table(name: str, frame: pd.DataFrame) -> SheetTable:
    """Return a frame as the cells of a sheet; what is missing is None, whatever the column."""
    held = [_cells(frame[column]) for column in frame.columns]
    return SheetTable(name, list(frame.columns), list(zip(*held, strict=True)))


def _cells(column: pd.Series) -> Sequence[object]:
    found: list[object] = column.astype(object).tolist()
    return [None if _is_missing(each) else each for each in found]


def _is_missing(found: object) -> bool:
    return found is pd.NA or found is pd.NaT or (isinstance(found, float) and math.isnan(found))
