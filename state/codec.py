"""Values to JSON and back: canonical text, instants, and values of a type."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

from state.late import late

if TYPE_CHECKING:  # every error knows this module: the list of commands must not load so much
    from pydantic import TypeAdapter
    from pydantic_core import SchemaSerializer

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
    """Write a value (a record, a study, a search run, …) as JSON values.

    A field that its class got later (metadata `later`) is left out while it holds its default: what
    older programs wrote of the same value reads the same.
    """
    written = _adapter(type(value)).dump_python(value, mode="json")
    of: Any = type(value)
    return _as_before(value, written) if _has_later(of) else written


def _as_before(value: Any, written: Any) -> Any:
    """Take the later fields that hold their defaults out of what was written of a value."""
    if isinstance(value, tuple):
        for each in zip(value, written, strict=True):
            _as_before(*each)
    elif is_dataclass(value):
        of: Any = type(value)
        for name in _holding_later(of):
            _as_before(getattr(value, name), written[name])
        for name, default in _later(of):
            if getattr(value, name) == default:
                del written[name]
    return written


@lru_cache(maxsize=256)
def _later(of: Any) -> tuple[tuple[str, object], ...]:
    return tuple((each.name, each.default) for each in fields(of) if each.metadata.get("later"))


@lru_cache(maxsize=256)
def _holding_later(of: Any) -> tuple[str, ...]:
    """Name the fields whose own values may hold later fields."""
    return tuple(name for name, held in get_type_hints(of).items() if _has_later(held))


@lru_cache(maxsize=256)
def _has_later(of: Any) -> bool:
    """Tell whether a class, or one that it holds, got fields later: most do not."""
    if not is_dataclass(of):
        return any(_has_later(each) for each in get_args(of))
    if any(each.metadata.get("later") for each in fields(of)):
        return True
    return any(_has_later(each) for each in get_type_hints(of).values())


def text_of(value: object) -> str:
    """Write a value as canonical JSON, as the tables keep it."""
    of: Any = type(value)
    writer = _writer(of)
    return canonical(dumped(value)) if writer is None else writer.to_json(value).decode()


@lru_cache(maxsize=256)
def _writer(of: Any) -> SchemaSerializer | None:
    """Return what writes a type's values at once; None where that takes more than one step."""
    if _has_later(of):
        return None
    schema = _adapter(of).core_schema
    found: SchemaSerializer | None = late("state.ordered_json:value_writer")(schema)
    return found


def loaded(of: type[T], text: str) -> T:
    """Read a value of a type back from its JSON."""
    found: T = _adapter(of).validate_json(text, strict=True)
    return found


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(of: Any) -> TypeAdapter[Any]:
    """Return the one adapter of a type: making one costs more than a thousand readings."""
    if of not in _ADAPTERS:
        _ADAPTERS[of] = late("pydantic:TypeAdapter")(of)
    return _ADAPTERS[of]
