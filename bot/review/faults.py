"""What is wrong with what people wrote, in sentences: the thing, what was found and expected. Pure.

A model of pydantic says that a value is wrong; here it is said so that a person can mend it, all of
it in one go. The same words serve a file with lines (`Fault`) and a value without (`Wrong`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from bot.review.wanted import Form, known_keys, step, wanted

Path = tuple[str | int, ...]

_OWN = "wrong"  # the type of the errors that our own validators raise
_LONGEST = 60  # signs of a value that are repeated: enough to find it, too few to fill a screen


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong in a value: its path, its name, what was found and expected."""

    path: Path
    place: str
    found: str
    expected: str

    def __str__(self) -> str:
        said = f"found {self.found}, expected {self.expected}"
        return f"{self.place}: {said}" if self.place else said


@dataclass(frozen=True, slots=True)
class Written:
    """What was checked, and how a person calls its parts.

    data: what was given to the model, as it was written. name: what the whole is called, or "".
    parts: what a part is called by its key, as {"analyses": "analysis", "review": "the review"}; a
    part that is not listed is called as its key. hidden: keys whose value is never repeated.
    """

    model: type[BaseModel]
    data: object
    name: str = ""
    parts: Mapping[str, str] | None = None
    form: Form = Form.JSON
    hidden: frozenset[str] = frozenset()


def wrong(found: str, expected: str, *at: str | int) -> PydanticCustomError:
    """Return the error that a validator of ours raises; `at` leads on from the value it checked."""
    template = "found {found}, expected {expected}"
    return PydanticCustomError(_OWN, template, {"found": found, "expected": expected, "at": at})


def faults_in_words(error: ValidationError, where: Written) -> tuple[str, ...]:
    """Say everything that is wrong with a value, a sentence a fault, in the order of the value."""
    return tuple(str(each) for each in wrong_in(error, where))


def wrong_in(error: ValidationError, where: Written) -> tuple[Wrong, ...]:
    """Return everything that is wrong with a value, each once."""
    errors = error.errors(include_url=False)
    found = [_wrong(each, where) for each in errors if not _only_short_of_faulty(each)]
    return tuple({(each.path, each.found): each for each in found}.values())


def _only_short_of_faulty(error: ErrorDetails) -> bool:
    """Pydantic also calls a list too short when the items it lacks are there, but at fault."""
    given = error["input"]
    if error["type"] != "too_short" or not isinstance(given, list | tuple):
        return False
    return len(given) >= int(error["ctx"]["min_length"])


def _wrong(error: ErrorDetails, where: Written) -> Wrong:
    path = _path(error, where)
    match error["type"]:
        case "missing":
            wants = wanted(where.model, path, where.form)
            return Wrong(path[:-1], named(path[:-1], where), f"no '{path[-1]}'", wants)
        case "extra_forbidden":
            known = ", ".join(sorted(known_keys(where.model, path[:-1])))
            found = f"unknown key '{path[-1]}'"
            return Wrong(path, named(path[:-1], where), found, f"one of {known}")
    found, expected = _said(error, path, where)
    return Wrong(path, named(path, where), found, expected)


def _said(error: ErrorDetails, path: Path, where: Written) -> tuple[str, str]:
    """Say what was found in a place and what was expected."""
    if error["type"] == _OWN:
        return _own(error)
    shown_as = "something else" if path and path[-1] in where.hidden else shown(error["input"])
    match error["type"]:
        case "too_short" if not error["input"]:
            return "an empty list", wanted(where.model, path, where.form)
        case "too_short":
            return shown_as, f"a list of at least {error['ctx']['min_length']}"
        case "too_long":
            return shown_as, f"a list of at most {error['ctx']['max_length']}"
        case "model_type":
            return shown_as, "an object"
        case "finite_number":
            return shown_as, "a finite number"
        case "value_error":
            return shown_as, str(error["ctx"]["error"])
    told = error["msg"].removeprefix("Input should be ")
    return shown_as, wanted(where.model, path, where.form) or told


def _own(error: ErrorDetails) -> tuple[str, str]:
    context = error["ctx"]
    return str(context["found"]), str(context["expected"])


def _path(error: ErrorDetails, where: Written) -> Path:
    """Return the path of an error in what was written: pydantic also names members of unions."""
    context = error.get("ctx", {})
    at: Path = context["at"] if error["type"] == _OWN else ()
    path: Path = ()
    for each in (*error["loc"], *at):
        if step(where.model, path, each) or _leads(where.data, path, each):
            path = (*path, each)
    return path


def _leads(data: object, path: Path, key: str | int) -> bool:
    around = _inside(data, path)
    if isinstance(around, Mapping):
        return key in around
    return isinstance(key, int) and isinstance(around, list | tuple) and key < len(around)


def named(path: Path, where: Written) -> str:
    """Name a place as a person calls it: "analysis '1', arm_1", and the whole by its own name."""
    parts = list(_named(path, where))
    if path and parts == [str(path[-1])] and where.name:
        return f"{where.name}, {parts[0]}"
    return ", ".join(parts) or where.name


def _named(path: Path, where: Written) -> Iterator[str]:
    names = where.parts or {}
    for place, key in enumerate(path):
        inside = path[: place + 1]
        if isinstance(key, int):
            yield _numbered(names.get(str(path[place - 1]), str(path[place - 1])), where, inside)
        elif isinstance(_inside(where.data, inside), Mapping):
            yield names.get(key, key)
        elif inside == path:
            yield key


def _numbered(name: str, where: Written, path: Path) -> str:
    """Name one item of a list: by its id where it has one, else by its place counted from one."""
    item = _inside(where.data, path)
    own = item.get("id") if isinstance(item, Mapping) else None
    return f"{name} '{own}'" if own is not None else f"{name} {int(path[-1]) + 1}"


def _inside(data: object, path: Path) -> object:
    for key in path:
        if isinstance(data, Mapping):
            data = data.get(key)
        elif isinstance(data, list | tuple) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data


def shown(found: Any) -> str:
    """Show a value as it was written, not all of it where it is long."""
    if found is None:
        return "nothing"
    if isinstance(found, bool):
        return "true" if found else "false"
    text = f"'{found}'" if isinstance(found, str) else str(found)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
