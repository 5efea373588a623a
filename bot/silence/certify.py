"""Sign what a round of all automatic sources came to, and tell of silence once a month.

A round ends when every source has a new whole answer. It ends without one when the slowest
schedule's slot is late: then the certificate names what failed or was not asked, and
claims nothing. Once the fault is mended a certificate for the same period follows at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot import VERSION
from bot.app import App, log
from bot.notify import messages
from bot.silence.certificate import (
    Before,
    Key,
    Log,
    RoundVerdict,
    SearchRound,
    body,
    chain_faults,
    digest,
    lines,
    overdue_by_hand,
)
from bot.silence.rounds import automatic, fresh_run, hand_lines, news, pending, source_lines
from bot.silence.signing_key import SigningKey, open_key, signature_holds
from bot.sources.upstream.clock import shown
from bot.surveillance.lateness import A_ROUND_MAY_TAKE, certificate_is_late, is_late, next_round_by
from bot.surveillance.searched import source_lateness
from bot.surveillance.slots import next_search
from state import decisions, outbox, runs
from state.certificates import (
    StoredCertificate,
    certificates,
    keep_certificate,
    last_certificate,
)
from state.codec import Json, instant, moment
from state.errors import DataFolderFault
from state.events import Ledger, hashes, head
from state.facts import SearchRun
from state.facts.words import RoleId, RunStatus
from state.values import WorkKind


def certify(app: App) -> StoredCertificate | None:
    """Issue a certificate where a round is complete, mended or late; return it.

    Where the key cannot be read there is none: the search that ended stands all the same, and the
    watchdog misses the certificate.
    """
    with app.database.reading() as connection:
        if not _due(app, connection):
            return None
    try:
        key = open_key(app.config.data)
    except DataFolderFault as fault:
        log.error("no certificate: %s", fault)
        return None
    with app.ledger() as ledger:
        if not _due(app, ledger.connection):
            return None
        issued = _issue(app, ledger, key)
    log.info("%s: %s", issued.id, json.loads(issued.body)["verdict"])
    return issued


def verify_certificates(app: App) -> list[str]:
    """Check every certificate's signature, chain, and place in the log."""
    with app.database.reading() as connection:
        found = certificates(connection)
        log = hashes(connection) if found else {}
    faults = chain_faults([(each.id, each.body) for each in found])
    for each in found:
        said = json.loads(each.body)
        if not signature_holds(said["key"]["public"], each.body, each.signature):
            faults.append(f"certificate {each.id}: its signature does not hold")
        if log.get(said["log"]["events"]) != said["log"]["head"]:
            faults.append(f"certificate {each.id}: the log is not the one that it was signed over")
    return faults


def _due(app: App, connection: Connection) -> bool:
    """Whether a round is complete, was mended, or is late."""
    last = last_certificate(connection)
    named = _named(last)
    fresh = [fresh_run(connection, plan, named) for plan in automatic(app)]
    if _complete(app, connection, fresh):
        return True
    if last is not None and _mended(app, connection, last):
        return True
    begun = [moment(run.finished_at) for run in fresh if run is not None]
    return _late(app, connection, last, min(begun) if begun else None)


def _complete(app: App, connection: Connection, fresh: Sequence[SearchRun | None]) -> bool:
    """Whether every source has a new whole answer, and none was due again long ago.

    A program that wakes after a month has an old answer of its most frequent source: the round
    waits for a new one.
    """
    now = app.clock.now()
    return bool(fresh) and all(
        run is not None
        and run.status is RunStatus.OK
        and not is_late(source_lateness(app, connection, plan, now))
        for plan, run in zip(automatic(app), fresh, strict=True)
    )


def _mended(app: App, connection: Connection, last: StoredCertificate) -> bool:
    """Whether what made the last certificate prove nothing is gone, and no search is due."""
    if json.loads(last.body)["verdict"] != RoundVerdict.INCOMPLETE:
        return False
    if runs.waiting(connection, WorkKind.SEARCH):
        return False
    closed = _named(_last_conclusive(connection))
    return all(
        line.fault is None for line in source_lines(app, connection, closed, app.clock.now())
    )


