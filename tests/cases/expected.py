"""What a case says is right, held against what the import made of its file.

Of a file: `records` (in the file), `kept` (stored), `refused` (true, or words of the refusal),
`origin`, `dialect`, `new` (candidates), `warnings` (how many at most), `says` (words that a warning
has), `names` (fields that a warning names), `quiet` (no warning at all). Of a record, under
`first`, `second`, … or a number: any field of a record, of its ids or of its register entry, with
`_begins` and `_has` for parts of a text; `corrections` as [kind, direction, PMID]. `notes` are for
people.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from extraction.model import Record

PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
STRANGER = "the file looks like one of"
Expected = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case came out: what is wrong of it, and what was said."""

    case: str
    wrong: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    refused: str | None = None

    def lines(self) -> list[str]:
        """Say it in lines."""
        said = [f"  refused: {self.refused}"] if self.refused else []
        said += [f"  warning: {each}" for each in self.warnings]
        faults = [f"  wrong: {each}" for each in self.wrong]
        return [f"{'wrong' if self.wrong else 'right'}  {self.case}", *faults, *said]


@dataclass(frozen=True, slots=True)
class Given:
    """What an import came to: its records in the order of the file, or why it was refused."""

    records: tuple[Record, ...] = ()
    held: int = 0
    new: int = 0
    origin: str | None = None
    dialect: str | None = None
    warnings: tuple[str, ...] = ()
    refused: str | None = None
    unaccounted: int = 0  # records of the file that are neither stored, set aside nor said


def wrong_in(expected: Expected, found: Given) -> Iterator[str]:
    """Say what is not as it should be."""
    if expected.get("refused"):
        yield from _wrong_refusal(expected["refused"], found)
        return
    if found.refused is not None:
        yield f"refused: {found.refused}"
        return
    if found.unaccounted:
        yield f"{found.unaccounted} record(s) of the file are not accounted for"
    for name, value in expected.items():
        yield from _wrong(name, value, found)


def _wrong_refusal(expected: object, found: Given) -> Iterator[str]:
    if found.refused is None:
        yield f"read as {found.dialect}, expected it to be refused"
        return
    for words in [expected] if isinstance(expected, str) else []:
        if words.casefold() not in found.refused.casefold():
            yield f"the refusal has no '{words}'"


def _wrong(name: str, value: Any, found: Given) -> Iterator[str]:
    if name in ("notes", "refused"):
        return
    if name in _OF_FILE:
        yield from _OF_FILE[name](value, found)
        return
    place = _place(name)
    if place is None:
        yield f"the case asks for '{name}', which is nothing that a case can ask for"
    elif not -len(found.records) <= place < len(found.records):
        yield f"no {name} record, of {len(found.records)}"
    else:
        record = found.records[place]
        for field, wanted in value.items():
            yield from (f"{name} record: {each}" for each in wrong_field(record, field, wanted))


def _place(name: str) -> int | None:
    if name in PLACES:
        return PLACES.index(name)
    if name == "last":
        return -1
    return int(name) - 1 if name.isdecimal() and int(name) else None


def _equal(what: str, seen: object, wanted: object) -> Iterator[str]:
    if seen != wanted:
        yield f"{what} {seen!r}, expected {wanted!r}"


def _said(words: Any, found: Given) -> Iterator[str]:
    for each in [words] if isinstance(words, str) else words:
        if not any(each.casefold() in said.casefold() for said in found.warnings):
            yield f"no warning has '{each}'"


def _named(names: Sequence[str], found: Given) -> Iterator[str]:
    for each in names:
        if not any(f"'{each}'" in said for said in found.warnings):
            yield f"no warning names '{each}'"


def _few(most: int, found: Given) -> Iterator[str]:
    """All cases are given as a search of one source: that it is another's is said of many."""
    said = [each for each in found.warnings if not each.startswith(STRANGER)]
    if len(said) > most:
        yield f"{len(said)} warnings, expected {most} at most"


_OF_FILE: dict[str, Callable[[Any, Given], Iterator[str]]] = {
    "records": lambda value, found: _equal("records", found.held, value),
    "kept": lambda value, found: _equal("kept", len(found.records), value),
    "new": lambda value, found: _equal("new", found.new, value),
    "origin": lambda value, found: _equal("origin", found.origin, value),
    "dialect": lambda value, found: _equal("dialect", found.dialect, value),
    "warnings": _few,
    "quiet": lambda value, found: _few(0 if value else len(found.warnings), found),
    "says": _said,
    "names": _named,
}


def wrong_field(record: Record, field: str, wanted: object) -> Iterator[str]:
    """Hold one field of a record against what it should be."""
    values = fields_of(record)
    for ending, fits in (("_begins", str.startswith), ("_has", str.__contains__)):
        if field.endswith(ending):
            name = field.removesuffix(ending)
            seen = values.get(name)
            if not isinstance(seen, str) or not fits(seen, str(wanted)):
                yield f"{name} {seen!r}, expected it to {ending[1:-1]} {wanted!r}"
            return
    if field not in values:
        yield f"the case asks for '{field}', which no record has"
    else:
        yield from _equal(field, values[field], wanted)


def fields_of(record: Record) -> dict[str, Any]:
    """Return the fields of a record, of its ids and of its register entry, as JSON values."""
    written: dict[str, Any] = json.loads(json.dumps(asdict(record)))
    ids, entry = written.pop("ids"), written.pop("entry") or {}
    written["corrections"] = [
        [each["kind"], each["direction"], each["pmid"]] for each in written["corrections"]
    ]
    written["is_entry"] = bool(entry)
    return {**_no_entry(), **entry, **ids, **written}


def _no_entry() -> dict[str, None]:
    names = ("overall_status", "start_on", "primary_completion_on", "completion_on", "allocation")
    more = ("results_posted_on", "last_update_on", "enrolment", "intervention_model")
    return dict.fromkeys([*names, *more, "conditions", "interventions", "arms", "has_results"])
