"""Everything in open formats, or the review as a package that other programs read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.arguments import DEFAULT_DATA, Data
from bot.cli.opened import opened, say
from bot.cli.package_files import check_is_free, write_files
from bot.report.open_formats import write_export
from bot.report.write_package import review_as_package
from bot.review.package.writing import package_files

group = typer.Typer()


class ExportFormat(StrEnum):
    """What is written: everything in open formats, or the review as a Cochrane data package."""

    OPEN = "open"
    COCHRANE = "cochrane"


@group.command()
def export(
    to: Annotated[Path, typer.Argument(help="The folder to write into.")],
    form: Annotated[
        ExportFormat,
        typer.Option("--format", help="Open formats, or a Cochrane data package."),
    ] = ExportFormat.OPEN,
    data: Data = DEFAULT_DATA,
) -> None:
    """Write everything in open formats: records, decided verdicts, values, results, runs."""
    if form is ExportFormat.COCHRANE:
        check_is_free(to)
    with opened(data, reading=True) as app:
        if form is ExportFormat.OPEN:
            say(*(f"wrote {name}" for name in write_export(app, to)))
            return
        package = review_as_package(app)
    files = package_files(package)
    write_files(to, files)
    say(*(f"wrote {name}" for name in files), *(f"not held: {each}" for each in package.not_held))
