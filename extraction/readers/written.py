"""A record as a file writes it, whatever the format: texts by the slot that each goes to.

Every dialect says which of its columns or tags goes to which slot; here the slots become a Record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from extraction import identifiers
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.dates import PublicationDate, iso_day, written_date, year_in
from extraction.readers.markup import plain_title
from extraction.readers.noted import Noted
from extraction.readers.payload import shown
from extraction.readers.text import NO_TITLE, author, digest, lasting_id

PUBLICATION_TYPE = "Clinical Trial Registration"


class Spot(StrEnum):
    """Where a text of a file belongs."""

    TITLE = "title"
    OFFICIAL_TITLE = "official_title"  # of a register entry: it goes before its short one
    VERNACULAR = "vernacular"
    ABSTRACT = "abstract"
    SHOWN = "shown"  # of a register entry: labelled, a line of its abstract
    AUTHORS = "authors"
    JOURNAL = "journal"
    VOLUME = "volume"
    ISSUE = "issue"
    PAGES = "pages"
    FIRST_PAGE = "first_page"
    LAST_PAGE = "last_page"
    PUBLISHED = "published"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    CITATION = "citation"  # journal, year, volume, issue and pages in one text
    LANGUAGE = "language"
    TYPE = "type"
    MESH = "mesh"
    DOI = "doi"
    PMID = "pmid"
    PMCID = "pmcid"
    ACCESSION = "accession"
    ADDRESS = "address"
    REMARK = "remark"  # notes that may name a PMID or a DOI: "PMID: 123"
    DATABASE = "database"
    OWN_NUMBER = "own_number"  # of a register entry: its number there
    OTHER_NUMBERS = "other_numbers"  # of other registers
    HELD_FROM_REGISTER = "held_from_register"  # the register's number of what CENTRAL holds
    SPONSOR = "sponsor"
    STATUS = "status"
    CONDITION = "condition"
    INTERVENTION = "intervention"
    ARM = "arm"
    DESIGN = "design"
    SIZE = "size"
    REGISTERED = "registered"
    START = "start"
    PRIMARY_END = "primary_end"
    END = "end"
    UPDATED = "updated"
    RESULTS_ON = "results_on"
    HAS_RESULTS = "has_results"
    REFERENCES = "references"  # what it cites: a number there is of another document
    LEFT = "left"  # known, and no part of a record


@dataclass(slots=True)
class WrittenRecord:
    """One record as it is written.

    values: texts by slot, in the order of the file; only what is filled. labels: of each shown
    line. everything: all that is written, by which two records are told apart; names: what the
    file calls each. day_is_first: how the dialect writes 3/4/2025.
    """

    values: dict[Spot, list[str]] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    everything: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    day_is_first: bool = True

    def add(self, slot: Spot, text: str, label: str = "") -> None:
        """Put a text where it belongs."""
        self.values.setdefault(slot, []).append(text)
        if slot is Spot.SHOWN:
            self.labels.append(label)

    def all(self, *slots: Spot) -> list[str]:
        """Return the texts of some slots."""
        if len(slots) == 1:
            return self.values.get(slots[0], [])
        return [text for slot in slots for text in self.values.get(slot, ())]

    def one(self, *slots: Spot) -> str | None:
        """Return the first text of the first slot that has one."""
        for slot in slots:
            found = self.values.get(slot)
            if found:
                return found[0]
        return None

    def write(self, name: str, text: str) -> None:
        """Keep a text with the name that the file gives it, wherever it belongs."""
        self.names.append(name)
        self.everything.append(text)

    @property
    def mark(self) -> str:
        """A digest of all that is written."""
        return digest([*self.names, *self.everything])


# ---- numbers -------------------------------------------------------------------------------------

_PMID_IN_REMARK = re.compile(r"(?:^|[.;|]\s*|\n\s*)PMID:?\s*(\d{1,9})\b", re.I)
_PMCID_IN_REMARK = re.compile(r"\bPMCID:?\s*(PMC\d+)\b", re.I)
_DOI_IN_REMARK = re.compile(r"(?:^|[.;|]\s*|\n\s*)DOI:\s*(10\.\S+)", re.I)
# "Comment in: J. 2003;1:1. PMID: 124" names another document.
_OF_ANOTHER = re.compile(
    r"\b(?:comment|erratum|corrected|republished|retract\w*|update|summary|cites?|reply)"
    r"\b[^.:]*\b(?:in|of|on|for|from|to)\b", re.I
)  # fmt: skip
_ISRCTN_DOI = re.compile(r"10\.1186/(ISRCTN\d{8})", re.I)
# Where registers show an entry: its number stands in the address.
_AT_REGISTER = re.compile(
    r"https?://(?:www\.|beta\.|classic\.)?(?:clinicaltrials\.gov/|isrctn\.com/|isrctn\.org/"
    r"|controlled-trials\.com/|anzctr\.org\.au/|drks\.de/|trialsearch\.who\.int/"
    r"|apps\.who\.int/trialsearch|euclinicaltrials\.eu/|clinicaltrialsregister\.eu/"
    r"|jrct\.(?:mhlw|niph)\.go\.jp/|chictr\.org|ctri\.nic\.in/|cris\.nih\.go\.kr/|irct\.|en\.irct\."
    r"|center6\.umin\.ac\.jp/|onderzoekmetmensen\.nl/|ensaiosclinicos\.gov\.br/|pactr\.samrc"
    r"|thaiclinicaltrials\.org/|slctr\.lk/|rpcec\.sld\.cu/|trialregister\.nl/)", re.I
)  # fmt: skip
OF_PUBMED = re.compile(r"\bnlm\b|pubmed|medline", re.I)  # a database whose numbers are PMIDs
_AT_PROQUEST = re.compile(r"proquest\S*/docview/(\d+)", re.I)
_REGISTERS = re.compile(
    r"clinical ?trials\.gov|ctgov|isrctn|ictrp|anzctr|drks|euctr|eudract|ctis|jrct|chictr"
    r"|(?:clinical )?trials? regist(?:er|ry)", re.I
)  # fmt: skip
_ADDRESS = re.compile(r"https?://\S+", re.I)
_LONGEST_SIZE = 9  # digits: no trial enrols more than all people
_RANDOMISED = re.compile(r"\brandomi[sz]ed", re.I)
_NOT_RANDOMISED = re.compile(
    r"non[-_ ]?randomi[sz]ed|randomi[sz]ed:\s*no\b|not randomi[sz]ed", re.I
)
_MODEL = re.compile(r"(?:intervention model|assignment):\s*([^|;.]+)", re.I)


def register_numbers(written: WrittenRecord) -> tuple[str, ...]:
    """Return the register numbers in all that is written of a record itself, the own one first."""
    first = written.all(*_OF_ITSELF, Spot.ADDRESS, Spot.DOI)
    named = written.all(Spot.TITLE, Spot.OFFICIAL_TITLE, Spot.ABSTRACT)
    cited = set(written.all(Spot.REFERENCES))
    rest = _APART.join(text for text in written.everything if text not in cited)
    return identifiers.register_ids_in([*first, *named, rest])


_OF_ITSELF = (Spot.OWN_NUMBER, Spot.HELD_FROM_REGISTER, Spot.OTHER_NUMBERS)
_APART = " | "  # no number goes on over it


def pubmed_number(written: WrittenRecord) -> str | None:
    """Return the PMID of a field of its own, of an address, or the only one in the remarks."""
    sure = map(identifiers.pmid, written.all(Spot.PMID))
    at = (identifiers.pmid(each) for each in written.all(Spot.ADDRESS) if "pubmed" in each.lower())
    found = next(filter(None, [*sure, *at]), None)
    if found is not None:
        return found
    remarked = {
        number
        for text in _own_remarks(written)
        for number in map(identifiers.pmid, _PMID_IN_REMARK.findall(text))
        if number
    }
    return remarked.pop() if len(remarked) == 1 else None


def medline_numbers(accessions: Iterable[str], addresses: Iterable[str]) -> Iterator[str]:
    """Give MEDLINE's numbers of accession numbers, not those of the platform that it is on.

    ProQuest writes its own before it ("1720061432; 9989561"), or alone, and in its address.
    """
    of_platform = {number for each in addresses for number in _AT_PROQUEST.findall(each)}
    for each in accessions:
        last = each.rpartition(";")[2].strip()
        if last not in of_platform:
            yield last


def _own_remarks(written: WrittenRecord) -> Iterator[str]:
    return (each for each in written.all(Spot.REMARK) if not _OF_ANOTHER.search(each))


def _ids(written: WrittenRecord) -> RecordIds:
    remarks = list(_own_remarks(written))
    pmcids = [
        *written.all(Spot.PMCID),
        *(number for each in remarks for number in _PMCID_IN_REMARK.findall(each)),
    ]
    dois = [
        *written.all(Spot.DOI, Spot.ADDRESS),
        *(name for each in remarks for name in _DOI_IN_REMARK.findall(each)),
    ]
    return RecordIds(
        pmid=pubmed_number(written),
        pmcid=next(filter(None, map(identifiers.pmcid, pmcids)), None),
        doi=next(filter(None, map(identifiers.doi, dois)), None),
        register=register_numbers(written),
    )


def own_number(written: WrittenRecord) -> str | None:
    """Return the number under which a register holds the entry that is written; None: none is.

    An entry gives its own number in a field for it, or is known by its address or DOI alone.
    """
    for text in written.all(Spot.OWN_NUMBER):
        found = identifiers.register_id(text)
        if found is not None:
            return found.id
    doi = next((_ISRCTN_DOI.search(each) for each in written.all(Spot.DOI, Spot.ADDRESS)), None)
    if doi is not None:
        return doi[1].upper()
    addresses = written.all(Spot.ADDRESS)
    registered = bool(addresses) and all(map(_AT_REGISTER.match, addresses))
    of_register = any(map(_REGISTERS.search, written.all(Spot.DATABASE)))
    if not registered and not of_register:
        return None
    numbers = identifiers.register_ids_in(
        [*addresses, *written.all(Spot.ACCESSION, Spot.OTHER_NUMBERS, Spot.TITLE)]
    )
    return next(iter(numbers), None)


def number_in_doubt(written: WrittenRecord, record: Record) -> str | None:
    """Say where a register's number should stand and none can be read; None: nothing is odd.

    Such a record is known by no number, so that nothing links it to its trial.
    """
    if record.ids.register:
        return None
    own = written.all(Spot.OWN_NUMBER, Spot.HELD_FROM_REGISTER)
    spoiled = [each for each in own if _FIGURES.search(each)]
    if spoiled:
        return f"{shown(spoiled[0])} is no number of a register that is known"
    of_register = any(map(_REGISTERS.search, written.all(Spot.DATABASE)))
    return "its database is a register, and it has no number there" if of_register else None


def note_number(written: WrittenRecord, record: Record, where: str, noted: Noted) -> None:
    """Note a register's number that cannot be read."""
    doubt = number_in_doubt(written, record)
    if doubt is not None:
        said = f"{where}: {doubt}; it was taken as {_TAKEN_AS[record.kind]} without a number"
        noted.add("records without a register's number", said)


