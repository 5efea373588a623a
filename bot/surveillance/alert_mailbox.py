"""The mailbox: every message is read once, given to the source whose rule it fits, and remembered.

The memory is the program's own (a number of the mailbox, and the bytes and the Message-ID of what
was taken): whoever reads the mailbox changes nothing of it, and no message is deleted.
"""

from __future__ import annotations

from bot.app import App, log_raised
from bot.config import revealed
from bot.review.protocol import SourcePlan
from bot.sources.upstream.imap import OpenMailbox, open_mailbox
from bot.surveillance.alert_mail import AlertMail, read_mail
from bot.surveillance.given_files import LARGEST_MAIL_BYTES
from bot.surveillance.odd_records import OF_THE_DATABASE
from bot.surveillance.taking_alerts import (
    PlaceLookedAt,
    Reading,
    Refusal,
    day_of,
    read_mail_parts,
    store_in,
    too_large,
)
from extraction.readers.odd import reason_of
from state import runs
from state.attempts import ToStore
from state.codec import instant
from state.events import Ledger
from state.runs import Work
from state.values import WorkKind

IN_IT = "in the mailbox"
IN_ONE_LOOK = 100  # messages; the others are read with the next


def read_mailbox(app: App, work: Work) -> ToStore:
    """Take in every message that was not looked at before; each is stored by itself."""
    look_into_mailbox(app, work)
    return ToStore(lambda _: None)


def look_into_mailbox(app: App, work: Work | None = None) -> tuple[PlaceLookedAt, ...]:
    """Take in every new message of the mailbox; return what became of each."""
    url = revealed(app.config.alerts_imap_url)
    if url is None:
        return ()
    looked: list[PlaceLookedAt] = []
    with open_mailbox(url) as mailbox:
        for uid in _new(app, mailbox)[:IN_ONE_LOOK]:
            looked.append(_take(app, mailbox, uid))
            mailbox.mark(uid)
            if work is not None:
                with app.database.transaction() as connection:
                    runs.hold(connection, work, now=app.clock.now())
    return tuple(looked)


def _new(app: App, mailbox: OpenMailbox) -> list[str]:
    with app.database.reading() as connection:
        known = runs.keys_of(connection, WorkKind.MESSAGE)
    return [uid for uid in mailbox.uids() if _name(mailbox, uid) not in known]


def _name(mailbox: OpenMailbox, uid: str) -> str:
    return f"{mailbox.account.address} {mailbox.validity}.{uid}"


def _take(app: App, mailbox: OpenMailbox, uid: str) -> PlaceLookedAt:
    """Read one message, store what it brings and that it was read, in one transaction."""
    name, read = _read(app, mailbox, uid)
    with app.ledger() as ledger:
        looked = store_in(app, ledger, name, read)
        _remember(app, ledger, _name(mailbox, uid))
    return looked


def _remember(app: App, ledger: Ledger, name: str) -> None:
    now = app.clock.now()
    runs.enqueue(ledger.connection, WorkKind.MESSAGE, name, due_at=instant(now))
    found = runs.find_work(ledger.connection, WorkKind.MESSAGE, name)
    work = runs.claim(ledger.connection, found, now=now) if found is not None else None
    if work is not None:
        runs.finish(ledger.connection, work, now=now)


def _read(app: App, mailbox: OpenMailbox, uid: str) -> tuple[str, tuple[Reading, ...]]:
    size = mailbox.size(uid)
    if size > LARGEST_MAIL_BYTES:
        name = f"message {uid} of the mailbox"
        key = f"alert:mail:{_name(mailbox, uid)}"
        return name, (Refusal(key, name, too_large(name, size), IN_IT),)
    body = mailbox.message(uid)
    if body is None:  # it was taken away since the list was made
        return f"message {uid} of the mailbox", ()
    try:
        mail = read_mail(body)
        return mail.subject or mail.id, _of_its_source(app, mail)
    except OF_THE_DATABASE:
        raise
    except Exception as error:  # noqa: BLE001 - the edge of a message: the others are taken
        name = f"message {uid} of the mailbox"
        log_raised(f"{name}: not taken", error)
        key = f"alert:mail:{_name(mailbox, uid)}"
        return name, (Refusal(key, name, f"reading it raised {reason_of(error)}", IN_IT),)


def _of_its_source(app: App, mail: AlertMail) -> tuple[Reading, ...]:
    plans = sources_of(app, mail)
    if len(plans) == 1:
        day = day_of(app, mail.sent_at or app.clock.now())
        return read_mail_parts(app, plans[0], mail, day)
    who = f"the mail '{mail.subject}' from {mail.sender or 'nobody'}"
    found = " and ".join(plan.name for plan in plans) or "no rule that it fits"
    reason = f"{who}: found {found}, expected the rule of one source (alerts in protocol.toml)"
    return (Refusal(f"alert:mail:{mail.id}", "A mail", reason, IN_IT),)


def sources_of(app: App, mail: AlertMail) -> tuple[SourcePlan, ...]:
    """Return the sources whose rules a mail fits."""
    return tuple(
        plan
        for plan in app.protocol.sources
        if any(rule.fits(mail.sender, mail.subject) for rule in plan.alerts)
    )
