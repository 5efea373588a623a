"""Records that cannot be taken: told by their fields or by what they raise, set aside, said.

One odd record never keeps the others of its answer out. A person is asked about it once; when its
source gives it sound again, it is taken like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter, le
from typing import Any

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from bot.results.format import counted
from bot.review.protocol import SourcePlan
from extraction.model import Record
from extraction.readers.odd import OddRecord, reason_of
from state.codec import storable
from state.errors import DataFolderFault, StateError
from state.events import Ledger
from state.tasks import TaskKind, raise_task

# The longest titles known have some 1,500 signs, the longest ids some 200; an index of PostgreSQL
# holds no entry over 2,700 bytes. A book's abstracts put together stay under 100,000.
LONGEST_ID = 500
LONGEST_LINE = 10_000
LONGEST_ABSTRACT = 500_000
# When more than these of one answer raise what nobody foresaw, the program or the source as a
# whole is at fault: that is a failed search, and no list of questions about single records.
MOST_UNFORESEEN = 20
SHOWN = 10  # records named in the warnings of one search
_SHOWN_SIGNS = 120
_IDS = ("source_id", "ids.")
_REST = attrgetter(
    *(each.name for each in fields(Record) if each.name not in ("source_id", "ids", "abstract"))
)
# The database cannot be used at all; no record is to blame for that.
OF_THE_DATABASE = (OperationalError, InterfaceError, InternalError, DataFolderFault)


def oddity(record: Record) -> str | None:
    """Say why a record cannot be kept as it is; None where it can."""
    if _is_plain(record):  # nearly every record
        return None
    return next((fault for name, text in _texts(record) if (fault := _fault(name, text))), None)


def raised(record: Record, error: Exception) -> OddRecord:
    """Return a record as one that raised what nobody foresaw while it was taken in."""
    said = str(error) if isinstance(error, StateError) else reason_of(error)
    return OddRecord(record.source, record.source_id, said)


def set_aside(ledger: Ledger, plan: SourcePlan, odd: OddRecord, payload: str) -> None:
    """Ask a person about a record, once; payload: the hash under which its answer is kept."""
    name = shown_key(odd)
    text = (
        f"{plan.name}: the record {name} was set aside: {storable(odd.reason)}.\n"
        "It was found and is not in the queue. Look it up at its source and judge by hand whether"
        " it is a report of a trial for this review; if so, import it by hand.\n"
        f"The answer that holds it is kept as payload {payload}. When {plan.name} gives it whole"
        " again, it is taken like any other."
    )
    raise_task(ledger, f"odd:{name}", TaskKind.ODD_RECORD, subject=name, text=text, study=None)


def ask_about_notices(ledger: Ledger, study: str, reports: Iterable[str], error: Exception) -> None:
    """Ask a person about notices on a study's reports that could not be told of, once."""
    named = ", ".join(sorted(map(storable, reports)))
    text = (
        f"A source tells of a notice (a retraction, an erratum, …) about {named} of {study}, which"
        f" could not be read: {storable(reason_of(error))}. Look it up, and judge what it means."
    )
    name = f"odd:notices:{study}"
    raise_task(ledger, name, TaskKind.ODD_RECORD, subject=study, text=text, study=study)


def warnings_of(odd: Sequence[OddRecord]) -> tuple[str, ...]:
    """Name the records that a search set aside, for its run."""
    named = [f"set aside: {shown_key(each)}: {storable(each.reason)}" for each in odd[:SHOWN]]
    more = len(odd) - SHOWN
    return (
        (*named, f"set aside: {counted(more, 'more record')}, see the tasks")
        if more > 0
        else tuple(named)
    )


def shown_key(odd: OddRecord | Record) -> str:
    """Return a record's name as it can be stored and shown, however odd it is."""
    name = storable(odd.key)
    return name if len(name) <= LONGEST_ID else f"{name[:_SHOWN_SIGNS]}…({len(name)} signs)"


def _is_plain(record: Record) -> bool:
    """Whether all texts of a record, put together, are so short and plain that none is odd."""
    lines, own, abstract = _lines(record), record.ids, record.abstract or ""
    if lines is None:
        return False
    ids = [record.source_id, own.pmid or "", own.pmcid or "", own.doi or "", *own.register]
    each = ("".join(ids), "".join(lines), abstract)
    whole = "".join(each)
    within = all(map(le, map(len, each), (LONGEST_ID, LONGEST_LINE, LONGEST_ABSTRACT)))
    return within and whole.isascii() and "\0" not in whole


def _lines(record: Record) -> list[str] | None:
    """Return the texts beside ids and abstract; None where each of them has to be looked at."""
    lines: list[str] = []
    for value in _REST(record):
        if isinstance(value, str):
            lines.append(value)
        elif isinstance(value, tuple) and (not value or isinstance(value[0], str)):
            lines += value
        elif value is not None and not isinstance(value, int):
            return None  # an entry, notices
    return lines


def _fault(name: str, text: str) -> str | None:
    if len(text) <= LONGEST_ID and text.isascii() and "\0" not in text:
        return None  # nearly every text
    limit = _limit(name)
    if len(text) > limit:
        return f"{name}: found {len(text)} signs ({_start(text)}), expected at most {limit}"
    if storable(text) != text:
        return f"{name}: found NUL or half a sign in {_start(storable(text))}, expected text"
    return None


def _limit(name: str) -> int:
    if name.startswith(_IDS):
        return LONGEST_ID
    return LONGEST_ABSTRACT if name == "abstract" else LONGEST_LINE


def _start(text: str) -> str:
    return f"'{text[:_SHOWN_SIGNS]}…'" if len(text) > _SHOWN_SIGNS else f"'{text}'"


def _texts(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a record with the name of its field."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each, name)
    elif is_dataclass(value):
        for each in _fields_of(value.__class__):
            within = getattr(value, each)
            if within is not None:
                yield from _texts(within, f"{name}.{each}" if name else each)


@cache
def _fields_of(of: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(of))