_FIGURES = re.compile(r"\d{3}")  # "N/A" and "None" are no numbers that were spoiled
_TAKEN_AS = {
    RecordKind.ARTICLE: "an article",
    RecordKind.REGISTER_ENTRY: "a register's entry",
    RecordKind.BOOK: "a book",
}


def is_article(written: WrittenRecord) -> bool:
    """Whether it is printed: a trial's number beside that is one that an article names."""
    journal = written.one(Spot.JOURNAL)
    if journal is None or _ADDRESS.match(journal) or _REGISTERS.search(journal):
        return False
    placed = written.one(Spot.VOLUME, Spot.FIRST_PAGE, Spot.PAGES) is not None
    return placed or pubmed_number(written) is not None


# ---- records -------------------------------------------------------------------------------------


def record_of(written: WrittenRecord, source: str) -> Record:
    """Make a register entry of what names its own number and is not printed, else an article.

    CENTRAL holds entries of registers under numbers of its own, beside articles.
    """
    if written.one(Spot.HELD_FROM_REGISTER) is not None:
        return article(written, source, RecordKind.REGISTER_ENTRY)
    number = own_number(written)
    if number is None or is_article(written):
        return article(written, source)
    return entry(written, source, number)


def article(written: WrittenRecord, source: str, kind: RecordKind = RecordKind.ARTICLE) -> Record:
    """Make the record of an article; a journal that is an address is none."""
    title, published = (
        written.one(Spot.TITLE, Spot.OFFICIAL_TITLE),
        publication_date(written),
    )
    authors = tuple(author(each) for each in written.all(Spot.AUTHORS))
    journals = [each for each in written.all(Spot.JOURNAL) if not _ADDRESS.match(each)]
    journal, ids = next(iter(journals), None), _ids(written)
    return Record(
        source=source,
        source_id=lasting_id(
            written.one(Spot.ACCESSION), ids, (title, published.on, *authors[:1], journal)
        ),
        title=plain_title(title) if title else NO_TITLE,
        kind=kind,
        abstract=abstract(written),
        vernacular_title=written.one(Spot.VERNACULAR),
        authors=authors,
        journal=journal,
        volume=written.one(Spot.VOLUME),
        issue=written.one(Spot.ISSUE),
        pages=pages(written),
        year=published.year,
        published_on=published.on,
        languages=tuple(written.all(Spot.LANGUAGE)),
        publication_types=tuple(written.all(Spot.TYPE)),
        mesh=tuple(written.all(Spot.MESH)),
        ids=ids,
    )


