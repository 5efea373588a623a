"""What the program noticed and only a person can judge: raised once, open until it is settled."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from state import people
from state import tables as t
from state.errors import BadInput, NotFound
from state.events import Ledger
from state.facts import TaskRaised, TaskSettled
from state.facts.words import TaskKind as TaskKind  # known to the rest by this room


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
    """Store what a person concluded. Raises NotFound, or BadInput where it is settled already."""
    people.find_person(ledger.connection, person_id)
    task = find_task(ledger.connection, task_id)
    if task.settled_at is not None:
        raise BadInput(f"task {task_id} was settled by {task.person}: {task.note}")
    if not note.strip():
        raise BadInput(f"task {task_id}: found no note, expected what was concluded")
    ledger.record(TaskSettled(task=task_id, person=person_id, note=note.strip()))


def find_task(connection: Connection, task_id: str) -> Task:
    """Return one task or raise NotFound."""
    found = _find(connection, task_id)
    if found is None:
        raise NotFound("task", task_id)
    return found


def open_tasks(connection: Connection, *, study: str | None = None) -> tuple[Task, ...]:
    """Return what nobody has settled yet, oldest first."""
    return tuple(each for each in tasks(connection, study=study) if each.settled_at is None)


def tasks(connection: Connection, *, study: str | None = None) -> tuple[Task, ...]:
    """Return every task, oldest first."""
    query = select(t.task).order_by(t.task.c.raised_at, t.task.c.id)
    if study is not None:
        query = query.where(t.task.c.study_id == study)
    return tuple(_task(row) for row in connection.execute(query))


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
