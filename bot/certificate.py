"""The certificate of silence: what a round of all sources did, signed, and what it may claim. Pure.

"Silent" is said only where every automatic source answered whole, re-found its known items, gave a
count that its history makes plausible, and brought nothing new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from bot.plausibility import Bounds
from state.codec import Json, canonical

VERSION = 1


class Verdict(StrEnum):
    """What the round came to."""

    SILENT = "silent"  # searched whole, nothing new
    NEW = "new"  # searched whole, and something is queued
    INCOMPLETE = "incomplete"  # nothing may be concluded from it


@dataclass(frozen=True, slots=True)
class SourceLine:
    """What one automatic source did in the round; without a run it was not asked."""

    source: str
    name: str
    query: str | None = None
    run: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    status: str | None = None
    found: int | None = None
    new: int | None = None
    candidates_new: int | None = None
    pages: int | None = None
    known_items_found: int | None = None
    known_items_missing: tuple[str, ...] = ()
    bounds: Bounds | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None

    @property
    def fault(self) -> str | None:
        """Say why nothing may be concluded from it, or None."""
        if self.run is None or self.found is None:
            return f"{self.name} was not searched in this round"
        if self.status != "ok":
            return f"{self.name} could not be searched: {self.error}"
        if self.known_items_missing:
            missing = ", ".join(self.known_items_missing)
            return f"{self.name} did not re-find {missing}"
        if self.bounds is not None and not self.bounds.hold(self.found):
            expected = f"{self.bounds.lower} to {self.bounds.upper}"
            return f"{self.name} found {self.found}, expected {expected} by its history"
        return None


@dataclass(frozen=True, slots=True)
class HandLine:
    """When a hand-run source was searched last, and whether it is overdue."""

    source: str
    name: str
    last_searched: str | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Round:
    """Everything that a certificate says."""

    review: str
    program: str
    protocol: str
    protocol_sha256: str
    issued_at: str
    since: str | None
    sources: tuple[SourceLine, ...]
    by_hand: tuple[HandLine, ...]
    pending: dict[str, int]
    events: int
    head: str
    previous: str | None  # the hash of the certificate before
    next_by: str
    key: str

    @property
    def faults(self) -> list[str]:
        """Say everything that keeps the round from proving anything."""
        return [fault for line in self.sources if (fault := line.fault) is not None]

    @property
    def verdict(self) -> Verdict:
        """Say what the round may claim."""
        if self.faults or not self.sources:
            return Verdict.INCOMPLETE
        new = sum(line.candidates_new or 0 for line in self.sources)
        return Verdict.NEW if new else Verdict.SILENT


def body(found: Round) -> str:
    """Write a round as the canonical text that is signed."""
    whole: Json = asdict(found)
    whole["version"] = VERSION
    whole["verdict"] = found.verdict.value
    whole["reasons"] = found.faults
    whole["log"] = {"events": whole.pop("events"), "head": whole.pop("head")}
    return canonical(whole)


def digest(text: str) -> str:
    """Return the hash by which the next certificate names this one."""
    return hashlib.sha256(text.encode()).hexdigest()


def lines(found: Json) -> list[str]:
    """Say a certificate in words."""
    said = {
        Verdict.SILENT: "Every automatic source was searched whole, and nothing new came.",
        Verdict.NEW: "Every automatic source was searched whole; new records are queued.",
        Verdict.INCOMPLETE: "Nothing may be concluded from this round.",
    }
    text = [said[Verdict(found["verdict"])], *(f"  - {each}" for each in found["reasons"]), ""]
    for line in found["sources"]:
        when = (line["finished_at"] or "never")[:16].replace("T", " ")
        items = line["known_items_found"]
        again = f", {items} known items re-found" if items else ""
        text.append(f"  - {line['name']}: {when} UTC, {line['found']} records{again}")
    for line in found["by_hand"]:
        last = (line["last_searched"] or "never")[:10]
        late = ", overdue" if line["overdue"] else ""
        text.append(f"  - {line['name']} (by hand): last searched {last}{late}")
    return text


def chain_faults(certificates: Sequence[tuple[str, str]]) -> list[str]:
    """Check that each certificate names the one before, given (id, body) oldest first."""
    faults = []
    before = None
    for name, text in certificates:
        if f'"previous":{canonical(before)}' not in text:
            faults.append(f"certificate {name}: does not follow the one before")
        before = digest(text)
    return faults
