"""Take in an answer: all its records decided at once, stored in bulk, an odd one set aside alone.

Everything that needs no lock is done before it: the answer is described, its surroundings are read,
its records are placed, its facts and payloads are written out. Within the transaction nothing is
decided on what was known before: where the log has moved on since the reading, it is read again.
Where the whole cannot be stored, halves of it are, down to the one record that is at fault.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from bot.app import App, log, log_raised
from bot.notify import messages
from bot.notify.page_address import page_address
from bot.review.baseline import KnownItem
from bot.review.protocol import MANUAL, SourcePlan
from bot.sources.answer import SourceAnswer
from bot.surveillance.decide import Decided, decide_records
from bot.surveillance.odd_records import (
    MOST_UNFORESEEN,
    OF_THE_DATABASE,
    oddity,
    raised,
    set_aside,
    shown_key,
    warnings_of,
)
from bot.surveillance.placement import Placement, Wording
from bot.surveillance.sister_checks import sister_checks
from bot.surveillance.watch_entries import watch_entry, watch_vanished
from bot.surveillance.watch_reports import watch_reports
from extraction.duplicates import own_ids
from extraction.linkage import same_title
from extraction.model import Record
from extraction.readers.odd import OddRecord
from state import decisions, extractions, outbox, records
from state.codec import instant
from state.elsewhere import sister_lists
from state.events import Ledger, head
from state.facts import SisterCheck
from state.records import Packed, pack
from state.runs import KnownItemMissing


@dataclass(frozen=True, slots=True)
class DecidedAnswer:
    """An answer with all that could be made ready before anything is locked.

    decided: None where it raised; each record is then decided by itself.
    """

    answer: SourceAnswer
    run_id: str
    packed: tuple[Packed, ...]
    kept_as: Mapping[str, str]  # hash of a payload as given -> hash under which it is kept
    payload_of: Mapping[str, str]  # key of a record -> hash under which its payload is kept
    sound: tuple[Record, ...]
    odd: tuple[OddRecord, ...]
    decided: Decided | None


@dataclass(slots=True)
class Taken:
    """What taking in an answer came to."""

    run_id: str
    new: int = 0
    known: int = 0
    changed: int = 0
    opened: list[str] = field(default_factory=list)  # titles of new candidates
    linked: list[str] = field(default_factory=list)  # those of them that are told of by themselves
    payloads: dict[str, str] = field(default_factory=dict)  # hash as given -> hash kept
    items_found: list[str] = field(default_factory=list)
    items_missing: list[KnownItemMissing] = field(default_factory=list)
    elsewhere: tuple[SisterCheck, ...] = ()
    sound: list[Record] = field(default_factory=list)  # what could be taken
    odd: list[OddRecord] = field(default_factory=list)  # what was set aside
    problems: tuple[str, ...] = ()  # so many raised that the search is not to be believed

    def count(self, placed: Placement | Wording) -> None:
        """Count a record that was taken."""
        self.sound.append(placed.record)
        if isinstance(placed, Wording):
            self.known += 1
            self.changed += bool(placed.changes)
        elif placed.known_report:
            self.known += 1
        else:
            self.new += 1
            if placed.place is not None and placed.place.opened:
                self.opened.append(placed.record.title)
                if placed.place.study is not None:
                    self.linked.append(placed.record.title)


@contextmanager
def uncollected() -> Iterator[None]:
    """Make many values without a look for circles among them: there are none, and each look would
    walk through all that an answer has made, a third of the time of storing it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # and back: what was made is old at once, and no look begins with it
        gc.unfreeze()
        if was:
            gc.enable()


def decide_answer(app: App, answer: SourceAnswer, run_id: str) -> DecidedAnswer:
    """Decide a whole answer on what is known now; nothing is locked or written."""
    faults = [oddity(record) for record in answer.records]
    pairs = list(zip(answer.records, faults, strict=True))
    sound = tuple(record for record, fault in pairs if fault is None)
    packed = tuple(pack(each.body, each.media_type) for each in answer.payloads)
    odd = [OddRecord(each.source, each.source_id, fault) for each, fault in pairs if fault]
    kept_as = {each.sha256: kept.sha256 for each, kept in zip(answer.payloads, packed, strict=True)}
    payload_of = {key: kept_as[digest] for key, digest in answer.payload_of.items()}
    given = DecidedAnswer(
        answer, run_id, packed, kept_as, payload_of, sound, (*answer.odd, *odd), None
    )
    with app.database.reading() as connection, uncollected():
        try:
            decided = _decide(app, connection, given, sound)
        except OF_THE_DATABASE:
            raise
        except Exception as error:  # noqa: BLE001 - the record at fault is found when it is stored
            log_raised(f"{run_id}: its records could not be decided together", error)
            return given
    return replace(given, decided=decided)


def _decide(
    app: App, connection: Connection, given: DecidedAnswer, some: Sequence[Record]
) -> Decided:
    return decide_records(
        connection,
        app.review,
        some,
        at=instant(app.clock.now()),
        run=given.run_id,
        payload_of=given.payload_of,
    )