def entry(written: WrittenRecord, source: str, number: str) -> Record:
    """Make the record of a register entry, known by its number there."""
    registered = (_date(written, each) for each in written.all(Spot.REGISTERED))
    date = next(filter(None, registered), None) or publication_date(written)
    ids = _ids(written)
    others = [each for each in ids.register if each != number]
    return Record(
        source=source,
        source_id=number,
        title=plain_title(written.one(Spot.OFFICIAL_TITLE, Spot.TITLE) or NO_TITLE),
        kind=RecordKind.REGISTER_ENTRY,
        abstract=abstract(written),
        authors=tuple(written.all(Spot.SPONSOR)[:1] or written.all(Spot.AUTHORS)),
        year=date.year,
        published_on=date.on,
        publication_types=tuple(written.all(Spot.TYPE)) or (PUBLICATION_TYPE,),
        ids=RecordIds(pmid=ids.pmid, doi=ids.doi, register=(number, *others)),
        entry=register_entry(written),
    )


def register_entry(written: WrittenRecord) -> RegisterEntry:
    """Make the watched fields of a register entry."""
    design, posted = " ".join(written.all(Spot.DESIGN)), _day(written, Spot.RESULTS_ON)
    size, model = written.one(Spot.SIZE) or "", _MODEL.search(design)
    return RegisterEntry(
        overall_status=written.one(Spot.STATUS),
        start_on=_day(written, Spot.START),
        primary_completion_on=_day(written, Spot.PRIMARY_END),
        completion_on=_day(written, Spot.END),
        results_posted_on=posted,
        last_update_on=_day(written, Spot.UPDATED),
        enrolment=int(size) if size.isdecimal() and len(size) <= _LONGEST_SIZE else None,
        has_results=posted is not None or _has_results(written.one(Spot.HAS_RESULTS)),
        allocation=allocation(design),
        intervention_model=model[1].strip() if model is not None else None,
        conditions=tuple(written.all(Spot.CONDITION)),
        interventions=tuple(written.all(Spot.INTERVENTION)),
        arms=tuple(written.all(Spot.ARM)),
    )


