"""Print the operating characteristics as Markdown: `python -m tests.simulations [--sets N]`."""

from __future__ import annotations

import argparse
import sys

from tests.simulations import alarms, coverage

EFFECTS = ((1.0, 0.0), (1.0, 0.3), (3.0, 0.0), (3.0, 0.3))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulations")
    parser.add_argument("--sets", type=int, default=300, help="simulated reviews for each truth")
    sets = parser.parse_args(arguments).sets
    for effect, tau2 in EFFECTS:
        what = "Type I error is 100 less the coverage" if effect == 1 else "Coverage"
        _say(f"\n### Risk ratio {effect:g}, τ² {tau2:g}. {what}; in brackets: no estimate, %\n")
        for line in coverage.table(effect, tau2, sets):
            _say(line)
    _say("\n### Updates that fire each rule though nothing has changed\n")
    for line in alarms.table(4 * sets):
        _say(line)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
