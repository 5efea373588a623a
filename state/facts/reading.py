"""From a row of the log to a typed fact: older versions are brought up to date, the rest refused.

An upcaster turns the JSON of one version into that of the next; a fact three versions old goes
through three. Nothing in the log is ever rewritten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from pydantic import ValidationError

from state.codec import Json
from state.errors import BadInput, BrokenFact, NewerFact, UnknownFact
from state.facts.fact import TYPES, Fact

Upcaster = Callable[[Json], Json]
F = TypeVar("F", bound=Fact)

_UPCASTERS: dict[tuple[str, int], Upcaster] = {}


def upcast(of: type[Fact], *, since: int) -> Callable[[Upcaster], Upcaster]:
    """Register what turns the JSON of version `since` into that of version `since` + 1."""

    def register(upcaster: Upcaster) -> Upcaster:
        _UPCASTERS[of.event_kind, since] = upcaster
        return upcaster

    return register


def missing_upcasters(types: Mapping[str, type[Fact]] = TYPES) -> Iterator[str]:
    """Name each older version that no upcaster brings up to date."""
    for kind, of in types.items():
        for version in range(1, of.event_version):
            if (kind, version) not in _UPCASTERS:
                yield f"{kind}: no upcaster from version {version} to {version + 1}"


def check_readable(seq: int, kind: str, version: int) -> type[Fact]:
    """Return the type of an event, or raise UnknownFact or NewerFact naming the event."""
    of = TYPES.get(kind)
    if of is None:
        raise UnknownFact(seq, kind)
    if version > of.event_version:
        raise NewerFact(seq, kind, version, of.event_version)
    if version < 1:
        raise BrokenFact(seq, kind, f"version: found {version}, expected 1 or more")
    return of


def read_fact(seq: int, kind: str, version: int, text: str) -> Fact:
    """Read an event's fact as its type is today; raise an UnreadableLog that names the event."""
    of = check_readable(seq, kind, version)
    if version < of.event_version:
        text = _brought_up_to_date(seq, of, version, text)
    try:
        return of.model_validate_json(text)
    except ValidationError as error:
        raise BrokenFact(seq, kind, _faults(error)) from error


def read_back(fact: F) -> tuple[F, str]:
    """Return the fact as it will be read back and its text; raise BadInput where it could not be.

    A number with a fraction may be written otherwise once it was read: that fact is written anew.
    """
    text = fact.plain_text()
    try:
        kept = type(fact).model_validate_json(fact.model_dump_json() if text is None else text)
    except ValidationError as error:
        raise BadInput(f"{fact.event_kind}: {_faults(error)}") from error
    return kept, kept.canonical_text() if text is None else text


def _brought_up_to_date(seq: int, of: type[Fact], version: int, text: str) -> str:
    try:
        data: Json = json.loads(text)
        for since in range(version, of.event_version):
            data = _UPCASTERS[of.event_kind, since](data)
    except (ValueError, KeyError, TypeError) as error:
        what = f"version {version} could not be brought up to date: {error!r}"
        raise BrokenFact(seq, of.event_kind, what) from error
    return json.dumps(data)


def _faults(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'the whole'}: {fault['msg']}"
        + (f", found {fault['input']!r}"[:120] if fault["type"] != "missing" else "")
        for fault in error.errors(include_url=False)
    )
