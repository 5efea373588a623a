"""The few shapes our pictures are made of, as SVG text.

Looks are attributes, never styles, so that a page with a strict content policy shows them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
INK = "#17212e"
MUTED = "#55616f"
RULE = "#c6ced7"
PAPER = "#ffffff"
TINT = "#eef3f5"
ACCENT = "#0b5563"

# Average advance of a letter of the fonts above, as a share of the font size: for wrapping only.
# Bold letters are those of the widest of them, which a page without the others falls back to.
_LETTER, _BOLD_LETTER = 0.53, 0.64
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Attribute = str | float


def clean(content: str) -> str:
    """Escape text for SVG and drop the control characters that XML cannot hold."""
    return escape(_NOT_XML.sub("", content))


def element(tag: str, content: str = "", /, **attributes: Attribute) -> str:
    """Write one element; `content` is markup already, attribute values are escaped."""
    pairs = "".join(f' {_name(name)}="{_value(value)}"' for name, value in attributes.items())
    return f"<{tag}{pairs}>{content}</{tag}>" if content else f"<{tag}{pairs}/>"


def text(x: float, y: float, content: str, **attributes: Attribute) -> str:
    """Write a line of text with its baseline at y."""
    return element("text", clean(content), x=x, y=y, **{"fill": INK, **attributes})


def text_lines(x: float, y: float, lines: Iterable[str], leading: float, **look: Attribute) -> str:
    """Write several lines of text downwards from y."""
    return "".join(text(x, y + i * leading, line, **look) for i, line in enumerate(lines))


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Attribute) -> str:
    """Draw a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **{"stroke": INK, **attributes})


def rect(x: float, y: float, width: float, height: float, **attributes: Attribute) -> str:
    """Draw a rectangle."""
    return element("rect", x=x, y=y, width=width, height=height, **attributes)


def polygon(points: Iterable[tuple[float, float]], **attributes: Attribute) -> str:
    """Draw a closed shape."""
    corners = " ".join(f"{_value(x)},{_value(y)}" for x, y in points)
    return element("polygon", points=corners, **attributes)


def arrow_head(x: float, y: float, direction: str, size: float = 5) -> str:
    """Draw a small head whose tip is at (x, y), pointing left, right or down."""
    dx, dy = {"left": (1, 0), "right": (-1, 0), "down": (0, -1)}[direction]
    back_x, back_y = x + dx * size, y + dy * size
    half = size * 0.7
    wing = ((back_x + dy * half, back_y + dx * half), (back_x - dy * half, back_y - dx * half))
    return polygon([(x, y), *wing], fill=INK)


def picture(name: str, width: float, height: float, told: tuple[str, str], body: str) -> str:
    """Wrap shapes in an SVG that scales, with a title and a description for those who listen."""
    title, description = told
    labels = element("title", clean(title), id=f"{name}-title") + element(
        "desc", clean(description), id=f"{name}-desc"
    )
    return element(
        "svg",
        labels + body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        font_family=FONT,
        font_size=13,
    )


def slug(content: str) -> str:
    """Make a name that can be an element's id."""
    return re.sub(r"[^A-Za-z0-9]+", "-", content).strip("-")


def width_of(content: str, size: float = 13, *, bold: bool = False) -> float:
    """Estimate how wide a line of text is drawn."""
    return len(content) * size * (_BOLD_LETTER if bold else _LETTER)


def fitting(content: str, width: float, size: float = 13, *, bold: bool = False) -> tuple[str, ...]:
    """Break text into lines that fit a width; a word longer than a line is broken too."""
    room = max(1, int(width / width_of(" ", size, bold=bold)))
    lines: list[str] = []
    for word in _pieces(content, room):
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return tuple(lines) or ("",)


def _pieces(content: str, room: int) -> Iterable[str]:
    for word in content.split():
        for start in range(0, len(word), room):
            yield word[start : start + room]


def _name(name: str) -> str:
    return name if name == "viewBox" else name.replace("_", "-")


def _value(value: Attribute) -> str:
    return escape(_NOT_XML.sub("", value)) if isinstance(value, str) else f"{round(value, 2):g}"
