"""The numbers that a PRISMA flow is drawn from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """A number with the name of what is counted: a source, or a reason for exclusion."""

    name: str
    n: int


@dataclass(frozen=True, slots=True)
class FlowCounts:
    """The numbers of a PRISMA 2020 flow, under the keys of its CSV; None is not reported.

    `already_known`, `records_linked`, `records_waiting`, `reports_waiting`, `reports_eligible`,
    `studies_removed`, `reports_removed`, `ongoing` and `awaiting` are ours: they keep the sums true
    where the template has no box. A number below nought is fewer than the version before had.
    """

    previous_studies: int | None = None
    previous_reports: int | None = None
    database_results: tuple[Counted, ...] = ()
    register_results: tuple[Counted, ...] = ()
    duplicates: int | None = None
    excluded_automatic: int | None = None
    excluded_other: int | None = None
    already_known: int | None = None
    records_linked: int | None = None
    records_screened: int | None = None
    records_excluded: int | None = None
    records_waiting: int | None = None
    dbr_sought_reports: int | None = None
    dbr_notretrieved_reports: int | None = None
    dbr_assessed: int | None = None
    dbr_excluded: tuple[Counted, ...] = ()
    reports_waiting: int | None = None
    reports_eligible: int | None = None
    new_studies: int | None = None
    new_reports: int | None = None
    studies_removed: int | None = None
    reports_removed: int | None = None
    ongoing: int | None = None
    awaiting: int | None = None
    total_studies: int | None = None
    total_reports: int | None = None


# What the review had and has: carried over from version to version, never added up.
BALANCES = frozenset({"previous_studies", "previous_reports", "total_studies", "total_reports"})


def total(counted: Iterable[Counted]) -> int:
    """Add up what is counted by name."""
    return sum(each.n for each in counted)
