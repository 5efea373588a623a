"""One run of one source: ask, compare with what is known, store with the places in the queue.

Everything is fetched before the transaction opens; the records, their places in the queue, the run
record, the notices and the end of the work are written in one. A run that dies leaves no trace.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.app import App, log, log_raised
from bot.errors import AnswerUnreadable
from bot.notify import messages
from bot.notify.page_address import page_address
from bot.review.baseline import KnownItem
from bot.review.protocol import SourcePlan
from bot.sources.answer import Progress, SourceAnswer
from bot.sources.upstream.clock import shown
from bot.surveillance.adopted_strategies import query_in_force
from bot.surveillance.alike import alike, lookup_keys, tell_likenesses
from bot.surveillance.counts import judge_count
from bot.surveillance.odd_records import (
    MOST_UNFORESEEN,
    OF_THE_DATABASE,
    oddity,
    raised,
    set_aside,
    shown_key,
    warnings_of,
)
from bot.surveillance.placement import Alike, Placement, Surroundings, place
from bot.surveillance.slots import SEARCH_RETRY, find_source
from bot.surveillance.watch_entries import watch_entry, watch_vanished
from bot.surveillance.watch_reports import correction_link, watch_reports
from extraction.duplicates import namesake_keys, own_ids
from extraction.linkage import link, same_title
from extraction.model import Record, Study
from extraction.ranking import rank
from extraction.readers.odd import OddRecord
from state import decisions, extractions, outbox, records, runs
from state.attempts import FailedTry, PutBack, ToStore
from state.codec import instant, storable
from state.events import Ledger
from state.facts import SearchRun
from state.facts.words import RunStatus
from state.runs import KnownItemMissing, Work
from state.values import StoredRecord

HEARTBEAT = timedelta(minutes=1)

Ask = Callable[[App, SourcePlan, Progress], SourceAnswer]


class Heartbeat:
    """Shows how far a long search is and keeps its lease; raises LeaseLost where it is lost."""

    def __init__(self, app: App, work: Work) -> None:
        self._app = app
        self._work = work
        self._next = app.clock.now() + HEARTBEAT

    def __call__(self, source: str, done: int, total: int) -> None:
        """Be told that some records have come."""
        now = self._app.clock.now()
        if now < self._next:
            return
        self._next = now + HEARTBEAT
        with self._app.database.transaction() as connection:
            runs.hold(connection, self._work, now=now)
        log.info("%s: %d of %d records", source, done, total)


def search(app: App, work: Work, ask: Ask) -> ToStore:
    """Search a source: ask it, and return what is to be stored of its answer."""
    plan, started = find_source(app, work.key), app.clock.now()
    answer = ask(app, plan, Heartbeat(app, work))
    return ToStore(partial(_store_answer, app, plan, work, started, answer))


def search_failed(app: App, ledger: Ledger, failed: FailedTry) -> None:
    """Store that a source could not be searched: nothing is concluded from it."""
    plan = find_source(app, failed.work.key)
    run = SearchRun(
        id=new_run_id(plan, failed.started),
        source=plan.id,
        status=RunStatus.FAILED,
        started_at=instant(failed.started),
        finished_at=instant(app.clock.now()),
        query=query_in_force(app, ledger.connection, plan.id),
        found=0,
        new=0,
        known=0,
        changed=0,
        candidates_new=0,
        pages=0,
        requests=0,
        error=failed.reason,
        retry_at=instant(failed.again),
        problems=(),
        warnings=(),
        known_items_found=(),
        known_items_missing=(),
        payloads=_kept_body(ledger, failed.error),
    )
    runs.record_search(ledger, run)
    _tell_failure(app, ledger, plan, run, failed.again)


def _kept_body(ledger: Ledger, error: Exception) -> tuple[str, ...]:
    """Keep an answer that could not be read, for a person to look at."""
    if not isinstance(error, AnswerUnreadable) or not error.body:
        return ()
    return (records.keep_payload(ledger.connection, error.body, error.media_type),)


def _tell_failure(
    app: App, ledger: Ledger, plan: SourcePlan, run: SearchRun, retry: datetime
) -> None:
    again = shown(retry, app.protocol.time_zone)
    notice = messages.source_failing(run, _day(app), plan.name, again)
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, "operator"))


def _store_answer(
    app: App,
    plan: SourcePlan,
    work: Work,
    started: datetime,
    answer: SourceAnswer,
    ledger: Ledger,
) -> PutBack | None:
    """Store an answer: its payloads, records, queue entries, run record and notices."""
    taken = take_in(app, ledger, plan, answer, new_run_id(plan, started))
    run, back = run_of(app, plan, started, answer, taken), None
    if run.status is not RunStatus.OK:
        retry = SEARCH_RETRY.at(work.attempts, app.clock.now())
        run, back = replace(run, retry_at=instant(retry)), PutBack(run.error or "", retry)
        _tell_failure(app, ledger, plan, run, retry)
    runs.record_search(ledger, run)
    judge_count(ledger, plan, run)
    tell(app, ledger, plan, run, taken)
    log.info(
        "%s: %s, %d found, %d new, %d known, %d changed",
        plan.id,
        run.status,
        run.found,
        run.new,
        run.known,
        run.changed,
    )
    return back


@dataclass(slots=True)
class Taken:
    """What taking in an answer came to."""

    run_id: str
    new: int = 0
    known: int = 0
    changed: int = 0
    opened: list[str] = field(default_factory=list)  # titles of new candidates
    payloads: dict[str, str] = field(default_factory=dict)  # hash as given -> hash kept
    items_found: list[str] = field(default_factory=list)
    items_missing: list[KnownItemMissing] = field(default_factory=list)
    sound: list[Record] = field(default_factory=list)  # what could be taken
    odd: list[OddRecord] = field(default_factory=list)  # what was set aside
    problems: tuple[str, ...] = ()  # so many raised that the search is not to be believed

    def add(self, one: Taken) -> None:
        """Count a record that was taken whole."""
        self.new += one.new
        self.known += one.known
        self.changed += one.changed
        self.opened += one.opened
        self.sound += one.sound


def take_in(app: App, ledger: Ledger, plan: SourcePlan, answer: SourceAnswer, run_id: str) -> Taken:
    """Store an answer's payloads and records; what is new is queued in the same transaction."""
    taken = Taken(run_id)
    for kept in answer.payloads:
        digest = records.keep_payload(ledger.connection, kept.body, kept.media_type)
        taken.payloads[kept.sha256] = digest
    faults = {record.key: oddity(record) for record in answer.records}
    readable = [record for record in answer.records if faults[record.key] is None]
    taken.odd += answer.odd
    taken.odd += [
        OddRecord(each.source, each.source_id, fault)
        for each in answer.records
        if (fault := faults[each.key]) is not None
    ]
    unforeseen = _take_each(app, ledger, readable, answer, taken)
    _set_aside(ledger, plan, answer, taken, unforeseen)
    watch_vanished(ledger, plan, answer)
    watch_reports(app, ledger, [each.key for each in taken.sound if each.corrections])
    _check_items(app, plan, ledger, taken)
    return taken


