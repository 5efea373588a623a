"""Sign what a round of all automatic sources came to, and tell of silence once a month."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.app import App, log
from bot.certificate import (
    HandLine,
    Round,
    SourceLine,
    Verdict,
    body,
    chain_faults,
    digest,
    lines,
)
from bot.moments import shown
from bot.notify import messages
from bot.plausibility import Bounds, bounds
from bot.protocol import SourcePlan
from bot.schedule import late_by
from bot.signing_key import SigningKey, key_id, open_key, signature_holds
from bot.steps.schedule import MANUAL, SEARCH, next_search
from bot.version import VERSION
from state import decisions, outbox, runs
from state.certificates import (
    StoredCertificate,
    certificates,
    keep_certificate,
    last_certificate,
)
from state.codec import Json, instant, moment
from state.events import Ledger, head
from state.likeness import open_likenesses
from state.runs import SearchRun
from state.tasks import TaskKind, open_tasks, raise_task

# A round is late where its slowest source's next slot is past by this much.
GRACE = timedelta(days=2)
A_ROUND = timedelta(days=1)
LOOKED_BACK = 60  # runs of a source, failed ones among them


def certify(app: App) -> StoredCertificate | None:
    """Issue a certificate where a round is complete, or is late; return it."""
    with app.database.reading() as connection:
        due = _due(app, connection)
    if not due:
        return None
    key = open_key(app.config.data)
    with app.ledger() as ledger:
        if not _due(app, ledger.connection):
            return None
        issued = _issue(app, ledger, key)
    log.info("certificate %s: %s", issued.id, json.loads(issued.body)["verdict"])
    return issued


def judge_count(ledger: Ledger, plan: SourcePlan, run: SearchRun) -> Bounds | None:
    """Return the bounds for a run's count; one outside is put to a person."""
    expected = expected_count(ledger.connection, run)
    if run.status == "ok" and expected is not None and not expected.hold(run.found):
        text = (
            f"{plan.name} found {run.found} records on {run.finished_at[:10]}; by its last"
            f" {expected.runs} searches {expected.lower} to {expected.upper} were expected. Has the"
            " service changed, or the answer been cut?"
        )
        kind = TaskKind.IMPLAUSIBLE_COUNT
        raise_task(ledger, f"count:{run.id}", kind, subject=plan.id, text=text, study=None)
    return expected


def expected_count(connection: Connection, run: SearchRun) -> Bounds | None:
    """Return the bounds that earlier whole answers to the same query give."""
    earlier = [
        each.found
        for each in runs.search_runs(connection, run.source, limit=LOOKED_BACK)
        if each.status == "ok"
        and each.query == run.query
        and each.id != run.id
        and each.finished_at <= run.finished_at
    ]
    return bounds(earlier[::-1])


def verify_certificates(app: App) -> list[str]:
    """Check every certificate's signature by its own key's name, and their chain."""
    with app.database.reading() as connection:
        found = certificates(connection)
    if not found:
        return []
    key = open_key(app.config.data)
    faults = chain_faults([(each.id, each.body) for each in found])
    return faults + [
        f"certificate {each.id}: its signature does not hold"
        for each in found
        if json.loads(each.body)["key"] == key.id
        and not signature_holds(key.public, each.body, each.signature)
    ]


def certificate_json(stored: StoredCertificate, public: str) -> Json:
    """Write a certificate with what verifies it."""
    return {
        "id": stored.id,
        "body": stored.body,
        "signature": stored.signature,
        "public_key": public,
        "key_id": key_id(public),
    }


def _due(app: App, connection: Connection) -> bool:
    """Whether every source has a good run that no certificate names yet, or the round is late."""
    last = last_certificate(connection)
    named = _named(last)
    fresh = [_fresh(connection, plan, named) for plan in _automatic(app)]
    if fresh and all(run is not None and run.status == "ok" for run in fresh):
        return True
    begun = [moment(run.finished_at) for run in fresh if run is not None]
    return _late(app, connection, last, min(begun) if begun else None)


def _late(
    app: App, connection: Connection, last: StoredCertificate | None, begun: datetime | None
) -> bool:
    """Whether a round is late: one that has begun (after a month asleep, say) is given a day."""
    due = moment(json.loads(last.body)["next_by"]) if last is not None else None
    if begun is not None:
        return app.clock.now() > max(due or begun, begun + A_ROUND)
    waiting = runs.waiting(connection, SEARCH)
    return due is not None and app.clock.now() > due and not waiting


