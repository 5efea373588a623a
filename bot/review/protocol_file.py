"""The text of protocol.toml to a checked protocol, or every fault of it at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from bot.errors import ProtocolFaults
from bot.review.faults import Wrong
from bot.review.field_types import is_id
from bot.review.protocol import Known, ReviewProtocol
from bot.review.toml_page import TomlPage
from state.facts.words import RoleId

FILE = "protocol.toml"
# What a person calls the parts of the file.
PARTS = {
    "review": "the review",
    "criteria": "criterion",
    "roles": "role",
    "sources": "source",
    "arms": "arm",
    "outcomes": "outcome",
    "comparisons": "comparison",
    "covariates": "covariate",
    "analyses": "analysis",
    "signal_rules": "signal rule",
    "open_decisions": "open decision",
    "living": "the living mode",
    "amendments": "amendment",
}


@lru_cache(maxsize=8)  # a text is read at every start and look, and rarely changes
def parse_protocol(text: str) -> ReviewProtocol:
    """Read and check a whole protocol file; raise ProtocolFaults naming everything wrong in it."""
    page = TomlPage(FILE, text, PARTS)
    if page.faults:
        raise ProtocolFaults(page.faults)
    protocol = page.read(ReviewProtocol, Known(_ids(page)))
    page.note(_amiss(page))
    if page.faults or protocol is None:
        raise ProtocolFaults(page.faults)
    return protocol


def _ids(page: TomlPage) -> dict[str, list[str]]:
    """Return what can be the ids of each section, in the order of the file."""
    return {
        section: [each["id"].strip() for each in page.tables(section) if is_id(each.get("id"))]
        for section in PARTS
    }


def _amiss(page: TomlPage) -> Iterator[Wrong]:
    """Say what is wrong between tables of one section."""
    for section in PARTS:
        yield from page.given_twice(section)
    roles = [each.get("id") for each in page.tables("roles")]
    for role in RoleId:
        if roles and role not in roles:
            yield page.wrong(("roles",), f"no role '{role}'", "every role once")
    yield from _amended(page)


def _amended(page: TomlPage) -> Iterator[Wrong]:
    """The newest amendment is the one that made the version in force."""
    versions = [each.get("version") for each in page.tables("amendments")]
    for place, each in enumerate(versions):
        if each is not None and each in versions[:place]:
            path = ("amendments", place, "version")
            yield page.wrong(path, f"version '{each}' a second time", "each once")
    review = page.data.get("review")
    now = review.get("version") if isinstance(review, Mapping) else None
    if versions and now and versions[-1] and versions[-1] != now:
        path = ("amendments", len(versions) - 1, "version")
        yield page.wrong(path, f"version '{versions[-1]}'", f"'{now}', the version in [review]")
