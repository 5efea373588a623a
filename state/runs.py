"""The ledger of work: what is due, who holds it, what is done; and the record of each search.

Rows here are operational: no fact depends on them. A claim carries a lease and a fence; a holder
that died is replaced at once when it ran on this machine, else when its lease ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Row, func, insert, select, update

from state import tables as t
from state.codec import instant, loaded, moment
from state.errors import LeaseLost, NotFound
from state.events import Ledger, events
from state.facts import KnownItemMissing as KnownItemMissing  # known to the rest by this room
from state.facts import SearchFinished, SearchWithdrawn
from state.facts import SearchRun as SearchRun
from state.facts.words import RunStatus
from state.late import late
from state.processes import lives, this_holder
from state.readings import read_once
from state.values import WorkKind

# A holder that lives renews it; one that died on another machine holds work up no longer than this.
LEASE = timedelta(minutes=15)

_STANDS = t.search_run.c.withdrawn == 0


class WorkState(StrEnum):
    """How a piece of work stands."""

    DUE = "due"
    CLAIMED = "claimed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work and how it stands."""

    kind: WorkKind
    key: str
    due_at: str
    state: WorkState
    fence: int
    attempts: int
    last_error: str | None
    holder: str | None
    done_at: str | None


def enqueue(connection: Connection, kind: WorkKind, key: str, *, due_at: str) -> bool:
    """Ask for a piece of work; asking again for the same key changes nothing."""
    values = {
        "kind": kind,
        "key": key,
        "due_at": due_at,
        "state": WorkState.DUE,
        "fence": 0,
        "attempts": 0,
    }
    insertion = late(f"sqlalchemy.dialects.{connection.dialect.name}:insert")(t.work)
    new = insertion.values(**values).on_conflict_do_nothing().returning(t.work.c.key)
    return connection.execute(new).first() is not None


def request(
    connection: Connection, kind: WorkKind, key: str, *, due_at: str, sooner: bool = True
) -> None:
    """Ask for work that may have been done before: it becomes due again.

    Work that waits for its next try becomes due earlier, unless `sooner` is False.
    """
    if enqueue(connection, kind, key, due_at=due_at):
        return
    column = t.work.c
    mine = (column.kind == kind, column.key == key)
    connection.execute(
        update(t.work)
        .where(*mine, column.state == WorkState.DONE)
        .values(state=WorkState.DUE, due_at=due_at, attempts=0, last_error=None, done_at=None)
    )
    if sooner:
        connection.execute(
            update(t.work)
            .where(*mine, column.state == WorkState.DUE, column.due_at > due_at)
            .values(due_at=due_at)
        )


def due(connection: Connection, kind: WorkKind, *, now: datetime) -> tuple[Work, ...]:
    """Return what should be done now, the longest due first."""
    column = t.work.c
    query = (
        select(t.work)
        .where(column.kind == kind, column.state != WorkState.DONE, column.due_at <= instant(now))
        .order_by(column.due_at, column.key)
    )
    rows = connection.execute(query).all()
    return tuple(_work(row) for row in rows if _free(row, instant(now)))


def next_due(connection: Connection, *, now: datetime) -> str | None:
    """Return the next instant after now at which waiting work is due."""
    column = t.work.c
    query = select(func.min(column.due_at)).where(
        column.state == WorkState.DUE, column.due_at > instant(now)
    )
    return connection.execute(query).scalar()


def claim(connection: Connection, work: Work, *, now: datetime) -> Work | None:
    """Take a piece of work for this process, or return None where another was faster."""
    column = t.work.c
    row = connection.execute(
        select(t.work).where(column.kind == work.kind, column.key == work.key)
    ).first()
    if row is None or row.state == WorkState.DONE or not _free(row, instant(now)):
        return None
    taken = {
        "state": WorkState.CLAIMED,
        "holder": this_holder(),
        "lease_until": instant(now + LEASE),
        "fence": row.fence + 1,
        "attempts": row.attempts + 1,
    }
    connection.execute(
        update(t.work).where(column.kind == work.kind, column.key == work.key).values(**taken)
    )
    return _work(
        connection.execute(
            select(t.work).where(column.kind == work.kind, column.key == work.key)
        ).one()
    )