def take_in(
    app: App, ledger: Ledger, plan: SourcePlan, given: DecidedAnswer, *, whole: bool = True
) -> Taken:
    """Store an answer's payloads and records; what is new is queued in the same transaction.

    whole: of a part of an answer nothing is concluded from what it does not hold.
    """
    answer = given.answer
    taken = Taken(given.run_id, payloads=dict(given.kept_as), odd=list(given.odd))
    records.keep_packed(ledger.connection, given.packed)
    taking = _Taking(app, ledger, given, taken)
    with uncollected():
        taking.take(given.sound, given.decided)
    _set_aside(ledger, plan, answer, taken, taking.unforeseen)
    if whole:
        watch_vanished(ledger, plan, answer)
    watch_reports(app, ledger, [each.key for each in taken.sound if each.corrections])
    _check_items(app, plan, ledger, taken)
    if not whole:
        taken.items_missing.clear()
    taken.elsewhere = sister_checks(plan, sister_lists(ledger.connection), taken.sound)
    return taken


# ---- storing -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Taking:
    """The records of one answer on their way into the log."""

    app: App
    ledger: Ledger
    given: DecidedAnswer
    taken: Taken
    unforeseen: list[OddRecord] = field(default_factory=list)  # records that raised

    def take(self, some: Sequence[Record], decided: Decided | None) -> None:
        """Store records together; where that raises, each half of them by itself."""
        if not some:
            return
        try:
            with self.ledger.savepoint():
                stored = self._store(some, decided)
        except OF_THE_DATABASE:
            raise
        except Exception as error:  # noqa: BLE001 - the edge of a record: the others are taken
            self._part(some, error)
        else:
            for each in stored.placed:
                self.taken.count(each)

    def _part(self, some: Sequence[Record], error: Exception) -> None:
        if len(some) == 1:
            log_raised(f"{shown_key(some[0])}: set aside", error)
            self.unforeseen.append(raised(some[0], error))
            return
        log.warning("%s: %d records are taken in two parts", self.given.run_id, len(some))
        middle = len(some) // 2
        self.take(some[:middle], None)
        self.take(some[middle:], None)

    def _store(self, some: Sequence[Record], decided: Decided | None) -> Decided:
        connection = self.ledger.connection
        if decided is None or decided.head != head(connection)[0]:
            decided = _decide(self.app, connection, self.given, some)
        self.ledger.record_all(decided.facts)
        for each in decided.placed:
            if isinstance(each, Wording):
                self._watch(each)
            elif each.place is not None and each.place.opened and each.place.study is not None:
                _tell_second_report(
                    self.app, self.ledger, each.record, each.place.study, each.place.link_reason
                )
        self._open_again(decided.placed)
        return decided

    def _open_again(self, placed: Sequence[Placement | Wording]) -> None:
        """Queue again what was closed with an import that was taken back, and is found now."""
        ids = list(filter(None, map(_place_of, placed)))
        for name in decisions.withdrawn_among(self.ledger.connection, ids):
            again = f"found again by the search {self.given.run_id}"
            decisions.reopen(self.ledger, name, None, again)
            first = records.records_of_candidate(self.ledger.connection, name)[0]
            self.taken.opened.append(first.record.title)

    def _watch(self, wording: Wording) -> None:
        study, before = wording.before.study, wording.before.record
        if wording.changes and study is not None:
            payload = self.given.payload_of[wording.record.key]
            watch_entry(self.app, self.ledger, before, wording.record, study, payload)


def _place_of(placed: Placement | Wording) -> str | None:
    """Return the candidate that a record is in, or has joined."""
    if isinstance(placed, Wording):
        return placed.before.candidate
    return placed.place.id if placed.place is not None else None


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


def _tell_second_report(
    app: App, ledger: Ledger, record: Record, study: str, reason: str | None
) -> None:
    label = extractions.find_study(ledger.connection, study).study.label
    why = reason or "it resembles a known report"
    notice = messages.second_report(record.title, record.key, label, why, page_address(app))
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, decisions.SCREENER))


def _check_items(app: App, plan: SourcePlan, ledger: Ledger, taken: Taken) -> None:
    """Compare what was taken with the known items that this source can find."""
    titles = {name: record for record in taken.sound for name in own_ids(record)}
    for item in app.review.known_items:
        if plan.id not in item.sources:
            continue
        record = titles.get(item.id) or _by_title(plan, item, taken.sound)
        if record is not None and (item.confirmed or same_title(record, item.title)):
            taken.items_found.append(item.id)
            _confirm(ledger, item, record)
        else:
            taken.items_missing.append(KnownItemMissing(item.id, item.title))


def _by_title(plan: SourcePlan, item: KnownItem, some: Sequence[Record]) -> Record | None:
    """Find a known item in an export by its title: databases leave out each other's numbers."""
    if plan.kind != MANUAL:
        return None
    return next((each for each in some if same_title(each, item.title)), None)


def _confirm(ledger: Ledger, item: KnownItem, record: Record) -> None:
    if item.id not in own_ids(record):  # its title was found, and says nothing of its number
        return
    if not item.confirmed and item.id not in records.confirmed_items(ledger.connection):
        records.confirm_item(ledger, item.id, record.key)
