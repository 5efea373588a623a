"""What was done for a version, counted from the log on the day it was done. Pure.

Work counts for the version in whose time it was done, whenever its record was found. What one of
two people has said is sealed, and counts for nobody until the second has said theirs: it counts
with that, for the version in whose time everybody could read it. A version tells of what is sealed
only how many entries of the log they are, as anybody who reads the log can count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from bot.report.document import ByTwo
from state.facts import (
    CorrectionSeen,
    Fact,
    SearchFinished,
    SearchRun,
    SearchWithdrawn,
    Stored,
    ValuesSubmitted,
)
from state.screening import SEATS, Stage
from state.values import Reading

ACTIVITY: Mapping[str, tuple[str, str]] = {
    "verdict_given": ("verdict", "verdicts"),
    "ruling_given": ("ruling", "rulings"),
    "link_settled": ("link settled", "links settled"),
    "likeness_settled": ("pair of records judged", "pairs of records judged"),
    "task_settled": ("task judged", "tasks judged"),
    "task_reopened": ("task opened again", "tasks opened again"),
    "values_submitted": ("extraction", "extractions"),
    "value_adjudicated": ("value adjudicated", "values adjudicated"),
    "signed": ("signature", "signatures"),
}
# What is recorded along with an act of a person, or by the program: no act of its own.
FOLLOWS = frozenset(
    {
        "amendment_in_force",
        "baseline_loaded",
        "candidate_closed",
        "certificate_signed",
        "correction_seen",
        "entry_history_read",
        "full_text_located",
        "hand_search_told",
        "item_confirmed",
        "likeness_found",
        "notice_addressed",
        "notice_delivered",
        "notice_written",
        "protocol_adopted",
        "record_changed",
        "record_found",
        "results_computed",
        "signal_raised",
        "strategy_adopted",
        "strategy_proposed",
        "study_added",
        "study_described",
        "task_raised",
        "version_drafted",
        "version_published",
        "version_rejected",
    }
)


@dataclass(frozen=True, slots=True)
class Window:
    """The time of a version. after: the last event of the version before (0: there is none).

    read: the sealable events that everybody can read at its end; opened: those of them that were
    sealed until then.
    """

    after: int
    read: frozenset[int]
    opened: frozenset[int]

    def holds(self, event: Stored[Fact]) -> bool:
        """Whether an event counts for the version."""
        return event.seq in self.opened if event.fact.sealable else event.seq > self.after


@dataclass(frozen=True, slots=True)
class WorkDone:
    """The work of a version. by_person: what each did; sealed: the events that one of two has made
    so far; corrections: the notices that came into the log; withdrawn: the searches taken back."""

    title_abstract: ByTwo
    full_text: ByTwo
    extraction: ByTwo
    sealed: int
    by_person: Mapping[str, Mapping[str, int]]
    acts: int
    unauthenticated: int  # of the acts
    searches: tuple[SearchRun, ...]
    withdrawn: frozenset[str]
    corrections: frozenset[str]

    @property
    def in_all(self) -> Counter[str]:
        """What all people did together: the sum of what each did."""
        return sum((Counter(each) for each in self.by_person.values()), Counter())


@dataclass(slots=True)
class _Tally:
    """What is counted event by event."""

    by_person: dict[str, Counter[str]] = field(default_factory=dict)
    extracted: dict[str, set[str]] = field(default_factory=dict)
    searches: list[SearchRun] = field(default_factory=list)

    def take(self, event: Stored[Fact], *, by_people: bool) -> None:
        if isinstance(event.fact, SearchFinished):
            self.searches.append(event.fact.run)
        elif isinstance(event.fact, ValuesSubmitted):
            self.extracted.setdefault(event.fact.study, set()).add(event.fact.person)
        if event.kind in ACTIVITY and by_people:
            who = getattr(event.fact, "person", event.actor)
            self.by_person.setdefault(who, Counter())[event.kind] += 1


def work_done(
    log: Sequence[Stored[Fact]], window: Window, readings: Iterable[Reading], *, program: str
) -> WorkDone:
    """Count what was done in the time of a version, up to the end of a log.

    readings: the verdicts that stand; program: how the log calls the program, which is no person
    """
    tally = _Tally()
    counted = [event for event in log if window.holds(event)]
    for event in counted:
        tally.take(event, by_people=event.actor != program)
    acts = _acts(log, window, program)
    new = [each for each in readings if each.seq in window.opened]
    return WorkDone(
        title_abstract=_by_two(_screened(new, Stage.TITLE_ABSTRACT)),
        full_text=_by_two(_screened(new, Stage.FULL_TEXT)),
        extraction=_by_two(tally.extracted),
        sealed=sum(event.fact.sealable and event.seq not in window.read for event in log),
        by_person=tally.by_person,
        acts=len(acts),
        unauthenticated=acts.count(False),
        searches=tuple(tally.searches),
        withdrawn=frozenset(e.fact.run for e in log if isinstance(e.fact, SearchWithdrawn)),
        corrections=frozenset(_first_seen(log, window.after)),
    )


def _first_seen(log: Iterable[Stored[Fact]], after: int) -> set[str]:
    """Return the notices of which no source had told before."""
    seen: dict[str, int] = {}
    for event in log:
        if isinstance(event.fact, CorrectionSeen):
            seen.setdefault(event.subject, event.seq)
    return {notice for notice, seq in seen.items() if seq > after}


def _acts(log: Iterable[Stored[Fact]], window: Window, program: str) -> list[bool]:
    """Return of each act whether who did it had signed in.

    What one person's act led to stands in the log together, under one instant: it is one act.
    Whatever stands in between, counted here or not, parts two acts.
    """
    together = groupby(log, key=lambda each: (each.actor, each.authenticated, each.at))
    return [
        authenticated
        for (actor, authenticated, _), act in together
        if actor != program and any(_is_own(each, window) for each in act)
    ]


def _is_own(event: Stored[Fact], window: Window) -> bool:
    return event.kind not in FOLLOWS and window.holds(event)


def _screened(readings: Iterable[Reading], stage: Stage) -> Mapping[str, set[str]]:
    """Return who has read each candidate at a stage."""
    readers: dict[str, set[str]] = {}
    for each in readings:
        if each.stage is stage:
            readers.setdefault(each.candidate, set()).add(each.person)
    return readers


def _by_two(people: Mapping[str, set[str]]) -> ByTwo:
    """Count the pieces of double work, and those that two people did."""
    return ByTwo(len(people), sum(len(each) >= SEATS for each in people.values()))
