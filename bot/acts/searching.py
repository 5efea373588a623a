"""What people bring from a search by hand: an export, or the word that it was nothing.

An export is read whole or refused. One that holds no record is taken where its format closes (XML,
JSON); any other may have been cut off, so the person has to say that nothing was found.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.acts.act import Saying
from bot.acts.said import GiveExport, Import, SayFileFoundAgain, SayNothingFound
from bot.app import AT_THE_MACHINE, App
from bot.notify.page_address import page_address
from bot.notify.proposed import searched_by_hand
from bot.review.protocol import SourcePlan
from bot.sources.answer import SourceAnswer
from bot.sources.upstream.reply import Payload
from bot.surveillance.intake import DecidedAnswer, decide_answer, take_in
from bot.surveillance.search import new_run_id, run_of, tell
from bot.surveillance.slots import automatic_sources, find_source
from extraction.errors import ExtractionError
from extraction.readers.export import PLATFORMS, Export, read_export
from state import outbox, people, records, runs
from state.errors import BadInput
from state.facts import SearchRun

NOTHING_FOUND = "searched by hand, nothing found (stated by {person})"
NOON = time(12)
SAME_FILE = "searched by hand again, the file is that of {run} (stated by {person})"


@dataclass(frozen=True, slots=True)
class HandAnswer:
    """What a search by hand brought, read and decided on, and not yet stored."""

    plan: SourcePlan
    decided: DecidedAnswer
    searched_at: datetime


def read_given(app: App, act: GiveExport) -> HandAnswer | SearchRun:
    """Read an export before anything is locked; of a file that was taken before, return its run.

    Raises BadInput with the place and the reason.
    """
    plan, searched_at = _searched_by_hand(app, act.source), _searched_at(app, act.searched_on)
    with app.database.reading() as connection:
        before = _taken_before(connection, plan, {_digest(act.body)})
    if before is not None:
        return before
    try:
        export = read_export(act.body, act.name, source=plan.id)
    except ExtractionError as error:
        raise BadInput(str(error)) from error
    if not export.held and not export.closed:
        raise BadInput(
            f"{act.name}: found no record ({export.dialect}), expected at least one; if the search"
            " found nothing, say so instead of importing a file"
        )
    return _hand_answer(app, plan, _answer(plan, act.body, act.name, export), searched_at)


def read_again(app: App, act: SayFileFoundAgain) -> HandAnswer:
    """Read the file of an earlier search once more."""
    plan = find_source(app, act.source)
    with app.database.reading() as connection:
        earlier = runs.find_run(connection, plan.id, act.run)
        bodies = [records.payload(connection, digest) for digest in earlier.payloads]
    if not bodies:
        raise BadInput(f"the search {act.run} took no file")
    export = read_export(bodies[0], act.source, source=plan.id)
    answer = _answer(plan, bodies[0], act.source, export)
    return _hand_answer(app, plan, answer, app.clock.now())


def give_export(saying: Saying, _act: GiveExport, given: HandAnswer | SearchRun) -> Import:
    """Take in an export as one run of its source; the same file again changes nothing."""
    if isinstance(given, SearchRun):
        return Import(given, again=True)
    bodies = {payload.sha256 for payload in given.decided.answer.payloads}
    before = _taken_before(saying.ledger.connection, given.plan, bodies)
    if before is not None:
        return Import(before, again=True)
    return Import(_store(saying, given))


def say_nothing_found(saying: Saying, act: SayNothingFound) -> SearchRun:
    """Store that a person searched a source and found nothing: a search with 0 records."""
    query = NOTHING_FOUND.format(person=_name(saying))
    answer = SourceAnswer((), (), {}, query=query, found=0, pages=0, requests=0)
    app, plan = saying.app, _searched_by_hand(saying.app, act.source)
    return _store(saying, _hand_answer(app, plan, answer, app.clock.now()))


def say_file_found_again(saying: Saying, act: SayFileFoundAgain, given: HandAnswer) -> SearchRun:
    """Store that a person searched again and was given the very file that an earlier run took."""
    query = SAME_FILE.format(run=act.run, person=_name(saying))
    answer = replace(given.decided.answer, query=query)
    return _store(saying, replace(given, decided=replace(given.decided, answer=answer)))


def _searched_by_hand(app: App, source: str) -> SourcePlan:
    """Return the plan of a source; a file must not pass for the program's own whole search."""
    plan = find_source(app, source)
    if source in automatic_sources(app):
        raise BadInput(
            f"{plan.name} is searched by the program (livingreview search --source {source});"
            " a search by hand is of a source that no program may search"
        )
    return plan


def _name(saying: Saying) -> str:
    """Name who says it: by command an export may be given in nobody's name."""
    if saying.actor == AT_THE_MACHINE:
        return "Somebody at the machine, by command,"
    return people.find_person(saying.ledger.connection, saying.person).name


def _hand_answer(
    app: App, plan: SourcePlan, answer: SourceAnswer, searched_at: datetime
) -> HandAnswer:
    """Decide where the records of a search by hand belong, by what is known now."""
    decided = decide_answer(app, answer, new_run_id(plan, searched_at))
    return HandAnswer(plan, decided, searched_at)


def _store(saying: Saying, given: HandAnswer) -> SearchRun:
    app, ledger, plan = saying.app, saying.ledger, given.plan
    taken = take_in(app, ledger, plan, given.decided)
    run = run_of(app, plan, given.searched_at, given.decided.answer, taken)
    runs.record_search(ledger, run)
    tell(app, ledger, plan, run, taken)
    _tell_lead(saying, plan, run)
    return run


def _tell_lead(saying: Saying, plan: SourcePlan, run: SearchRun) -> None:
    """Tell the lead, where it was not the lead, that a source counts as searched by hand."""
    connection = saying.ledger.connection
    told = [each for each in outbox.recipients(connection, "lead") if each != saying.person]
    if told:
        by, link = _name(saying), page_address(saying.app)
        notice = searched_by_hand(run.id, plan.name, by, run.found, link)
        outbox.write(saying.ledger, notice, told)


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


def _taken_before(connection: Connection, plan: SourcePlan, given: set[str]) -> SearchRun | None:
    """Return the run that took this very file, by its hash, if there is one."""
    earlier = runs.search_runs(connection, plan.id)
    return next((run for run in earlier if given & set(run.payloads)), None)


def _stranger(plan: SourcePlan, export: Export) -> tuple[str, ...]:
    """Say where a file was written by another database than the one it is given for."""
    origin = export.origin
    known = f"{plan.id} {plan.name}".casefold()
    if origin is None or origin in PLATFORMS or origin.casefold() in known:
        return ()
    return (f"the file looks like one of {origin}, and was imported as a search of {plan.name}",)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _answer(plan: SourcePlan, body: bytes, name: str, export: Export) -> SourceAnswer:
    payload = Payload(_digest(body), "application/octet-stream", body)
    return SourceAnswer(
        records=export.records,
        payloads=(payload,),
        payload_of=dict.fromkeys(
            [*(record.key for record in export.records), *(odd.key for odd in export.odd)],
            payload.sha256,
        ),
        query=f"imported {name} ({', '.join(filter(None, (export.dialect, export.origin)))})",
        found=export.held,
        pages=1,
        requests=0,
        warnings=(*_stranger(plan, export), *export.warnings),
        odd=export.odd,
    )
