"""The numbers of a PRISMA 2020 flow, and the relations that must hold between them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from bot.figures.flow_counts import BALANCES, FlowCounts, total

Number = Callable[[FlowCounts], int | None]


@dataclass(frozen=True, slots=True)
class Relation:
    """Two numbers of a flow that must be one. left, right: what they are, as a reader says it."""

    id: str
    left: str
    right: str
    left_number: Number
    right_number: Number

    def fault(self, counts: FlowCounts) -> str | None:
        """Say how the two differ, or None; a number that nobody reported differs from none."""
        left, right = self.left_number(counts), self.right_number(counts)
        if left is None or right is None or left == right:
            return None
        return f"{self.left} come to {left:,}, {self.right} to {right:,}"


def _less(start: int | None, *rest: int | None) -> int | None:
    return None if start is None else start - sum(each or 0 for each in rest)


def _plus(first: int | None, *rest: int | None) -> int | None:
    return None if first is None else first + sum(each or 0 for each in rest)


# The ids are those of the relations in our notes on PRISMA 2020: F2 is about records before
# screening, F3 to F5 are about the path from screening to eligible reports, F9 and F10 about what
# the review has in the end. Numbers that nobody reported (reports not retrieved) count as nought
# where they are taken away.
RELATIONS = (
    Relation(
        "F2",
        "records identified less those removed",
        "records screened and waiting",
        lambda c: _less(
            total((*c.database_results, *c.register_results)),
            *(c.duplicates, c.excluded_automatic, c.excluded_other),
            *(c.already_known, c.records_linked),
        ),
        lambda c: _plus(c.records_screened, c.records_waiting),
    ),
    Relation(
        "F3",
        "records screened less those excluded",
        "reports sought",
        lambda c: _less(c.records_screened, c.records_excluded),
        lambda c: c.dbr_sought_reports,
    ),
    Relation(
        "F4",
        "reports sought less those not retrieved",
        "reports assessed and waiting",
        lambda c: _less(c.dbr_sought_reports, c.dbr_notretrieved_reports),
        lambda c: _plus(c.dbr_assessed, c.reports_waiting),
    ),
    Relation(
        "F5",
        "reports assessed less those excluded",
        "eligible reports",
        lambda c: _less(c.dbr_assessed, total(c.dbr_excluded)),
        lambda c: c.reports_eligible,
    ),
    Relation(
        "F9",
        "previous and new studies, less those taken out,",
        "all included studies",
        lambda c: _less(_plus(c.previous_studies, c.new_studies), c.studies_removed),
        lambda c: c.total_studies,
    ),
    Relation(
        "F10",
        "reports of previous and new studies, less those taken out,",
        "reports of all included studies",
        lambda c: _less(_plus(c.previous_reports, c.new_reports), c.reports_removed),
        lambda c: c.total_reports,
    ),
)


def sums_that_fail(counts: FlowCounts) -> tuple[str, ...]:
    """Say which relations of a flow do not hold."""
    faults = (each.fault(counts) for each in RELATIONS)
    return tuple(fault for fault in faults if fault is not None)


def boxes_that_do_not_add_up(
    columns: Sequence[FlowCounts], cumulative: FlowCounts
) -> tuple[str, ...]:
    """Say in which boxes the columns of all versions do not come to the column of all."""
    summed: Counter[str] = Counter()
    for each in columns:
        summed.update(_steps(each))
    whole = _steps(cumulative)
    return tuple(
        f"{box} of all versions come to {summed[box]:,}, in all to {whole[box]:,}"
        for box in sorted({*summed, *whole})
        if summed[box] != whole[box]
    )


def _steps(counts: FlowCounts) -> Counter[str]:
    """Return every box that counts steps, those of a source or a criterion under its name."""
    found: Counter[str] = Counter()
    for name, box in ((each.name, getattr(counts, each.name)) for each in fields(FlowCounts)):
        if isinstance(box, tuple):
            found.update({f"{name}: {each.name}": each.n for each in box})
        elif box is not None and name not in BALANCES:
            found[name] = box
    return found
