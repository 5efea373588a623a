"""Everything in open formats, as tables, or as a package that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, Data
from bot.cli.opened import opened, say
from bot.cli.package_files import check_is_free, write_files
from bot.report.open_formats import write_export
from bot.report.write_package import review_as_package
from bot.review.package.writing import package_files
from state.files import write_whole
from state.late import late

if TYPE_CHECKING:  # pandas is loaded where frames are asked for
    from bot.report.review_frames import ReviewFrames

group = typer.Typer()
FRAMES = "bot.report.review_frames:review_frames"
WORKBOOK = "bot.report.frame_files:frames_as_workbook"
PARQUET = "bot.report.frame_files:frames_as_parquet"
REVIEW_XLSX, XLSX = "review.xlsx", ".xlsx"


class ExportFormat(StrEnum):
    """What is written: everything in open formats, the frames, or a Cochrane data package."""

    OPEN = "open"
    COCHRANE = "cochrane"
    XLSX = "xlsx"
    PARQUET = "parquet"


@group.command()
def export(
    to: Annotated[Path, typer.Argument(help="The folder to write into.")],
    form: Annotated[
        ExportFormat,
        typer.Option(
            "--format", help="Open formats, a Cochrane data package, or tables (xlsx, parquet)."
        ),
    ] = ExportFormat.OPEN,
    data: Data = DEFAULT_DATA,
) -> None:
    """Write everything in open formats: records, decided verdicts, values, results, runs."""
    if form is ExportFormat.COCHRANE:
        check_is_free(to)
    with opened(data, reading=True) as app:
        match form:
            case ExportFormat.OPEN:
                say(*(f"wrote {name}" for name in write_export(app, to)))
            case ExportFormat.COCHRANE:
                _as_package(app, to)
            case ExportFormat.XLSX:
                _as_workbook(app, to)
            case ExportFormat.PARQUET:
                _as_parquet(app, to)


def _as_package(app: App, to: Path) -> None:
    package = review_as_package(app)
    files = package_files(package)
    write_files(to, files)
    say(*(f"wrote {name}" for name in files), *(f"not held: {each}" for each in package.not_held))


def _as_workbook(app: App, to: Path) -> None:
    """Write one workbook: the file that is named, or one in the folder that is."""
    place = to if to.suffix == XLSX else to / REVIEW_XLSX
    book = late(WORKBOOK)(_frames(app))
    cut: Sequence[str] = book.cut
    write_whole(place, book.body)
    say(f"wrote {place.name}", *(f"cut short: {each}" for each in cut))


def _as_parquet(app: App, to: Path) -> None:
    files: dict[str, bytes] = late(PARQUET)(_frames(app))
    for name, body in files.items():
        write_whole(to / name, body)
    say(*(f"wrote {name}" for name in files))


def _frames(app: App) -> ReviewFrames:
    with app.database.reading() as connection:
        found: ReviewFrames = late(FRAMES)(app, connection)
    return found
