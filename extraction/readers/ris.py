"""RIS in the dialects of Embase, Ovid, CENTRAL, ProQuest, Scopus, Web of Science and EndNote.

A record runs from TY to ER; whatever breaks that is refused with its line, so that a file that was
cut off is never read in part. Lines that are no RIS may stand between records only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Record, RecordIds, RecordKind
from extraction.readers.dates import PublicationDate, dated, year_in
from extraction.readers.payload import shown
from extraction.readers.text import NO_TITLE, Read, author, lasting_id, lines

# A tag, two blanks, a hyphen, a blank; of the blanks some writers leave one out or add one.
_LINE = re.compile(r"[ \t]*([A-Z][A-Z0-9]|PMID)([ \t\xa0]{0,3})-(?:[ \t\xa0](.*)|\s*)")
_TIGHT = re.compile(r"([A-Z][A-Z0-9])  -(\S.*)")
_ALMOST = re.compile(r"[ \t]*[A-Za-z][A-Za-z0-9]  [-\u2010-\u2015](?:\s|$)")
# What stands between records: CENTRAL's three lines, Ovid's numbers.
_BETWEEN_LINES = re.compile(r"Record #\d+ of \d+|Provider:.*|Content:.*|<?\d+[.>]")
_OTHER_FORMAT = re.compile(
    r"@\w+\s*\{|%[0A-Z] \S|[ \t]*[A-Za-z][A-Za-z0-9] {1,3}[-\u2010-\u2015]\s"
)
_COUNTED = re.compile(r"^Record #(\d{1,9}) of (\d{1,9})\b", re.M)
_DATE = re.compile(r"(\d{4})(?:[/-](\d{1,2})?)?(?:[/-](\d{1,2})?)?(?:[/-].*)?")
_TEXTS = ("TI", "T1", "AB", "N2", "N1", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "AN")
# No writer gives these twice for one record, whichever of them it uses.
_ONCE = ("TI", "T1", "T2", "AN", "U2", "AB", "N2", "DO", "PY", "Y1", "JF", "VL", "SP")
_OF_PUBMED = frozenset({"nlm", "pubmed", "medline"})
_REGISTERS = ("ctgov", "ictrp")
_BETWEEN = ("NL",)  # Ovid writes a journal's short name after ER
_NO_PAGES = ("No", "Specified")  # Ovid's "No Specified", cut in two

# The tags of the RIS specification and of the writers above.
_TAG = re.compile(
    r"A[1-4BDINUVW]|BT|C[1-8ANPRTY]|D[ABIOPS]|E[DPRT]|FD|H[12]|I[DPS]|J[12AFOP]|KW|L[1-4ABKL]|M[1-3]"
    r"|N[12LV]|O[ALP]|P[ABPTY]|PMID|R[DINP]|S[ENOPRTV]|T[1-3AINSTY]|U[1-6RT]|V[1-3LO]|W[PTV]|Y[12R]"
)

Tags = Mapping[str, Sequence[str]]


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
    doubts: list[str] = field(default_factory=list)

    def notes(self) -> Iterator[str]:
        """Say it to a person."""
        if self.outside:
            number, line = self.outside[0]
            yield (
                f"left out between the records: {len(self.outside)} line(s), the first is line"
                f" {number}: {shown(line)}"
            )
        yield from self.doubts


def read_ris(text: str, name: str, source: str) -> Read:
    """Read every record of a RIS file; raise UnreadablePayload naming the first odd line."""
    aside = _Aside()
    records = tuple(_record(tags, source) for tags in _split(text, name, aside))
    _check_count(text, name, len(records))
    return Read(records, tuple(aside.notes()))


def _check_count(text: str, name: str, found: int) -> None:
    """Compare with the count that CENTRAL writes; files put together each bring their own."""
    counted = [(int(place), int(total)) for place, total in _COUNTED.findall(text)]
    announced = sum(total for place, total in counted if place == 1)
    if counted and announced != found:
        expected = f"the {announced} that it announces"
        raise unreadable(name, found=f"{found} records", expected=expected)


def _split(text: str, name: str, aside: _Aside) -> Iterator[Tags]:
    """Give the tags of each record; gather what is aside of them."""
    record: _Open | None = None
    number = 0
    for number, line in enumerate(lines(text), start=1):
        where = f"{name}, line {number}"
        tagged = _tagged(line)
        if tagged is None:
            if record is not None and line.strip():
                _check_continuation(line, where)
                record.go_on(line)
            elif line.strip() and not _BETWEEN_LINES.fullmatch(line.strip()):
                _check_outside(line, where)
                aside.outside.append((number, line))
            continue
        tag, value = tagged
        _check_place(tag, record, where)
        if tag == "TY":
            record = _Open(number)
        if record is not None:
            record.add(tag, value)
            if tag == "ER" and not value.strip():
                aside.doubts += _doubts(record, name)
                yield record.tags
                record = None
    if record is not None:
        found = f"the end of the file in the record that begins at line {record.line}"
        raise unreadable(f"{name}, line {number}", found=found, expected="its ER; it is cut off")


def _doubts(record: _Open, name: str) -> list[str]:
    """Refuse a record that has several things twice which a record has once; doubt one of them."""
    where = f"{name}, line {record.line}"
    twice = [tag for tag in _ONCE if len(set(filter(None, record.tags.get(tag, ())))) > 1]
    if len(twice) > 1:
        found = f"a record with {', '.join(twice)} more than once"
        raise unreadable(where, found=found, expected="one record; two have run together")
    return [f"{where}: the record has {tag} more than once; is it one record?" for tag in twice]


def _tagged(line: str) -> tuple[str, str] | None:
    """Return a line's tag and value; "MS - multiple sclerosis" in an abstract has no tag."""
    found = _LINE.fullmatch(line.rstrip())
    if found is not None and (_TAG.fullmatch(found[1]) or len(found[2]) == 2):
        return found[1], found[3] or ""
    tight = _TIGHT.fullmatch(line.rstrip())
    return (tight[1], tight[2]) if tight is not None and _TAG.fullmatch(tight[1]) else None


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


