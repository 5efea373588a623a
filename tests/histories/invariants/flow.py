"""The boxes of the flow add up: within a version, over the versions, and to what the log knows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bot.report.drafts import DRAFT_SUFFIX
from state import versions
from state.facts.words import VersionState
from tests.histories.chronicle import Chronicle
from tests.histories.scene import Scene

Boxes = Mapping[str, Any]
# Each sum, by what it is made of: where a record's way ends it is in exactly one box.
SUMS = (
    (
        ("database_results", "register_results"),
        (
            *("duplicates", "excluded_automatic", "excluded_other"),
            *("already_known", "records_linked", "records_waiting", "records_screened"),
        ),
    ),
    (("records_screened",), ("records_excluded", "dbr_sought_reports")),
    (("dbr_sought_reports",), ("reports_waiting", "dbr_assessed")),
    (("dbr_assessed",), ("excluded_by_reason", "reports_eligible")),
    (("total_studies", "studies_removed"), ("previous_studies", "new_studies")),
    (("total_reports", "reports_removed"), ("previous_reports", "new_reports")),
)
FOUND = ("database_results", "register_results")
# Carried over from version to version: these are no steps, and add up to nothing.
BALANCES = ("previous_studies", "previous_reports", "total_studies", "total_reports")


def adds_up(scene: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name each sum that does not come out, in every version and over them."""
    passed: Counter[str] = Counter()
    for number, at, flow in _flows(scene):
        for column in ("this_version", "cumulative"):
            yield from _odd_sums(f"version {number}, {column}", flow[column])
        for box, counted in _steps(flow["this_version"]):
            passed[box] += counted
        for box, counted in _steps(flow["cumulative"]):
            if passed[box] != counted:
                found = f"{passed[box]} in the versions up to {number}"
                yield f"{box}: {found}, {counted} over all"
        known, counted = (
            _known(chronicle, number, at),
            sum(flow["cumulative"][box] for box in FOUND),
        )
        if counted not in known:
            yield f"version {number}: {known[-1]} records were found by then, counted are {counted}"


def _flows(scene: Scene) -> Iterator[tuple[str, str | None, Mapping[str, Boxes]]]:
    """Yield each published version, then the draft, as its results.json has the flow."""
    with scene.reading() as connection:
        found = versions.versions(connection)
    for each in found:
        published = each.state is VersionState.PUBLISHED
        if not published and each.state is not VersionState.DRAFT:
            continue
        folder = each.number if published else f"{each.number}{DRAFT_SUFFIX}"
        file = scene.app.files / folder / "results.json"
        body = json.loads(file.read_bytes())
        yield each.number, body["published_at"] if published else None, body["flow"]


def _known(chronicle: Chronicle, number: str, at: str | None) -> range:
    """Return how many records a version may count: those found until it was published.

    A draft is drawn some time after it was made, and may be drawn anew. What the log has after a
    publication was found after it, though a clock that was set back says otherwise.
    """
    found = [entry.seq for entry in chronicle.of_kind("record_found")]
    if at is None:
        drafted = max(entry.seq for entry in chronicle.of_kind("version_drafted"))
        return range(sum(each <= drafted for each in found), len(found) + 1)
    (recorded,) = (
        entry.seq
        for entry in chronicle.of_kind("version_published")
        if entry.data["number"] == number
    )
    last = max(e.seq for e in chronicle.entries if e.at <= at and e.seq < recorded)
    known = sum(each <= last for each in found)
    return range(known, known + 1)


def _steps(boxes: Boxes) -> Iterator[tuple[str, int]]:
    """Yield each box in which a record, a report or a study came to stand, and how many did."""
    for box, counted in boxes.items():
        if isinstance(counted, int) and box not in BALANCES:
            yield box, counted


def _odd_sums(where: str, boxes: Boxes) -> Iterator[str]:
    counted = {**boxes, "excluded_by_reason": _by_reason(boxes)}
    for whole, parts in SUMS:
        one, other = (sum(counted.get(box) or 0 for box in side) for side in (whole, parts))
        if one != other:
            yield f"{where}: {' + '.join(whole)} = {one}, {' + '.join(parts)} = {other}"


def _by_reason(boxes: Boxes) -> int:
    """Add up 'E2, 3; E4, 1'."""
    said = str(boxes["dbr_excluded"])
    return sum(int(each.rpartition(", ")[2]) for each in said.split("; ") if each)
