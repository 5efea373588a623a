"""The newest result is of the inputs of now, and follows from them by formulas of our own."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from bot.synthesis.synthesise import synthesise
from state import extractions, versions
from state.facts.words import HowAccepted, VersionState
from state.screening import StudyStatus
from state.values import AcceptedValue
from tests.histories.chronicle import Chronicle
from tests.histories.people import ADJUDICATOR, EXTRACTOR, holds
from tests.histories.scene import Scene

TWO = 2
CLOSE = 1e-9  # of numbers computed by other formulas from the same whole numbers
HALF = 0.5  # RevMan's correction of a trial with a zero cell
NORMAL_95 = 1.959963984540054
# A row's numbers, and the fields of an accepted value that may hold each.
READ = {"events": ("events",), "total": ("total", "n"), "mean": ("mean",), "sd": ("sd",)}

Json = Mapping[str, Any]
Cell = tuple[str, str, str, str, str]  # study, outcome, time point, arm, field
Counted = Mapping[Cell, float]
Table = tuple[float, float, float, float]  # events and no events of arm 1, of arm 2


def result_of_now(scene: Scene, _: Chronicle) -> Iterator[str]:
    """Say where the inputs of now have no result."""
    with scene.reading() as connection:
        found = synthesise(scene.app, connection)
        if versions.find_result(connection, found.id) is None:
            yield f"no result was computed of the inputs {found.id[:12]}"


def draft_told(scene: Scene, _: Chronicle) -> Iterator[str]:
    """Say where the newest version, drafted, rejected or published, holds other numbers than now.

    A version that gave way to another counts as little as one that was never made.
    """
    with scene.reading() as connection:
        now = _shown(_of_now(scene, connection))
        made = [
            each
            for each in versions.versions(connection)
            if each.state in (VersionState.DRAFT, VersionState.REJECTED, VersionState.PUBLISHED)
        ]
        if made and now is not None:
            stored = versions.find_result(connection, made[-1].result)
            held = _shown(stored.results if stored is not None else None)
            if held != now:
                moved = sorted(name for name in now if held is None or held.get(name) != now[name])
                yield f"version {made[-1].number} ({made[-1].state}) is not of now: {moved}"


def results_recomputed(scene: Scene, _: Chronicle) -> Iterator[str]:
    """Say where a stored result does not follow from the values that count."""
    with scene.reading() as connection:
        stored = _of_now(scene, connection)
        values = extractions.accepted_values(connection)
        pooled = {
            each.study.id: each.study.label
            for each in extractions.studies(connection)
            if each.place is StudyStatus.INCLUDED
        }
    counted = _counted(values)
    for analysis in stored["analyses"] if stored is not None else ():
        yield from _odd_rows(analysis, counted, pooled)
        yield from _odd_pool(analysis)


def values_of_two(scene: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name each value that counts and that neither two extractors read nor a third person ruled."""
    read: defaultdict[tuple[str, float], set[str]] = defaultdict(set)
    ruled: defaultdict[tuple[str, float], set[str]] = defaultdict(set)
    readers: defaultdict[str, set[str]] = defaultdict(set)
    for entry in chronicle.of_kind("values_submitted", "value_adjudicated"):
        if entry.kind == "value_adjudicated":
            if holds(entry.team, entry.actor, (ADJUDICATOR,)) and entry.data["number"] is not None:
                ruled[entry.data["cell"], entry.data["number"]].add(entry.actor)
            continue
        if holds(entry.team, entry.actor, (EXTRACTOR,)):
            readers[entry.subject].add(entry.actor)
            for value in entry.data["values"]:
                read[_key(value["cell"]), value["number"]].add(entry.actor)
    with scene.reading() as connection:
        for each in extractions.accepted_values(connection):
            found = (each.value.cell.key, each.value.number)
            two = len(read[found]) >= TWO or ruled[found] - readers[each.value.cell.study]
            if each.how is not HowAccepted.BASELINE and not two:
                yield f"{found[0]} = {found[1]:g} was read by {sorted(read[found])}"


def _key(cell: Json) -> str:
    parts = (cell["study"], cell["outcome"], cell["time_point"], ",".join(cell["arms"]))
    return "|".join((*parts, cell["field"]))


def _of_now(scene: Scene, connection: Connection) -> Json | None:
    stored = versions.find_result(connection, synthesise(scene.app, connection).id)
    return stored.results if stored is not None else None


