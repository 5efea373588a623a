"""What was done for a version, counted from the log on the day it was done. Pure.

Work counts for the version in whose time it was done, whenever its record was found: a stage with
the verdict of its second reader, an extraction with the hand-in of its second extractor. What one
of the two has done before, and what waits for the second, is counted as such.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.report.document import ByTwo
from state.facts import (
    CorrectionSeen,
    Fact,
    SearchFinished,
    SearchRun,
    Stored,
    ValuesSubmitted,
    VerdictGiven,
)
from state.screening import SEATS, Stage

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
        "amendment_proposed",
        "baseline_loaded",
        "candidate_closed",
        "certificate_signed",
        "correction_seen",
        "item_confirmed",
        "likeness_found",
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
EXTRACTION = "extraction"
Piece = tuple[str, str]  # (a stage or EXTRACTION, which candidate or study)


@dataclass(frozen=True, slots=True)
class WorkDone:
    """The work of a version. by_person: what each did; half: done by one, waiting for the second;
    added: the studies, corrections: the notices that came into the log."""

    title_abstract: ByTwo
    full_text: ByTwo
    extraction: ByTwo
    half: Mapping[str, int]
    by_person: Mapping[str, Mapping[str, int]]
    acts: int
    unauthenticated: int  # of the acts
    searches: tuple[SearchRun, ...]
    corrections: frozenset[str]

    @property
    def in_all(self) -> Counter[str]:
        """What all people did together: the sum of what each did."""
        return sum((Counter(each) for each in self.by_person.values()), Counter())


@dataclass(slots=True)
class _Hands:
    """Who has done their part of each piece of double work, and which pieces came to an end."""

    after: int
    open: dict[Piece, list[str]] = field(default_factory=dict)
    ended: list[tuple[Piece, tuple[str, ...]]] = field(default_factory=list)

    def add(self, seq: int, piece: Piece, person: str) -> None:
        people = self.open.setdefault(piece, [])
        if person not in people:
            people.append(person)
        if len(people) < SEATS:
            return
        del self.open[piece]
        if seq > self.after:
            self.ended.append((piece, tuple(people)))

    def by_two(self, what: str) -> ByTwo:
        """Count the pieces of a kind that came to an end, and those that two people did."""
        ended = {piece: set(people) for piece, people in self.ended if piece[0] == what}
        return ByTwo(len(ended), sum(len(people) >= SEATS for people in ended.values()))


def work_done(log: Iterable[Stored[Fact]], after: int, *, program: str) -> WorkDone:
    """Count what was done after an event (0: from the start) up to the end of a log.

    program: how the log calls the program itself, which is no person
    """
    hands = _Hands(after)
    by_person: dict[str, Counter[str]] = {}
    searches: list[SearchRun] = []
    corrections: set[str] = set()
    acts: list[bool] = []  # whether who said it had signed in
    for event in log:
        _take_part(hands, event)
        if event.seq <= after:
            continue
        if event.actor != program and event.kind not in FOLLOWS:
            acts.append(event.authenticated)
        if isinstance(event.fact, SearchFinished):
            searches.append(event.fact.run)
        elif isinstance(event.fact, CorrectionSeen):
            corrections.add(event.subject)
        elif event.kind in ACTIVITY and event.actor != program:
            who = getattr(event.fact, "person", event.actor)
            by_person.setdefault(who, Counter())[event.kind] += 1
    return WorkDone(
        title_abstract=hands.by_two(Stage.TITLE_ABSTRACT),
        full_text=hands.by_two(Stage.FULL_TEXT),
        extraction=hands.by_two(EXTRACTION),
        half=Counter(what for what, _ in hands.open),
        by_person=by_person,
        acts=len(acts),
        unauthenticated=acts.count(False),
        searches=tuple(searches),
        corrections=frozenset(corrections),
    )


def _take_part(hands: _Hands, event: Stored[Fact]) -> None:
    fact = event.fact
    if isinstance(fact, VerdictGiven):
        hands.add(event.seq, (fact.stage, fact.candidate), fact.person)
    elif isinstance(fact, ValuesSubmitted):
        hands.add(event.seq, (EXTRACTION, fact.study), fact.person)
