"""A small world on a real database: people, one queued record, a study to extract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from extraction.model import (
    Basis,
    Cell,
    Design,
    Field,
    Provenance,
    Record,
    RecordIds,
    Study,
    Value,
)
from state import decisions, extractions, people, records
from state.agreement import Agreement
from state.codec import instant
from state.database import APPEND_ONLY, Database
from state.engines.engine import engine_of
from state.events import Actor, Ledger, chain_hash, head
from state.facts import QueueEntry
from state.facts.words import RoleId
from state.people import Person
from state.screening import Answer, EligiblePlace, Stage, StageResult, StudyStatus, Verdict
from state.tables import event

START = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
ADA = Actor("ada", authenticated=True)
CRITERIA = ("E1", "E2")
CANDIDATE = "pubmed:1"
TEAM = (
    Person("ada", "Ada", "ada@example.org", (RoleId.SCREENER, RoleId.EXTRACTOR)),
    Person("ben", "Ben", "ben@example.org", (RoleId.SCREENER, RoleId.EXTRACTOR)),
    Person("cy", "Cy", "cy@example.org", (RoleId.ADJUDICATOR, RoleId.LEAD)),
)


@contextmanager
def ledger(db: Database, actor: Actor = ADA, *, after_s: float = 0) -> Iterator[Ledger]:
    with db.transaction() as connection:
        yield Ledger(connection, actor, instant(START + timedelta(seconds=after_s)))


def drop_guards(connection: Connection) -> None:
    """Let the log be changed, as somebody with the database in their hands could."""
    for table in APPEND_ONLY:
        for what in engine_of(connection.engine.url).GUARDED:
            drop_guard(connection, f"{table}_no_{what}")


def drop_guard(connection: Connection, name: str) -> None:
    table = "" if connection.dialect.name == "sqlite" else f" ON {name.partition('_')[0]}"
    connection.exec_driver_sql(f"DROP TRIGGER {name}{table}")


def row_of_a_newer_program(connection: Connection) -> dict[str, object]:
    """Return an event, well chained, of a kind that this program does not know."""
    seq, digest = head(connection)
    last = connection.execute(event.select().where(event.c.seq == seq)).one()._asdict()
    row = last | {"seq": seq + 1, "kind": "tea_drunk", "prev_hash": digest}
    return row | {"hash": chain_hash(row)}


def add_team(db: Database) -> None:
    with ledger(db) as book:
        for person in TEAM:
            people.add_person(book, person)


def queue_record(db: Database, number: int = 1, study: str | None = None) -> str:
    record = Record(
        "pubmed", str(number), f"A trial, number {number}", ids=RecordIds(pmid=str(number))
    )
    with ledger(db) as book:
        payload = records.keep_payload(book.connection, b"<x/>", "text/xml")
        records.find_record(
            book,
            record,
            identifiers=[f"pmid:{number}"],
            payload_sha256=payload,
            run_id="run-1",
            place=QueueEntry(
                record.key, True, 10, "main", ("a reason",), (), study, study and "id"
            ),
            study=None,
            known_report=False,
        )
    return record.key


def decide(
    db: Database,
    person: str,
    verdict: Verdict,
    *,
    stage: Stage = Stage.TITLE_ABSTRACT,
    criterion: str | None = None,
    place: EligiblePlace | None = None,
    candidate: str = CANDIDATE,
) -> StageResult:
    with ledger(db) as book:
        return decisions.give_verdict(
            book,
            candidate,
            person,
            Answer(verdict, criterion, place),
            stage=stage,
            note=None,
            criteria=CRITERIA,
            protocol_version="1",
        )


def add_study(db: Database, study_id: str = "trial2026") -> None:
    study = Study(study_id, "Trial 2026", Design.OTHER, ())
    with ledger(db) as book:
        extractions.add_study(
            book,
            study,
            identifiers=["pmid:1"],
            place=StudyStatus.INCLUDED,
            next_look_on=None,
            candidate=CANDIDATE,
        )


def value(arm: str, field: Field, number: float, study: str = "trial2026") -> Value:
    provenance = Provenance(Basis.EXTRACTED, "pmid:1", "table 2")
    return Value(Cell(study, "strength", "end", (arm,), field), number, provenance)


def handed(events: float = 9) -> extractions.Handed:
    values = (
        value("ivig", Field.EVENTS, events),
        value("ivig", Field.TOTAL, 12),
        value("placebo", Field.EVENTS, 2),
        value("placebo", Field.TOTAL, 12),
    )
    return extractions.Handed(Design.PARALLEL, ("ivig", "placebo"), 24, values)


def hand_in(db: Database, person: str, events: float = 9) -> Agreement:
    with ledger(db) as book:
        return extractions.submit(book, "trial2026", person, handed(events), protocol_version="1")
