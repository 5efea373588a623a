"""Draw the PRISMA 2020 flow: this version beside all versions, wide or narrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.render import svg
from bot.render.document import Counted, FlowCounts
from bot.render.format import NOT_REPORTED, count

_LEADING = 16
_PAD = 10
_NUMBERS = 112  # room for the two columns of numbers in a box
_GAP = 26


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    this: int | None
    cumulative: int | None
    is_detail: bool = False
    is_single: bool = False  # a number that does not differ between one version and all


@dataclass(frozen=True, slots=True)
class _Box:
    rows: tuple[_Row, ...]


@dataclass(frozen=True, slots=True)
class _Stage:
    """A box of the main path, and beside it what left the path there."""

    name: str
    main: _Box
    side: _Box | None


@dataclass(frozen=True, slots=True)
class _Placed:
    """A box on the picture."""

    box: _Box
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        return 2 * _PAD + _LEADING * sum(len(_label(row, self.width)) for row in self.box.rows) - 3

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def flow_svg(this: FlowCounts, cumulative: FlowCounts, *, narrow: bool = False) -> str:
    """Draw the flow of records and reports to studies.

    this:       the counts of one version
    cumulative: the counts of all versions that this program made, up to that one
    """
    stages, previous, total = _stages(this, cumulative), _previous(this), _total(this, cumulative)
    layout = _narrow if narrow else _wide
    width, height, body = layout(stages, previous, total)
    name = "flow-narrow" if narrow else "flow"
    told = _description([previous, *_boxes(stages), total])
    return svg.picture(name, width, height, ("PRISMA 2020 flow diagram", told), body)


def sums_that_fail(counts: FlowCounts) -> tuple[str, ...]:
    """Name the sums of a flow that do not come out; a number not reported fails no sum."""
    identified = sum(each.n for each in counts.database_results + counts.register_results)
    sums = (
        (
            "records identified less those removed",
            _less(identified, counts.duplicates, counts.excluded_automatic, counts.excluded_other),
            "records screened and waiting",
            _plus(counts.records_screened, counts.records_waiting),
        ),
        (
            "reports sought less those not retrieved",
            _less(counts.dbr_sought_reports, counts.dbr_notretrieved_reports),
            "reports assessed and waiting",
            _plus(counts.dbr_assessed, counts.reports_waiting),
        ),
        (
            "previous and new studies",
            _plus(counts.previous_studies, counts.new_studies),
            "all included studies",
            counts.total_studies,
        ),
    )
    return tuple(
        f"{left} come to {found:,}, {right} to {expected:,}"
        for left, found, right, expected in sums
        if found is not None and expected is not None and found != expected
    )


def _less(start: int | None, *rest: int | None) -> int | None:
    return None if start is None else start - sum(each or 0 for each in rest)


def _plus(first: int | None, second: int | None) -> int | None:
    return None if first is None else first + (second or 0)


def _previous(this: FlowCounts) -> _Box:
    return _Box(
        (
            _Row("Studies in the previous version", this.previous_studies, None, is_single=True),
            _Row("Reports of these studies", this.previous_reports, None, is_single=True),
        )
    )


def _total(this: FlowCounts, cumulative: FlowCounts) -> _Box:
    def row(label: str, of: Callable[[FlowCounts], int | None]) -> _Row:
        return _Row(label, of(this), of(cumulative))

    return _Box(
        (
            row("All included studies", lambda c: c.total_studies),
            row("Reports of all included studies", lambda c: c.total_reports),
        )
    )


def _stages(this: FlowCounts, cumulative: FlowCounts) -> tuple[_Stage, ...]:
    def row(label: str, of: Callable[[FlowCounts], int | None]) -> _Row:
        return _Row(label, of(this), of(cumulative))

    def named(of: Callable[[FlowCounts], tuple[Counted, ...]]) -> tuple[_Row, ...]:
        return _named(of(this), of(cumulative))

    databases, registers = named(lambda c: c.database_results), named(lambda c: c.register_results)
    reasons = named(lambda c: c.dbr_excluded)
    return (
        _Stage(
            "Identification",
            _Box(
                (
                    row("Records from databases", lambda c: _sum(c.database_results)),
                    *databases,
                    row("Records from registers", lambda c: _sum(c.register_results)),
                    *registers,
                )
            ),
            _Box(
                (
                    row("Duplicates removed", lambda c: c.duplicates),
                    row("Removed by a machine", lambda c: c.excluded_automatic),
                    row("Removed for other reasons", lambda c: c.excluded_other),
                )
            ),
        ),
        _Stage(
            "Screening",
            _Box((row("Records screened", lambda c: c.records_screened),)),
            _Box(
                (
                    row("Records excluded", lambda c: c.records_excluded),
                    row("Waiting to be screened", lambda c: c.records_waiting),
                )
            ),
        ),
        _Stage(
            "Retrieval",
            _Box((row("Reports sought", lambda c: c.dbr_sought_reports),)),
            _Box((row("Reports not retrieved", lambda c: c.dbr_notretrieved_reports),)),
        ),
        _Stage(
            "Eligibility",
            _Box((row("Reports assessed in full text", lambda c: c.dbr_assessed),)),
            _Box(
                (
                    row("Reports excluded", lambda c: _sum(c.dbr_excluded)),
                    *reasons,
                    row("Waiting to be assessed", lambda c: c.reports_waiting),
                )
            ),
        ),
        _Stage(
            "Included",
            _Box(
                (
                    row("New included studies", lambda c: c.new_studies),
                    row("Reports of these studies", lambda c: c.new_reports),
                )
            ),
            _Box(
                (
                    row("Studies ongoing", lambda c: c.ongoing),
                    row("Awaiting classification", lambda c: c.awaiting),
                )
            ),
        ),
    )


def _named(this: tuple[Counted, ...], cumulative: tuple[Counted, ...]) -> tuple[_Row, ...]:
    """Return a detail row for each name of either side; a name without a number there is nil."""
    now, ever = ({each.name: each.n for each in side} for side in (this, cumulative))
    names = [*ever, *(name for name in now if name not in ever)]
    return tuple(_Row(name, now.get(name, 0), ever.get(name, 0), is_detail=True) for name in names)


def _sum(counted: tuple[Counted, ...]) -> int:
    return sum(each.n for each in counted)


def _boxes(stages: Sequence[_Stage]) -> list[_Box]:
    return [box for each in stages for box in (each.main, each.side) if box is not None]


def _wide(stages: Sequence[_Stage], previous: _Box, total: _Box) -> tuple[float, float, str]:
    left = _Placed(previous, 8, 34, 216)
    main_x, main_width, side_x, side_width = 268.0, 320.0, 640.0, 332.0
    y = 34.0
    drawn = [_head(each, width) for each, width in ((main_x, main_width), (side_x, side_width))]
    mains = []
    for each in stages:
        main = _Placed(each.main, main_x, y, main_width)
        drawn.append(_draw(main))
        if each.side is not None:
            side = _Placed(each.side, side_x, y, side_width)
            drawn += [_draw(side), _arrow_right(main.x + main.width, side.x, main.y + 18)]
            y = max(main.bottom, side.bottom) + _GAP
        mains.append(main)
    bottom = _Placed(total, main_x, y, main_width)
    mains.append(bottom)
    drawn += [_draw(left), _draw(bottom, strong=True)]
    drawn += [_arrow_down(a, b) for a, b in zip(mains, mains[1:], strict=False)]
    elbow = left.x + left.width / 2
    drawn += [
        svg.line(elbow, left.bottom, elbow, bottom.middle),
        _arrow_right(elbow, bottom.x, bottom.middle),
    ]
    return 980, bottom.bottom + 8, "".join(drawn)


def _narrow(stages: Sequence[_Stage], previous: _Box, total: _Box) -> tuple[float, float, str]:
    full, inset = 352.0, 44.0
    drawn = [_head(4, full)]
    y = 30.0
    column = []
    for each in stages:
        main = _Placed(each.main, 4, y, full)
        column.append(main)
        drawn.append(_draw(main))
        y = main.bottom + 10
        if each.side is not None:
            side = _Placed(each.side, 4 + inset, y, full - inset)
            drawn += [_draw(side), _arrow_right(4 + inset / 2, side.x, side.middle)]
            y = side.bottom + 12
    for box, strong in ((previous, False), (total, True)):
        placed = _Placed(box, 4, y, full)
        drawn.append(_draw(placed, strong=strong))
        column.append(placed)
        y = placed.bottom + 12
    lines = [
        svg.line(4 + inset / 2, above.bottom, 4 + inset / 2, below.y)
        + svg.arrow_head(4 + inset / 2, below.y, "down", 6)
        for above, below in zip(column, column[1:], strict=False)
    ]
    return 360, y, "".join(lines + drawn)


def _head(x: float, width: float) -> str:
    look: dict[str, svg.Attribute] = {
        "font_size": 11,
        "font_weight": 600,
        "fill": svg.MUTED,
        "text_anchor": "end",
    }
    right = x + width - _PAD
    return svg.text(right - 52, 20, "this version", **look) + svg.text(right, 20, "all", **look)


def _draw(placed: _Placed, *, strong: bool = False) -> str:
    fill, edge = (svg.TINT, svg.ACCENT) if strong else (svg.PAPER, svg.MUTED)
    frame = svg.rect(placed.x, placed.y, placed.width, placed.height, fill=fill, stroke=edge, rx=4)
    drawn, y = [frame], placed.y + _PAD + 10
    for row in placed.box.rows:
        lines = _label(row, placed.width)
        drawn.append(_draw_row(row, lines, placed, y))
        y += _LEADING * len(lines)
    return "".join(drawn)


def _draw_row(row: _Row, lines: tuple[str, ...], placed: _Placed, y: float) -> str:
    weight = 400 if row.is_detail else 600
    fill = svg.MUTED if row.is_detail else svg.INK
    x = placed.x + _PAD + (12 if row.is_detail else 0)
    right = placed.x + placed.width - _PAD
    look: dict[str, svg.Attribute] = {"font_weight": weight, "fill": fill, "text_anchor": "end"}
    words = svg.text_lines(x, y, lines, _LEADING, font_weight=weight, fill=fill)
    if row.is_single:
        return words + svg.text(right, y, _short(row.this), **look)
    if row.cumulative is None and row.this is None:
        return words + svg.text(right, y, NOT_REPORTED, **{**look, "font_style": "italic"})
    return (
        words
        + svg.text(right - 52, y, _short(row.this), **look)
        + svg.text(right, y, _short(row.cumulative), **look)
    )


def _short(n: int | None) -> str:
    return "?" if n is None else f"{n:,}"


def _label(row: _Row, width: float) -> tuple[str, ...]:
    numbers = _NUMBERS / 2 if row.is_single else _NUMBERS
    return svg.fitting(row.label, width - 2 * _PAD - numbers - (12 if row.is_detail else 0))


def _arrow_right(x1: float, x2: float, y: float) -> str:
    return svg.line(x1, y, x2 - 3, y) + svg.arrow_head(x2, y, "right", 6)


def _arrow_down(above: _Placed, below: _Placed) -> str:
    x = above.x + above.width / 2
    return svg.line(x, above.bottom, x, below.y - 3) + svg.arrow_head(x, below.y, "down", 6)


def _description(boxes: Sequence[_Box]) -> str:
    rows = [row for box in boxes for row in box.rows]
    return "; ".join(_told(row) for row in rows)


def _told(row: _Row) -> str:
    if row.is_single:
        return f"{row.label}: {count(row.this)}"
    return f"{row.label}: {count(row.this)} in this version, {count(row.cumulative)} in all"
