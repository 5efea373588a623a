"""Where what people said of a candidate goes: records become one, or two, or are judged anew."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Table, func, select, update

from state import tables as t
from state.screening import SEATS, Stage

SAID = (t.decision, t.ruling)


def set_aside(connection: Connection, candidate: str, stage: Stage, by: int) -> None:
    """Keep what was said at a stage as earlier: it counts no more from an event on."""
    for table in SAID:
        column = table.c
        counted = (column.candidate_id == candidate, column.stage == stage, column.earlier == 0)
        connection.execute(update(table).where(*counted).values(earlier=by))


def take_back(connection: Connection, candidate: str, stage: Stage, person: str, by: int) -> None:
    """Take one reader's verdict off a stage from an event on."""
    column = t.decision.c
    counted = (*_counting(candidate, stage), column.person_id == person)
    connection.execute(update(t.decision).where(*counted).values(withdrawn=by))


def carry_verdicts(connection: Connection, own: str, to: str) -> None:
    """Let what was said of a merged candidate count for the one it joined, seat by seat.

    A seat that is taken there stays so: who finds none keeps the verdict where it was given.
    """
    if connection.execute(select(t.candidate.c.closed).where(t.candidate.c.id == to)).scalar():
        return
    for stage in Stage:
        seated = _readers(connection, to, stage)
        moving = [who for who in _readers(connection, own, stage) if who not in seated]
        moving = moving[: SEATS - len(seated)]
        # A ruling goes with the two verdicts that it was made on, or not at all.
        for table in (t.decision,) if seated else SAID:
            _carry(connection, table, own, to, table.c.stage == stage, moving)


def carry_verdicts_back(connection: Connection, candidate: str, own: str) -> None:
    """Give a record that is by itself again what was said of it, but where that has decided."""
    if connection.execute(
        select(t.candidate.c.closed).where(t.candidate.c.id == candidate)
    ).scalar():
        return
    for stage in Stage:
        if len(_readers(connection, candidate, stage)) >= SEATS:
            continue
        for table in SAID:
            column = table.c
            back = (column.candidate_id == candidate, column.stage == stage, column.said_of == own)
            connection.execute(update(table).where(*back).values(candidate_id=own, said_of=None))


def _carry(
    connection: Connection,
    table: Table,
    own: str,
    to: str,
    at: ColumnElement[bool],
    people: Sequence[str],
) -> None:
    column = table.c
    mine = [column.candidate_id == own, at, column.earlier == 0]
    if table is t.decision:
        mine.append(column.person_id.in_(people))
    connection.execute(
        update(table)
        .where(*mine)
        .values(candidate_id=to, said_of=func.coalesce(column.said_of, own))
    )


def _readers(connection: Connection, candidate: str, stage: Stage) -> list[str]:
    """Return who holds a seat at a stage, in the order in which they first decided."""
    column = t.decision.c
    query = select(column.person_id).where(*_counting(candidate, stage)).order_by(column.seq)
    return list(dict.fromkeys(connection.execute(query).scalars()))


def _counting(candidate: str, stage: Stage) -> tuple[ColumnElement[bool], ...]:
    column = t.decision.c
    of = (column.candidate_id == candidate, column.stage == stage)
    return (*of, column.earlier == 0, column.withdrawn == 0)
