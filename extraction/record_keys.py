"""Is it the same record? Exactly: by the ids that are a record's own.

An article's own ids are PMID, PMCID and DOI; the register ids it names are those of its trial. A
register entry's own id is its number in its own register, its first. The other numbers it gives may
be those of a trial it extends, so they make it a namesake, never the same record.
"""

from __future__ import annotations

from collections.abc import Sequence

from extraction.model import Record, RecordKind

REGISTER_PREFIX = "register:"
NAMES_PREFIX = "names:"


def own_ids(record: Record) -> list[str]:
    """Return the keys by which the same record is known again, e.g. 'pmid:8145910'."""
    if record.kind is RecordKind.REGISTER_ENTRY:
        return [f"{REGISTER_PREFIX}{each}" for each in record.ids.register[:1]]
    ids = record.ids
    named = (("pmid", ids.pmid), ("pmcid", ids.pmcid), ("doi", ids.doi))
    return [f"{kind}:{each}" for kind, each in named if each is not None]


def index_keys(record: Record) -> list[str]:
    """Return the keys under which a record is looked up: its own ids, and the trials it names."""
    return [*own_ids(record), *(f"{NAMES_PREFIX}{each}" for each in _named(record))]


def namesake_keys(record: Record) -> list[str]:
    """Return the keys under which other records of the same trial would be found."""
    prefixes = (REGISTER_PREFIX, NAMES_PREFIX)
    return [f"{prefix}{each}" for each in record.ids.register for prefix in prefixes]


def same_record(one: Record, other: Record) -> bool:
    """Whether two records are the same by an id that is their own."""
    return bool(set(own_ids(one)) & set(own_ids(other)))


def _named(record: Record) -> Sequence[str]:
    own = 1 if record.kind is RecordKind.REGISTER_ENTRY else 0
    return record.ids.register[own:]
