"""The log as the harness reads it: kinds and fields, nothing of how the product derives from them.

The team at each instant is kept beside it, by the harness's own rule of deputies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from state.facts import Fact, Stored
from tests.histories.people import Team, changed

PROPOSED = ("move_proposed", "merge_proposed", "link_proposed")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the log. team: as it was just before."""

    seq: int
    at: str
    actor: str
    kind: str
    subject: str
    data: Mapping[str, Any]
    team: Team


@dataclass(frozen=True, slots=True)
class Chronicle:
    """All that happened, in order, and the team as it is now."""

    entries: tuple[Entry, ...]
    team: Team

    @classmethod
    def of(cls, log: Iterable[Stored[Fact]]) -> Chronicle:
        """Read a log."""
        team: Team = {}
        entries = []
        for each in log:
            data = each.fact.model_dump(mode="json")
            entries.append(
                Entry(each.seq, each.at, each.actor, each.kind, each.subject, data, team)
            )
            team = changed(team, each.kind, data)
        return cls(tuple(entries), team)

    def open_proposals(self) -> tuple[Entry, ...]:
        """Return what one person proposed and nobody ended."""
        ended = {each.subject for each in self.of_kind("proposal_ended")}
        return tuple(each for each in self.of_kind(*PROPOSED) if each.subject not in ended)

    def of_kind(self, *kinds: str) -> Iterator[Entry]:
        """Yield what is of these kinds."""
        return (each for each in self.entries if each.kind in kinds)
