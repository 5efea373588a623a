"""`python -m tests.packages FOLDER [--json]`: every printed result of every package, against ours.

Each package goes through the product by its commands: it is moved in (`new --from`), pooled
(`analyse --json`), written out again (`export --format cochrane`) and read once more. Every
analysis and subgroup is equal to each printed digit, or listed with the rule why RevMan's own
output cannot be had from its inputs. Study rows as printed (`rows-*.csv.gz`) are checked as well.
Exit status 1 where a result or a row is neither, where a package cannot be moved, and where what
was written out is not what was read. `--engine` asks the engine alone, which takes a second.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from bot.errors import NotOfInterventions, PackageFaults
from bot.review.package.model import Package
from bot.review.package.read_package import read_package
from tests.packages.engine_results import engine_results
from tests.packages.product_results import ProductFailed, through_the_product
from tests.packages.results import Verdict, counts, held_against
from tests.printed_rows import CheckedRows, check

SUFFIXES = {".zip", ".rm5", ".json"}
ROWS = "rows-*.csv.gz"


@dataclass(frozen=True, slots=True)
class Found:
    """A package of a folder: its name there, its files by path."""

    name: str
    files: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Told:
    """What was found of one package: its verdicts, and what is amiss besides.

    rule: why it is no package of effects. moved: what differs between what came in and what was
    written out; None where it was not tried.
    """

    name: str
    verdicts: tuple[Verdict, ...] = ()
    fault: str = ""
    rule: str = ""
    moved: tuple[str, ...] | None = None

    @property
    def is_well(self) -> bool:
        return not self.fault and not self.moved and not any(v.wrong for v in self.verdicts)


def packages_in(folder: Path) -> Iterator[Found]:
    """Give each package of a folder: a folder of its own, an archive, a RevMan file.

    A folder that is itself a package is one.
    """
    if any(each.name.endswith(("-analysis-data", "-study-data")) for each in folder.iterdir()):
        yield from _of_folder(folder)
        return
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            yield from _of_folder(entry)
        elif entry.suffix.casefold() in SUFFIXES:
            body = entry.read_bytes()
            if entry.suffix.casefold() != ".json" or b'"studies"' in body:
                yield Found(entry.name, {entry.name: body})


def _of_folder(folder: Path) -> Iterator[Found]:
    files = {
        each.relative_to(folder).as_posix(): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }
    alone = [path for path in files if path.casefold().endswith((".rm5", ".zip"))]
    if len(alone) > 1:
        for path in alone:
            yield Found(f"{folder.name}/{path}", {path: files[path]})
    elif files:
        yield Found(folder.name, files)


def held(found: Found, *, engine: bool) -> Told:
    """Move a package through the product, or ask the engine, and hold what comes out against it."""
    try:
        package = read_package(found.files)
        if engine:
            return Told(found.name, tuple(held_against(package, engine_results(package))))
        product = through_the_product(found.files, package)
    except NotOfInterventions as said:
        return Told(found.name, rule=str(said))
    except (PackageFaults, ProductFailed) as fault:
        return Told(found.name, fault=str(fault))
    verdicts = tuple(held_against(package, product.results))
    return Told(found.name, verdicts, moved=tuple(differences(package, product.exported)))


def differences(one: Package, other: Package) -> Iterator[str]:
    """Name the parts of a package in which two differ."""
    for each in fields(Package):
        if each.compare and getattr(one, each.name) != getattr(other, each.name):
            yield f"'{each.name}' is not as it came"


def lines(told: Sequence[Told], rows: Sequence[CheckedRows]) -> Iterator[str]:
    """Say of each package its counts, then each result by a rule and each that is not equal."""
    for each in told:
        if each.fault or each.rule:
            yield f"{each.name}: not moved: {each.fault or each.rule}"
            continue
        equal, rule, wrong = counts(each.verdicts)
        moved = "" if each.moved is None else ", the same written out and read again"
        yield f"{each.name}: {equal} equal, {rule} by a rule, {wrong} unexplained{moved}"
        yield from (f"  ! written out: {what}" for what in each.moved or ())
        for verdict in each.verdicts:
            if verdict.rule and not verdict.wrong:
                yield f"    {verdict.named}: {verdict.rule}"
            yield from (f"  ! {verdict.named}: {what}" for what in verdict.wrong)
    for checked in rows:
        yield (
            f"study rows: {checked.equal} of {checked.rows} equal, "
            f"{checked.explained.total()} by a rule, {len(checked.unexplained)} unexplained"
        )
        yield from (f"    {count} {rule}" for rule, count in checked.explained.most_common())
        yield from (f"  ! {what}" for what in checked.unexplained)
    equal, rule, wrong = counts([v for each in told for v in each.verdicts])
    yield f"{equal} printed results equal, {rule} by a rule, {wrong} unexplained"


def as_json(told: Sequence[Told], rows: Sequence[CheckedRows]) -> dict[str, Any]:
    """Return the same for scripts."""
    equal, rule, wrong = counts([v for each in told for v in each.verdicts])
    return {
        "equal": equal,
        "by_a_rule": rule,
        "unexplained": wrong,
        "packages": [
            {
                "name": each.name,
                "fault": each.fault or None,
                "rule": each.rule or None,
                "written_out": None if each.moved is None else list(each.moved),
                "results": [
                    {
                        "analysis": v.analysis,
                        "subgroup": v.subgroup or None,
                        "equal": not v.wrong and not v.rule,
                        "rule": v.rule or None,
                        "wrong": list(v.wrong),
                    }
                    for v in each.verdicts
                ],
            }
            for each in told
        ],
        "rows": [
            {
                "rows": each.rows,
                "equal": each.equal,
                "by_a_rule": dict(each.explained),
                "unexplained": list(each.unexplained),
            }
            for each in rows
        ],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.packages")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.add_argument("--engine", action="store_true", help="the engine alone, not the product")
    asked = parser.parse_args(arguments)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each waits for commands of its own
        told = list(pool.map(partial(held, engine=asked.engine), packages_in(asked.folder)))
    rows = [check(each) for each in sorted(asked.folder.glob(ROWS))]
    if asked.json:
        printed = [json.dumps(as_json(told, rows), indent=2, ensure_ascii=False)]
    else:
        printed = list(lines(told, rows))
    sys.stdout.writelines(f"{line}\n" for line in printed)
    found = bool(told or rows)
    well = all(each.is_well for each in told) and not any(each.unexplained for each in rows)
    return 0 if found and well else 1


if __name__ == "__main__":
    sys.exit(main())
