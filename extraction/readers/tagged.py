"""Texts of tagged lines that are no RIS: Web of Science's, Ovid's, RefWorks' and EndNote's own.

Each format says how a record begins and ends, how a line names its tag, and where each tag goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from extraction.errors import unreadable
from extraction.readers.noted import Noted, Unread
from extraction.readers.payload import shown
from extraction.readers.text import Read, lines, unended
from extraction.readers.written import (
    OF_PUBMED,
    Spot,
    WrittenRecord,
    medline_numbers,
    note_number,
    record_of,
)

Slots = Mapping[str, Spot]


def _slots(names: Mapping[Spot, str]) -> Slots:
    return {tag: slot for slot, tags in names.items() for tag in tags.split()}


@dataclass(frozen=True, slots=True)
class TaggedFormat:
    """A format of tagged lines.

    begins: the line that opens a record; after_blank: only after an empty line. line: a tag and its
    text. ends: the tag that closes a record, closes: that which closes the file, both None where
    the format has none. lists: tags of which each line is a value; of others the lines are one
    text. left: known tags that are no part of a record. outside: lines that may stand between
    records. complete: what takes apart a text of several slots.
    """

    name: str
    begins: re.Pattern[str]
    line: re.Pattern[str]
    slots: Slots
    left: re.Pattern[str]
    after_blank: bool = False
    ends: str | None = None
    closes: str | None = None
    lists: frozenset[str] = frozenset()
    outside: re.Pattern[str] = re.compile(r"(?!)")
    complete: Callable[[WrittenRecord], None] = lambda _: None


@dataclass(slots=True)
class _Held:
    """A record being read: where it began, its values by tag in order, the tag that goes on."""

    line: int
    tags: list[tuple[str, str]] = field(default_factory=list)


def read_tagged(text: str, name: str, source: str, form: TaggedFormat) -> Read:
    """Read every record; raise UnreadablePayload for one that is cut off, or an odd line."""
    unread, noted = Unread("tag"), Noted()
    records, marks = [], []
    for held in _split(text, name, form):
        written = _written(held, form, unread)
        records.append(record_of(written, source))
        note_number(written, records[-1], f"{name}, line {held.line}", noted)
        marks.append(written.mark)
        unread.abstracts += records[-1].abstract is not None
    cut = () if form.ends or form.closes else unended(text, tuple(records))
    return Read(tuple(records), (*noted.notes(), *unread.notes(), *cut), marks=tuple(marks))


def _split(text: str, name: str, form: TaggedFormat) -> Iterator[_Held]:
    reading = _Splitting(name, form)
    for number, line in enumerate(lines(text), start=1):
        done = reading.take(line, number)
        if done is not None:
            yield done
    if reading.held is not None:
        yield _whole(reading.held, name, form, "the end of the file")
    if not reading.closed:
        raise unreadable(name, found="no last line", expected=f"{form.closes}; it is cut off")


@dataclass(slots=True)
class _Splitting:
    """A text being parted into records: the one that is open, and how the line before was."""

    name: str
    form: TaggedFormat
    held: _Held | None = None
    closed: bool = field(init=False)
    blank: bool = True

    def __post_init__(self) -> None:
        """A format without a last line is closed by the end of the file."""
        self.closed = self.form.closes is None

    def take(self, line: str, number: int) -> _Held | None:
        """Take a line; return the record that it ends."""
        begins = self.form.begins.match(line) is not None and (
            self.blank or not self.form.after_blank
        )
        self.blank = not line.strip()
        before = None
        if begins:
            if self.held is not None:
                before = _whole(self.held, self.name, self.form, "a new record")
            self.held = _Held(number)
        return self._within(line, number, begins=begins) or before

    def _within(self, line: str, number: int, *, begins: bool) -> _Held | None:
        found, where = self.form.line.fullmatch(line.rstrip()), f"{self.name}, line {number}"
        if self.held is None:
            self.closed = self.closed or line.strip() == self.form.closes
            _check_between(line, where, self.form)
        elif found is not None and found[1] == self.form.ends:
            done, self.held = self.held, None
            return done
        elif found is not None:
            self.held.tags.append((found[1], (found[2] or "").strip()))
        elif not self.blank and not begins:
            _go_on(self.held, line, where, self.form)
        return None


def _whole(held: _Held, name: str, form: TaggedFormat, then: str) -> _Held:
    """Return a record that ended without saying so; refuse it where its format says so."""
    if form.ends is not None:
        found = f"{then} in the record that begins at line {held.line}"
        raise unreadable(name, found=found, expected=f"its {form.ends}; it is cut off")
    return held


def _go_on(held: _Held, line: str, where: str, form: TaggedFormat) -> None:
    """Take a line without a tag as more of the one before it."""
    if not held.tags:
        raise unreadable(where, found=shown(line), expected="a tag")
    tag, text = held.tags[-1]
    if tag in form.lists:
        held.tags.append((tag, line.strip()))
    else:
        held.tags[-1] = (tag, f"{text} {line.strip()}".strip())


def _check_between(line: str, where: str, form: TaggedFormat) -> None:
    if line.strip() and not form.outside.fullmatch(line.strip()):
        raise unreadable(where, found=f"{shown(line)} outside a record", expected="a record")


def _written(held: _Held, form: TaggedFormat, unread: Unread) -> WrittenRecord:
    written = WrittenRecord()
    for tag, text in held.tags:
        if not text:
            continue
        written.write(tag, text)
        slot = form.slots.get(tag)
        if slot is not None:
            written.add(slot, text)
        elif form.left.fullmatch(tag) is None:
            unread.add(tag, text)
    form.complete(written)
    return written


# ---- Web of Science ------------------------------------------------------------------------------

WEB_OF_SCIENCE = TaggedFormat(
    name="Web of Science text",
    begins=re.compile(r"PT "),
    line=re.compile(r"([A-Z][A-Z0-9])(?: (.*))?"),
    slots=_slots(
        {
            Spot.TITLE: "TI",
            Spot.AUTHORS: "AU",
            Spot.JOURNAL: "SO JI J9",
            Spot.ABSTRACT: "AB",
            Spot.LANGUAGE: "LA",
            Spot.TYPE: "DT",
            Spot.PUBLISHED: "PD",
            Spot.YEAR: "PY",
            Spot.VOLUME: "VL",
            Spot.ISSUE: "IS",
            Spot.FIRST_PAGE: "BP AR",
            Spot.LAST_PAGE: "EP",
            Spot.DOI: "DI",
            Spot.PMID: "PM",
            Spot.ACCESSION: "UT",
            Spot.REFERENCES: "CR",
        }
    ),
    left=re.compile(
        r"PT|AF|B[AEFNPS]|C[13ALTY]|D[AELT2]|E[AIMR]|F[PUX]|G[AP]|H[CDOP]|ID|JI|MA|NR|O[AI]|P[AGINU]"
        r"|R[IP]|S[CEINPU]|TC|U[12]|W[CE]|Z[89BRS]|D2|OF|P1|EY|ED"
    ),
    ends="ER",
    closes="EF",
    lists=frozenset({"AU", "AF", "CR", "C1", "BA", "BE", "CA", "ED", "BF"}),
    outside=re.compile(r"(?:FN|VR) .*|EF"),
)

# ---- Ovid ----------------------------------------------------------------------------------------

# "Fict Neurol. 12 (4) (pp 100-108), 2025. Date of …" or "Fict Neurol. 12(4):109-111, 2025 Jan 10."
_SOURCE = re.compile(
    r"(?P<journal>.+?)\.\s+(?P<volume>[^\s(:,]+)?\s?(?:\((?P<issue>[^)]*)\)\s?)?"
    r"(?:\(pp (?P<pp>[^)]+)\)|:\s?(?P<pages>[^,]+))?,\s*(?P<date>\d{4}[^.]*)(?:\..*)?",
    re.S,
)
_NUMBER_FIRST = re.compile(r"\d{1,9}\b")
_MEDLINE = re.compile(r"medline|pubmed", re.I)


def _complete_ovid(written: WrittenRecord) -> None:
    """Take the citation apart; MEDLINE's own number is PubMed's."""
    for spot, text in _cited(written.one(Spot.CITATION)):
        if text and not written.all(spot):
            written.add(spot, text.strip())
    numbers = (_NUMBER_FIRST.match(each) for each in written.all(Spot.PMID))
    own = written.all(Spot.ACCESSION) if _MEDLINE.search(written.one(Spot.DATABASE) or "") else []
    written.values[Spot.PMID] = [*(each[0] for each in numbers if each), *own]


def _cited(citation: str | None) -> tuple[tuple[Spot, str | None], ...]:
    """Return the parts of a citation; of another form, all of it as the journal."""
    found = _SOURCE.fullmatch(citation or "")
    if found is None:
        return ((Spot.JOURNAL, citation),)
    return (
        (Spot.JOURNAL, found["journal"]),
        (Spot.VOLUME, found["volume"]),
        (Spot.ISSUE, found["issue"]),
        (Spot.PAGES, found["pp"] or found["pages"]),
        (Spot.PUBLISHED, found["date"]),
    )


_OVID_LEFT = re.compile(
    r"VN|AS|ST|SH|C[CNYPOADF]|I[DNSP]|P[BUAN]|A[DRVCN]|E[MDS]|D[VEAMC]|G[DEI]|H[AW]|K[WP]|L[MTK]|M[HIANP]"
    r"|N[JRT]|O[TXIW]|PS|Q[SPC]|R[NFPX]|S[BNIURM]|T[NPMR]|U[PR]|V[NK]|X[LAR]|ZZ|FA|FN|NM|NT|EZ|RV"
    r"|TC|JW|JC|BD|CO|EW|YR|OD|PG|PH|LK|CT|SE|ED|BT"
)
OVID_TAGGED = TaggedFormat(
    name="Ovid tagged text",
    begins=re.compile(r"<\d+\. ?>"),
    line=re.compile(r"([A-Z][A-Z0-9])  ?- (.*)"),
    slots=_slots(
        {
            Spot.TITLE: "TI",
            Spot.VERNACULAR: "TT OT",
            Spot.AUTHORS: "AU",
            Spot.ABSTRACT: "AB",
            Spot.CITATION: "SO",
            Spot.JOURNAL: "JN JA",
            Spot.VOLUME: "VO",
            Spot.ISSUE: "IP",
            Spot.PAGES: "PG",
            Spot.YEAR: "YR",
            Spot.PUBLISHED: "DP",
            Spot.LANGUAGE: "LG LA",
            Spot.TYPE: "PT",
            Spot.ACCESSION: "UI AN",
            Spot.PMID: "PM",
            Spot.DOI: "DO",
            Spot.DATABASE: "DB",
            Spot.OTHER_NUMBERS: "CN SI",
        }
    ),
    left=_OVID_LEFT,
    lists=frozenset({"AU"}),
    complete=_complete_ovid,
)
OVID_LABELLED = TaggedFormat(
    name="Ovid citation text",
    begins=re.compile(r"<\d+>"),
    line=re.compile(r"([A-Z][A-Za-z]*(?:[ /&][A-Za-z]+){0,5}\.?)()"),
    slots={
        "Title": Spot.TITLE,
        "Original Title": Spot.VERNACULAR,
        "Authors": Spot.AUTHORS,
        "Author": Spot.AUTHORS,
        "Abstract": Spot.ABSTRACT,
        "Source": Spot.CITATION,
        "Language": Spot.LANGUAGE,
        "Publication Type": Spot.TYPE,
        "Unique Identifier": Spot.ACCESSION,
        "Accession Number": Spot.ACCESSION,
        "PMID": Spot.PMID,
        "PubMed ID": Spot.PMID,
        "Digital Object Identifier": Spot.DOI,
        "DOI": Spot.DOI,
        "Database": Spot.DATABASE,
        "Year of Publication": Spot.YEAR,
        "Date of Publication": Spot.PUBLISHED,
        "Clinical Trial Number": Spot.OTHER_NUMBERS,
        "Clinical Trial Registry": Spot.OTHER_NUMBERS,
    },
    left=re.compile(
        r"Status|Version ID|Institution|Country of Publication|MeSH.*|Keyword.*|ISSN.*|Publisher"
        r"|Subject Headings?|NLM.*|Journal Subset|Entry.*|Update Date|Other ID|Registry Number.*"
        r"|Publishing Model|Link.*|Owner|Record Owner|Indexing Method|Revision Date|Drug Index.*"
        r"|Other Index.*|Embase.*|Correspondence.*|Author NameID|Authors Full Name|Grant.*|PII"
        r"|Electronic Date.*|Copyright|Emtree.*|CAS.*|Disclaimer|Date Created|Year Entered|Comments"
    ),
    lists=frozenset({"Authors", "Author"}),
    complete=_complete_ovid,
)

# ---- RefWorks ------------------------------------------------------------------------------------


def _complete_refworks(written: WrittenRecord) -> None:
    """An accession number is PubMed's where its database is, or where it says so itself."""
    of_pubmed = any(map(OF_PUBMED.search, written.all(Spot.DATABASE)))
    numbers = medline_numbers(written.all(Spot.ACCESSION), written.all(Spot.ADDRESS))
    own = [each for each in numbers if of_pubmed or each.upper().startswith("PMID")]
    written.values[Spot.PMID] = [*written.all(Spot.PMID), *own]