def hold(connection: Connection, work: Work, *, now: datetime) -> None:
    """Renew the lease; raise LeaseLost where another process has taken over."""
    column = t.work.c
    mine = (column.kind == work.kind, column.key == work.key, column.fence == work.fence)
    kept = connection.execute(
        update(t.work)
        .where(*mine, column.state == WorkState.CLAIMED)
        .values(lease_until=instant(now + LEASE))
    )
    if kept.rowcount != 1:
        raise LeaseLost(f"{work.kind} {work.key} was taken over by another process")


def finish(connection: Connection, work: Work, *, now: datetime) -> None:
    """Mark work as done, in the transaction that stored what it did."""
    hold(connection, work, now=now)
    _set(connection, work, state=WorkState.DONE, done_at=instant(now), last_error=None, holder=None)


def put_back(connection: Connection, work: Work, *, error: str, due_at: str, now: datetime) -> None:
    """Leave failed work to be tried again at another time, with the reason."""
    hold(connection, work, now=now)
    _set(connection, work, state=WorkState.DUE, due_at=due_at, last_error=error, holder=None)


def _set(connection: Connection, work: Work, **values: object) -> None:
    column = t.work.c
    connection.execute(
        update(t.work)
        .where(column.kind == work.kind, column.key == work.key)
        .values(lease_until=None, **values)
    )


def waiting(connection: Connection, kind: WorkKind) -> tuple[Work, ...]:
    """Return the work of a kind that is not done, the earliest due first."""
    query = select(t.work).where(t.work.c.kind == kind, t.work.c.state != WorkState.DONE)
    rows = connection.execute(query.order_by(t.work.c.due_at, t.work.c.key))
    return tuple(_work(row) for row in rows)


def failing(connection: Connection) -> tuple[Work, ...]:
    """Return all work whose last try failed, the earliest due first."""
    query = select(t.work).where(t.work.c.last_error.is_not(None), t.work.c.state != WorkState.DONE)
    rows = connection.execute(query.order_by(t.work.c.due_at, t.work.c.kind, t.work.c.key))
    return tuple(_work(row) for row in rows)


def is_any_in_hand(connection: Connection, *, now: datetime) -> bool:
    """Whether a process that lives is doing any work at this moment."""
    query = select(t.work).where(t.work.c.state == WorkState.CLAIMED)
    return any(not _free(row, instant(now)) for row in connection.execute(query))


def keys_of(connection: Connection, kind: WorkKind) -> frozenset[str]:
    """Return the keys of all work of a kind that is done."""
    query = select(t.work.c.key).where(t.work.c.kind == kind, t.work.c.state == WorkState.DONE)
    return frozenset(connection.execute(query).scalars())


def find_work(connection: Connection, kind: WorkKind, key: str) -> Work | None:
    """Return one piece of work, whatever its state."""
    row = connection.execute(
        select(t.work).where(t.work.c.kind == kind, t.work.c.key == key)
    ).first()
    return _work(row) if row is not None else None


def _free(row: Row[tuple[object, ...]], now: str) -> bool:
    if row.state == WorkState.DUE:
        return True
    return row.lease_until <= now or not lives(row.holder)


def _work(row: Row[tuple[object, ...]]) -> Work:
    return Work(
        WorkKind(row.kind),
        row.key,
        row.due_at,
        WorkState(row.state),
        row.fence,
        row.attempts,
        row.last_error,
        row.holder,
        row.done_at,
    )


def record_search(ledger: Ledger, run: SearchRun) -> None:
    """Store the record of one search run."""
    ledger.record(SearchFinished(run=run))


def withdraw_search(ledger: Ledger, run: str, person: str, note: str) -> None:
    """Store that a search is taken back by who made it."""
    ledger.record(SearchWithdrawn(run=run, person=person, note=note))


def find_search(connection: Connection, run: str) -> SearchRun | None:
    """Return a search by its id, one that was taken back too."""
    row = connection.execute(select(t.search_run).where(t.search_run.c.id == run)).first()
    return _run(row) if row is not None else None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """By whom, when and why a search was taken back."""

    person: str
    at: str
    note: str