def _take_each(
    app: App, ledger: Ledger, readable: Sequence[Record], answer: SourceAnswer, taken: Taken
) -> list[OddRecord]:
    """Take each record by itself: what one raises undoes that one; return those that raised."""
    known = records.stored(ledger.connection, [record.key for record in readable])
    studies = [stored.study for stored in extractions.studies(ledger.connection)]
    unforeseen: list[OddRecord] = []
    for record in readable:
        payload = taken.payloads[answer.payload_of[record.key]]
        one = Taken(taken.run_id, sound=[record])
        try:
            with ledger.savepoint():
                if record.key in known:
                    _take_known(app, ledger, known[record.key], record, payload, one)
                else:
                    _take_new(app, ledger, record, payload, studies, one)
        except OF_THE_DATABASE:
            raise
        except Exception as error:  # noqa: BLE001 - the edge of a record: the others are taken
            log_raised(f"{shown_key(record)}: set aside", error)
            unforeseen.append(raised(record, error))
        else:
            taken.add(one)
    return unforeseen


def _set_aside(
    ledger: Ledger,
    plan: SourcePlan,
    answer: SourceAnswer,
    taken: Taken,
    unforeseen: Sequence[OddRecord],
) -> None:
    """Ask about each record that was not taken; where too many raised, believe none of it."""
    if len(unforeseen) <= MOST_UNFORESEEN:
        taken.odd += unforeseen
    else:
        first = warnings_of(unforeseen[:1])[0]
        said = f"{len(unforeseen)} of {len(answer.records)} records could not be taken"
        taken.problems = (f"{said}; the first, {first}",)
    for odd in taken.odd:
        set_aside(ledger, plan, odd, taken.payloads[answer.payload_of[odd.key]])


def _take_known(
    app: App, ledger: Ledger, stored: StoredRecord, record: Record, payload: str, taken: Taken
) -> None:
    taken.known += 1
    changes = changed_fields(stored.record, record)
    if not changes:
        return
    taken.changed += 1
    entry_changed = stored.record.entry != record.entry
    records.change_record(
        ledger,
        record,
        identifiers=lookup_keys(record),
        payload_sha256=payload,
        run_id=taken.run_id,
        changes=changes,
        entry_changed=entry_changed,
    )
    if stored.study is not None:
        watch_entry(ledger, stored.record, record, stored.study, payload)


def changed_fields(before: Record, after: Record) -> list[str]:
    """Name the fields in which two wordings of a record differ."""
    return [
        each.name
        for each in fields(Record)
        if getattr(before, each.name) != getattr(after, each.name)
    ]


def _take_new(
    app: App,
    ledger: Ledger,
    record: Record,
    payload: str,
    studies: list[Study],
    taken: Taken,
) -> None:
    taken.new += 1
    likes = alike(ledger.connection, record)
    found = _placement(app, ledger, record, studies, likes)
    records.find_record(
        ledger,
        record,
        identifiers=lookup_keys(record),
        payload_sha256=payload,
        run_id=taken.run_id,
        place=found.place,
        study=found.study,
        known_report=found.known_report,
    )
    tell_likenesses(ledger, record, likes)
    if found.known_report:
        taken.new -= 1
        taken.known += 1
    if found.confirms is not None:
        records.confirm_item(ledger, found.confirms, record.key)
    if found.place is not None and found.place.opened:
        taken.opened.append(record.title)
        if found.place.study is not None:
            _tell_second_report(app, ledger, record, found.place.study, found.place.link_reason)


