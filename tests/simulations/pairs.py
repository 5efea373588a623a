"""Coverage in one cross-over trial, analysed by pairs and as if the arms were different people.

`python -m tests.simulations.pairs [--sets N]` prints Markdown.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import product

import numpy as np

from analysis.crossover import PairedTables, paired_binary
from analysis.crossover_margins import (
    Infeasible,
    PairedMargins,
    effects_at_correlation,
)
from analysis.results import Measure, StudyEffects

Z = 1.959963984540054


def table(sets: int) -> Iterator[str]:
    """Return a Markdown table: coverage of the log risk ratio, a row for each truth."""
    yield "| people | risks | correlation | by pairs | as two groups | without a paired effect |"
    yield "|---|---|---|---|---|---|"
    random = np.random.default_rng(20260803)
    risks = ((0.2, 0.2), (0.4, 0.15), (0.5, 0.5))
    for n, (p1, p2), correlation in product((9, 20, 42), risks, (-0.1, 0.0, 0.3, 0.6)):
        joint = _joint(p1, p2, correlation)
        if min(joint) < 0:
            continue
        cells = random.multinomial(n, joint, size=sets).astype(float)
        labels = tuple(str(at) for at in range(sets))
        tables = PairedTables(labels, *cells.T)
        margins = PairedMargins(
            labels, cells[:, 0] + cells[:, 1], cells[:, 0] + cells[:, 2], tables.people
        )
        paired = paired_binary(tables, Measure.RISK_RATIO)
        parallel = effects_at_correlation(margins, Measure.RISK_RATIO, 0.0, Infeasible.CLIP)
        true = float(np.log(p1 / p2))
        shown = f"{100 * p1:g} % and {100 * p2:g} %"
        yield (
            f"| {n} | {shown} | {correlation:g} | {_coverage(paired, true)} "
            f"| {_coverage(parallel, true)} | {100 * (1 - len(paired) / sets):.0f} % |"
        )


def _joint(p1: float, p2: float, correlation: float) -> tuple[float, float, float, float]:
    """Return the chances of both, first only, second only and neither."""
    both = p1 * p2 + correlation * float(np.sqrt(p1 * (1 - p1) * p2 * (1 - p2)))
    return both, p1 - both, p2 - both, 1 - p1 - p2 + both


def _coverage(found: StudyEffects, true: float) -> str:
    half = Z * np.sqrt(found.variances)
    # An effect of 0 with no variance is a table in which nobody changed: its interval is a point.
    held = np.abs(found.effects - true) <= half + 1e-12
    return f"{100 * float(held.mean()):.1f}"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulations.pairs")
    parser.add_argument("--sets", type=int, default=10_000, help="simulated trials for each truth")
    for line in table(parser.parse_args(arguments).sets):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
