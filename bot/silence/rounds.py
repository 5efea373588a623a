"""Gather what a certificate says: each source's newest run of the period, and what else came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.app import App
from bot.review.protocol import SourcePlan
from bot.silence.certificate import HandLine, News, SourceLine
from bot.surveillance.counts import Expectation, expectation
from bot.surveillance.hand_searches import by_hand, standing
from bot.surveillance.lateness import is_late
from bot.surveillance.owed_searches import open_lines
from bot.surveillance.searched import last_try, source_lateness
from bot.surveillance.slots import MANUAL
from state import decisions, records, runs
from state.alerts import alerts_since
from state.codec import instant
from state.corrections import corrections
from state.events import events
from state.facts import CorrectionSeen, Fact, RecordChanged, SearchRun, Stored, TaskRaised
from state.likeness import count_open_likenesses
from state.tasks import TaskKind, count_open_tasks

# What a search makes people ask; reminders and doubtful counts are no news of the literature.
NEWS = frozenset(
    {
        TaskKind.UNUSUAL_CHANGE,
        TaskKind.CORRECTION,
        TaskKind.RE_EXTRACTION,
        TaskKind.ODD_RECORD,  # a record that nobody has seen may be a new trial
        TaskKind.REFUSED_ALERT,
    }
)


def automatic(app: App) -> list[SourcePlan]:
    """Return the sources that a certificate stands on."""
    return [plan for plan in app.protocol.sources if plan.kind != MANUAL]


def fresh_run(connection: Connection, plan: SourcePlan, closed: frozenset[str]) -> SearchRun | None:
    """Return a source's newest run unless it closed an earlier round."""
    run = last_try(connection, plan)
    return run if run is not None and run.id not in closed else None


def source_lines(
    app: App, connection: Connection, closed: frozenset[str], now: datetime
) -> tuple[SourceLine, ...]:
    """Say what each automatic source did since the runs that closed the round before."""
    return tuple(_line(app, connection, plan, closed, now) for plan in automatic(app))


def _line(
    app: App, connection: Connection, plan: SourcePlan, closed: frozenset[str], now: datetime
) -> SourceLine:
    late = source_lateness(app, connection, plan, now)
    run = fresh_run(connection, plan, closed)
    guarded = app.review.guards(plan.id)
    if run is None:
        return SourceLine(plan.id, plan.name, lateness=late, guarded=guarded)
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
        plausible=_plausible(expected, run),
        warnings=run.warnings,
        error=run.error,
        lateness=late,
        guarded=guarded,
    )


def _plausible(expected: Expectation, run: SearchRun) -> bool | None:
    """Whether a count is believed; None where nothing tells."""
    held = expected.hold(run.found)
    return held if expected.bounds is not None or not held else None


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
    return tuple(_hand(app, connection, plan, since or "", now) for plan in by_hand(app))


def _hand(
    app: App, connection: Connection, plan: SourcePlan, since: str, now: datetime
) -> HandLine:
    search = standing(app, connection, plan)
    due = search.owed_since or search.next
    imported = [each for each in runs.search_runs(connection, plan.id) if each.finished_at > since]
    sent = [each.alert for each in alerts_since(connection, plan.id, since)]
    return HandLine(
        source=plan.id,
        name=plan.name,
        last_searched=instant(search.last_at) if search.last_at is not None else None,
        due=instant(due.at) if due is not None else None,
        overdue=is_late(source_lateness(app, connection, plan, now)),
        candidates_new=sum(each.candidates_new for each in imported)
        + sum(each.candidates_new for each in sent),
        guarded=app.review.guards(plan.id),
        still_open=open_lines(search.open_searches) if len(search.asked) > 1 else (),
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
        "candidates_open": sum(decisions.open_by_status(connection).values()),
        "pairs_to_look_at": count_open_likenesses(connection),
        "tasks_open": count_open_tasks(connection),
    }