def _placement(
    app: App, ledger: Ledger, record: Record, studies: list[Study], likes: Sequence[Alike]
) -> Placement:
    connection, ids = ledger.connection, own_ids(record)
    owners = records.owners(connection, ids)
    namesakes = records.owners(connection, namesake_keys(record))
    around = Surroundings(
        owners=owners,
        namesakes=namesakes,
        undecided=frozenset(
            each.candidate
            for each in (*owners, *namesakes)
            if each.candidate is not None and _undecided(ledger, each.candidate)
        ),
        studies=records.studies_with(connection, ids),
        unconfirmed=_unconfirmed(app, ledger, ids),
        alike=likes,
    )
    proposed = link(record, studies) or correction_link(connection, record)
    ranked = rank(record)
    return place(
        record,
        around,
        proposed,
        replace(ranked, flags=(*ranked.flags, *_open_questions(app, record))),
    )


def _open_questions(app: App, record: Record) -> list[str]:
    """Name the policy questions, still open, that a record falls under: shown, never hidden."""
    names = {*own_ids(record), *record.ids.register}
    return [
        f"open decision {each.id}"
        for each in app.protocol.open_decisions
        if names & set(each.concerns)
    ]


def _undecided(ledger: Ledger, candidate: str) -> bool:
    said = decisions.screening_state(ledger.connection, candidate)
    return not said.candidate.closed and not said.title_abstract.decisions


def _unconfirmed(app: App, ledger: Ledger, ids: list[str]) -> tuple[KnownItem, ...]:
    confirmed = records.confirmed_items(ledger.connection)
    return tuple(
        item
        for item in app.review.known_items
        if not item.confirmed and item.id in ids and item.id not in confirmed
    )


def _tell_second_report(
    app: App, ledger: Ledger, record: Record, study: str, reason: str | None
) -> None:
    notice = messages.second_report(
        record.title, record.key, study, reason or "it resembles a known report", page_address(app)
    )
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, decisions.SCREENER))


def _check_items(app: App, plan: SourcePlan, ledger: Ledger, taken: Taken) -> None:
    """Compare what was taken with the known items that this source can find."""
    titles = {name: record for record in taken.sound for name in own_ids(record)}
    for item in app.review.known_items:
        if plan.id not in item.sources:
            continue
        record = titles.get(item.id)
        if record is not None and (item.confirmed or same_title(record, item.title)):
            taken.items_found.append(item.id)
            _confirm(ledger, item, record)
        else:
            taken.items_missing.append(KnownItemMissing(item.id, item.title))


def _confirm(ledger: Ledger, item: KnownItem, record: Record) -> None:
    if not item.confirmed and item.id not in records.confirmed_items(ledger.connection):
        records.confirm_item(ledger, item.id, record.key)


def run_of(
    app: App, plan: SourcePlan, started: datetime, answer: SourceAnswer, taken: Taken
) -> SearchRun:
    """Write the record of a run that answered; its words can be stored whatever a source says."""
    problems = tuple(map(storable, (*answer.problems, *taken.problems)))
    return SearchRun(
        id=taken.run_id,
        source=plan.id,
        status=RunStatus.FAILED if problems else RunStatus.OK,
        started_at=instant(started),
        finished_at=instant(app.clock.now()),
        query=storable(answer.query),
        found=answer.found,
        new=taken.new,
        known=taken.known,
        changed=taken.changed,
        candidates_new=len(taken.opened),
        pages=answer.pages,
        requests=answer.requests,
        error="; ".join(problems) or None,
        retry_at=None,
        problems=problems,
        warnings=(*map(storable, answer.warnings), *warnings_of(taken.odd)),
        known_items_found=tuple(taken.items_found),
        known_items_missing=tuple(taken.items_missing),
        payloads=tuple(sorted(set(taken.payloads.values()))),
    )


def tell(app: App, ledger: Ledger, plan: SourcePlan, run: SearchRun, taken: Taken) -> None:
    """Write the notices of a run that answered."""
    connection = ledger.connection
    if taken.opened:
        notice = messages.new_candidates(run, taken.opened, page_address(app))
        outbox.write(ledger, notice, outbox.recipients(connection, decisions.SCREENER))
    if run.known_items_missing:
        notice = messages.known_items_missing(run, _day(app), plan.name)
        outbox.write(
            ledger, notice, outbox.recipients(connection, "operator", "information_specialist")
        )


def _day(app: App) -> str:
    return app.clock.now().astimezone(ZoneInfo(app.protocol.time_zone)).date().isoformat()


def new_run_id(plan: SourcePlan, started: datetime) -> str:
    """Name a run by its source and start."""
    return f"{plan.id}-{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