def _issue(app: App, ledger: Ledger, key: SigningKey) -> StoredCertificate:
    connection, last = ledger.connection, last_certificate(ledger.connection)
    now, named = app.clock.now(), _named(last)
    seq, digest_of_log = head(connection)
    found = Round(
        review=app.protocol.id,
        program=VERSION,
        protocol=app.protocol.version,
        protocol_sha256=hashlib.sha256(app.review.protocol_text.encode()).hexdigest(),
        issued_at=instant(now),
        since=last.at if last is not None else None,
        sources=tuple(_line(connection, plan, named) for plan in _automatic(app)),
        by_hand=tuple(_hand(app, connection, plan, now) for plan in _by_hand(app)),
        pending=_pending(connection),
        events=seq,
        head=digest_of_log,
        previous=digest(last.body) if last is not None else None,
        next_by=instant(_next_by(app, connection)),
        key=key.id,
    )
    text = body(found)
    name = f"certificate-{seq + 1}"
    keep_certificate(ledger, name, text, key.sign(text))
    stored = StoredCertificate(name, ledger.at, text, key.sign(text))
    if found.verdict is Verdict.SILENT:
        _tell(app, ledger, stored, key)
    return stored


def _tell(app: App, ledger: Ledger, stored: StoredCertificate, key: SigningKey) -> None:
    """Tell of silence, once a month, with the certificate."""
    zone = app.protocol.time_zone
    found = json.loads(stored.body)
    upcoming = _upcoming(app, ledger.connection)
    notice = messages.nothing_new(
        app.clock.now().astimezone(ZoneInfo(zone)).strftime("%Y-%m"),
        lines(found),
        shown(min(upcoming), zone) if upcoming else "not scheduled",
        json.dumps(certificate_json(stored, key.public), ensure_ascii=False),
    )
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, decisions.SCREENER, "lead"))


def _automatic(app: App) -> list[SourcePlan]:
    return [plan for plan in app.protocol.sources if plan.kind != MANUAL]


def _by_hand(app: App) -> list[SourcePlan]:
    return [plan for plan in app.protocol.sources if plan.kind == MANUAL]


def _named(last: StoredCertificate | None) -> frozenset[str]:
    if last is None:
        return frozenset()
    return frozenset(line["run"] for line in json.loads(last.body)["sources"] if line["run"])


def _fresh(connection: Connection, plan: SourcePlan, named: frozenset[str]) -> SearchRun | None:
    run = runs.last_run(connection, plan.id)
    return run if run is not None and run.id not in named else None


def _line(connection: Connection, plan: SourcePlan, named: frozenset[str]) -> SourceLine:
    run = _fresh(connection, plan, named)
    if run is None:
        return SourceLine(plan.id, plan.name)
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
        candidates_new=_queued_since(connection, plan, named),
        pages=run.pages,
        known_items_found=len(run.known_items_found),
        known_items_missing=tuple(item.id for item in run.known_items_missing),
        bounds=expected_count(connection, run),
        warnings=run.warnings,
        error=run.error,
    )


def _queued_since(connection: Connection, plan: SourcePlan, named: frozenset[str]) -> int:
    """Count what every run since the certificate before has queued."""
    count = 0
    for run in runs.search_runs(connection, plan.id):
        if run.id in named:
            break
        count += run.candidates_new
    return count


def _hand(app: App, connection: Connection, plan: SourcePlan, now: datetime) -> HandLine:
    last = runs.last_run(connection, plan.id, "ok")
    if last is None:
        return HandLine(plan.id, plan.name, None, True)
    late = late_by(plan.schedule, app.protocol.time_zone, last=moment(last.finished_at), now=now)
    return HandLine(plan.id, plan.name, last.finished_at, late > timedelta(0))


def _pending(connection: Connection) -> dict[str, int]:
    return {
        "candidates_open": len(decisions.candidates(connection, closed=False)),
        "pairs_to_look_at": len(open_likenesses(connection)),
        "tasks_open": len(open_tasks(connection)),
    }


def _next_by(app: App, connection: Connection) -> datetime:
    """The slowest source's next slot, and some grace: later than that the program is dead."""
    return max([*_upcoming(app, connection), app.clock.now()]) + GRACE


def _upcoming(app: App, connection: Connection) -> list[datetime]:
    found = (next_search(app, connection, plan) for plan in _automatic(app))
    return [at for at in found if at is not None]
