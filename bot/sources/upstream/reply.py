"""What a request brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Payload:
    """A body as it came, known by its content."""

    sha256: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply(Generic[T_co]):
    """What a request brought: the payload, the value read from it, headers by lower-case name."""

    value: T_co
    payload: Payload
    headers: Mapping[str, str]