def _record(tags: Tags, source: str) -> Record:
    published = _published(tags)
    title = _first(tags, "TI", "T1", "CT", "BT")
    authors = tuple(author(each) for tag in ("AU", "A1") for each in tags.get(tag, ()) if each)
    ids = _ids(tags)
    journal = _first(tags, "JF", "T2", "JO", "JA", "J2")
    accession = _first(tags, "AN", "U2")
    return Record(
        source=source,
        source_id=lasting_id(accession, ids, (title, published.on, *authors[:1], journal)),
        title=title or NO_TITLE,
        kind=_kind(tags),
        abstract=_first(tags, "AB", "N2"),
        vernacular_title=_first(tags, "TT"),
        authors=authors,
        journal=journal,
        volume=_first(tags, "VL"),
        issue=_first(tags, "IS"),
        pages=_pages(tags),
        year=published.year,
        published_on=published.on,
        languages=tuple(each for each in tags.get("LA", ()) if each),
        publication_types=tuple(each for each in tags.get("M3", ()) if each),
        ids=ids,
    )


def _first(tags: Tags, *names: str) -> str | None:
    return next((value for name in names for value in tags.get(name, ()) if value), None)


def _kind(tags: Tags) -> RecordKind:
    """CENTRAL names the register of a register entry where an article has its PubMed number."""
    registered = any(each.lower().startswith(_REGISTERS) for each in tags.get("C3", ()))
    return RecordKind.REGISTER_ENTRY if registered else RecordKind.ARTICLE


def _ids(tags: Tags) -> RecordIds:
    of_pubmed = any(
        each.lower() in _OF_PUBMED for tag in ("DP", "DB") for each in tags.get(tag, ())
    )
    labelled = [each for each in tags.get("C3", ()) if each.lower().startswith("pubmed")]
    numbers = [*tags.get("PMID", ()), *labelled, *(tags.get("AN", ()) if of_pubmed else ())]
    texts = [value for tag in _TEXTS for value in tags.get(tag, ())]
    return RecordIds(
        pmid=next(filter(None, map(identifiers.pmid, numbers)), None),
        pmcid=next(filter(None, map(identifiers.pmcid, tags.get("C2", ()))), None),
        doi=next(
            filter(None, (identifiers.doi(v) for t in ("DO", "L2", "UR") for v in tags.get(t, ()))),
            None,
        ),
        register=identifiers.register_ids_in(texts),
    )


def _pages(tags: Tags) -> str | None:
    start, end = _first(tags, "SP"), _first(tags, "EP")
    if (start, end) == _NO_PAGES:
        return None
    if start is None or end is None or end in start:
        return start or end
    return f"{start}-{end}"


def _published(tags: Tags) -> PublicationDate:
    """Return the date with the most parts; what is no date stays as it is written."""
    written = [value for tag in ("PY", "Y1", "DA") for value in tags.get(tag, ()) if value]
    read = [dated(*found.groups()) for each in written if (found := _DATE.fullmatch(each))]
    if read:
        return max(read, key=lambda each: len(each.on or ""))
    return PublicationDate(year_in(written[0]), written[0]) if written else PublicationDate()
