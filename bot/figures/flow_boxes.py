"""What a PRISMA 2020 flow says, box by box, before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.figures.flow_counts import Counted, FlowCounts, total


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A line of a box: what is counted, in this version and in all."""

    label: str
    this: int | None
    cumulative: int | None
    is_detail: bool = False
    is_single: bool = False  # a number that does not differ between one version and all


@dataclass(frozen=True, slots=True)
class FlowBox:
    """A box of the flow."""

    rows: tuple[FlowRow, ...]


@dataclass(frozen=True, slots=True)
class FlowStage:
    """A box of the main path, and beside it what left the path there."""

    main: FlowBox
    side: FlowBox


def previous_studies(this: FlowCounts) -> FlowBox:
    """Return the box of what the review already had."""
    return FlowBox(
        (
            FlowRow("Studies in the previous version", this.previous_studies, None, is_single=True),
            FlowRow("Reports of these studies", this.previous_reports, None, is_single=True),
        )
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """The two columns of numbers: this version's, and the review's as a whole."""

    this: FlowCounts
    cumulative: FlowCounts

    def row(self, label: str, of: Callable[[FlowCounts], int | None]) -> FlowRow:
        return FlowRow(label, of(self.this), of(self.cumulative))

    def named(self, of: Callable[[FlowCounts], tuple[Counted, ...]]) -> tuple[FlowRow, ...]:
        return _named(of(self.this), of(self.cumulative))


def total_studies(this: FlowCounts, cumulative: FlowCounts) -> FlowBox:
    """Return the box of what the review has now."""
    row = _Columns(this, cumulative).row
    return FlowBox(
        (
            row("All included studies", lambda c: c.total_studies),
            row("Reports of all included studies", lambda c: c.total_reports),
        )
    )


def stages_of(this: FlowCounts, cumulative: FlowCounts) -> tuple[FlowStage, ...]:
    """Return the path from records to studies."""
    columns = _Columns(this, cumulative)
    return tuple(stage(columns) for stage in (_found, _screened, _sought, _assessed, _included))


def _found(columns: _Columns) -> FlowStage:
    row = columns.row
    main = (
        row("Records from databases", lambda c: total(c.database_results)),
        *columns.named(lambda c: c.database_results),
        row("Records from registers", lambda c: total(c.register_results)),
        *columns.named(lambda c: c.register_results),
    )
    side = (
        row("Duplicates removed", lambda c: c.duplicates),
        row("Removed by a machine", lambda c: c.excluded_automatic),
        row("Removed for other reasons", lambda c: c.excluded_other),
        row("Known reports found again", lambda c: c.already_known),
        row("New reports of its studies, by link", lambda c: c.records_linked),
    )
    return FlowStage(FlowBox(main), FlowBox(side))


def _screened(columns: _Columns) -> FlowStage:
    row = columns.row
    main = row("Records screened", lambda c: c.records_screened)
    side = (
        row("Records excluded", lambda c: c.records_excluded),
        row("Waiting to be screened", lambda c: c.records_waiting),
    )
    return FlowStage(FlowBox((main,)), FlowBox(side))


def _sought(columns: _Columns) -> FlowStage:
    main = columns.row("Reports sought", lambda c: c.dbr_sought_reports)
    side = columns.row("Reports not retrieved", lambda c: c.dbr_notretrieved_reports)
    return FlowStage(FlowBox((main,)), FlowBox((side,)))


def _assessed(columns: _Columns) -> FlowStage:
    row = columns.row
    main = row("Reports assessed in full text", lambda c: c.dbr_assessed)
    side = (
        row("Reports excluded", lambda c: total(c.dbr_excluded)),
        *columns.named(lambda c: c.dbr_excluded),
        row("Waiting to be assessed", lambda c: c.reports_waiting),
    )
    return FlowStage(FlowBox((main,)), FlowBox(side))


def _included(columns: _Columns) -> FlowStage:
    row = columns.row
    main = (
        row("New included studies", lambda c: c.new_studies),
        row("Reports of these studies", lambda c: c.new_reports),
    )
    side = (
        *_only_where_some(row("Included studies taken out", lambda c: c.studies_removed)),
        *_only_where_some(row("Reports of these studies", lambda c: c.reports_removed)),
        row("Studies ongoing", lambda c: c.ongoing),
        row("Awaiting classification", lambda c: c.awaiting),
    )
    return FlowStage(FlowBox(main), FlowBox(side))


def _only_where_some(row: FlowRow) -> tuple[FlowRow, ...]:
    """Show a box of what seldom happens only where it did."""
    return (row,) if row.this or row.cumulative else ()


def _named(this: tuple[Counted, ...], cumulative: tuple[Counted, ...]) -> tuple[FlowRow, ...]:
    """Return a detail row for each name of either side; a name without a number there is nil."""
    now, ever = ({each.name: each.n for each in side} for side in (this, cumulative))
    names = [*ever, *(name for name in now if name not in ever)]
    return tuple(
        FlowRow(name, now.get(name, 0), ever.get(name, 0), is_detail=True) for name in names
    )
