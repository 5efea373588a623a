"""What a model wants in a place, in the words of the file that people write. Pure."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Path = tuple[str | int, ...]

_NONE = type(None)


@dataclass(frozen=True, slots=True)
class Wants:
    """Says in an annotation what is wanted, where the type alone does not say it."""

    words: str


class Form(StrEnum):
    """How the values were written, which decides what a table and a list are called."""

    TOML = "toml"
    JSON = "json"


def is_one_of(allowed: Iterable[str]) -> str:
    """Say that a value must be one of these."""
    return f"one of {', '.join(allowed) or '(none is defined)'}"


def known_keys(model: type[BaseModel], path: Path) -> Collection[str]:
    """Return the keys that the table at a path may have."""
    return {name for each in _models(_annotations(model, path)) for name in _fields(each)}


def step(model: type[BaseModel], path: Path, key: str | int) -> bool:
    """Say whether a key leads on from a path of the model."""
    return bool(_annotations(model, (*path, key)))


def wanted(model: type[BaseModel], path: Path, form: Form) -> str:
    """Say what the model wants at a path; "" where it cannot be said."""
    found = _field(model, path)
    if found is None or not path:
        return ""
    members = [each for each in _members(found.annotation, found.metadata) if each[0] is not _NONE]
    words = (_words(each, metadata, str(path[-1]), form) for each, metadata in members)
    return " or ".join(dict.fromkeys(each for each in words if each))


def _field(model: type[BaseModel], path: Path) -> FieldInfo | None:
    """Return the field at a path; an item of a list is a field of its own."""
    if not path:
        return None
    key = path[-1]
    around = list(_annotations(model, path[:-1]))
    if isinstance(key, str):
        return next((_fields(each)[key] for each in _models(around) if key in _fields(each)), None)
    items = [item for each in around for item in _items(each)]
    return FieldInfo.from_annotation(items[0]) if items else None


@lru_cache(maxsize=256)
def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model by the keys that people write."""
    fields = model.model_fields.items()
    return {str(each.validation_alias or each.alias or name): each for name, each in fields}


def _annotations(model: type[BaseModel], path: Path) -> list[Any]:
    found: list[Any] = [model]
    for key in path:
        if isinstance(key, str):
            known = [_fields(each) for each in _models(found)]
            found = [each[key].annotation for each in known if key in each]
        else:
            found = [item for each in found for item in _items(each)]
        found = [plain for each in found for plain in _plain(each)]
    return found


def _plain(annotation: Any) -> Iterator[Any]:
    """Give the types an annotation stands for, members of a union each on its own."""
    for each, _ in _members(annotation, []):
        yield each


def _members(annotation: Any, metadata: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Give the types an annotation stands for, each with what is annotated of it."""
    if hasattr(annotation, "__value__"):  # an alias made with `type`
        annotation = annotation.__value__
    if hasattr(annotation, "__metadata__"):
        own = [*metadata, *_conditions(annotation.__metadata__)]
        yield from _members(get_args(annotation)[0], own)
    elif get_origin(annotation) in (Union, types.UnionType):
        for each in get_args(annotation):
            yield from _members(each, metadata)
    else:
        yield annotation, metadata


def _conditions(metadata: Iterable[Any]) -> Iterator[Any]:
    """Give what is annotated of a type; a `Field` holds its conditions inside."""
    for each in metadata:
        if isinstance(each, FieldInfo):
            yield from each.metadata
        else:
            yield each


def _models(annotations: Iterable[Any]) -> Iterator[type[BaseModel]]:
    for each in annotations:
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield each


def _items(annotation: Any) -> list[Any]:
    if get_origin(annotation) in (list, tuple, set, frozenset):
        return [each for each in get_args(annotation) if each is not Ellipsis][:1]
    return []


def _words(kind: Any, metadata: list[Any], key: str, form: Form) -> str:
    for own in metadata:
        if isinstance(own, Wants):
            return own.words
    if get_origin(kind) is Literal:
        return is_one_of(str(each) for each in get_args(kind))
    if items := _items(kind):
        return _list_words(items[0], key, form)
    if not isinstance(kind, type):
        return ""
    if issubclass(kind, Enum):
        return is_one_of(str(each.value) for each in kind)
    if issubclass(kind, BaseModel):
        return f"a table [{key}]" if form is Form.TOML else "an object"
    return _plain_words(kind, metadata)


def _list_words(item: Any, key: str, form: Form) -> str:
    (plain, *_) = _plain(item)
    if any(_models([plain])):
        return f"at least one [[{key}]]" if form is Form.TOML else "a list of objects"
    return "a list of different texts" if form is Form.TOML else "a list"


def _plain_words(kind: type, metadata: list[Any]) -> str:
    if issubclass(kind, str):
        return "a text that is not empty" if _min_length(metadata) else "a text"
    if issubclass(kind, bool):
        return "true or false"
    if issubclass(kind, int):
        return "a whole number" + _bound(metadata)
    if issubclass(kind, float):
        return "a number" + _bound(metadata)
    if issubclass(kind, date) and not issubclass(kind, datetime):
        return "a date such as 2026-11-25"
    return ""


def _min_length(metadata: list[Any]) -> bool:
    return any(getattr(each, "min_length", None) is not None for each in metadata)


def _bound(metadata: list[Any]) -> str:
    for each in metadata:
        if getattr(each, "ge", None) is not None:
            return f" of {each.ge} or more"
        if getattr(each, "gt", None) is not None:
            return f" above {each.gt}"
    return ""
