"""Coverage of every method of the method table at this review's size, mixed models included.

`python -m tests.simulations.sparse [--sets N]` prints Markdown; a mixed model takes a tenth of a
second, so that this is a smaller simulation than `python -m tests.simulations`.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.compared_methods import TABLE_METHODS
from analysis.conclusions import MethodRow, method_table
from analysis.results import Measure
from tests.simulations.trials import CONTROL_RISKS, Truth, draw, truths


@dataclass(slots=True)
class Tally:
    """Reviews drawn, those with an estimate, and those whose interval holds the truth."""

    drawn: int = 0
    estimated: int = 0
    held: int = 0

    @property
    def text(self) -> str:
        """Return `coverage % (reviews with an estimate %)`, be the method valid or not."""
        if self.estimated == 0:
            return "none (0)"
        return f"{100 * self.held / self.estimated:.1f} ({100 * self.estimated / self.drawn:.0f})"


def true_value(measure: Measure, truth: Truth) -> float:
    """Return what a method of this measure estimates."""
    p1, p0 = truth.treated_risk, truth.control_risk
    return {
        Measure.RISK_RATIO: truth.log_risk_ratio,
        Measure.ODDS_RATIO: truth.log_odds_ratio,
        Measure.RISK_DIFFERENCE: p1 - p0,
        Measure.ARCSINE_DIFFERENCE: math.asin(math.sqrt(p1)) - math.asin(math.sqrt(p0)),
    }[measure]


def table(risk_ratio: float, sets: int) -> Iterator[str]:
    """Return a Markdown table: a row for each method, a column for each control risk."""
    risks = [risk for risk in CONTROL_RISKS if risk * risk_ratio < 1]
    tallies: defaultdict[tuple[str, float], Tally] = defaultdict(Tally)
    names: dict[str, None] = {}
    random = np.random.default_rng(20260802)
    for truth in truths(risk_ratio, 0.0):
        for _ in range(sets):
            rows = method_table(draw(truth, random)).rows
            for method, row in zip(TABLE_METHODS, rows, strict=True):
                name = f"{method.measure}, {method.name}"
                names[name] = None
                _count(tallies[name, truth.control_risk], row, true_value(row.measure, truth))
    yield "| method | " + " | ".join(f"risk {100 * risk:g} %" for risk in risks) + " |"
    yield "|---" * (len(risks) + 1) + "|"
    for name in names:
        yield f"| {name} | " + " | ".join(tallies[name, risk].text for risk in risks) + " |"


def _count(tally: Tally, row: MethodRow, true: float) -> None:
    tally.drawn += 1
    if row.limits is None:
        return
    tally.estimated += 1
    tally.held += row.limits.lower <= true <= row.limits.upper


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulations.sparse")
    parser.add_argument("--sets", type=int, default=40, help="simulated reviews for each truth")
    sets = parser.parse_args(arguments).sets
    for risk_ratio in (1.0, 3.0):
        sys.stdout.write(f"\n#### Risk ratio {risk_ratio:g}, no heterogeneity\n\n")
        for line in table(risk_ratio, sets):
            sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
