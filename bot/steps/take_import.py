"""Take in what a person found: an export read whole or refused, or the word that it was nothing.

An export that holds no record is taken where its format closes (XML, JSON); any other may have been
cut off, so the person has to say that nothing was found.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.app import App
from bot.review.protocol import SourcePlan
from bot.sources.answer import SourceAnswer
from bot.sources.upstream.client import Payload
from bot.steps.search import find_source, new_run_id, run_of, take_in, tell
from extraction.errors import ExtractionError
from extraction.readers.export import PLATFORMS, Export, read_export
from state import records, runs
from state.errors import BadInput, NotFound
from state.events import Actor
from state.runs import SearchRun

NOTHING_FOUND = "searched by hand, nothing found (stated by {person})"
NOON = time(12)
SAME_FILE = "searched by hand again, the file is that of {run} (stated by {person})"


@dataclass(frozen=True, slots=True)
class Import:
    """What became of an export. again: this very file had been imported already, as this run."""

    run: SearchRun
    again: bool = False


def take_import(
    app: App,
    actor: Actor,
    body: bytes,
    name: str,
    source: str,
    *,
    searched_on: str | None = None,
) -> Import:
    """Take in an export as one run of its source; of a file that is refused nothing is stored.

    searched_on: the day of the search (YYYY-MM-DD) where it was not today. The same file again
    changes nothing. Raises BadInput with the place and the reason.
    """
    plan, started = find_source(app, source), _searched_at(app, searched_on)
    try:
        export = read_export(body, name, source=plan.id)
    except ExtractionError as error:
        raise BadInput(str(error)) from error
    if not export.records and not export.closed:
        raise BadInput(
            f"{name}: found no record ({export.dialect}), expected at least one; if the search"
            " found nothing, say so instead of importing a file"
        )
    return _store(app, actor, plan, _answer(plan, body, name, export), started)


def nothing_found(app: App, actor: Actor, person: str, source: str) -> SearchRun:
    """Store that a person searched a source and found nothing: a search with 0 records."""
    plan = find_source(app, source)
    query = NOTHING_FOUND.format(person=person)
    answer = SourceAnswer((), (), {}, query=query, found=0, pages=0, requests=0)
    return _store(app, actor, plan, answer, app.clock.now()).run


def search_again(app: App, actor: Actor, person: str, source: str, run_id: str) -> SearchRun:
    """Store that a person searched again and was given the very file that an earlier run took."""
    plan = find_source(app, source)
    with app.database.reading() as connection:
        earlier = find_run(connection, plan, run_id)
        bodies = [records.payload(connection, digest) for digest in earlier.payloads]
    if not bodies:
        raise BadInput(f"the search {run_id} took no file")
    answer = _answer(plan, bodies[0], source, read_export(bodies[0], source, source=plan.id))
    query = SAME_FILE.format(run=run_id, person=person)
    answer = replace(answer, query=query)
    return _store(app, actor, plan, answer, app.clock.now(), anew=True).run


def _searched_at(app: App, day: str | None) -> datetime:
    """Return when a search was made: now, or at noon of an earlier day."""
    now, zone = app.clock.now(), ZoneInfo(app.protocol.time_zone)
    today = now.astimezone(zone).date()
    if day is None or day == today.isoformat():
        return now
    try:
        found = date.fromisoformat(day)
    except ValueError as error:
        raise BadInput(f"searched on: found '{day}', expected a day such as {today}") from error
    if found > today:
        raise BadInput(f"searched on: found {found}, expected a day up to today, {today}")
    return datetime.combine(found, NOON, zone).astimezone(UTC)


def _store(
    app: App,
    actor: Actor,
    plan: SourcePlan,
    answer: SourceAnswer,
    started: datetime,
    *,
    anew: bool = False,
) -> Import:
    with app.ledger(actor) as ledger:
        before = _taken_before(ledger.connection, plan, answer)
        if before is not None and not anew:
            return Import(before, again=True)
        taken = take_in(app, ledger, plan, answer, new_run_id(plan, started))
        run = run_of(app, plan, started, answer, taken)
        runs.record_search(ledger, run)
        tell(app, ledger, plan, run, taken)
    return Import(run)


def find_run(connection: Connection, plan: SourcePlan, run_id: str) -> SearchRun:
    """Return one run of a source or raise NotFound."""
    for run in runs.search_runs(connection, plan.id):
        if run.id == run_id:
            return run
    raise NotFound("search", run_id)


def _taken_before(
    connection: Connection, plan: SourcePlan, answer: SourceAnswer
) -> SearchRun | None:
    """Return the run that took this very file, if there is one."""
    given = {payload.sha256 for payload in answer.payloads}
    earlier = runs.search_runs(connection, plan.id)
    return next((run for run in earlier if given & set(run.payloads)), None)


def _stranger(plan: SourcePlan, export: Export) -> tuple[str, ...]:
    """Say where a file was written by another database than the one it is given for."""
    origin = export.origin
    known = f"{plan.id} {plan.name}".casefold()
    if origin is None or origin in PLATFORMS or origin.casefold() in known:
        return ()
    return (f"the file looks like one of {origin}, and was imported as a search of {plan.name}",)


def _answer(plan: SourcePlan, body: bytes, name: str, export: Export) -> SourceAnswer:
    payload = Payload(hashlib.sha256(body).hexdigest(), "application/octet-stream", body)
    return SourceAnswer(
        records=export.records,
        payloads=(payload,),
        payload_of={record.key: payload.sha256 for record in export.records},
        query=f"imported {name} ({', '.join(filter(None, (export.dialect, export.origin)))})",
        found=export.held,
        pages=1,
        requests=0,
        warnings=(*_stranger(plan, export), *export.warnings),
    )
