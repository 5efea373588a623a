"""Live through the history of the disease's literature, 1990 to 2026, with today's rules.

    python -m tests.replay [FILE] [--json]

Each figure with its denominator and 95 % limits: of a share Wilson's, of a rate Poisson's. How it
is lived through says tests/benchmarks/replay.py. Exit status 1 where a goal is missed. FILE:
another list of labelled records.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.linking import LABELLED
from tests.benchmarks.replay import live_through
from tests.replay.told import all_met, lines, measured


def main(arguments: Sequence[str]) -> int:
    """Print what was counted; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=LABELLED)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    found = measured(live_through(chosen.file))
    if chosen.json:
        said = json.dumps([asdict(each) | {"met": each.met} for each in found], indent=1)
    else:
        said = "\n".join(lines(found))
    sys.stdout.write(f"{said}\n")
    return 0 if all_met(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
