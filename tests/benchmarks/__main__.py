"""Measure one part: `python -m tests.benchmarks NAME [FILE ...] [--check]`, one JSON object a line.

With --check a goal that is not met exits 1, one with nothing to measure too; a peer that is missing
is named and fails nothing.
Files are taken by `dedup` (labelled CSV files), `linking`, `parse` (a folder) and `replay`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import (
    analyse,
    analysis,
    commands,
    dedup,
    idle,
    intake,
    large_import,
    linking,
    page,
    parse,
    replay,
    update,
    verify,
)
from tests.benchmarks.figures import Figure, write_figures
from tests.engines import ENGINES, POSTGRESQL, SQLITE, engines
from tests.postgresql import HOW_TO_HAVE_IT, server_programs

BENCHMARKS: dict[str, Callable[..., Iterator[Figure]]] = {
    "analyse": analyse.figures,
    "analysis": analysis.figures,
    "commands": commands.figures,
    "dedup": dedup.figures,
    "idle": idle.figures,
    "import": large_import.figures,
    "intake": intake.figures,
    "linking": linking.figures,
    "page": page.figures,
    "parse": parse.figures,
    "replay": replay.figures,
    "update": update.figures,
    "verify": verify.figures,
}


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    engines.chosen = options.engine
    if options.engine == POSTGRESQL and server_programs() is None:
        sys.stderr.write(f"{HOW_TO_HAVE_IT}\n")
        return 1
    try:
        met = write_figures(BENCHMARKS[options.name](*options.files), sys.stdout)
    finally:
        engines.close()
    return 1 if options.check and not met else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("name", choices=sorted(BENCHMARKS))
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--check", action="store_true", help="exit 1 when a goal is not met")
    parser.add_argument(
        "--engine", choices=ENGINES, default=SQLITE, help="for intake, page and verify"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line, as always")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
