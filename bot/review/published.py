"""published.toml: the published review that this one goes on from, where there is one. Pure."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ValidationInfo, field_validator

from bot.errors import ProtocolFaults
from bot.review.faults import wrong
from bot.review.field_types import CLOSED, Day, Text
from bot.review.protocol import Doi, ReviewProtocol
from bot.review.protocol_file import FILE as PROTOCOL
from bot.review.toml_page import TomlPage

PUBLISHED = "published.toml"
PARTS = {"published": "the published review"}

_NUMBER = re.compile(r"\d{1,4}\.\d{1,4}")


def _number(found: str) -> str:
    if not _NUMBER.fullmatch(found):
        raise wrong(f"'{found}'", 'a number of two parts, such as "3.0"')
    return found


class PublishedReview(BaseModel):
    """What the world knows of the published review: facts that no day of ours replaces.

    number: what its version is called here; the first version of this review bears it.
    searched_on: the day of its last search.
    """

    model_config = CLOSED

    number: Annotated[Text, AfterValidator(_number)]
    doi: Doi
    published_on: Day
    searched_on: Day

    @field_validator("doi")
    @classmethod
    def _as_the_protocol(cls, found: str, info: ValidationInfo) -> str:
        protocol = info.context
        named = protocol.living.preceding_doi if isinstance(protocol, ReviewProtocol) else None
        if named is not None and named != found:
            raise wrong(f"'{found}'", f"'{named}', the preceding_doi of {PROTOCOL}")
        return found

    @field_validator("searched_on")
    @classmethod
    def _before_it_appeared(cls, found: str, info: ValidationInfo) -> str:
        published_on = info.data.get("published_on")
        if published_on is not None and found > published_on:
            raise wrong(f"'{found}'", f"a day up to {published_on}, when the review was published")
        return found


class PublishedFile(BaseModel):
    """The whole of published.toml."""

    model_config = CLOSED

    published: PublishedReview


def parse_published(text: str, protocol: ReviewProtocol) -> PublishedReview:
    """Read published.toml; raise ProtocolFaults naming everything wrong in it."""
    page = TomlPage(PUBLISHED, text, PARTS)
    read = page.read(PublishedFile, protocol) if not page.faults else None
    if page.faults or read is None:
        raise ProtocolFaults(page.faults)
    return read.published
