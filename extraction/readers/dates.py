"""Publication dates, with the precision they came with: nothing is filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from extraction.readers.payload import text_of

_SHORT = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d|21\d\d)(?!\d)")
_LONGEST_DAY = 4  # "0015" is a day; Python refuses to read a number of thousands of digits
_NAMES = {
    **{name: number for number, name in enumerate(_SHORT, start=1)},
    **{name: number for number, name in enumerate(_LONG, start=1)},
    "sept": 9,
}


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """A date of publication: "1994", "1994-03", "1994-03-15", or the source's own words."""

    year: int | None = None
    on: str | None = None


def month_number(text: str) -> int | None:
    """Return the month that "Mar", "March", "Mar." or "03" means, else None."""
    name = text.strip().rstrip(".").lower()
    number = int(name) if name.isdecimal() and len(name) <= 2 else _NAMES.get(name)
    return number if number is not None and 1 <= number <= 12 else None


def year_in(text: str) -> int | None:
    """Return the first year in a text."""
    found = _YEAR.search(text)
    return int(found[1]) if found is not None else None


def dated(year: str | None, month: str | None = None, day: str | None = None) -> PublicationDate:
    """Join the parts of a date; a month that is no month stays as the source's own words."""
    if year is None:
        return PublicationDate()
    as_written = " ".join(part for part in (year, month, day) if part)
    number = month_number(month) if month is not None else None
    if number is None:
        on = as_written
    elif day is None:
        on = f"{year}-{number:02}"
    else:
        on = f"{year}-{number:02}-{int(day):02}" if _is_day(day) else as_written
    return PublicationDate(year_in(year), on)


def _is_day(text: str) -> bool:
    return text.isdecimal() and len(text) <= _LONGEST_DAY and 1 <= int(text) <= 31


def published(element: etree._Element | None) -> PublicationDate:
    """Read PubMed's PubDate."""
    if element is None:
        return PublicationDate()
    parts = {str(part.tag): text_of(part) for part in element}
    words, season = parts.get("MedlineDate"), parts.get("Season")
    if words is not None:
        return PublicationDate(year_in(words), words)
    return dated(parts.get("Year"), parts.get("Month") or season, parts.get("Day"))
