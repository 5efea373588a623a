"""`python -m tests.packages FOLDER`: every printed result of every package there, against ours.

Exit status 1 where a printed result is neither equal nor explained by a rule.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import PackageFaults
from bot.review.package.model import Package
from bot.review.package.reading import read_package
from tests.packages.engine_results import engine_results
from tests.packages.results import Verdict, counts, held_against
from tests.printed_rows import CheckedRows

SUFFIXES = {".zip", ".rm5", ".json"}


@dataclass(frozen=True, slots=True)
class Found:
    """A package of a folder: its name there, its files by path."""

    name: str
    files: dict[str, bytes]


def packages_in(folder: Path) -> Iterator[Found]:
    """Give each package of a folder: a folder of its own, an archive, a RevMan file."""
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            yield from _of_folder(entry)
        elif entry.suffix.casefold() in SUFFIXES:
            yield Found(entry.name, {entry.name: entry.read_bytes()})


def _of_folder(folder: Path) -> Iterator[Found]:
    files = {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }
    alone = [path for path in files if path.casefold().endswith((".rm5", ".zip"))]
    if len(alone) > 1:
        for path in alone:
            yield Found(f"{folder.name}/{path}", {path: files[path]})
    elif files:
        yield Found(folder.name, files)


@dataclass(frozen=True, slots=True)
class Told:
    """What was found of one package: its verdicts, or why it cannot be read."""

    name: str
    verdicts: tuple[Verdict, ...] = ()
    fault: str = ""


def held(found: Found) -> Told:
    """Read a package and hold its printed results against ours."""
    try:
        package = read_package(found.files)
    except PackageFaults as fault:
        return Told(found.name, fault=str(fault))
    return Told(found.name, tuple(held_against(package, results(package))))


def results(package: Package) -> dict:
    return engine_results(package)


def lines(told: Sequence[Told], rows: Sequence[CheckedRows]) -> Iterator[str]:
    """Say what was found: of each package its counts, then each result that is not equal."""
    for each in told:
        if each.fault:
            yield f"{each.name}: not read: {each.fault}"
            continue
        equal, rule, wrong = counts(each.verdicts)
        yield f"{each.name}: {equal} equal, {rule} by a rule, {wrong} unexplained"
        for verdict in each.verdicts:
            if verdict.rule:
                yield f"    {verdict.named}: {verdict.rule}"
            yield from (f"  ! {verdict.named}: {what}" for what in verdict.wrong)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.packages")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    told = [held(each) for each in packages_in(asked.folder)]
    for line in lines(told, ()):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
