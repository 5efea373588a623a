"""The kinds of value that the files of a review hold, each checked in one way. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic import StringConstraints as Constraints

from bot.review.faults import shown, wrong
from bot.review.wanted import Wants

# A key that the model does not know is a fault: a misspelt one would be ignored in silence.
CLOSED = ConfigDict(
    defer_build=True, frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True
)

ID_WORDS = "letters, digits, '.', '_' or '-', the first a letter or digit"
DAY_WORDS = "a date such as 2026-11-25"
TEXTS_WORDS = "a list of different texts"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_id(found: object) -> bool:
    """Say whether a value can be an id."""
    return isinstance(found, str) and _ID.fullmatch(found.strip()) is not None


def _id(found: str) -> str:
    if not is_id(found):
        raise wrong(shown(found), ID_WORDS)
    return found


def _day(found: object) -> str:
    """A day is written plainly, as TOML knows dates, or as a text."""
    if isinstance(found, date) and not isinstance(found, datetime):
        return found.isoformat()
    if isinstance(found, str) and _DAY.fullmatch(found) and _is_day(found):
        return found
    raise wrong(shown(found), DAY_WORDS)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def different(found: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list that says the same twice."""
    if len(set(found)) != len(found):
        raise wrong(shown(list(found)), TEXTS_WORDS)
    return found


Text = Annotated[str, Constraints(strip_whitespace=True, min_length=1, strict=True)]
MayBeEmpty = Annotated[str, Constraints(strip_whitespace=True, strict=True)]
Id = Annotated[Text, AfterValidator(_id)]
Day = Annotated[str, BeforeValidator(_day), Wants(DAY_WORDS)]
Flag = StrictBool
Count = Annotated[int, Field(strict=True, ge=1)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False), Wants("a finite number")]
Texts = Annotated[tuple[Text, ...], AfterValidator(different)]
