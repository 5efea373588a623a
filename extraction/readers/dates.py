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


# "2025/04/03/", "2025-4", "2025//": RIS leaves parts out, and may add a word after them.
_YEAR_FIRST = re.compile(r"(\d{4})(?:[/-](\d{1,2})?)?(?:[/-](\d{1,2})?)?(?:[/-].*)?")
_RUN_TOGETHER = re.compile(r"(1[5-9]\d\d|20\d\d)(\d\d)(\d\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]\d.*)?")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d.*")
_IN_WORDS = (
    re.compile(r"(?P<year>\d{4}),? (?P<month>[A-Za-z]{3,9}\.?)(?: (?P<day>\d{1,2}))?"),
    re.compile(
        r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -])?(?P<month>[A-Za-z]{3,9}\.?)"
        r",?[ -]?(?P<year>\d{4})"
    ),
    re.compile(r"(?P<month>[A-Za-z]{3,9}\.?) (?P<day>\d{1,2}),? (?P<year>\d{4})"),
)


def written_date(text: str, *, day_is_first: bool = True) -> PublicationDate | None:
    """Read a date in figures, or with the month's name in English; None for any other words.

    day_is_first: what 3/4/2025 means, where neither number can be the month alone.
    """
    text = text.strip()
    if (found := _INSTANT.fullmatch(text)) is not None:
        text = found[1]
    if (found := _RUN_TOGETHER.fullmatch(text) or _YEAR_FIRST.fullmatch(text)) is not None:
        return dated(*(part for part in found.groups() if part and part.strip("0")))
    if (found := _YEAR_LAST.fullmatch(text)) is not None:
        return _year_last(found[1], found[2], found[3], day_is_first=day_is_first)
    for form in _IN_WORDS:
        found = form.fullmatch(text)
        if found is not None and month_number(found["month"]) is not None:
            return dated(found["year"], found["month"], found["day"])
    return None


def _year_last(one: str, other: str, year: str, *, day_is_first: bool) -> PublicationDate | None:
    day, month = (one, other) if day_is_first else (other, one)
    if month_number(month) is None:
        day, month = month, day
    sound = month_number(month) is not None and _is_day(day)
    return dated(year, month, day) if sound else None


def iso_day(text: str, *, day_is_first: bool = True) -> str:
    """Write a date as "2026-12" or "2026-12-15"; what is no date stays as it is."""
    found = written_date(text, day_is_first=day_is_first)
    return text if found is None or found.on is None else found.on
