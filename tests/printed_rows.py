"""Study rows as Cochrane printed them, against the engine under RevMan's convention.

`python -m tests.printed_rows ../shared/packages/rows-341-reviews.csv.gz` prints how many rows are
equal to every printed digit, how many differ by a rule that is known, and which do not; exit
status 1 unless there are none of these. `check` is the same for other programs.

A table says what an analysis pooled (`kind`, `measure`) or leaves it empty: then every measure of
the kind is tried on the whole analysis, at the levels that reviews use, events turned or not.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, product
from pathlib import Path

import numpy as np

from analysis.errors import InvalidInput, InvalidOption
from analysis.inputs import Floats, GivenEffects, MeansAsPrinted, TablesAsPrinted
from analysis.plan import Convention, Plan
from analysis.planned_effects import Studies, planned_effects
from analysis.planned_pools import row_estimates
from analysis.results import Measure, Scale

Row = dict[str, str]

NOTHING_PRINTED = "nothing printed"
# What the table calls a measure, where it is more than the measure: how it was inferred.
MEASURES = {"RD raw": "RD", "RR+full": "RR", "RR swapped": "RR"}
OF_KIND = {"dich": ("RR", "OR", "PETO", "RD"), "cont": ("MD", "SMD"), "giv": ("GEN",)}
LEVELS = (0.95, 0.99, 0.90)
# A difference of sums within one printed number leaves noise behind: 1.5042740000000001.
DIGITS_OF_A_DOUBLE, DECIMALS_OF_2023 = 16, 6


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take the rows of an analysis."""

    measure: Measure
    scale: Scale = Scale.NATURAL
    level: float = 0.95
    turned: bool = False

    @property
    def rule(self) -> str | None:
        """The rule that explains a difference from the plain reading; None for that one."""
        said = []
        if self.turned:
            said.append("events and no events exchanged")
        if self.level != LEVELS[0]:
            said.append(f"limits at {self.level:.0%}")
        return ", ".join(said) or None


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """How many rows are equal, explained by a rule, and which are neither."""

    equal: int
    explained: Counter[str]
    unexplained: tuple[str, ...]

    @property
    def rows(self) -> int:
        return self.equal + self.explained.total() + len(self.unexplained)


def check(path: Path) -> CheckedRows:
    """Compare every row of a table with what the engine makes of its numbers."""
    return checked(read(path))


def read(path: Path) -> list[Row]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def checked(rows: Sequence[Row]) -> CheckedRows:
    """Compare rows, those of one analysis standing together."""
    equal, explained, unexplained = 0, Counter[str](), list[str]()
    for _, group in groupby(rows, key=lambda row: (row["review"], row["analysis"], row["kind"])):
        analysis = list(group)
        if not any(row["effect"] for row in analysis):
            explained[NOTHING_PRINTED] += len(analysis)
            continue
        reading, wrong = min(_tried(analysis), key=lambda each: len(each[1]))
        right = len(analysis) - len(wrong)
        if reading.rule is None:
            equal += right
        else:
            explained[reading.rule] += right
        unexplained += [f"{_name(row)}: {why} as {reading.measure}" for row, why in wrong]
    return CheckedRows(equal, explained, tuple(unexplained))


def _tried(rows: list[Row]) -> Iterator[tuple[Reading, list[tuple[Row, str]]]]:
    """Yield readings with the rows that differ under each, and end with one that has none."""
    for reading in _readings(rows[0]):
        wrong = _wrong(rows, reading)
        yield reading, wrong
        if not wrong:
            return


def _readings(row: Row) -> Iterator[Reading]:
    told = MEASURES.get(row["measure"], row["measure"])
    named = [told] if told in OF_KIND.get(row["kind"], ()) else []
    every = OF_KIND.get(row["kind"], ("GEN",))
    for turned, level, measure in product((False, True), LEVELS, dict.fromkeys((*named, *every))):
        if turned and row["kind"] != "dich":
            return
        if measure == "GEN":
            yield Reading(Measure.GENERIC, Scale.NATURAL, level)
            yield Reading(Measure.GENERIC, Scale.LOG, level)
        else:
            yield Reading(Measure(measure), Measure(measure).scale, level, turned)


def _wrong(rows: list[Row], reading: Reading) -> list[tuple[Row, str]]:
    plan = Plan(reading.measure, level=reading.level, convention=Convention.REVMAN)
    try:
        studies = _studies(rows, reading)
        effects = planned_effects(studies, plan)
    except (InvalidInput, InvalidOption) as error:
        return [(row, str(error)) for row in rows]
    found = row_estimates(studies, effects, plan)
    pairs = ((row, _difference(row, found.get(at), reading.scale)) for at, row in enumerate(rows))
    return [(row, why) for row, why in pairs if why is not None]


def _difference(row: Row, found: object, scale: Scale) -> str | None:
    if found is None or not row["effect"]:
        return None if found is None and not row["effect"] else "effect on one side only"
    for name, ours in (("effect", "value"), ("lower", "ci_lower"), ("upper", "ci_upper")):
        value = scale.shown(getattr(found, ours))
        if not same_as_printed(value, row[name]):
            return f"{name} {row[name]}, here {value!r}"
    return None


def same_as_printed(value: float, printed: str) -> bool:
    """Whether a value is the printed one to each of its digits, or to eight of many."""
    digits = Decimal(printed)
    exponent = digits.as_tuple().exponent
    assert isinstance(exponent, int), printed
    decimals = -exponent
    if len(digits.as_tuple().digits) >= DIGITS_OF_A_DOUBLE and _is_rounded(digits):
        decimals = DECIMALS_OF_2023
    half_a_digit = 0.5 * 10.0**-decimals * (1 + 1e-6)
    return abs(value - float(printed)) <= max(half_a_digit, 1e-8 * abs(value))


def _is_rounded(printed: Decimal) -> bool:
    shifted = float(printed) * 10.0**DECIMALS_OF_2023
    return abs(shifted - round(shifted)) < 1e-4


def _studies(rows: list[Row], reading: Reading) -> Studies:
    labels = tuple(_name(row) for row in rows)

    def columns(*names: str) -> list[Floats]:
        return [np.array([float(row[name] or 0) for row in rows]) for name in names]

    if rows[0]["kind"] == "dich":
        a, n_1, c, n_2 = columns("cases_1", "n_1", "cases_2", "n_2")
        if reading.turned:
            a, c = n_1 - a, n_2 - c
        return TablesAsPrinted(labels, a, n_1, c, n_2)
    if rows[0]["kind"] == "cont":
        names = ("mean_1", "sd_1", "n_1", "mean_2", "sd_2", "n_2")
        return MeansAsPrinted(labels, *columns(*names))
    estimate, se = columns("giv_mean", "giv_se")
    return GivenEffects(labels, estimate, se, reading.scale)


def _name(row: Row) -> str:
    return " ".join(filter(None, (row["review"], row["analysis"], row["subgroup"])))


def told(found: CheckedRows) -> Iterator[str]:
    """Yield the lines that say what was found."""
    yield f"{found.rows} rows: {found.equal} equal to every printed digit"
    for rule, count in found.explained.most_common():
        yield f"  {count} by a rule: {rule}"
    yield f"{len(found.unexplained)} unexplained"
    yield from (f"  {each}" for each in found.unexplained)


def main(path: str) -> int:
    found = check(Path(path))
    sys.stdout.writelines(f"{line}\n" for line in told(found))
    return 1 if found.unexplained else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