def _late(
    app: App, connection: Connection, last: StoredCertificate | None, begun: datetime | None
) -> bool:
    """Whether a round is late: one that has begun (after a month asleep, say) is given a day."""
    due = moment(json.loads(last.body)["next_by"]) if last is not None else None
    now = app.clock.now()
    if begun is not None:
        return certificate_is_late(max(due or begun, begun + A_ROUND_MAY_TAKE), now)
    waiting = runs.waiting(connection, WorkKind.SEARCH)
    return due is not None and certificate_is_late(due, now) and not waiting


def _issue(app: App, ledger: Ledger, key: SigningKey) -> StoredCertificate:
    connection, now = ledger.connection, app.clock.now()
    last, conclusive = last_certificate(connection), _last_conclusive(connection)
    since = conclusive.at if conclusive is not None else None
    seq, top = head(connection)
    upcoming = _upcoming(app, connection)
    found = SearchRound(
        id=f"certificate-{seq + 1:08d}",
        review=app.protocol.id,
        program=VERSION,
        protocol=app.protocol.version,
        protocol_sha256=hashlib.sha256(app.review.protocol_text.encode()).hexdigest(),
        since=since,
        issued_at=instant(now),
        sources=source_lines(app, connection, _named(conclusive), now),
        by_hand=hand_lines(app, connection, since, now),
        news=news(connection, after=_events(conclusive)),
        pending=pending(connection),
        log=Log(seq, top),
        previous=Before(last.id, digest(last.body)) if last is not None else None,
        next_by=instant(next_round_by(upcoming, now)),
        key=Key(key.id, key.public, _other_key(last, key)),
    )
    text = body(found)
    stored = StoredCertificate(found.id, ledger.at, text, key.sign(text))
    keep_certificate(ledger, stored.id, stored.body, stored.signature)
    if found.verdict is RoundVerdict.SILENT:
        _tell(app, ledger, stored, upcoming)
    return stored


def _tell(
    app: App, ledger: Ledger, stored: StoredCertificate, upcoming: Sequence[datetime]
) -> None:
    """Tell of silence, once a month, with the certificate."""
    zone = app.protocol.time_zone
    proof = {"id": stored.id, "body": stored.body, "signature": stored.signature}
    notice = messages.nothing_new(
        app.clock.now().astimezone(ZoneInfo(zone)).strftime("%Y-%m"),
        lines(json.loads(stored.body)),
        shown(min(upcoming), zone) if upcoming else "not scheduled",
        json.dumps(proof, ensure_ascii=False),
        overdue_by_hand(json.loads(stored.body)),
    )
    outbox.write(
        ledger, notice, outbox.recipients(ledger.connection, decisions.SCREENER, RoleId.LEAD)
    )


def _last_conclusive(connection: Connection) -> StoredCertificate | None:
    """Return the newest certificate that proved something: the round since it is still open."""
    last = last_certificate(connection)
    if last is None or _conclusive(last):
        return last
    return next((each for each in certificates(connection)[::-1] if _conclusive(each)), None)


def _conclusive(stored: StoredCertificate) -> bool:
    return bool(json.loads(stored.body)["verdict"] != RoundVerdict.INCOMPLETE)


def _named(stored: StoredCertificate | None) -> frozenset[str]:
    """Return the runs that a certificate names."""
    if stored is None:
        return frozenset()
    said: Json = json.loads(stored.body)
    return frozenset(line["run"] for line in said["sources"] if line["run"] is not None)


def _events(stored: StoredCertificate | None) -> int:
    return int(json.loads(stored.body)["log"]["events"]) if stored is not None else 0


def _other_key(last: StoredCertificate | None, key: SigningKey) -> str | None:
    """Return the id of the key that signed the last certificate, where it was another."""
    before = json.loads(last.body)["key"]["id"] if last is not None else key.id
    return str(before) if before != key.id else None


def _upcoming(app: App, connection: Connection) -> list[datetime]:
    found = (next_search(app, connection, plan) for plan in automatic(app))
    return [at for at in found if at is not None]
