"""Lists of nothing but numbers: PMIDs, PMCIDs, DOIs, trial numbers. Each is to be looked up."""

from __future__ import annotations

import re

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.payload import shown
from extraction.readers.text import NO_TITLE, Read

_BETWEEN = re.compile(r"[\s,;|\"]+")
_LABEL = re.compile(
    r"(?:pmids?|pmcids?|dois?|nct|ids?|numbers?|trials?|pubmed|identifiers?|uid|registration|register"
    r"|isrctn|number\(s\)|sep=)[:#]?",
    re.I,
)
_FEWEST_DIGITS = 4  # a list of shorter numbers is of something else
_LOOKED_AT = 5_000


def is_id_list(text: str) -> bool:
    """Whether a text begins as a list of numbers that name documents, and of nothing else."""
    start = text[:_LOOKED_AT]
    whole = start if len(text) <= _LOOKED_AT else start.rpartition("\n")[0] or start
    words = [each for each in _BETWEEN.split(whole) if each and not _LABEL.fullmatch(each)]
    return bool(words) and all(_ids(each) is not None for each in words)


def read_id_list(text: str, name: str, source: str) -> Read:
    """Make a record of each number; raise UnreadablePayload for a word that is none."""
    records = []
    for number, line in enumerate(text.splitlines(), start=1):
        for word in _BETWEEN.split(line):
            if not word or _LABEL.fullmatch(word):
                continue
            ids = _ids(word)
            if ids is None:
                where = f"{name}, line {number}"
                raise unreadable(where, found=shown(word), expected="a PMID, DOI or trial number")
            records.append(_record(ids, source))
    note = (
        f"a list of numbers alone: {len(records)} record(s) that hold no title and no abstract;"
        " export the documents themselves from PubMed or the register, or look each of them up"
    )
    return Read(tuple(records), (note,) if records else ())


def _ids(word: str) -> RecordIds | None:
    digits = word.removeprefix("PMID:").strip(".")
    if digits.isdecimal() and len(digits) < _FEWEST_DIGITS:
        return None
    register = identifiers.register_id(word)
    if register is not None:
        return RecordIds(register=(register.id,))
    found = RecordIds(
        pmid=identifiers.pmid(digits), pmcid=identifiers.pmcid(word), doi=identifiers.doi(word)
    )
    return found if found != RecordIds() else None


def _record(ids: RecordIds, source: str) -> Record:
    (number,) = filter(None, (ids.pmid, ids.pmcid, ids.doi, *ids.register))
    registered = bool(ids.register)
    return Record(
        source=source,
        source_id=number,
        title=NO_TITLE,
        kind=RecordKind.REGISTER_ENTRY if registered else RecordKind.ARTICLE,
        ids=ids,
        entry=RegisterEntry() if registered else None,
    )
