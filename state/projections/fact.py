"""One fact of the log as a projection sees it, and the few ways in which rows are written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table, insert, select

from state import tables as t
from state.codec import Json, canonical


@dataclass(frozen=True, slots=True)
class Fact:
    """What a projection may look at."""

    seq: int
    at: str
    actor: str
    kind: str
    subject: str
    payload: Json


def add(connection: Connection, table: Table, **values: object) -> None:
    connection.execute(insert(table).values(**values))


def taken(fact: Fact, *names: str) -> dict[str, object]:
    return {name: fact.payload[name] for name in names}


def identify(
    connection: Connection, table: Table, column: str, owner: str, identifiers: list[str]
) -> None:
    """Add the identifiers that the owner does not have yet."""
    known = set(
        connection.execute(select(table.c.identifier).where(table.c[column] == owner)).scalars()
    )
    for identifier in identifiers:
        if identifier not in known:
            add(connection, table, **{"identifier": identifier, column: owner})


def open_candidate(connection: Connection, fact: Fact, place: Json) -> None:
    add(
        connection,
        t.candidate,
        id=place["id"],
        kind="new" if place["study_id"] is None else "second_report",
        opened_at=fact.at,
        score=place["score"],
        lane=place["lane"],
        reasons=canonical(place["reasons"]),
        flags=canonical(place["flags"]),
        study_id=place["study_id"],
        link_reason=place["link_reason"],
        link_settled=0,
        closed=0,
        outcome=None,
    )