def allocation(design: str) -> str | None:
    """Return ClinicalTrials.gov's word for the allocation that a text on the design names."""
    if _NOT_RANDOMISED.search(design):
        return "NON_RANDOMIZED" if re.search(r"non[-_ ]?randomi", design, re.I) else None
    return "RANDOMIZED" if _RANDOMISED.search(design) else None


def _has_results(text: str | None) -> bool:
    return text is not None and text.strip().lower() in ("yes", "true", "has results", "1")


def _day(written: WrittenRecord, slot: Spot) -> str | None:
    text = written.one(slot)
    return iso_day(text, day_is_first=written.day_is_first) if text is not None else None


def abstract(written: WrittenRecord) -> str | None:
    """Return the abstracts, of several the publisher's line on its rights left out, then the lines
    that are shown for want of one.
    """
    given = list(dict.fromkeys(written.all(Spot.ABSTRACT)))
    own = [each for each in given if not is_notice(each)] if len(given) > 1 else given
    lines = [
        f"{label.upper()}: {text}"
        for label, text in zip(written.labels, written.all(Spot.SHOWN), strict=True)
    ]
    return "\n".join([*own, *lines]) or None


_NOTICE = re.compile(r"\bcopyright\b|\N{COPYRIGHT SIGN}|all rights reserved|\(c\) ?\d{4}\b", re.I)
_LONGEST_NOTICE = 700  # signs: EBSCO's is 500


