"""From facts to the tables of people and protocol versions."""

from __future__ import annotations

from sqlalchemy import Connection, delete, update

from state import tables as t
from state.codec import canonical
from state.facts import (
    BaselineFilesTaken,
    PersonAdded,
    PersonChanged,
    PersonRetired,
    PersonReturned,
    ProtocolAdopted,
    Stored,
    WorkPassed,
    WorkReturned,
)
from state.projections.rows import add, projects, taken


@projects(PersonAdded)
def _person_added(connection: Connection, event: Stored[PersonAdded]) -> None:
    add(
        connection,
        t.person,
        id=event.fact.person,
        added_at=event.at,
        retired=0,
        **_described(event.fact),
    )


@projects(PersonChanged)
def _person_changed(connection: Connection, event: Stored[PersonChanged]) -> None:
    connection.execute(
        update(t.person).where(t.person.c.id == event.fact.person).values(**_described(event.fact))
    )


@projects(PersonReturned)
def _person_returned(connection: Connection, event: Stored[PersonReturned]) -> None:
    connection.execute(
        update(t.person)
        .where(t.person.c.id == event.fact.person)
        .values(retired=0, **_described(event.fact))
    )


def _described(fact: PersonAdded | PersonChanged | PersonReturned) -> dict[str, object]:
    return {**taken(fact, "name", "address", "deputy"), "roles": canonical(fact.roles)}


@projects(PersonRetired)
def _person_retired(connection: Connection, event: Stored[PersonRetired]) -> None:
    connection.execute(update(t.person).where(t.person.c.id == event.fact.person).values(retired=1))


@projects(WorkPassed)
def _work_passed(connection: Connection, event: Stored[WorkPassed]) -> None:
    fact = event.fact
    add(
        connection,
        t.stand_in,
        person_id=fact.person,
        since=event.at,
        **taken(fact, "role", "deputy"),
    )


@projects(WorkReturned)
def _work_returned(connection: Connection, event: Stored[WorkReturned]) -> None:
    column = t.stand_in.c
    mine = (column.person_id == event.fact.person, column.role == event.fact.role)
    connection.execute(delete(t.stand_in).where(*mine))


@projects(BaselineFilesTaken)
def _baseline_files_taken(connection: Connection, event: Stored[BaselineFilesTaken]) -> None:
    for name, digest in event.fact.files.items():
        add(connection, t.baseline_file, name=name, sha256=digest, taken_at=event.at)
    if event.fact.published is not None:
        add(connection, t.published_review, review=event.fact.review, **event.fact.published)


@projects(ProtocolAdopted)
def _protocol_adopted(connection: Connection, event: Stored[ProtocolAdopted]) -> None:
    add(
        connection,
        t.protocol_version,
        version=event.fact.protocol_version,
        adopted_at=event.at,
        **taken(event.fact, "sha256", "body", "reason"),
    )