def withdrawal_of(connection: Connection, run: str) -> Withdrawal | None:
    """Return how a search was taken back, None where it stands."""
    for each in events(connection, subject=run):
        if isinstance(each.fact, SearchWithdrawn):
            return Withdrawal(each.fact.person, each.at, each.fact.note)
    return None


def withdrawn_searches(connection: Connection) -> frozenset[str]:
    """Return the ids of the searches that were taken back."""
    return frozenset(connection.execute(select(t.search_run.c.id).where(~_STANDS)).scalars())


def search_runs(
    connection: Connection,
    source: str | None = None,
    *,
    status: RunStatus | None = None,
    limit: int | None = None,
    withdrawn: bool = False,
) -> tuple[SearchRun, ...]:
    """Return search runs, the newest first: all, or those of a source, or with a status.

    withdrawn: with those that were taken back, which is to say that they were no search.
    """
    query = select(t.search_run).order_by(
        t.search_run.c.finished_at.desc(), t.search_run.c.id.desc()
    )
    if not withdrawn:
        query = query.where(_STANDS)
    if source is not None:
        query = query.where(t.search_run.c.source == source)
    if status is not None:
        query = query.where(t.search_run.c.status == status)
    if limit is not None:
        query = query.limit(limit)
    return tuple(_run(row) for row in connection.execute(query))


def find_run(connection: Connection, source: str, run_id: str) -> SearchRun:
    """Return one run of a source or raise NotFound."""
    column = t.search_run.c
    query = select(t.search_run).where(column.id == run_id, column.source == source)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("search", run_id)
    return _run(row)


def next_run(connection: Connection, source: str, *, after: int) -> SearchRun | None:
    """Return the run of a source of which the log tells first after an event.

    By the order of the log: where the clock stood still or was put back, a later run can bear an
    earlier instant.
    """
    told = (t.event.c.subject == t.search_run.c.id) & (t.event.c.kind == SearchFinished.event_kind)
    query = select(t.search_run).join(t.event, told)
    query = query.where(t.search_run.c.source == source, t.event.c.seq > after)
    row = connection.execute(query.order_by(t.event.c.seq).limit(1)).first()
    return _run(row) if row is not None else None


@read_once
def last_run(
    connection: Connection, source: str, status: RunStatus | None = None
) -> SearchRun | None:
    """Return a source's last run, or its last with this status."""
    query = select(t.search_run).where(t.search_run.c.source == source, _STANDS)
    if status is not None:
        query = query.where(t.search_run.c.status == status)
    row = connection.execute(
        query.order_by(t.search_run.c.finished_at.desc(), t.search_run.c.id.desc()).limit(1)
    ).first()
    return _run(row) if row is not None else None


def searched_since(connection: Connection, after: int) -> bool:
    """Whether the log tells of a whole search of any source after an event, not taken back."""
    told = (t.event.c.subject == t.search_run.c.id) & (t.event.c.kind == SearchFinished.event_kind)
    query = select(t.event.c.seq).select_from(t.search_run).join(t.event, told)
    query = query.where(t.search_run.c.status == RunStatus.OK, t.event.c.seq > after, _STANDS)
    return connection.execute(query.limit(1)).first() is not None


def _run(row: Row[tuple[object, ...]]) -> SearchRun:
    return loaded(SearchRun, row.data)


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life: when, of which process, and under which path it serves the page.

    holder, root, address: None where an older program beat.
    """

    at: datetime
    holder: str | None
    root: str | None
    address: str | None

    @property
    def holder_lives(self) -> bool:
        """Whether the process may still live; one of another machine is taken to."""
        return self.holder is None or lives(self.holder)


def beat(
    connection: Connection, name: str, *, now: datetime, root: str = "", address: str | None = None
) -> None:
    """Say that a part of the program is alive, in this process, and where its page is."""
    said = {"at": instant(now), "holder": this_holder(), "root": root, "address": address}
    changed = connection.execute(update(t.pulse).where(t.pulse.c.name == name).values(**said))
    if not changed.rowcount:
        connection.execute(insert(t.pulse).values(name=name, **said))


def last_beat(connection: Connection, name: str) -> Beat | None:
    """Return how a part of the program last said so."""
    row = connection.execute(select(t.pulse).where(t.pulse.c.name == name)).first()
    return Beat(moment(row.at), row.holder, row.root, row.address) if row is not None else None
