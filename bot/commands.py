"""What each command does, as a function from what was typed to what is printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot import jobs
from bot.app import App
from bot.assemble import AnalysisResult
from bot.safety import export as write_export
from bot.safety import restore as put_back
from bot.safety import write_backup
from bot.status import record_facts, status_json
from bot.steps import extract as extraction
from bot.steps import publish as publication
from bot.steps import screen as screening
from bot.steps import sign as signing
from bot.steps import synthesise, team
from bot.steps.ask import ask_for
from bot.steps.certify import verify_certificates
from bot.steps.likeness import Pair, open_pairs, settle_likeness
from bot.steps.notices import KnownNotice, known_notices
from bot.steps.place import place_study
from bot.steps.search import automatic_sources, find_source
from bot.steps.sign_in import link_address, new_link
from bot.steps.strategies import compare_strategies
from bot.steps.take_import import Import, take_import
from bot.steps.take_import import nothing_found as nothing_said
from bot.submission import blank_form
from state import decisions, extractions, people
from state import records as known_records
from state import verify as verification
from state.agreement import Agreement
from state.codec import Json
from state.errors import BadInput
from state.events import Actor
from state.log import LogLine, log_lines
from state.people import Person
from state.runs import SearchRun
from state.screening import Answer, Place, ScreeningStatus, Stage, StageResult, Verdict
from state.tasks import Task, open_tasks, settle_task

LINK_VERDICTS = {"confirm-link": True, "refuse-link": False}


def search_now(app: App, source: str | None) -> list[SearchRun]:
    """Search one source or all automatic ones; one's failure does not hold up the others."""
    if source is not None and source not in automatic_sources(app):
        plan = find_source(app, source)
        raise BadInput(
            f"{plan.name} is searched by a person: livingreview import FILE --source {source}"
        )
    found = [
        jobs.search_at_once(app, each) for each in ([source] if source else automatic_sources(app))
    ]
    jobs.work_off(app)
    return found


def import_file(
    app: App, actor: Actor, file: Path, source: str, searched_on: str | None = None
) -> Import:
    """Take in an export of a hand-run source."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error}") from error
    taken = take_import(app, actor, body, file.name, source, searched_on=searched_on)
    jobs.work_off(app)
    return taken


def nothing_found(app: App, actor: Actor, source: str, person: str) -> Import:
    """Store a person's word that a search by hand found nothing."""
    with app.database.reading() as connection:
        name = people.find_person(connection, person).name
    return Import(nothing_said(app, actor, name, source))


def queue(app: App, person: str | None) -> tuple[decisions.Seen, ...]:
    """Return the queue, as this person may see it."""
    with app.database.reading() as connection:
        if person is not None:
            people.find_person(connection, person)
        return decisions.queue(connection, person)


def screen(app: App, actor: Actor, person: str, entries: Any) -> list[Json]:
    """Store verdicts, one by one."""
    said = [_screen_one(app, actor, person, _object(entry)) for entry in _listed(entries)]
    jobs.work_off(app)
    return said


def _screen_one(app: App, actor: Actor, person: str, entry: Json) -> Json:
    candidate, verdict = _needed(entry, "candidate"), _needed(entry, "verdict")
    if verdict in LINK_VERDICTS:
        confirmed = LINK_VERDICTS[verdict]
        screening.confirm_link(
            app, actor, person, candidate, confirmed=confirmed, note=entry.get("note")
        )
        return {"candidate": candidate, "link": "confirmed" if confirmed else "refused"}
    stage = _stage(app, candidate, person, entry.get("stage"))
    result = screening.screen(
        app,
        actor,
        person,
        candidate,
        stage,
        _answer(entry),
        note=entry.get("note"),
        next_look_on=entry.get("next_look_on"),
    )
    return {"candidate": candidate, "stage": stage.value, "status": _public(result)}


def _stage(app: App, candidate: str, person: str, named: str | None) -> Stage:
    if named is not None:
        try:
            return Stage(named)
        except ValueError:
            expected = ", ".join(stage.value for stage in Stage)
            raise BadInput(f"stage: found '{named}', expected one of {expected}") from None
    with app.database.reading() as connection:
        return decisions.standing(connection, candidate).stage


