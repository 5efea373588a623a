"""What the program noticed and only a person can judge: raised once, open until it is settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, func, select

from state import people
from state import tables as t
from state.errors import BadInput, NotFound
from state.events import Ledger
from state.facts import TaskRaised, TaskReopened, TaskSettled
from state.facts.words import TaskKind as TaskKind  # known to the rest by this room
from state.paging import Order, Part, Seek, read_part
from state.standings import CHUNK

_OPEN = t.task.c.settled_at.is_(None)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to judge. subject: what it is about (a record, a source), text: what to do."""

    id: str
    kind: TaskKind
    subject: str
    text: str
    study: str | None
    raised_at: str
    settled_at: str | None
    person: str | None
    note: str | None


def raise_task(
    ledger: Ledger, task_id: str, kind: TaskKind, *, subject: str, text: str, study: str | None
) -> bool:
    """Raise a task unless it was raised before; say whether it is new."""
    if _find(ledger.connection, task_id) is not None:
        return False
    ledger.record(TaskRaised(task=task_id, task_kind=kind, subject=subject, text=text, study=study))
    return True


def settle_task(ledger: Ledger, task_id: str, person_id: str, note: str) -> None:
    """Store what a person concluded; the same said again changes nothing.

    Raises NotFound, or BadInput where it is settled otherwise already.
    """
    people.find_person(ledger.connection, person_id)
    task = find_task(ledger.connection, task_id)
    if task.settled_at is not None:
        if (task.person, task.note) == (person_id, note.strip()):
            return
        raise BadInput(f"task {task_id} was settled by {task.person}: {task.note}")
    if not note.strip():
        raise BadInput(f"task {task_id}: found no note, expected what was concluded")
    ledger.record(TaskSettled(task=task_id, person=person_id, note=note.strip()))


def reopen_task(ledger: Ledger, task_id: str, person_id: str, note: str) -> bool:
    """Have a settled task judged again; return False where it is open already."""
    people.find_person(ledger.connection, person_id)
    if find_task(ledger.connection, task_id).settled_at is None:
        return False
    ledger.record(TaskReopened(task=task_id, person=person_id, note=note))
    return True


def is_task(connection: Connection, task_id: str) -> bool:
    """Whether there is a task of this id."""
    return _find(connection, task_id) is not None


def find_task(connection: Connection, task_id: str) -> Task:
    """Return one task or raise NotFound."""
    found = _find(connection, task_id)
    if found is None:
        raise NotFound("task", task_id)
    return found


def open_tasks(connection: Connection, *, study: str | None = None) -> tuple[Task, ...]:
    """Return what nobody has settled yet, oldest first."""
    return _tasks(connection, _OPEN, *_of_study(study))


def count_open_tasks(connection: Connection) -> int:
    """Count what nobody has settled yet."""
    return connection.execute(select(func.count()).select_from(t.task).where(_OPEN)).scalar_one()


def settled_tasks(connection: Connection, asked: Seek) -> Part[Task]:
    """Return a part of what was settled, the newest raised first."""
    at = None
    if asked.row:
        found = find_task(connection, *asked.names(1))
        at = (found.raised_at, found.id)
    query = select(t.task).where(t.task.c.settled_at.is_not(None))
    order = Order((t.task.c.raised_at, t.task.c.id), down=2)
    return read_part(connection, query, order, asked, at, lambda rows: list(map(_task, rows)))


def tasks(connection: Connection, *, study: str | None = None) -> tuple[Task, ...]:
    """Return every task, oldest first."""
    return _tasks(connection, *_of_study(study))


def tasks_named(connection: Connection, ids: Sequence[str]) -> dict[str, Task]:
    """Return those of the named tasks that were raised."""
    found: dict[str, Task] = {}
    for start in range(0, len(ids), CHUNK):
        named = t.task.c.id.in_(ids[start : start + CHUNK])
        found |= {each.id: each for each in _tasks(connection, named)}
    return found


def _tasks(connection: Connection, *wanted: ColumnElement[bool]) -> tuple[Task, ...]:
    query = select(t.task).where(*wanted).order_by(t.task.c.raised_at, t.task.c.id)
    return tuple(_task(row) for row in connection.execute(query))


def _of_study(study: str | None) -> list[ColumnElement[bool]]:
    return [t.task.c.study_id == study] if study is not None else []


def _find(connection: Connection, task_id: str) -> Task | None:
    row = connection.execute(select(t.task).where(t.task.c.id == task_id)).first()
    return _task(row) if row is not None else None


def _task(row: Row[tuple[object, ...]]) -> Task:
    return Task(
        row.id,
        TaskKind(row.kind),
        row.subject,
        row.text,
        row.study_id,
        row.raised_at,
        row.settled_at,
        row.person_id,
        row.note,
    )