def _shown(results: Json | None) -> dict[str, str] | None:
    """Return of each analysis what a reader sees of it: its effect and its rows."""
    if results is None:
        return None
    return {
        each["id"]: json.dumps([each["effect"], each["rows"]], sort_keys=True)
        for each in results["analyses"]
    }


def _counted(values: Sequence[AcceptedValue]) -> Counted:
    found = {}
    for each in values:
        cell = each.value.cell
        place = (cell.study, cell.outcome, cell.time_point, ",".join(cell.arms), cell.field.value)
        found[place] = each.value.number
    return found


def _odd_rows(analysis: Json, counted: Counted, pooled: Mapping[str, str]) -> Iterator[str]:
    """Name each row with a number that does not count, and each study that has no row."""
    for row in analysis["rows"]:
        if row["study"] not in pooled:
            yield f"{analysis['id']}: {row['study']} is in it and not included"
        for arm in ("arm_1", "arm_2"):
            yield from _odd_arm(analysis, row, arm, counted)
    said = json.dumps([analysis["rows"], analysis["apart"]])
    for study in sorted(_complete(analysis, counted) & set(pooled)):
        left_out = any(line.startswith(f"{pooled[study]}: ") for line in analysis["refused"])
        if f'"{study}"' not in said and not left_out:
            yield f"{analysis['id']}: {study} has its numbers, and nothing is said of it"


def _odd_arm(analysis: Json, row: Json, arm: str, counted: Counted) -> Iterator[str]:
    cell = (row["study"], analysis["outcome"], analysis["time_point"], analysis[arm])
    for field, known_as in READ.items():
        found = row[arm].get(field)
        accepted = {counted.get((*cell, name)) for name in known_as}
        if found is not None and found not in accepted:
            yield f"{analysis['id']} {cell} {field}: found {found}, accepted is {accepted}"


def _complete(analysis: Json, counted: Counted) -> set[str]:
    """Return the studies with events and total, or mean, SD and n, in both arms."""
    fields = defaultdict(set)
    for study, outcome, time_point, arm, field in counted:
        if (outcome, time_point) == (analysis["outcome"], analysis["time_point"]):
            fields[study, arm].add(field)
    whole = {"events", "total"}, {"mean", "sd", "n"}
    return {
        study
        for study, arm in list(fields)
        if arm == analysis["arm_1"]
        and all(
            any(one <= fields[study, analysis[side]] for one in whole)
            for side in ("arm_1", "arm_2")
        )
    }


def _odd_pool(analysis: Json) -> Iterator[str]:
    """Name a pooled risk ratio that Mantel and Haenszel would not have found in its rows."""
    if (analysis["measure"], analysis["method"], analysis["model"]) != ("RR", "MH", "common"):
        return
    expected = _risk_ratio([_table(row) for row in analysis["rows"] if row["why"] is None])
    found = analysis["effect"]
    if (expected is None) is not (found is None):
        yield f"{analysis['id']}: found {found}, expected {expected}"
    elif expected is not None and found is not None:
        named = (found["estimate"], found["ci_lower"], found["ci_upper"])
        if not all(map(_is_close, named, expected)):
            yield f"{analysis['id']}: found {named}, expected {expected}"


def _is_close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=CLOSE)


def _table(row: Json) -> Table:
    one, two = row["arm_1"], row["arm_2"]
    return (
        one["events"],
        one["total"] - one["events"],
        two["events"],
        two["total"] - two["events"],
    )


def _risk_ratio(tables: Sequence[Table]) -> tuple[float, float, float] | None:
    """Return Mantel and Haenszel's risk ratio, with Greenland and Robins's limits."""
    counted = [_corrected(each) for each in tables if _tells(each)]
    over = sum(a * (c + d) / (a + b + c + d) for a, b, c, d in counted)
    under = sum(c * (a + b) / (a + b + c + d) for a, b, c, d in counted)
    if not (over > 0 and under > 0):
        return None
    spread = sum(_spread(each) for each in counted) / (over * under)
    log, reach = math.log(over / under), NORMAL_95 * math.sqrt(spread)
    return math.exp(log), math.exp(log - reach), math.exp(log + reach)


def _tells(table: Table) -> bool:
    """Whether there are events, and people without, in either arm."""
    a, b, c, d = table
    return a + c > 0 and b + d > 0


def _corrected(table: Table) -> Table:
    a, b, c, d = table
    add = HALF if 0 in table else 0.0
    return a + add, b + add, c + add, d + add


def _spread(table: Table) -> float:
    a, b, c, d = table
    n1, n2, n = a + b, c + d, a + b + c + d
    return (n1 * n2 * (a + c) - a * c * n) / n**2
