"""What today's readers and today's placement would make of what a source once answered.

The log is replayed in memory. Before each run of the source its kept answers are read again, and
the records that it found are placed anew among what was known at that moment. What differs from
what the log says is told; nothing is written, here or there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from bot.review.folder import ReviewFolder
from bot.review.protocol import SourcePlan
from bot.sources.reread import Reread
from bot.surveillance.decide import decide_records
from bot.surveillance.odd_records import oddity
from bot.surveillance.placement import Placement, changed_fields
from bot.surveillance.rereading import read_again
from extraction.model import Record
from extraction.readers.odd import FoundRecord, OddRecord
from state import projections, records, runs
from state import tables as t
from state.codec import Json, dumped
from state.engines.compiled import replays
from state.errors import Tampered
from state.events import events
from state.facts import LikenessFound, QueueEntry, RecordChanged, RecordFound
from state.projections.held import hold_rows


@dataclass(slots=True)
class _Run:
    """What one run of the source told of records, in the order in which it did."""

    id: str
    at: str
    told: list[RecordFound | RecordChanged] = field(default_factory=list)
    likes: dict[str, list[str]] = field(default_factory=dict)  # of a new record, as it was found


@dataclass(slots=True)
class WhatIf:
    """What would differ. runs, records: how many were looked at."""

    source: str
    runs: int = 0
    records: int = 0
    read_differently: list[Json] = field(default_factory=list)
    placed_differently: list[Json] = field(default_factory=list)
    not_taken: list[Json] = field(default_factory=list)
    taken_now: list[Json] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether anything would."""
        found = (self.read_differently, self.placed_differently, self.not_taken, self.taken_now)
        return any(found)


def what_if(connection: Connection, review: ReviewFolder, plan: SourcePlan) -> WhatIf:
    """Read again and place anew all that a source has answered; connection: to the log."""
    found, by_event = WhatIf(plan.id), _runs_of(connection, plan)
    kept = {run.id: run.payloads for run in runs.search_runs(connection, plan.id, withdrawn=True)}
    with replays().begin() as memory:
        t.metadata.create_all(memory, checkfirst=False)
        with hold_rows(memory):
            for event in events(connection):
                run = by_event.get(event.seq)
                if run is not None:
                    again = _read_again(connection, plan, run, kept.get(run.id, ()))
                    _compare_reading(connection, plan, run, again, found)
                    _compare_places(memory, review, run, again, found)
                projections.apply(memory, event)
    return found


def _runs_of(connection: Connection, plan: SourcePlan) -> dict[int, _Run]:
    """Return what each run of a source told of records, by the number of its first event."""
    first: dict[int, _Run] = {}
    by_id: dict[str, _Run] = {}
    finding: dict[str, _Run] = {}  # a record -> the run that found it
    for event in events(connection):
        fact = event.fact
        if isinstance(fact, RecordFound | RecordChanged) and fact.record.source == plan.id:
            if fact.run not in by_id:
                by_id[fact.run] = first[event.seq] = _Run(fact.run, event.at)
            by_id[fact.run].told.append(fact)
            finding.setdefault(fact.record.key, by_id[fact.run])
        elif isinstance(fact, LikenessFound) and fact.record in finding:
            run = finding[fact.record]
            if run.at == event.at:  # one that was asked about later is no part of the finding
                run.likes.setdefault(fact.record, []).append(f"{fact.answer} {fact.other}")
    return first


def _read_again(connection: Connection, plan: SourcePlan, run: _Run, kept: Sequence[str]) -> Reread:
    """Read the answers that a run kept; one that is damaged is as one that cannot be read."""
    digests = dict.fromkeys((*kept, *(fact.payload_sha256 for fact in run.told)))
    bodies: dict[str, bytes] = {}
    damaged: dict[str, str] = {}
    for digest in digests:
        try:
            bodies[digest] = records.payload(connection, digest)
        except Tampered as error:
            damaged[digest] = str(error)
    again = read_again(plan, bodies)
    again.unread |= damaged
    return again


# ---- what differs --------------------------------------------------------------------------------


def _compare_reading(
    connection: Connection, plan: SourcePlan, run: _Run, again: Reread, found: WhatIf
) -> None:
    found.runs += 1
    found.records += len(run.told)
    for fact in run.told:
        key, now = fact.record.key, again.records.get(fact.record.key)
        fault = _fault(now, again.unread.get(fact.payload_sha256))
        if fault is not None:
            found.not_taken.append({"record": key, "run": run.id, "reason": fault})
        elif isinstance(now, Record) and now != fact.record:
            fields = changed_fields(fact.record, now)
            was, would_be = dumped(fact.record), dumped(now)
            changes = {name: {"was": was[name], "would_be": would_be[name]} for name in fields}
            found.read_differently.append({"record": key, "run": run.id, "fields": changes})
    known = records.stored(connection, list(again.records))
    for key, now in again.records.items():
        if key not in known and isinstance(now, Record) and _fault(now, None) is None:
            found.taken_now.append({"record": key, "run": run.id, "title": now.title})


def _fault(now: FoundRecord | None, unread: str | None) -> str | None:
    """Say why a record would not be taken today; None where it would."""
    if now is None:
        return unread or "today's reader does not find it in its answer"
    return now.reason if isinstance(now, OddRecord) else oddity(now)


def _compare_places(
    memory: Connection, review: ReviewFolder, run: _Run, again: Reread, found: WhatIf
) -> None:
    """Place what a run found anew, among what was known before it."""
    answer = [
        now
        for fact in run.told
        if isinstance(now := again.records.get(fact.record.key), Record) and oddity(now) is None
    ]
    decided = decide_records(
        memory,
        review,
        answer,
        at=run.at,
        run=run.id,
        payload_of={fact.record.key: fact.payload_sha256 for fact in run.told},
    )
    places = {each.record.key: each for each in decided.placed}
    for fact in run.told:
        placed = places.get(fact.record.key)
        if isinstance(fact, RecordFound) and isinstance(placed, Placement):
            was, would_be = _place_then(fact, run), _place_now(placed)
            if was != would_be:
                place = {"record": fact.record.key, "run": run.id}
                found.placed_differently.append({**place, "was": was, "would_be": would_be})


def _place_then(fact: RecordFound, run: _Run) -> Json:
    likes = run.likes.get(fact.record.key, [])
    return _place(fact.place, fact.study, likes, known_report=fact.known_report)


def _place_now(placed: Placement) -> Json:
    likes = [f"{each.answer} {each.stored.record.key}" for each in placed.told]
    return _place(placed.place, placed.study, likes, known_report=placed.known_report)


def _place(
    place: QueueEntry | None, study: str | None, likes: Sequence[str], *, known_report: bool
) -> Json:
    """Return where a record is: whose report, in which candidate, like what, and how it ranks."""
    return {
        "known_report_of": study if known_report else None,
        "candidate": place.id if place is not None else None,
        "proposed_study": place.study if place is not None else None,
        "score": place.score if place is not None else None,
        "lane": place.lane if place is not None else None,
        "likes": list(likes),
    }