REFWORKS = TaggedFormat(
    name="RefWorks tagged text",
    begins=re.compile(r"RT "),
    line=re.compile(r"([A-Z][A-Z0-9]) (.*)"),
    slots=_slots(
        {
            Spot.TITLE: "T1",
            Spot.VERNACULAR: "OT",
            Spot.AUTHORS: "A1",
            Spot.ABSTRACT: "AB",
            Spot.JOURNAL: "JF JO T2",
            Spot.YEAR: "YR",
            Spot.PUBLISHED: "FD",
            Spot.VOLUME: "VO",
            Spot.ISSUE: "IS",
            Spot.FIRST_PAGE: "SP",
            Spot.LAST_PAGE: "OP",
            Spot.LANGUAGE: "LA",
            Spot.TYPE: "RT",
            Spot.DOI: "DO",
            Spot.ACCESSION: "AN",
            Spot.REMARK: "NO",
            Spot.ADDRESS: "UL",
            Spot.DATABASE: "DB DS",
        }
    ),
    left=re.compile(
        r"SR|ID|A[2-7DV]|AU|C[LNR]|ED|FL|IP|JF|K1|L[AKM]|OL|P[BPN]|RD|S[FN]|ST|T3|U\d|WT|WV|WP|AD"
        r"|PM|TA|SL|LL|CR|E[2-9]|ER"
    ),
    outside=re.compile(r".*"),
    complete=_complete_refworks,
)

# ---- EndNote's own tagged text -------------------------------------------------------------------

REFER = TaggedFormat(
    name="EndNote tagged text",
    begins=re.compile(r"%[0A-Z] "),
    after_blank=True,
    line=re.compile(r"%([0-9A-Z~!&@#$\[\]*(^>)?<=+:]) (.*)"),
    slots=_slots(
        {
            Spot.TITLE: "T",
            Spot.AUTHORS: "A",
            Spot.ABSTRACT: "X",
            Spot.JOURNAL: "J B",
            Spot.YEAR: "D",
            Spot.PUBLISHED: "8",
            Spot.VOLUME: "V",
            Spot.ISSUE: "N",
            Spot.PAGES: "P",
            Spot.LANGUAGE: "G",
            Spot.TYPE: "0",
            Spot.DOI: "R",
            Spot.ACCESSION: "M",
            Spot.REMARK: "Z",
            Spot.ADDRESS: "U",
            Spot.DATABASE: "~ W",
        }
    ),
    left=re.compile(r"[CEFHIKLOQSY1-79!&@#$\[\]*(^>)?<=+:]"),
)
