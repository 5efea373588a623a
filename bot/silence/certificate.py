"""The certificate of silence: what a round of all sources did, and what it may claim. Pure.

"Silent" is said only where every automatic source answered whole, re-found its known items, gave a
count that its history makes plausible, and nothing new came, by whatever way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from bot.results.format import counted
from bot.surveillance.lateness import Lateness, is_late
from bot.surveillance.plausibility import Bounds
from state.codec import Json, canonical
from state.facts.words import RunStatus

VERSION = 1


class RoundVerdict(StrEnum):
    """What the round came to."""

    SILENT = "silent"  # searched whole, nothing new
    NEW = "new"  # searched whole, and something is new
    INCOMPLETE = "incomplete"  # nothing may be concluded from it


@dataclass(frozen=True, slots=True)
class SourceLine:
    """What one automatic source did in the round; without a run it was not asked.

    candidates_new: what all its runs of the period queued. earlier_runs: how many believed counts
    of the same query there are; below three there are no bounds. guarded: whether a known item
    would show that it finds nothing any more.
    """

    source: str
    name: str
    query: str | None = None
    run: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    status: RunStatus | None = None
    found: int | None = None
    new: int | None = None
    candidates_new: int = 0
    pages: int | None = None
    known_items_found: tuple[str, ...] = ()
    known_items_missing: tuple[str, ...] = ()
    bounds: Bounds | None = None
    earlier_runs: int = 0
    plausible: bool | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None
    lateness: Lateness = Lateness.ON_TIME
    guarded: bool = True

    @property
    def fault(self) -> str | None:
        """Say why nothing may be concluded from it, or None."""
        if self.run is None or self.found is None:
            return f"{self.name} was not searched in this round"
        if self.status != RunStatus.OK:
            return f"{self.name} could not be searched: {self.error}"
        if self.known_items_missing:
            missing = ", ".join(self.known_items_missing)
            return f"{self.name} did not re-find {missing}"
        if not self.found and self.plausible is False and self.bounds is None:
            return f"{self.name} found nothing at all, and nobody has said that this can be"
        if self.bounds is not None and not self.bounds.hold(self.found):
            expected = f"{self.bounds.lower} to {self.bounds.upper}"
            return f"{self.name} found {self.found}, expected {expected} by its history"
        if is_late(self.lateness):
            day = _minute(self.finished_at or "")
            return f"{self.name} was searched {day} and not since, though its schedule asks for it"
        return None


@dataclass(frozen=True, slots=True)
class HandLine:
    """When a hand-run source was searched last and is due next, and what imports queued since."""

    source: str
    name: str
    last_searched: str | None
    due: str | None
    overdue: bool
    candidates_new: int = 0
    guarded: bool = True
    still_open: tuple[str, ...] = ()  # of several searches: which are not made


@dataclass(frozen=True, slots=True)
class News:
    """What else the period brought on known studies."""

    register_changes: int = 0  # register entries that changed
    notices: int = 0  # retractions, errata, concerns and the like, on known reports
    questions: int = 0  # tasks for a person, such as an entry that vanished

    @property
    def none(self) -> bool:
        """Whether there is no such news."""
        return not (self.register_changes or self.notices or self.questions)


@dataclass(frozen=True, slots=True)
class Key:
    """Who signs. changed_from: the id of the key before, where this is the first one by a new."""

    id: str
    public: str
    changed_from: str | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """The certificate before this one."""

    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Log:
    """Where the log stood: the number and the hash of its last event."""

    events: int
    head: str


@dataclass(frozen=True, slots=True)
class SearchRound:
    """Everything that a certificate says. since: when the last conclusive one was issued."""

    id: str
    review: str
    program: str
    protocol: str
    protocol_sha256: str
    since: str | None
    issued_at: str
    sources: tuple[SourceLine, ...]
    by_hand: tuple[HandLine, ...]
    news: News
    pending: dict[str, int]
    log: Log
    previous: Before | None
    next_by: str
    key: Key

    @property
    def faults(self) -> list[str]:
        """Say everything that keeps the round from proving anything."""
        if not self.sources:
            return ["the protocol names no source that is searched automatically"]
        return [fault for line in self.sources if (fault := line.fault) is not None]

    @property
    def queued(self) -> int:
        """How many candidates the period brought."""
        searched = sum(line.candidates_new for line in self.sources)
        return searched + sum(line.candidates_new for line in self.by_hand)

    @property
    def verdict(self) -> RoundVerdict:
        """Say what the round may claim."""
        if self.faults:
            return RoundVerdict.INCOMPLETE
        return RoundVerdict.SILENT if self.queued == 0 and self.news.none else RoundVerdict.NEW


def body(found: SearchRound) -> str:
    """Write a round as the canonical text that is signed."""
    whole: Json = asdict(found)
    whole["version"] = VERSION
    whole["verdict"] = found.verdict.value
    whole["reasons"] = found.faults
    return canonical(whole)


def digest(text: str) -> str:
    """Return the hash by which the next certificate names this one."""
    return hashlib.sha256(text.encode()).hexdigest()


def lines(found: Json) -> list[str]:
    """Say a certificate in words."""
    since = f" since {_minute(found['since'])}" if found["since"] else ""
    whole = "Every automatic source was searched whole"
    said = {
        RoundVerdict.SILENT: f"{whole}, and nothing new came{since}.",
        RoundVerdict.NEW: f"{whole}{since}; something new came.",
        RoundVerdict.INCOMPLETE: "Nothing may be concluded from this round:",
    }
    text = [said[RoundVerdict(found["verdict"])], *(f"  - {each}" for each in found["reasons"])]
    if overdue := overdue_by_hand(found):
        text.append(f"Not searched when due, by hand: {', '.join(overdue)}.")
    text.append("")
    text += [f"  - {_source_words(line)}" for line in found["sources"]]
    text += [f"  - {_hand_words(line)}" for line in found["by_hand"]]
    return [
        *text,
        "",
        f"Certificate {found['id']}, signed with key {found['key']['id']};",
        f"log: {found['log']['events']} events, head {found['log']['head']};",
        f"the next certificate is due by {_minute(found['next_by'])}.",
    ]


def overdue_by_hand(found: Json) -> list[str]:
    """Name the searches by hand that had been due and not made when a certificate was signed."""
    return [line["name"] for line in found["by_hand"] if line["overdue"]]


def _source_words(line: Json) -> str:
    if line["run"] is None:
        return f"{line['name']}: not searched"
    words = [f"{line['name']}: {_minute(line['finished_at'])}", counted(line["found"], "record")]
    if line["known_items_found"]:
        words.append(f"{counted(len(line['known_items_found']), 'known item')} re-found")
    if line["bounds"] is not None:
        words.append(f"{line['bounds']['lower']} to {line['bounds']['upper']} expected")
    else:
        words.append(f"too few earlier searches ({line['earlier_runs']}) to expect a count")
    return ", ".join([*words, *_unguarded(line)])


def _hand_words(line: Json) -> str:
    last = (line["last_searched"] or "never")[:10]
    late = f", overdue since {line['due'][:10]}" if line["overdue"] and line["due"] else ""
    words = [f"{line['name']} (by hand): last searched {last}{late}", *_unguarded(line)]
    return ", ".join([*words, *(f"open: {each}" for each in line.get("still_open", ()))])


def _unguarded(line: Json) -> list[str]:
    """Say that nothing would show a silent fault; older certificates do not know."""
    return [] if line.get("guarded", True) else ["no known item: a silent fault would not be seen"]


def _minute(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC"


def chain_faults(certificates: Sequence[tuple[str, str]]) -> list[str]:
    """Check that each certificate bears its name and names the one before it.

    certificates: (id, body), oldest first.
    """
    faults = []
    before: Json | None = None
    for name, text in certificates:
        said = json.loads(text)
        if said["id"] != name:
            faults.append(f"certificate {name}: calls itself {said['id']}")
        if said["previous"] != before:
            faults.append(f"certificate {name}: does not follow the one before")
        before = {"id": name, "sha256": digest(text)}
    return faults