def _public(result: StageResult) -> str:
    """Say how a stage stands without telling whether another has decided."""
    undecided = (ScreeningStatus.WAITING, ScreeningStatus.HALF_SCREENED)
    return "waiting" if result.status in undecided else result.status.value


def _answer(entry: Json) -> Answer:
    try:
        verdict = Verdict(_needed(entry, "verdict"))
        place = Place(entry["place"]) if entry.get("place") else None
    except ValueError as error:
        raise BadInput(f"{error}: expected include, exclude or unsure") from None
    return Answer(verdict, entry.get("criterion"), place)


def duplicates(app: App) -> tuple[Pair, ...]:
    """Return the pairs of records that may be the same and wait for a person."""
    with app.database.reading() as connection:
        return open_pairs(connection)


def settle_pair(
    app: App, actor: Actor, person: str, record: str, other: str, *, same: bool
) -> None:
    """Say that two records are the same, or different."""
    settle_likeness(app, actor, person, record, other, same=same)
    jobs.work_off(app)


def strategy(app: App, source: str) -> Json:
    """Try the folder's strategy of a source against the one in force; nothing is proposed."""
    plan = find_source(app, source)
    found = compare_strategies(app, plan, app.review.queries[source], ask_for)
    return {"source": source, **found}


def corrections(app: App) -> tuple[KnownNotice, ...]:
    """Return what was published about the reports of known studies."""
    with app.database.reading() as connection:
        return known_notices(connection)


def tasks(app: App) -> tuple[Task, ...]:
    """Return what waits for somebody's judgement."""
    with app.database.reading() as connection:
        return open_tasks(connection)


def settle(app: App, actor: Actor, person: str, task: str, note: str) -> None:
    """Store what a person concluded."""
    with app.ledger(actor) as ledger:
        settle_task(ledger, task, person, note)


def place(
    app: App, actor: Actor, person: str, study: str, where: str, next_look_on: str | None
) -> None:
    """Say where an eligible study stands."""
    try:
        wanted = Place(where)
    except ValueError:
        raise BadInput(f"place: found '{where}', expected included, ongoing or awaiting") from None
    place_study(app, actor, person, study, wanted, next_look_on)
    jobs.work_off(app)


def form(app: App, study: str) -> Json:
    """Return an empty extraction form for a study."""
    with app.database.reading() as connection:
        stored = extractions.find_study(connection, study)
    return blank_form(app.protocol, stored.study)


def extract(app: App, actor: Actor, person: str, study: str, data: Any) -> Json:
    """Store one person's extraction of a study."""
    after = extraction.extract(app, actor, person, study, _object(data))
    jobs.work_off(app)
    return _extraction_said(study, after)


def _extraction_said(study: str, after: Agreement) -> Json:
    """Say how a study's extraction stands; of an open round only that it is open."""
    state = "waiting for the other extractor" if after.open_round is not None else "differences"
    return {
        "study": study,
        "status": "accepted" if after.settled and after.open_round is None else state,
        "differences": [
            {
                "cell": each.cell,
                "said": {
                    person: (entry.number if entry.number is not None else entry.text)
                    if entry is not None
                    else None
                    for person, entry in each.entries.items()
                },
            }
            for each in after.differences
        ],
    }


def adjudicate(app: App, actor: Actor, person: str, entries: Any) -> list[Json]:
    """Settle conflicts of screening and differences of extraction, one by one."""
    said = [_adjudicate_one(app, actor, person, _object(entry)) for entry in _listed(entries)]
    jobs.work_off(app)
    return said


def _adjudicate_one(app: App, actor: Actor, person: str, entry: Json) -> Json:
    subject = _needed(entry, "subject")
    if entry.get("cell"):
        return _adjudicate_value(app, actor, person, subject, entry)
    result = screening.settle(
        app,
        actor,
        person,
        subject,
        _answer(entry),
        note=entry.get("note"),
        next_look_on=entry.get("next_look_on"),
    )
    return {"candidate": subject, "status": result.status.value}


