"""An act: what a person says, as one value.

The page's form, the JSON of a file and the argument of `perform` are this one model; the fact that
it becomes carries its values under the same names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationError,
    model_validator,
)

from bot.app import App
from bot.errors import FaultAt, FaultsOfAct
from bot.review.faults import Path, Written, shown, wrong, wrong_in
from state.events import Actor, Ledger

Outcome = TypeVar("Outcome")
Said = TypeVar("Said", bound="Act[Any]")


def _a_day(text: str) -> str:
    """Refuse what is no day, and a day in another form: days are compared as they are written."""
    try:
        as_written = date.fromisoformat(text).isoformat() == text
    except ValueError:
        as_written = False
    if not as_written:
        raise wrong(shown(text), "a date such as 2027-01-31")
    return text


def _unkeepable(said: object, at: Path = ()) -> Iterator[tuple[str, Path]]:
    """Yield the texts, with their places, that no file or other database takes as they are."""
    if isinstance(said, Mapping):
        for key, value in said.items():
            yield from _unkeepable(key, at)
            yield from _unkeepable(value, (*at, key))
    elif isinstance(said, list | tuple):
        for place, value in enumerate(said):
            yield from _unkeepable(value, (*at, place))
    elif isinstance(said, str) and _UNKEEPABLE.search(said):
        yield said, at


_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")  # a NUL, half a sign

Name = Annotated[str, StringConstraints(min_length=1)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Day = Annotated[str, AfterValidator(_a_day)]
Count = Annotated[int, Strict(), Field(ge=0)]
Number = Annotated[float, Strict(), AllowInfNan(False)]


class Act(BaseModel, Generic[Outcome]):
    """The root of all acts; `Outcome` is what performing it gives back."""

    model_config = ConfigDict(
        defer_build=True, frozen=True, extra="forbid", arbitrary_types_allowed=True
    )

    @model_validator(mode="before")
    @classmethod
    def _can_be_kept(cls, said: object) -> object:
        for text, at in _unkeepable(said):
            raise wrong(ascii(text)[:60], "a text without NUL and half signs", *at)
        return said


@dataclass(frozen=True, slots=True)
class Saying:
    """One act being performed: in which program, in which transaction, by whom."""

    app: App
    ledger: Ledger
    actor: Actor

    @property
    def person(self) -> str:
        """The id of the person who says it."""
        return self.actor.name


def read_act(kind: type[Said], data: Mapping[str, Any], *, entry: int | None = None) -> Said:
    """Read an act from what was typed or sent; raise FaultsOfAct that names all that is wrong.

    entry: the act's place in a list of several, counted from one.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        at = "" if entry is None else f"entry {entry}, "
        found = wrong_in(error, Written(model=kind, data=data))
        raise FaultsOfAct([FaultAt(each.path, f"{at}{each}") for each in found]) from error
