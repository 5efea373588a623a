"""What every fact is: a frozen value with a kind, a version, a subject and words of its own.

A type of fact is written down once, in a class statement, and is known from then on: the kind
stands in the log, so it is never given to another type and never changed. A field that is renamed,
added or dropped makes a new version, with an upcaster that turns the older JSON into the newer
(`state.facts.reading`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import SchemaSerializer

from state.codec import canonical
from state.ordered_json import fields_writer


class Fact(BaseModel):
    """What someone did or said, or what a source answered.

    event_kind: its name in the log; event_version: the version of its fields; sealable: whether
    it is withheld until a second person has decided (`state.sealing` says until when).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    event_kind: ClassVar[str]
    event_version: ClassVar[int]
    sealable: ClassVar[bool]
    about_field: ClassVar[str]

    def __init_subclass__(
        cls, *, kind: str, about: str, version: int = 1, sealable: bool = False, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if kind in _TYPES:
            raise TypeError(f"two types of fact claim the kind '{kind}'")
        cls.event_kind, cls.event_version = kind, version
        cls.about_field, cls.sealable = about, sealable
        _TYPES[kind] = cls

    @property
    def about(self) -> str:
        """The event's subject: what the fact is about."""
        return str(attrgetter(self.about_field)(self))

    def sentence(self) -> str:
        """Say what happened, as it goes on after the name of who did it."""
        raise NotImplementedError

    def canonical_text(self) -> str:
        """Write the fact as the log keeps it: canonical JSON."""
        text = self.plain_text()
        return canonical(self.model_dump(mode="json")) if text is None else text

    def plain_text(self) -> str | None:
        """Write a fact that holds no more than texts, whole numbers and values of them; else None.

        What is read back of that text is written just so again.
        """
        writer = _writer(type(self))
        if writer is None:
            return None
        held = self.__dict__
        return writer.to_json({name: held[name] for name in _in_order(type(self))}).decode()

    def make_ready(self) -> None:
        """Work out what its projections will ask of it: the log is not held yet."""


@cache
def _writer(of: type[Fact]) -> SchemaSerializer | None:
    of.model_rebuild()
    return fields_writer(of.__pydantic_core_schema__)


@cache
def _in_order(of: type[Fact]) -> tuple[str, ...]:
    return tuple(sorted(of.model_fields))


_TYPES: dict[str, type[Fact]] = {}
TYPES: Mapping[str, type[Fact]] = MappingProxyType(_TYPES)

F_co = TypeVar("F_co", bound=Fact, covariant=True)


@dataclass(frozen=True, slots=True)
class Stored(Generic[F_co]):
    """One row of the log: the fact as it reads today, and the row around it."""

    seq: int
    at: str
    actor: str
    authenticated: bool
    fact: F_co
    nonce: str
    prev_hash: str
    hash: str

    @property
    def kind(self) -> str:
        """The kind of event."""
        return self.fact.event_kind

    @property
    def subject(self) -> str:
        """What the event is about."""
        return self.fact.about
