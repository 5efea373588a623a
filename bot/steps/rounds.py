"""Gather what a certificate says: each source's newest run of the period, and what else came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.app import App
from bot.certificate import HandLine, News, SourceLine
from bot.review.protocol import SourcePlan
from bot.schedule import late_by, next_slot
from bot.steps.counts import expectation
from bot.steps.schedule import MANUAL
from state import decisions, records, runs
from state.codec import instant, moment
from state.corrections import corrections
from state.events import events
from state.facts import CorrectionSeen, Fact, RecordChanged, Stored, TaskRaised
from state.likeness import open_likenesses
from state.runs import SearchRun
from state.tasks import TaskKind, open_tasks

# What a search makes people ask; reminders and doubtful counts are no news of the literature.
NEWS = frozenset({TaskKind.UNUSUAL_CHANGE, TaskKind.CORRECTION, TaskKind.RE_EXTRACTION})


def automatic(app: App) -> list[SourcePlan]:
    """Return the sources that a certificate stands on."""
    return [plan for plan in app.protocol.sources if plan.kind != MANUAL]


def fresh_run(connection: Connection, plan: SourcePlan, closed: frozenset[str]) -> SearchRun | None:
    """Return a source's newest run unless it closed an earlier round."""
    run = runs.last_run(connection, plan.id)
    return run if run is not None and run.id not in closed else None


def source_lines(
    app: App, connection: Connection, closed: frozenset[str]
) -> tuple[SourceLine, ...]:
    """Say what each automatic source did since the runs that closed the round before."""
    return tuple(_line(connection, plan, closed) for plan in automatic(app))


def _line(connection: Connection, plan: SourcePlan, closed: frozenset[str]) -> SourceLine:
    run = fresh_run(connection, plan, closed)
    if run is None:
        return SourceLine(plan.id, plan.name)
    expected = expectation(connection, run)
    return SourceLine(
        source=plan.id,
        name=plan.name,
        query=run.query,
        run=run.id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        status=run.status,
        found=run.found,
        new=run.new,
        candidates_new=_queued(connection, plan, closed),
        pages=run.pages,
        known_items_found=run.known_items_found,
        known_items_missing=tuple(item.id for item in run.known_items_missing),
        bounds=expected.bounds,
        earlier_runs=expected.earlier_runs,
        plausible=expected.hold(run.found) if expected.bounds is not None else None,
        warnings=run.warnings,
        error=run.error,
    )


def _queued(connection: Connection, plan: SourcePlan, closed: frozenset[str]) -> int:
    """Count what every run since the round before has queued, the failed ones included."""
    count = 0
    for run in runs.search_runs(connection, plan.id):
        if run.id in closed:
            break
        count += run.candidates_new
    return count


def hand_lines(
    app: App, connection: Connection, since: str | None, now: datetime
) -> tuple[HandLine, ...]:
    """Say when each hand-run source was searched, is due, and what its imports queued since."""
    return tuple(
        _hand(app, connection, plan, since or "", now)
        for plan in app.protocol.sources
        if plan.kind == MANUAL
    )


def _hand(
    app: App, connection: Connection, plan: SourcePlan, since: str, now: datetime
) -> HandLine:
    zone, good = app.protocol.time_zone, runs.last_run(connection, plan.id, "ok")
    last = moment(good.finished_at) if good is not None else None
    due = next_slot(plan.schedule, zone, after=last or now)
    late = last is None or late_by(plan.schedule, zone, last=last, now=now) > timedelta(0)
    imported = runs.search_runs(connection, plan.id)
    return HandLine(
        source=plan.id,
        name=plan.name,
        last_searched=good.finished_at if good is not None else None,
        due=instant(due.at) if due is not None else None,
        overdue=late,
        candidates_new=sum(each.candidates_new for each in imported if each.finished_at > since),
    )


def news(connection: Connection, *, after: int) -> News:
    """Count what the log tells of known studies after an event."""
    found = list(events(connection, after=after))
    return News(
        register_changes=_entries_changed(connection, found),
        notices=_first_sightings(connection, found),
        questions=sum(
            isinstance(each.fact, TaskRaised) and each.fact.task_kind in NEWS for each in found
        ),
    )


def _entries_changed(connection: Connection, found: Iterable[Stored[Fact]]) -> int:
    changed = [
        each.subject
        for each in found
        if isinstance(each.fact, RecordChanged) and each.fact.entry_changed
    ]
    known = records.stored(connection, sorted(set(changed)))
    return sum(known[key].study is not None for key in changed)


def _first_sightings(connection: Connection, found: Iterable[Stored[Fact]]) -> int:
    seen = {(each.subject, each.at) for each in found if isinstance(each.fact, CorrectionSeen)}
    return sum((each.id, each.seen_at) in seen for each in corrections(connection))


def pending(connection: Connection) -> dict[str, int]:
    """Count what waits for people: nothing that a verdict could be read from."""
    return {
        "candidates_open": len(decisions.candidates(connection, closed=False)),
        "pairs_to_look_at": len(open_likenesses(connection)),
        "tasks_open": len(open_tasks(connection)),
    }
