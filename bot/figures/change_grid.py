"""What would change it: for each rule, the results of one more trial on which it fires."""

from __future__ import annotations

from itertools import groupby

from analysis.what_would_change import ChangeMap
from bot.errors import NotDrawn
from bot.figures import svg
from bot.figures.frame import SMALL, Frame, Span, bottom_axis, left_axis
from bot.results.format import percent

_TITLES = {
    "S1": "the interval crosses no effect",
    "S2": "the effect changes much",
    "S3": "the direction flips",
    "S5": "there is a first result",
}
_LEADING = 15
_SIDE = 236.0
_BESIDE, _BELOW = 312.0, 62.0
_LEFT = 52.0
_TICKS = 4
# Without smoothed edges, rows of cells show no seams between them.
_DARK: dict[str, svg.Attribute] = {"fill": svg.ACCENT, "shape_rendering": "crispEdges"}


def change_grid_svg(
    found: ChangeMap, arms: tuple[str, str], told: tuple[str, str], *, narrow: bool = False
) -> str:
    """Draw a square for each rule: dark where the results of the new trial fire it.

    arms: their labels, first arm first
    told: the analysis's id and title
    Raises NotDrawn where no result fires any rule.
    """
    if not found.rules:
        raise NotDrawn(f"no result of a trial with {_size(found)} people fires a rule")
    a_row = 1 if narrow else 3
    drawn, top = [], 8.0
    for at in range(0, len(found.rules), a_row):
        some = found.rules[at : at + a_row]
        drawn += [_panel(found, each, arms, i * _BESIDE, top) for i, each in enumerate(some)]
        top += 36 + _SIDE + _BELOW
    width = 360.0 if narrow else _BESIDE * min(a_row, max(2, len(found.rules))) + 16
    lines = svg.fitting(_how(found), width - 16, 12)
    words = svg.text_lines(8, top + 10, lines, _LEADING, **SMALL)
    name = f"change-{svg.slug(told[0])}{'-narrow' if narrow else ''}"
    title = f"What one more trial would change, {told[0]}: {told[1]}"
    height = top + 10 + len(lines) * _LEADING
    alternative = (title, _description(found))
    return svg.picture(name, width, height, alternative, "".join(drawn) + words)


def _panel(found: ChangeMap, rule: str, arms: tuple[str, str], left: float, top: float) -> str:
    frame = Frame(
        _counts(found.n_2), _counts(found.n_1), _LEFT, top + 42, _LEFT + _SIDE, top + 42 + _SIDE
    )
    title = svg.text(8, top + 8, f"{rule}: {_TITLES.get(rule, 'fires')}", font_weight=600)
    outline = svg.rect(frame.left, frame.top, _SIDE, _SIDE, fill="none", stroke=svg.MUTED)
    axes = left_axis(frame, f"Events, {arms[0]} (of {found.n_1})")
    axes += bottom_axis(frame, f"Events, {arms[1]} (of {found.n_2})")
    body = title + _cells(found, rule, frame) + outline + axes
    return svg.element("g", body, transform=f"translate({left:g},0)") if left else body


def _counts(n: int) -> Span:
    """Return a scale on which each count is the middle of a cell."""
    step = max(1, round(n / _TICKS))
    return Span(-0.5, n + 0.5, tuple(float(each) for each in range(0, n + 1, step)))


def _cells(found: ChangeMap, rule: str, frame: Frame) -> str:
    """Draw what fires, equal neighbours in a row as one rectangle."""
    rows, columns = _edges(found.events_1.tolist()), _edges(found.events_2.tolist())
    drawn = ""
    for (low, high), fires in zip(rows, found.where(rule).tolist(), strict=True):
        cells = zip(columns, fires, strict=True)
        for is_dark, run in groupby(cells, key=lambda each: each[1]):
            if is_dark:
                edges = [each for each, _ in run]
                (left, bottom), (right, top) = (
                    frame.at(edges[0][0], low),
                    frame.at(edges[-1][1], high),
                )
                drawn += svg.rect(left, top, right - left, bottom - top, **_DARK)
    return drawn


def _edges(counts: list[int]) -> list[tuple[float, float]]:
    """Return where the cell of each count tried begins and ends: half-way to its neighbours."""
    middles = [(a + b) / 2 for a, b in zip(counts, counts[1:], strict=False)]
    bounds = [counts[0] - 0.5, *middles, counts[-1] + 0.5]
    return list(zip(bounds, bounds[1:], strict=False))


def _size(found: ChangeMap) -> str:
    return f"{found.n_1} and {found.n_2}"


def _how(found: ChangeMap) -> str:
    tried = ""
    if found.events_1.size <= found.n_1 or found.events_2.size <= found.n_2:
        tried = " Not every count was tried; a cell stands for those nearest."
    return (
        f"One more trial with {_size(found)} people. Dark: its results on which the rule fires,"
        f" pooled with the studies so far. How likely a result is, the picture does not say.{tried}"
    )


def _description(found: ChangeMap) -> str:
    shares = "; ".join(
        f"{rule} ({_TITLES.get(rule, 'fires')}) on {percent(float(found.where(rule).mean()))}"
        " of the results tried"
        for rule in found.rules
    )
    return f"{_how(found)} {shares}."
