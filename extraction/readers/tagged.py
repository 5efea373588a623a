"""Texts of tagged lines that are no RIS: Web of Science's, Ovid's, RefWorks' and EndNote's own.

Each format says how a record begins and ends, how a line names its tag, and where each tag goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from extraction.errors import unreadable
from extraction.readers.noted import Unread
from extraction.readers.payload import shown
from extraction.readers.text import Read, lines, unended
from extraction.readers.written import Slot, Written, record_of

Slots = Mapping[str, Slot]


def _slots(names: Mapping[Slot, str]) -> Slots:
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
    complete: Callable[[Written], None] = lambda _: None


@dataclass(slots=True)
class _Held:
    """A record being read: where it began, its values by tag in order, the tag that goes on."""

    line: int
    tags: list[tuple[str, str]] = field(default_factory=list)


def read_tagged(text: str, name: str, source: str, form: TaggedFormat) -> Read:
    """Read every record; raise UnreadablePayload for one that is cut off, or an odd line."""
    unread = Unread("tag")
    records, marks = [], []
    for held in _split(text, name, form):
        written = _written(held, form, unread)
        records.append(record_of(written, source))
        marks.append(written.mark)
        unread.abstracts += records[-1].abstract is not None
    cut = () if form.ends or form.closes else unended(text, tuple(records))
    return Read(tuple(records), (*unread.notes(), *cut), marks=tuple(marks))


def _split(text: str, name: str, form: TaggedFormat) -> Iterator[_Held]:
    held: _Held | None = None
    closed, blank = form.closes is None, True
    for number, line in enumerate(lines(text), start=1):
        begins = form.begins.match(line) is not None and (blank or not form.after_blank)
        blank = not line.strip()
        if begins:
            if held is not None:
                yield _whole(held, name, form, "a new record")
            held = _Held(number)
        found = form.line.fullmatch(line.rstrip())
        if held is None:
            closed = closed or line.strip() == form.closes
            _check_between(line, f"{name}, line {number}", form)
        elif found is not None and found[1] == form.ends:
            yield held
            held = None
        elif found is not None:
            held.tags.append((found[1], (found[2] or "").strip()))
        elif not blank and not begins:
            _go_on(held, line, f"{name}, line {number}", form)
    if held is not None:
        yield _whole(held, name, form, "the end of the file")
    if not closed:
        raise unreadable(name, found="no last line", expected=f"{form.closes}; it is cut off")


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


def _written(held: _Held, form: TaggedFormat, unread: Unread) -> Written:
    written = Written()
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
            Slot.TITLE: "TI",
            Slot.AUTHORS: "AU",
            Slot.JOURNAL: "SO JI J9",
            Slot.ABSTRACT: "AB",
            Slot.LANGUAGE: "LA",
            Slot.TYPE: "DT",
            Slot.PUBLISHED: "PD",
            Slot.YEAR: "PY",
            Slot.VOLUME: "VL",
            Slot.ISSUE: "IS",
            Slot.FIRST_PAGE: "BP AR",
            Slot.LAST_PAGE: "EP",
            Slot.DOI: "DI",
            Slot.PMID: "PM",
            Slot.ACCESSION: "UT",
            Slot.REFERENCES: "CR",
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


def _complete_ovid(written: Written) -> None:
    """Take the citation apart; MEDLINE's own number is PubMed's."""
    found = _SOURCE.fullmatch(written.one(Slot.CITATION) or "")
    if found is not None:
        parts = (
            (Slot.JOURNAL, found["journal"]),
            (Slot.VOLUME, found["volume"]),
            (Slot.ISSUE, found["issue"]),
            (Slot.PAGES, found["pp"] or found["pages"]),
            (Slot.PUBLISHED, found["date"]),
        )
        for slot, text in parts:
            if text and not written.all(slot):
                written.add(slot, text.strip())
    elif written.one(Slot.CITATION) and not written.one(Slot.JOURNAL):
        written.add(Slot.JOURNAL, written.all(Slot.CITATION)[0])
    numbers = (_NUMBER_FIRST.match(each) for each in written.all(Slot.PMID))
    own = written.all(Slot.ACCESSION) if _MEDLINE.search(written.one(Slot.DATABASE) or "") else []
    written.values[Slot.PMID] = [*(each[0] for each in numbers if each), *own]


_OVID_LEFT = re.compile(
    r"VN|ST|SH|C[CNYPOADF]|I[DNSP]|P[BUAN]|A[DRVCN]|E[MDS]|D[VEAMC]|G[DEI]|H[AW]|K[WP]|L[MTK]|M[HIANP]"
    r"|N[JRT]|O[TXIW]|PS|Q[SPC]|R[NFPX]|S[BNIURM]|T[NPMR]|U[PR]|V[NK]|X[LAR]|ZZ|FA|FN|NM|NT|EZ|RV"
    r"|TC|JW|JC|BD|CO|EW|YR|OD|PG|PH|LK|CT|SE|ED|BT"
)
OVID_TAGGED = TaggedFormat(
    name="Ovid tagged text",
    begins=re.compile(r"<\d+\. ?>"),
    line=re.compile(r"([A-Z][A-Z0-9])  ?- (.*)"),
    slots=_slots(
        {
            Slot.TITLE: "TI",
            Slot.VERNACULAR: "TT OT",
            Slot.AUTHORS: "AU",
            Slot.ABSTRACT: "AB",
            Slot.CITATION: "SO",
            Slot.JOURNAL: "JN JA",
            Slot.VOLUME: "VO",
            Slot.ISSUE: "IP",
            Slot.PAGES: "PG",
            Slot.YEAR: "YR",
            Slot.PUBLISHED: "DP",
            Slot.LANGUAGE: "LG LA",
            Slot.TYPE: "PT",
            Slot.ACCESSION: "UI AN",
            Slot.PMID: "PM",
            Slot.DOI: "DO",
            Slot.DATABASE: "DB",
            Slot.OTHER_NUMBERS: "CN SI",
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
        "Title": Slot.TITLE,
        "Original Title": Slot.VERNACULAR,
        "Authors": Slot.AUTHORS,
        "Author": Slot.AUTHORS,
        "Abstract": Slot.ABSTRACT,
        "Source": Slot.CITATION,
        "Language": Slot.LANGUAGE,
        "Publication Type": Slot.TYPE,
        "Unique Identifier": Slot.ACCESSION,
        "Accession Number": Slot.ACCESSION,
        "PMID": Slot.PMID,
        "PubMed ID": Slot.PMID,
        "Digital Object Identifier": Slot.DOI,
        "DOI": Slot.DOI,
        "Database": Slot.DATABASE,
        "Year of Publication": Slot.YEAR,
        "Date of Publication": Slot.PUBLISHED,
        "Clinical Trial Number": Slot.OTHER_NUMBERS,
        "Clinical Trial Registry": Slot.OTHER_NUMBERS,
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

REFWORKS = TaggedFormat(
    name="RefWorks tagged text",
    begins=re.compile(r"RT "),
    line=re.compile(r"([A-Z][A-Z0-9]) (.*)"),
    slots=_slots(
        {
            Slot.TITLE: "T1",
            Slot.VERNACULAR: "OT",
            Slot.AUTHORS: "A1",
            Slot.ABSTRACT: "AB",
            Slot.JOURNAL: "JF JO T2",
            Slot.YEAR: "YR",
            Slot.PUBLISHED: "FD",
            Slot.VOLUME: "VO",
            Slot.ISSUE: "IS",
            Slot.FIRST_PAGE: "SP",
            Slot.LAST_PAGE: "OP",
            Slot.LANGUAGE: "LA",
            Slot.TYPE: "RT",
            Slot.DOI: "DO",
            Slot.ACCESSION: "AN",
            Slot.REMARK: "NO",
            Slot.ADDRESS: "UL",
            Slot.DATABASE: "DB",
        }
    ),
    left=re.compile(
        r"SR|ID|A[2-7DV]|AU|C[LNR]|DS|ED|FL|IP|JF|K1|L[AKM]|OL|P[BPN]|RD|S[FN]|ST|T3|U\d|WT|WV|WP|AD"
        r"|PM|TA|SL|LL|CR|E[2-9]|ER"
    ),
    outside=re.compile(r".*"),
)

# ---- EndNote's own tagged text -------------------------------------------------------------------

REFER = TaggedFormat(
    name="EndNote tagged text",
    begins=re.compile(r"%[0A-Z] "),
    after_blank=True,
    line=re.compile(r"%([0-9A-Z~!&@#$\[\]*(^>)?<=+:]) (.*)"),
    slots=_slots(
        {
            Slot.TITLE: "T",
            Slot.AUTHORS: "A",
            Slot.ABSTRACT: "X",
            Slot.JOURNAL: "J B",
            Slot.YEAR: "D",
            Slot.PUBLISHED: "8",
            Slot.VOLUME: "V",
            Slot.ISSUE: "N",
            Slot.PAGES: "P",
            Slot.LANGUAGE: "G",
            Slot.TYPE: "0",
            Slot.DOI: "R",
            Slot.ACCESSION: "M",
            Slot.REMARK: "Z",
            Slot.ADDRESS: "U",
            Slot.DATABASE: "~ W",
        }
    ),
    left=re.compile(r"[CEFHIKLOQSY1-79!&@#$\[\]*(^>)?<=+:]"),
)