def _adjudicate_value(app: App, actor: Actor, person: str, study: str, entry: Json) -> Json:
    number, text, drop = entry.get("number"), entry.get("text"), bool(entry.get("drop"))
    if [number is not None, text is not None, drop].count(True) != 1:
        raise BadInput(f"{entry['cell']}: give one of number, text or drop")
    after = extraction.adjudicate(
        app,
        actor,
        person,
        study,
        entry["cell"],
        number=float(number) if number is not None else None,
        text=text,
        note=entry.get("note") or "",
    )
    return _extraction_said(study, after)


def analyse(app: App, as_of: str | None) -> tuple[AnalysisResult, ...]:
    """Return the pooled results of the accepted values, or of a version."""
    with app.database.reading() as connection:
        if as_of is not None:
            return synthesise.results_of_version(connection, as_of)
        return synthesise.current_results(app, connection)


def sign(app: App, actor: Actor, person: str, entries: Any) -> list[Json]:
    """Store signatures, one by one; a signed draft is published."""
    said = []
    for entry in (_object(each) for each in _listed(entries)):
        subject, verdict = _needed(entry, "subject"), entry.get("verdict") or "accept"
        kind = signing.sign(app, actor, person, subject, verdict, entry.get("reason"))
        said.append({"signed": kind, "subject": subject, "verdict": verdict})
    jobs.work_off(app)
    return said


def publish(app: App, actor: Actor, number: str | None) -> Json:
    """Publish a signed draft."""
    named = publication.request_publication(app, actor, number)
    jobs.work_off(app)
    return {"published": named, "report": str(app.files / named / "report.html")}


def add_person(
    app: App,
    actor: Actor,
    name: str,
    roles: Sequence[str],
    address: str | None,
    deputy: str | None,
    person_id: str | None,
) -> Person:
    """Add a person with roles of the protocol."""
    person = Person(person_id or people.person_id(name), name, address, tuple(roles), deputy)
    team.add(app, actor, person)
    return person


def everybody(app: App) -> tuple[Person, ...]:
    """Return everybody, the retired included."""
    with app.database.reading() as connection:
        return people.people(connection)


def retire_person(app: App, actor: Actor, person: str, deputy: str | None) -> None:
    """Retire a person, naming who takes over."""
    if deputy is not None:
        with app.database.reading() as connection:
            found = people.find_person(connection, person)
        team.change(app, actor, replace(found, deputy=deputy))
    team.retire(app, actor, person)


def sign_in_link(app: App, person: str) -> str:
    """Make a one-time sign-in link."""
    return link_address(app, new_link(app, person))


def records(app: App) -> Iterator[Json]:
    """Yield everything known."""
    with app.database.reading() as connection:
        places = record_facts(connection)
        for stored in known_records.all_records(connection):
            yield places(stored)


def status(app: App) -> Json:
    """Return how everything stands."""
    return status_json(app)


def verify(app: App) -> Json:
    """Verify log, tables, payloads and published files."""
    found = verification.verify(app.database)
    files, file_faults = publication.verify_files(app)
    faults = [*file_faults, *verify_certificates(app)]
    return {
        "events": found.events,
        "head": found.head,
        "rows": found.rows,
        "payloads": found.payloads,
        "files": files,
        "faults": [*found.faults, *faults],
        "ok": not found.faults and not faults,
    }


def log(app: App, after: int) -> Iterator[LogLine]:
    """Yield what happened after an event, as anybody may read it."""
    with app.database.reading() as connection:
        yield from log_lines(connection, after=after)


def backup(app: App, to: Path) -> Path:
    """Write a safety copy."""
    return write_backup(app, to)


def restore(folder: Path, data: Path) -> None:
    """Put a safety copy into an empty data folder."""
    put_back(folder, data)


def export(app: App, to: Path) -> list[str]:
    """Write everything in open formats."""
    return write_export(app, to)


def _listed(entries: Any) -> list[Any]:
    return entries if isinstance(entries, list) else [entries]


def _object(entry: Any) -> Json:
    if not isinstance(entry, dict):
        raise BadInput(f"expected a JSON object, found {entry!r}")
    return entry


def _needed(entry: Json, name: str) -> str:
    found = entry.get(name)
    if not isinstance(found, str) or not found:
        raise BadInput(f"{name} is needed")
    return found
