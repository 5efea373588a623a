"""Taking in an alert: what a provider sends of a source between two searches.

It is a part of the news and never a search: nothing is concluded from what it does not hold. The
same bytes are taken once. What cannot be read is asked about, once, and stays where it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.app import App, log, log_raised
from bot.notify import messages
from bot.notify.page_address import page_address
from bot.review.protocol import SourcePlan
from bot.sources.answer import SourceAnswer
from bot.sources.upstream.reply import Payload
from bot.surveillance.alert_mail import AlertMail, MailPart
from bot.surveillance.given_files import LARGEST_BYTES, digest_of, read_file
from bot.surveillance.hand_searches import who_searches
from bot.surveillance.intake import DecidedAnswer, Taken, decide_answer, take_in
from bot.surveillance.odd_records import warnings_of
from extraction.readers.odd import reason_of
from extraction.readers.without_people import without_people
from state import alerts, decisions, outbox, tasks
from state.codec import storable
from state.errors import BadInput
from state.events import Ledger
from state.facts import AlertTaken
from state.facts.words import AlertWay
from state.tasks import TaskKind
from state.told_searches import made_searches


@dataclass(frozen=True, slots=True)
class SentPart:
    """A piece of what was sent of a source that may hold records, and the day it was sent on."""

    plan: SourcePlan
    part: MailPart
    day: date
    way: AlertWay
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ReadAlert:
    """An alert that was read and decided on, and not yet stored."""

    sent: SentPart
    decided: DecidedAnswer


@dataclass(frozen=True, slots=True)
class KnownAlert:
    """What was sent once more: as what, of which day and when these bytes were taken before."""

    sent: SentPart
    run: str
    day: str
    taken_at: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """What could not be taken. key: of the task that asks about it; name: what a person calls it;
    reason: in words; where: in which place it stays."""

    key: str
    name: str
    reason: str
    where: str


Reading = ReadAlert | KnownAlert | Refusal


@dataclass(frozen=True, slots=True)
class PlaceLookedAt:
    """What became of what lay in one place: a file, a mail."""

    name: str
    taken: tuple[AlertTaken, ...] = ()
    again: tuple[KnownAlert, ...] = ()
    refused: tuple[Refusal, ...] = ()


def read_part(app: App, sent: SentPart, where: str) -> Reading:
    """Read a part of what was sent and decide on its records; nothing is locked or stored."""
    digest = digest_of(sent.part.body)
    with app.database.reading() as connection:
        before = _taken_before(connection, sent, digest)
    if before is not None:
        return before
    key = f"alert:{sent.plan.id}:{digest[:16]}"
    if len(sent.part.body) > LARGEST_BYTES:
        return Refusal(key, sent.part.name, too_large(sent.part.name, len(sent.part.body)), where)
    try:
        answer = _answer(sent)
    except BadInput as error:
        return Refusal(key, sent.part.name, str(error), where)
    except Exception as error:  # noqa: BLE001 - the edge of a file: the others are taken
        log_raised(f"{sent.part.name}: not taken", error)
        return Refusal(key, sent.part.name, f"reading it raised {reason_of(error)}", where)
    if sent.part.results not in (None, answer.found):
        said = f"the mail speaks of {sent.part.results} records, {answer.found} were read"
        answer = replace(answer, warnings=(*answer.warnings, said))
    name = f"{sent.plan.id}-alert-{sent.day:%Y%m%d}-{digest[:12]}"
    return ReadAlert(sent, decide_answer(app, answer, name))


def too_large(name: str, size: int) -> str:
    """Say that a file is not read because of its size."""
    return f"{name}: found {size / 1e6:,.1f} MB, expected at most {LARGEST_BYTES / 1e6:.0f} MB"


def _answer(sent: SentPart) -> SourceAnswer:
    part = sent.part
    if not part.says_nothing:
        return read_file(sent.plan, part.body, part.name)
    payload = Payload(digest_of(part.body), "text/plain", without_people(part.body))
    return SourceAnswer(
        (), (payload,), {}, query=f"imported {part.name}", found=0, pages=1, requests=0
    )


def read_mail_parts(app: App, plan: SourcePlan, mail: AlertMail, day: date) -> tuple[Reading, ...]:
    """Read what a mail brings: its attachments, else the records in its text."""
    where = f"in the mail '{mail.subject}'"
    attached = [
        read_part(app, SentPart(plan, each, day, AlertWay.MAIL, mail.id), where)
        for each in mail.attached
    ]
    if any(not isinstance(each, Refusal) for each in attached):
        return tuple(attached)
    texts = [
        read_part(app, SentPart(plan, each, day, AlertWay.MAIL, mail.id), where)
        for each in mail.texts
    ]
    if attached or texts:
        return (*attached, *texts)
    return (Refusal(f"alert:mail:{mail.id}", f"A mail of {plan.name}", _nothing(mail), where),)


def _nothing(mail: AlertMail) -> str:
    found = f"no file and no record in its text{_left(mail)}"
    expected = "the records themselves: have the provider send them as RIS, attached or in the text"
    return f"the mail '{mail.subject}': found {found}, expected {expected}"


def _left(mail: AlertMail) -> str:
    return f" (only {', '.join(mail.left)})" if mail.left else ""


def day_of(app: App, sent_at: datetime) -> date:
    """Return the day on which something was sent, in the review's zone: never one to come."""
    zone = ZoneInfo(app.protocol.time_zone)
    return min(sent_at.astimezone(zone).date(), app.clock.now().astimezone(zone).date())


