"""A baseline held against the package of its published review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.arguments import AsJson
from bot.cli.opened import NEEDS_A_PERSON, answer
from bot.cli.package_files import files_of
from bot.review.folder import read_review
from bot.review.package.compared_cells import Baseline, CellFinding, ComparedCell, compared
from bot.review.package.read_package import read_package
from state.codec import Json

group = typer.Typer()


@group.command()
def compare(
    folder: Annotated[Path, typer.Argument(help="The review folder whose baseline is compared.")],
    package: Annotated[
        Path, typer.Option("--with", help="The package of the review that it was taken from.")
    ],
    as_json: AsJson = False,
) -> None:
    """Hold each number of a baseline against a package: confirmed, contradicted, or not found."""
    review = read_review(folder)
    cells = compared(
        Baseline(review.protocol, review.studies, review.values), read_package(files_of(package))
    )
    answer(as_json, compared_json(cells), compared_lines(cells))
    if any(each.finding is CellFinding.CONTRADICTED for each in cells):
        raise typer.Exit(NEEDS_A_PERSON)


def compared_json(cells: Sequence[ComparedCell]) -> Json:
    """The answer of `compare --json`."""
    return {
        "counts": _counts(cells),
        "cells": [
            {
                "cell": each.cell,
                "basis": each.basis.value,
                "number": each.number,
                "printed": each.printed,
                "finding": each.finding.value,
                "where": each.where,
            }
            for each in cells
        ],
    }


def _counts(cells: Sequence[ComparedCell]) -> dict[str, dict[str, int]]:
    counted = Counter((each.basis.value, each.finding.value) for each in cells)
    return {
        basis: {finding.value: counted[basis, finding.value] for finding in CellFinding}
        for basis in dict.fromkeys(each.basis.value for each in cells)
    }


def compared_lines(cells: Sequence[ComparedCell]) -> list[str]:
    """Say the counts by how a number is known, then each that is not confirmed."""
    lines = [
        f"{basis}: " + ", ".join(f"{count} {finding}" for finding, count in counts.items())
        for basis, counts in _counts(cells).items()
    ]
    for each in cells:
        if each.finding is CellFinding.CONTRADICTED:
            lines.append(
                f"contradicted: {each.cell}: {each.number:g} ({each.basis}), printed "
                f"{each.printed:g} in {each.where}"
            )
        elif each.finding is CellFinding.NOT_FOUND:
            lines.append(f"not found: {each.cell}: {each.where}")
    return [*lines, "nothing was changed"]
