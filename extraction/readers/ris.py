"""RIS in the dialects of Embase, Ovid, CENTRAL, ProQuest, Scopus, Web of Science and EndNote.

A record runs from TY to ER; whatever breaks that is refused with its line, so that a file that was
cut off is never read in part. Lines that are no RIS may stand between records only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from extraction import identifiers
from extraction.errors import unreadable
from extraction.readers.noted import Noted, Unread
from extraction.readers.payload import shown
from extraction.readers.ris_tags import Tags, is_known, written_of
from extraction.readers.text import Read, lines
from extraction.readers.written import is_notice, note_number, record_of

# A tag, two blanks, a hyphen, a blank; of the blanks some writers leave one out or add one.
_LINE = re.compile(r"[ \t]*([A-Z][A-Z0-9]|PMID|DOI)([ \t\xa0]{0,3})-(?:[ \t\xa0](.*)|\s*)")
_TIGHT = re.compile(r"([A-Z][A-Z0-9])  -(\S.*)")
_ALMOST = re.compile(r"[ \t]*[A-Za-z][A-Za-z0-9]  [-\u2010-\u2015](?:\s|$)")
# What stands between records: CENTRAL's three lines, Ovid's numbers and links.
_BETWEEN_LINES = re.compile(
    r"Record #\d+ of \d+|Provider:.*|Content:.*|<?\d+[.>]|Link to the Ovid Full Text.*"
)
# Ovid's search history, where it was asked for: one tagged line, and what is below it.
_HISTORY = re.compile(r"[ \t]*C1 {1,3}- *(?:Database|Search).*", re.I)
_OTHER_FORMAT = re.compile(
    r"@\w+\s*\{|%[0A-Z] \S|[ \t]*[A-Za-z][A-Za-z0-9] {1,3}[-\u2010-\u2015]\s"
)
_NUMBERS_SHOWN = 10
_COUNTED = re.compile(r"^Record #(\d{1,9}) of (\d{1,9})\b", re.M)
# No writer gives these twice for one record, whichever of them it uses.
_ABSTRACTS = ("AB", "N2")
_ONCE = ("TI", "T1", "T2", "AN", "U2", "AB", "N2", "DO", "PY", "Y1", "JF", "VL", "SP")
_BETWEEN = ("NL", "EF")  # Ovid writes a journal's short name after ER, Web of Science an end


@dataclass(slots=True)
class _Open:
    """A record being read: where it began, and its values by tag in order."""

    line: int
    tags: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    last: str = "TY"

    def add(self, tag: str, value: str) -> None:
        self.tags[tag].append(value.strip())
        self.last = tag

    def go_on(self, text: str) -> None:
        """Take a line without a tag as the rest of the value before it."""
        values = self.tags[self.last]
        values[-1] = f"{values[-1]}\n{text.strip()}".strip()


@dataclass(slots=True)
class _Aside:
    """What is read but is no record: lines outside, and records that look like two."""

    outside: list[tuple[int, str]] = field(default_factory=list)
    history: int = 0  # lines of a search history
    in_history: bool = False
    noted: Noted = field(default_factory=Noted)

    def leave_out(self, number: int, line: str) -> None:
        """Keep count of a line that stands between records."""
        if self.in_history:
            self.history += 1
        else:
            self.outside.append((number, line))

    def notes(self) -> Iterator[str]:
        """Say it to a person."""
        if self.outside:
            number, line = self.outside[0]
            yield (
                f"left out between the records: {len(self.outside)} line(s), the first is line"
                f" {number}: {shown(line)}"
            )
        if self.history:
            yield f"left out between the records: a search history of {self.history} line(s)"
        yield from self.noted.notes()


def read_ris(text: str, name: str, source: str) -> Read:
    """Read every record of a RIS file; raise UnreadablePayload naming the first odd line."""
    aside, unread = _Aside(), Unread("tag", "give it the tag AB")
    records, marks = [], []
    for line, tags in _split(text, name, aside):
        written = written_of(tags, unread)
        records.append(record_of(written, source))
        note_number(written, records[-1], f"{name}, line {line}", aside.noted)
        marks.append(written.mark)
        unread.abstracts += records[-1].abstract is not None
    selections = _selections(text, name, len(records))
    return Read(tuple(records), (*selections, *aside.notes(), *unread.notes()), marks=tuple(marks))


def _selections(text: str, name: str, found: int) -> list[str]:
    """Compare with the counts that CENTRAL writes; say which files hold a selection of a list.

    Numbers with a gap or a late start are of records that somebody ticked. The first ones of more
    may be a file that was cut off, which is refused.
    """
    counted = [(int(place), int(total)) for place, total in _COUNTED.findall(text)]
    said = []
    for places, total in _lists(counted):
        if places == list(range(1, len(places) + 1)) and len(places) != total:
            expected = (
                f"the {total} that it announces; {len(places)} of the {total} that it announces,"
                " the first ones without a gap, may be a file that was cut off"
            )
            raise unreadable(name, found=f"{len(places)} records", expected=expected)
        if len(places) != total:
            numbers = ", ".join(map(str, places[:_NUMBERS_SHOWN]))
            more = ", …" if len(places) > _NUMBERS_SHOWN else ""
            said.append(f"a selection: {len(places)} of {total} records (numbers {numbers}{more})")
    if counted and len(counted) != found:
        expected = f"the {len(counted)} that it counts"
        raise unreadable(name, found=f"{found} records", expected=expected)
    return said


def _lists(counted: Sequence[tuple[int, int]]) -> list[tuple[list[int], int]]:
    """Part the numbers of files that were put together: each begins anew, or has another total."""
    found: list[tuple[list[int], int]] = []
    for place, total in counted:
        if not found or found[-1][1] != total or place <= found[-1][0][-1]:
            found.append(([], total))
        found[-1][0].append(place)
    return found


def _split(text: str, name: str, aside: _Aside) -> Iterator[tuple[int, Tags]]:
    """Give the line and the tags of each record; gather what is aside of them."""
    record: _Open | None = None
    number = 0
    for number, line in enumerate(lines(text), start=1):
        where = f"{name}, line {number}"
        tagged = _tagged(line)
        if tagged is None:
            if line.strip():
                _take_untagged(line, number, where, record, aside)
            continue
        tag, value = tagged
        if record is None and _HISTORY.match(line):
            aside.in_history = True
            aside.leave_out(number, line)
            continue
        _check_place(tag, record, where)
        aside.in_history = False
        if tag == "TY":
            record = _Open(number)
        if record is not None:
            record.add(tag, value)
            if tag == "ER" and not value.strip():
                _doubt(record, name, aside.noted)
                yield record.line, record.tags
                record = None
    if record is not None:
        found = f"the end of the file in the record that begins at line {record.line}"
        raise unreadable(f"{name}, line {number}", found=found, expected="its ER; it is cut off")


def _take_untagged(line: str, number: int, where: str, record: _Open | None, aside: _Aside) -> None:
    """Take a line without a tag as more of a value, or leave it out between records."""
    if record is not None:
        _check_continuation(line, where)
        record.go_on(line)
    elif not _BETWEEN_LINES.fullmatch(line.strip()):
        _check_outside(line, where)
        aside.leave_out(number, line)


def _doubt(record: _Open, name: str, noted: Noted) -> None:
    """Refuse a record that has several things twice which a record has once; doubt one of them.

    Not in doubt are a line of the publisher beside the abstract, and Web of Science's two DOIs.
    """
    where = f"{name}, line {record.line}"
    twice = [tag for tag in _ONCE if len(_different(record.tags, tag)) > 1]
    if len(twice) > 1:
        found = f"a record with {', '.join(twice)} more than once"
        raise unreadable(where, found=found, expected="one record; two have run together")
    of_wos = any(each.startswith("WOS:") for each in record.tags.get("AN", ()))
    for tag in twice if not (twice == ["DO"] and of_wos) else ():
        said = f"{where}: the record has {tag} more than once; is it one record?"
        noted.add(f"records with {tag} more than once", said)


def _different(tags: Tags, tag: str) -> set[str]:
    found = {each for each in tags.get(tag, ()) if each}
    if tag in _ABSTRACTS and len(found) > 1:
        return {each for each in found if not is_notice(each)}
    return found


def _tagged(line: str) -> tuple[str, str] | None:
    """Return a line's tag and value; "MS - multiple sclerosis" in an abstract has no tag."""
    found = _LINE.fullmatch(line.rstrip())
    if found is not None and (is_known(found[1]) or len(found[2]) == 2):
        tag, value = found[1], found[3] or ""
        return None if tag == "DOI" and value and not identifiers.doi(value) else (tag, value)
    tight = _TIGHT.fullmatch(line.rstrip())
    return (tight[1], tight[2]) if tight is not None and is_known(tight[1]) else None


def _check_continuation(line: str, where: str) -> None:
    if _ALMOST.match(line):
        raise unreadable(where, found=shown(line), expected="a tag in capitals and a hyphen")


def _check_outside(line: str, where: str) -> None:
    """A line outside records is a remark, unless it looks like a part of a record."""
    if _OTHER_FORMAT.match(line):
        raise unreadable(where, found=f"{shown(line)} outside a record", expected="TY")


def _check_place(tag: str, record: _Open | None, where: str) -> None:
    if record is None and tag not in ("TY", *_BETWEEN):
        raise unreadable(where, found=f"{tag} outside a record", expected="TY")
    if record is not None and tag == "TY":
        found = f"a new record within the one that begins at line {record.line}"
        raise unreadable(where, found=found, expected="its ER")
