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
from extraction.readers.dates import Published, dated, year_in
from extraction.readers.text import NO_TITLE, author, lasting_id, lines

_LINE = re.compile(r"([A-Z][A-Z0-9]|PMID)[ \t]{0,3}-(?:[ \t](.*)|\s*)")
_COUNTED = re.compile(r"Record #\d+ of (\d+)")
_DATE = re.compile(r"(\d{4})(?:[/-](\d{1,2})?)?(?:[/-](\d{1,2})?)?(?:[/-].*)?")
_TEXTS = ("TI", "T1", "AB", "N2", "N1", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "AN")
_OF_PUBMED = frozenset({"nlm", "pubmed", "medline"})
_REGISTERS = ("ctgov", "ictrp")
_BETWEEN = ("NL",)  # Ovid writes a journal's short name after ER
_NO_PAGES = ("No", "Specified")  # Ovid's "No Specified", cut in two

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


def read_ris(text: str, name: str, source: str) -> tuple[Record, ...]:
    """Read every record of a RIS file; raise UnreadablePayload naming the first odd line."""
    records = tuple(_record(tags, source) for tags in _split(text, name))
    counted = [int(total) for total in _COUNTED.findall(text)]
    if counted and counted[-1] != len(records):
        found, expected = f"{len(records)} records", f"the {counted[-1]} that it announces"
        raise unreadable(name, found=found, expected=expected)
    return records


def _split(text: str, name: str) -> Iterator[Tags]:
    record: _Open | None = None
    number = 0
    for number, line in enumerate(lines(text), start=1):
        tagged = _LINE.fullmatch(line.rstrip())
        if tagged is None:
            if record is not None and line.strip():
                record.go_on(line)
            continue
        tag, value = tagged[1], tagged[2] or ""
        _check_place(tag, record, f"{name}, line {number}")
        if tag == "TY":
            record = _Open(number)
        if record is not None:
            record.add(tag, value)
            if tag == "ER" and not value.strip():
                yield record.tags
                record = None
    if record is not None:
        found = f"the end of the file in the record that begins at line {record.line}"
        raise unreadable(f"{name}, line {number}", found=found, expected="its ER; it is cut off")


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


def _published(tags: Tags) -> Published:
    """Return the date with the most parts; what is no date stays as it is written."""
    written = [value for tag in ("PY", "Y1", "DA") for value in tags.get(tag, ()) if value]
    read = [dated(*found.groups()) for each in written if (found := _DATE.fullmatch(each))]
    if read:
        return max(read, key=lambda each: len(each.on or ""))
    return Published(year_in(written[0]), written[0]) if written else Published()
