"""PubMed's own text format (.nbib, MEDLINE), split by Bio.Medline after every line was checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from Bio import Medline

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Correction, CorrectionKind, Direction, Record, RecordIds
from extraction.readers.dates import PublicationDate, dated, month_number, year_in
from extraction.readers.noted import Unread
from extraction.readers.payload import shown
from extraction.readers.text import NO_TITLE, Read, author, digest, lasting_id, lines, unended

_LINE = re.compile(
    r"(?:(?:[A-Z][A-Z0-9]  |[A-Z][A-Z0-9]{2} |[A-Z][A-Z0-9]{3} ?)-(?: .*)?| {6}.*|\s*)"
)
_DOI = re.compile(r"(\S+)\s*\[doi\]", re.I)
_PMID_IN = re.compile(r"PMID:\s*(\d+)")
_IN, _OF = Direction.OF_THIS, Direction.THIS_IS_OF
_CORRECTIONS = {
    "RIN": (CorrectionKind.RETRACTION, _IN),
    "ROF": (CorrectionKind.RETRACTION, _OF),
    "EIN": (CorrectionKind.ERRATUM, _IN),
    "EFR": (CorrectionKind.ERRATUM, _OF),
    "CRI": (CorrectionKind.ERRATUM, _IN),
    "CRF": (CorrectionKind.ERRATUM, _OF),
    "ECI": (CorrectionKind.CONCERN, _IN),
    "ECF": (CorrectionKind.CONCERN, _OF),
    "CIN": (CorrectionKind.COMMENT, _IN),
    "CON": (CorrectionKind.COMMENT, _OF),
    "UIN": (CorrectionKind.UPDATE, _IN),
    "UOF": (CorrectionKind.UPDATE, _OF),
    "RPI": (CorrectionKind.UPDATE, _IN),
    "RPF": (CorrectionKind.UPDATE, _OF),
    "RRI": (CorrectionKind.REPUBLICATION, _IN),
    "RRF": (CorrectionKind.REPUBLICATION, _OF),
    "PRIN": (CorrectionKind.PARTIAL_RETRACTION, _IN),
    "PROF": (CorrectionKind.PARTIAL_RETRACTION, _OF),
}
_READ = frozenset(
    {
        *("PMID", "OID", "TI", "BTI", "TT", "AB", "OAB", "AU", "FAU", "CN", "JT", "TA", "VI", "IP"),
        *("PG", "DP", "LA", "PT", "MH", "LID", "AID", "SI", "PMC", "SO"),
    }
)
# The other tags of PubMed: no part of a record.
_LEFT = re.compile(
    r"AD|AUID|A?UID|IRAD|CI|CTDT|CDAT|CTI|CRDT|CP|COIS|COI|CY|DA|DCOM|DEP|DDIN|DRIN|DRDT|ED|EDAT|EN"
    r"|FED|FIR|FPS|GN|GR|GS|IR|IS|ISBN|ISSN|JID|LR|MHDA|MID|NM|OABL|OCI|ORI|ORIGD|OT|OTO|OWN|PB|PHST|PL"
    r"|PMCR|PS|PST|PUBM|RF|RN|SB|SFM|SPIN|SRC|STAT|OIDS?|DDOF|RPB|ROFR|SIN"
)
_CITED_PMID = re.compile(r"PMID:\s*\d+\s*$")

Tags = Mapping[str, str | Sequence[str]]


def read_nbib(text: str, name: str, source: str) -> Read:
    """Read every record; raise UnreadablePayload naming the first line or record that is odd."""
    begun = _check_lines(text, name)
    parsed: Iterable[Tags] = Medline.parse(_plain(text))  # type: ignore[no-untyped-call]
    found = [tags for tags in parsed if tags]
    for place, tags in enumerate(found, start=1):
        if "SO" not in tags:  # the last line of every record
            where = f"{name}, record {place} ({_one(tags, 'PMID', 'TI') or 'no PMID'})"
            raise unreadable(where, found="no SO line", expected="one; it is cut off")
    if len([tags for tags in found if "PMID" in tags]) != begun:
        expected = f"the {begun} whose PMID is there, each after a blank line"
        raise unreadable(name, found=f"{len(found)} records", expected=expected)
    unread = Unread("tag", "give it the tag AB")
    records = tuple(_record(tags, source, unread) for tags in found)
    marks = tuple(digest([*tags, *(_one(tags, tag) for tag in tags)]) for tags in found)
    return Read(records, (*unread.notes(), *unended(text, records)), marks=marks)


def _check_lines(text: str, name: str) -> int:
    """Refuse the first line that is none of the format; return how many records begin."""
    begun = 0
    for place, line in enumerate(lines(text), start=1):
        if _LINE.fullmatch(line) is None:
            where = f"{name}, line {place}"
            raise unreadable(where, found=shown(line), expected="a tag, or 6 blanks and more text")
        begun += line.startswith(("PMID-", "PMID -"))
    return begun


def _plain(text: str) -> list[str]:
    """Write every line end alike; a line of fewer than 6 blanks is an empty one."""
    return [f"{line}\n" if line.strip() or len(line) >= 6 else "\n" for line in lines(text)]


def _record(tags: Tags, source: str, unread: Unread) -> Record:
    _count(tags, unread)
    ids, published = _ids(tags), _published(_one(tags, "DP"))
    title, journal = _one(tags, "TI", "BTI"), _one(tags, "JT", "TA")
    authors = (*(author(each) for each in _all(tags, "AU")), *_all(tags, "CN"))
    accession = ids.pmid or _one(tags, "OID")
    return Record(
        source=source,
        source_id=lasting_id(accession, ids, (title, published.on, *authors[:1], journal)),
        title=title or _one(tags, "TT") or NO_TITLE,
        abstract=_one(tags, "AB", "OAB"),
        vernacular_title=_one(tags, "TT"),
        authors=authors,
        journal=journal,
        volume=_one(tags, "VI"),
        issue=_one(tags, "IP"),
        pages=_one(tags, "PG"),
        year=published.year,
        published_on=published.on,
        languages=tuple(_all(tags, "LA")),
        publication_types=tuple(_all(tags, "PT")),
        mesh=tuple(_mesh(_all(tags, "MH"))),
        ids=ids,
        corrections=tuple(_corrections(tags)),
    )


def _count(tags: Tags, unread: Unread) -> None:
    """Count what is used nowhere; a citation under an unknown tag is a notice of unknown kind."""
    unread.abstracts += _one(tags, "AB", "OAB") is not None
    for tag in tags:
        if _is_unknown(tag) and not _CITED_PMID.search(_one(tags, tag) or ""):
            unread.add(tag, _one(tags, tag) or "")


def _is_unknown(tag: str) -> bool:
    return tag not in _READ and tag not in _CORRECTIONS and _LEFT.fullmatch(tag) is None


def _all(tags: Tags, name: str) -> list[str]:
    found = tags.get(name, ())
    return [found] if isinstance(found, str) else list(found)


def _one(tags: Tags, *names: str) -> str | None:
    """Return a field's text; Bio.Medline gives some as one text, some as a list of lines."""
    return next((text for name in names if (text := " ".join(_all(tags, name)).strip())), None)


