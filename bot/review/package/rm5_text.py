"""The texts of a RevMan 5 file: plain, or as markup. Pure."""

from __future__ import annotations

import html

from lxml import etree

# Marks of tracked changes: what was put in counts, what was taken out does not.
_TAKEN_OUT = "DEL"


def shown_text(element: etree._Element | None) -> str:
    """Return the text of an element without markup, its blanks collapsed."""
    return " ".join("".join(_pieces(element)).split()) if element is not None else ""


def _pieces(element: etree._Element) -> list[str]:
    if element.tag == _TAKEN_OUT:
        return []
    found = [element.text or ""]
    for each in element:
        found += [*_pieces(each), each.tail or ""]
    return found


def markup_of(element: etree._Element | None) -> str:
    """Return what an element holds as HTML, or nothing where it says nothing."""
    if element is None or not shown_text(element):
        return ""
    return " ".join("".join(_marked(element)).split())


def _marked(element: etree._Element) -> list[str]:
    found = [html.escape(element.text or "", quote=False)]
    for each in element:
        if each.tag != _TAKEN_OUT:
            tag = each.tag.lower()
            found += ["<br>"] if tag == "br" else [f"<{tag}>", *_marked(each), f"</{tag}>"]
        found.append(html.escape(each.tail or "", quote=False))
    return found


def line_of(element: etree._Element) -> int:
    """Return the line on which an element begins."""
    return int(str(getattr(element, "sourceline", None) or 1))


def content_of(element: etree._Element) -> int:
    """Count the texts that an element holds: 0 where it is an empty form."""
    return sum(1 for each in element.iter() if (each.text or "").strip())
