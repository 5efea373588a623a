"""Does each conclusion of the review survive the method? `python -m tests.simulations.survives`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from analysis.compared_methods import TABLE_METHODS
from analysis.conclusions import Conclusion, MethodRow, MethodTable, method_table
from analysis.inputs import TwoByTwo
from analysis.results import Measure
from tests.simulations.review import ANALYSES

SAID = {Conclusion.ABOVE: "above", Conclusion.BELOW: "below", Conclusion.OPEN: "open"}


def table() -> Iterator[str]:
    """Return a Markdown table: a row for each method, a column for each analysis of tables."""
    found = [(name.split()[0], method_table(TwoByTwo.of(rows))) for name, _, rows in ANALYSES]
    yield "| measure, method | " + " | ".join(name for name, _ in found) + " |"
    yield "|---" * (len(found) + 1) + "|"
    for at, method in enumerate(TABLE_METHODS):
        cells = " | ".join(_cell(each.rows[at]) for _, each in found)
        yield f"| {method.measure}, {method.name} | {cells} |"
    yield "| **survives the method** | " + " | ".join(_survives(each) for _, each in found) + " |"


def _cell(row: MethodRow) -> str:
    if row.conclusion is None or row.limits is None or row.value is None:
        return "–"
    shown = row.measure.scale.shown
    digits = 2 if row.measure is not Measure.ARCSINE_DIFFERENCE else 3
    figures = [shown(each) for each in (row.value, row.limits.lower, row.limits.upper)]
    value, lower, upper = (f"{each:.{digits}f}" for each in figures)
    line = f"{value} ({lower}, {upper}) {SAID[row.conclusion]}"
    return line if row.counts else f"*{line}; not valid*"


def _survives(found: MethodTable) -> str:
    return "yes" if found.survives else "no"


def main() -> None:
    for line in table():
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