def _published(text: str | None) -> PublicationDate:
    if text is None:
        return PublicationDate()
    parts = text.split()
    if 1 < len(parts) <= 3 and month_number(parts[1]) is not None:
        return dated(*parts)
    return PublicationDate(year_in(text), text)


def _mesh(headings: Iterable[str]) -> Iterator[str]:
    for heading in headings:
        descriptor, *qualifiers = (part.lstrip("*") for part in heading.split("/"))
        yield from (f"{descriptor}/{each}" for each in qualifiers)
        yield from () if qualifiers else (descriptor,)


def _ids(tags: Tags) -> RecordIds:
    located = (*_all(tags, "LID"), *_all(tags, "AID"))
    dois = [doi for each in located for doi in _DOI.findall(each)]
    declared = [each.rpartition("/")[2] for each in _all(tags, "SI")]
    others = (_one(tags, tag) or "" for tag in tags if tag not in _CORRECTIONS)
    texts = [_one(tags, "TI") or "", _one(tags, "AB") or "", " | ".join(others)]
    return RecordIds(
        pmid=identifiers.pmid(_one(tags, "PMID") or ""),
        pmcid=identifiers.pmcid(_one(tags, "PMC") or ""),
        doi=next(filter(None, map(identifiers.doi, (*dois, *_all(tags, "AID")))), None),
        register=identifiers.register_ids_in([*declared, *texts]),
    )


def _corrections(tags: Tags) -> Iterator[Correction]:
    known = ((each, *_CORRECTIONS[each]) for each in _CORRECTIONS if each in tags)
    unknown = (
        (each, CorrectionKind.UNKNOWN, _OF if each.endswith("F") else _IN)
        for each in tags
        if _is_unknown(each) and _CITED_PMID.search(_one(tags, each) or "")
    )
    for tag, kind, direction in (*known, *unknown):
        for citation in _all(tags, tag):
            found = _PMID_IN.search(citation)
            yield Correction(
                kind=kind,
                direction=direction,
                pmid=found[1] if found is not None else None,
                doi=identifiers.find_doi(citation),
                citation=f"{tag}: {citation}" if kind is CorrectionKind.UNKNOWN else citation,
            )