def store_readings(app: App, name: str, read: Sequence[Reading]) -> PlaceLookedAt:
    """Store what was read in one place: the alerts with their records, the questions."""
    again = tuple(each for each in read if isinstance(each, KnownAlert))
    if len(again) == len(read):
        return PlaceLookedAt(name, again=again)
    with app.ledger() as ledger:
        return store_in(app, ledger, name, read)


def store_in(app: App, ledger: Ledger, name: str, read: Sequence[Reading]) -> PlaceLookedAt:
    """Store what was read in one place, in a transaction that is open."""
    looked = PlaceLookedAt(name)
    for each in read:
        found = each
        if isinstance(each, ReadAlert):  # another process may have been faster
            digest = digest_of(each.sent.part.body)
            found = _taken_before(ledger.connection, each.sent, digest) or each
        if isinstance(found, ReadAlert):
            looked = replace(looked, taken=(*looked.taken, _store(app, ledger, found)))
        elif isinstance(found, KnownAlert):
            looked = replace(looked, again=(*looked.again, found))
        else:
            ask_about(app, ledger, found)
            looked = replace(looked, refused=(*looked.refused, found))
    return looked


def ask_about(app: App, ledger: Ledger, refusal: Refusal) -> None:
    """Ask who searches about what could not be taken, once, and tell of it."""
    text = storable(f"{refusal.name} was not taken: {refusal.reason}. It lies {refusal.where}.")
    kind = TaskKind.REFUSED_ALERT
    key = storable(refusal.key)
    if tasks.raise_task(ledger, key, kind, subject=storable(refusal.name), text=text, study=None):
        notice = messages.alert_refused(key, storable(refusal.name), text, page_address(app))
        outbox.write(ledger, notice, who_searches(ledger.connection))
        log.warning("%s", text)


def _store(app: App, ledger: Ledger, read: ReadAlert) -> AlertTaken:
    sent, given = read.sent, read.decided
    taken = take_in(app, ledger, sent.plan, given, whole=False)
    alert = _alert(sent, given, taken)
    alerts.record_alert(ledger, alert)
    to_screen = Counter(taken.opened) - Counter(taken.linked)
    if to_screen:
        titles = tuple(to_screen.elements())
        notice = messages.candidates_of_alert(alert, sent.plan.name, titles, page_address(app))
        outbox.write(ledger, notice, outbox.recipients(ledger.connection, decisions.SCREENER))
    log.info("%s: %d found, %d new, %d known", alert.alert, alert.found, alert.new, alert.known)
    return alert


def _alert(sent: SentPart, given: DecidedAnswer, taken: Taken) -> AlertTaken:
    (payload,) = given.kept_as.values()
    warnings = (*given.answer.warnings, *taken.problems)
    covers = sent.part.covers
    return AlertTaken(
        alert=taken.run_id,
        source=sent.plan.id,
        day=sent.day.isoformat(),
        way=sent.way,
        name=storable(sent.part.name),
        message=storable(sent.message) if sent.message is not None else None,
        covers=storable(covers) if covers is not None else None,
        payload=payload,
        found=given.answer.found,
        new=taken.new,
        known=taken.known,
        changed=taken.changed,
        candidates_new=len(taken.opened),
        warnings=(*map(storable, warnings), *warnings_of(taken.odd)),
    )


def _taken_before(connection: Connection, sent: SentPart, digest: str) -> KnownAlert | None:
    """Return as what these bytes were taken before: as an alert, or as a search by hand."""
    found = alerts.alert_with(connection, sent.plan.id, digest)
    if found is not None:
        return KnownAlert(sent, found.alert.alert, found.alert.day, found.taken_at)
    made = made_searches(connection, sent.plan.id)
    run = next((each.run for each in made if digest in each.run.payloads), None)
    if run is None:
        return None
    return KnownAlert(sent, run.id, run.started_at[:10], run.finished_at)
