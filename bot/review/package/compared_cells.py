"""A baseline held against the package of its review: each cell confirmed or contradicted. Pure.

Analyses are matched by their numbers, studies by their names, arms by the order in the analysis
unless the labels say that it is turned; an arm that is a kind of another stands in its place, and
one that is shared out among rows is their sum. Nothing is written over: what differs is for people.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.review.package.model import Package, PackagedAnalysis, PackagedRow, plain
from bot.review.package.moved import FIELDS
from bot.review.protocol import AnalysisPlan, ReviewProtocol
from extraction.model import Basis, Study, Value

_WORD = re.compile(r"[^\W_]+")


class CellFinding(StrEnum):
    """What a package says of a number of the baseline."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    NOT_FOUND = "not found"


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """A number of the baseline, what the package has in its place, and where."""

    cell: str
    basis: Basis
    number: float
    printed: float | None
    finding: CellFinding
    where: str  # the analysis and study of the package, or why there is none


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is compared: the protocol, the studies and their numbers."""

    protocol: ReviewProtocol
    studies: Sequence[Study]
    values: Sequence[Value]


def compared(baseline: Baseline, package: Package) -> tuple[ComparedCell, ...]:
    """Hold every number of a baseline against the package of the review that it was taken from."""
    labels = {each.id: each.label for each in baseline.studies}
    return tuple(_compared(baseline, package, labels[v.cell.study], v) for v in baseline.values)


def _compared(baseline: Baseline, package: Package, study: str, value: Value) -> ComparedCell:
    why = "no analysis of this number uses it"
    for plan in _plans(baseline.protocol, value):
        analysis = next((each for each in package.analyses if each.key == plan.id), None)
        if analysis is None:
            why = f"the package has no analysis {plan.id}"
            continue
        rows = [row for row in analysis.rows if same_study(row.study, study)]
        if not rows:
            why = f"analysis {plan.id} has no row of {study}"
            continue
        sides = _sides(baseline.protocol, plan, analysis)
        named = _naming(baseline.protocol, analysis, rows, value)
        printed = [number for row in named for number in _numbers(analysis, row, value, sides)]
        if not printed:
            why = f"analysis {plan.id} has no such number of {study}"
            continue
        return _found(value, printed, f"analysis {plan.id}, {rows[0].study}")
    return _cell(value, None, CellFinding.NOT_FOUND, why)


def _found(value: Value, printed: Sequence[float], where: str) -> ComparedCell:
    shared = len(printed) > 1 and math.isclose(sum(printed), value.number)
    if shared or any(number == value.number for number in printed):
        return _cell(value, value.number, CellFinding.CONFIRMED, where)
    return _cell(value, printed[0], CellFinding.CONTRADICTED, where)


def _cell(value: Value, printed: float | None, finding: CellFinding, where: str) -> ComparedCell:
    return ComparedCell(
        value.cell.key, value.provenance.basis, value.number, printed, finding, where
    )


def _plans(protocol: ReviewProtocol, value: Value) -> Iterator[AnalysisPlan]:
    """Give the analyses that pool a number: of its outcome, between its arms."""
    for plan in protocol.analyses:
        if (
            plan.outcome == value.cell.outcome
            and {*value.cell.arms} <= _kinds(protocol, plan).keys()
        ):
            yield plan


def _kinds(protocol: ReviewProtocol, plan: AnalysisPlan) -> dict[str, str]:
    """Return the arms that enter an analysis, with the arm of the analysis that each is."""
    of = {each.id: each.part_of for each in protocol.arms if each.part_of}
    compared = (plan.arm_1, plan.arm_2)
    kinds = {arm: whole for arm, whole in of.items() if whole in compared}
    return kinds | {arm: arm for arm in compared}


def _naming(
    protocol: ReviewProtocol,
    analysis: PackagedAnalysis,
    rows: Sequence[PackagedRow],
    value: Value,
) -> Sequence[PackagedRow]:
    """Return the rows of a study that name an arm of the number, where it has several; else all.

    A trial of several doses has a row for each, in a subgroup that is called by it.
    """
    kinds = {each.id: each.label for each in protocol.arms if each.part_of}
    words = [_words(kinds[arm]) for arm in value.cell.arms if arm in kinds]
    subgroups = {each.number: _words(each.name) for each in analysis.subgroups}
    found = [
        row
        for row in rows
        if any(each <= _words(row.footnote) | subgroups.get(row.subgroup, set()) for each in words)
    ]
    return found or rows


def _sides(
    protocol: ReviewProtocol, plan: AnalysisPlan, analysis: PackagedAnalysis
) -> Mapping[str, str]:
    """Return which column of the package each arm stands in, 1 or 2."""
    labels = {each.id: each.label for each in protocol.arms}
    first, second = labels.get(plan.arm_1, ""), labels.get(plan.arm_2, "")
    straight = _alike(first, analysis.label_1) + _alike(second, analysis.label_2)
    turned = _alike(first, analysis.label_2) + _alike(second, analysis.label_1)
    order = (plan.arm_2, plan.arm_1) if turned > straight else (plan.arm_1, plan.arm_2)
    places = {order[0]: "1", order[1]: "2"}
    return {arm: places[whole] for arm, whole in _kinds(protocol, plan).items()}


def _alike(one: str, other: str) -> float:
    first, second = _words(one), _words(other)
    return len(first & second) / len(first | second) if first | second else 0.0


def _words(text: str) -> set[str]:
    return set(_WORD.findall(plain(text).casefold()))


def same_study(one: str, other: str) -> bool:
    """Say whether two names are of one study: the same words, or the same name and year."""
    return _words(one) == _words(other)


def _numbers(
    analysis: PackagedAnalysis, row: PackagedRow, value: Value, sides: Mapping[str, str]
) -> Iterator[float]:
    """Give what the row has for a field of an arm, or of the pair in the same order."""
    side = "".join(sides.get(arm, "") for arm in value.cell.arms)
    for name, field_name, at in FIELDS[analysis.data_type]:
        number = getattr(row, name)
        if field_name == value.cell.field and at == side and number is not None:
            yield number
