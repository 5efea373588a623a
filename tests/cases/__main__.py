"""Read a folder of import cases through the product's own import, and say which are right.

    python -m tests.cases FOLDER [--json]

FOLDER, or any folder below it, has `expected.json`: file → what is right for it. Each file is given
to a made-up review as a person gives it, and what is then stored is held against the words of the
case. Exit status 1 where one is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.cases.expected import Outcome, wrong_in
from tests.cases.given import given, given_lists

EXPECTED = "expected.json"


def cases_in(folder: Path) -> Iterator[tuple[Path, str, dict[str, object]]]:
    """Give each case of a folder and of those below it: where, its files, what is expected."""
    for path in sorted(folder.rglob(EXPECTED)):
        for name, expected in json.loads(path.read_text("utf-8")).items():
            yield path.parent, name, expected


def played(folder: Path) -> list[Outcome]:
    """Play every case of a folder."""
    return [play(*case) for case in cases_in(folder)]


def play(folder: Path, name: str, expected: dict[str, object]) -> Outcome:
    """Play a case: the file, or files, of a folder, and what is right for it."""
    files = [folder / _beside(each, name) for each in name.split(" and ")]
    missing = [each.name for each in files if not each.is_file()]
    if missing:
        return Outcome(name, (f"no file {', '.join(missing)}",))
    if len(files) > 1:
        return Outcome(name, tuple(given_lists(files)))
    found = given(files[0])
    return Outcome(name, tuple(wrong_in(expected, found)), found.warnings, found.refused)


def _beside(file: str, name: str) -> str:
    """Of "a/one.csv and two.csv" the second is in the folder of the first."""
    first = name.split(" and ")[0]
    return file if "/" in file or "/" not in first else f"{first.rpartition('/')[0]}/{file}"


def main(arguments: Sequence[str]) -> int:
    """Print right and wrong; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.cases", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    outcomes = played(chosen.folder)
    wrong = [each for each in outcomes if each.wrong]
    if chosen.json:
        said = json.dumps([asdict(each) for each in outcomes], indent=1, ensure_ascii=False)
    else:
        lines = [line for each in outcomes for line in each.lines()]
        said = "\n".join([*lines, f"{len(outcomes) - len(wrong)} right, {len(wrong)} wrong"])
    sys.stdout.write(f"{said}\n")
    if not outcomes:
        sys.stderr.write(f"{chosen.folder}: no case, expected {EXPECTED}\n")
    return 1 if wrong or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
