"""Values to JSON and back: canonical text, instants, and values of a type."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

# The one place where the shape of JSON is open.
Json = dict[str, Any]
T = TypeVar("T")

_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def canonical(value: object) -> str:
    """Write JSON so that equal values give equal text (NaN and infinity are refused)."""
    return _CANONICAL.encode(value)


def instant(at: datetime) -> str:
    """Write an aware instant as the database keeps it: UTC, microseconds, sortable."""
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {at!r}")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """Read an instant back."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def storable(text: str) -> str:
    """Write out the signs that no database or file of text holds: lone surrogates and NUL."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def dumped(value: object) -> Any:
    """Write a value (a record, a study, a search run, …) as JSON values."""
    return _adapter(type(value)).dump_python(value, mode="json")


def text_of(value: object) -> str:
    """Write a value as canonical JSON, as the tables keep it."""
    return canonical(dumped(value))


def loaded(of: type[T], text: str) -> T:
    """Read a value of a type back from its JSON."""
    found: T = _adapter(of).validate_json(text, strict=True)
    return found


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(of: Any) -> TypeAdapter[Any]:
    """Return the one adapter of a type: making one costs more than a thousand readings."""
    if of not in _ADAPTERS:
        _ADAPTERS[of] = TypeAdapter(of)
    return _ADAPTERS[of]