def is_notice(text: str) -> bool:
    """Whether a text beside an abstract is the publisher's line on its rights."""
    return len(text) <= _LONGEST_NOTICE and _NOTICE.search(text[:80]) is not None


def pages(written: WrittenRecord) -> str | None:
    """Return the pages, or the first and the last joined."""
    whole = written.one(Spot.PAGES)
    if whole is not None:
        return whole
    start, end = written.one(Spot.FIRST_PAGE), written.one(Spot.LAST_PAGE)
    if start is None or end is None or end in start:
        return start or end
    return f"{start}-{end}"


def publication_date(written: WrittenRecord) -> PublicationDate:
    """Return the date with the most parts; what is no date stays as it is written."""
    texts, year = written.all(Spot.PUBLISHED), year_in(written.one(Spot.YEAR) or "")
    dates = list(filter(None, (_date(written, each) for each in texts)))
    year = year or next((each.year for each in dates), None)
    if year is not None:
        dates += filter(None, (_of_year(year, each) for each in _without_year(written)))
    if dates:
        best = max(dates, key=lambda each: len(each.on or ""))
        return PublicationDate(year or best.year, best.on)
    return _as_written(texts, year, written)


def _as_written(texts: Sequence[str], year: int | None, written: WrittenRecord) -> PublicationDate:
    if texts:
        return PublicationDate(year or year_in(texts[0]), texts[0])
    return PublicationDate(year, written.one(Spot.YEAR))


def _date(written: WrittenRecord, text: str) -> PublicationDate | None:
    return written_date(text, day_is_first=written.day_is_first)


def _without_year(written: WrittenRecord) -> list[str]:
    """Return what may be a month and a day of the year that stands elsewhere: "Mar 1"."""
    month = " ".join(written.all(Spot.MONTH)[:1] + written.all(Spot.DAY)[:1])
    return [each for each in (*written.all(Spot.PUBLISHED), month) if year_in(each) is None]


def _of_year(year: int, text: str) -> PublicationDate | None:
    figures = "-".join(text.split())
    return written_date(
        f"{year}-{figures}" if figures[:1].isdecimal() else f"{year} {text}".strip()
    )
