"""Short ways to say what happens in a test; `helpers` has the world it happens in."""

from __future__ import annotations

from dataclasses import replace

from extraction.model import Design, Field, Record, RecordIds, RegisterEntry, Study, Value
from state import decisions, extractions, likeness, people, records, versions
from state.agreement import Agreement
from state.database import Database
from state.extractions import Handed
from state.facts.words import RoleId, SignedKind, VersionKind
from state.people import Person
from state.records import QueueEntry
from state.screening import Answer, EligiblePlace, Stage, StageResult, Verdict
from state.values import QueueEntryView, StoredRecord
from state.versions import StoredSignal
from tests.state.helpers import CANDIDATE, CRITERIA, decide, handed, ledger

TRIAL = "trial2026"
EVENTS = f"{TRIAL}|strength|end|ivig|events"


# ---- screening -----------------------------------------------------------------------------------


def both_say(
    db: Database, first: Answer, second: Answer, stage: Stage = Stage.TITLE_ABSTRACT
) -> StageResult:
    """Ada gives the first verdict, Ben the second."""
    for person, answer in (("ada", first), ("ben", second)):
        result = decide(
            db,
            person,
            answer.verdict,
            stage=stage,
            criterion=answer.criterion,
            place=answer.place,
        )
    return result


def send_to_full_text(db: Database) -> None:
    both_say(db, Answer(Verdict.INCLUDE), Answer(Verdict.INCLUDE))


def rule(
    db: Database,
    person: str,
    answer: Answer,
    *,
    stage: Stage = Stage.TITLE_ABSTRACT,
    note: str | None = None,
    candidate: str = CANDIDATE,
) -> StageResult:
    """Somebody answers a conflict."""
    with ledger(db) as book:
        return decisions.rule(
            book,
            candidate,
            person,
            answer,
            stage=stage,
            note=note,
            criteria=CRITERIA,
            protocol_version="1",
        )


def settle_link(
    db: Database, *, confirmed: bool, person: str = "ada", candidate: str = CANDIDATE
) -> None:
    with ledger(db) as book:
        decisions.settle_link(book, candidate, person, confirmed=confirmed, note=None)


def close(db: Database, outcome: str, candidate: str = CANDIDATE) -> None:
    with ledger(db) as book:
        decisions.close(book, candidate, outcome)


def seen(db: Database, person: str | None, candidate: str = CANDIDATE) -> QueueEntryView:
    with db.reading() as connection:
        return decisions.seen_by(connection, candidate, person)


# ---- extraction ----------------------------------------------------------------------------------


def hand_in_as(db: Database, person: str, given: Handed, study: str = TRIAL) -> Agreement:
    with ledger(db) as book:
        return extractions.submit(book, study, person, given, protocol_version="1")


def differ_on(db: Database, **changed: object) -> None:
    """Ada hands in the usual numbers, Ben the same but for some fields."""
    hand_in_as(db, "ada", handed())
    hand_in_as(db, "ben", replace(handed(), **changed))  # type: ignore[arg-type]


def rule_value(
    db: Database,
    cell: str,
    number: float | None = None,
    text: str | None = None,
    *,
    person: str = "cy",
    note: str = "page 3",
    also: dict[str, float | None] | None = None,
) -> Agreement:
    """Cy rules; also: what is ruled with it, by its cell."""
    with ledger(db) as book:
        with_it = [extractions.Ruled(*each) for each in (also or {}).items()]
        return extractions.adjudicate(
            book, TRIAL, person, cell, number=number, text=text, note=note, also=with_it
        )


def standing_of(db: Database, study: str = TRIAL) -> Agreement:
    with db.reading() as connection:
        return extractions.agreement(connection, study)


def numbers_that_count(db: Database) -> dict[str, float]:
    with db.reading() as connection:
        values = extractions.accepted_values(connection)
    return {each.value.cell.key: each.value.number for each in values}


def described(db: Database, study: str = TRIAL) -> Study:
    with db.reading() as connection:
        return extractions.find_study(connection, study).study


def load_baseline(db: Database, study: str, *values: Value) -> None:
    published = Study(study, study.title(), Design.PARALLEL, ("ivig", "placebo"))
    with ledger(db) as book:
        extractions.load_baseline(book, "review", [(published, [f"pmid:{study}"])], values)


def without(given: Handed, field: Field) -> Handed:
    """The same numbers but for one field."""
    return replace(given, values=tuple(v for v in given.values if v.cell.field is not field))


# ---- people --------------------------------------------------------------------------------------


def add_person(db: Database, person: Person, *, after_s: float = 0) -> None:
    with ledger(db, after_s=after_s) as book:
        people.add_person(book, person)


def retire(db: Database, *ids: str) -> None:
    with ledger(db) as book:
        for each in ids:
            people.retire_person(book, each)


def holders(db: Database, role: RoleId) -> tuple[str, ...]:
    with db.reading() as connection:
        return tuple(person.id for person in people.holders(connection, role))


# ---- records -------------------------------------------------------------------------------------


def article(key: str, **fields: object) -> Record:
    """A record by its key: 'pubmed:7'."""
    source, _, number = key.partition(":")
    usual = {"title": f"A trial, number {number}", "ids": RecordIds(pmid=number)}
    return Record(source, number, **(usual | fields))  # type: ignore[arg-type]


def own_place(key: str, *, opened: bool = True, score: int = 10) -> QueueEntry:
    return QueueEntry(key, opened, score, "main", ("a reason",), ())


def find(
    db: Database,
    record: Record,
    *,
    place: QueueEntry | None = None,
    study: str | None = None,
    known_report: bool = False,
    identifiers: tuple[str, ...] = (),
    after_s: float = 0,
) -> None:
    """A source gives a record for the first time."""
    with ledger(db, after_s=after_s) as book:
        digest = records.keep_payload(book.connection, record.key.encode(), "text/plain")
        records.find_record(
            book,
            record,
            identifiers=identifiers,
            payload_sha256=digest,
            run_id="run-1",
            place=place,
            study=study,
            known_report=known_report,
        )


def change(
    db: Database, record: Record, *, entry_changed: bool = False, identifiers: tuple[str, ...] = ()
) -> None:
    """A source words a known record differently."""
    with ledger(db, after_s=60) as book:
        digest = records.keep_payload(book.connection, b"later", "text/plain")
        records.change_record(
            book,
            record,
            identifiers=identifiers,
            payload_sha256=digest,
            run_id="run-2",
            changes=("title",),
            entry_changed=entry_changed,
        )


def kept(db: Database, key: str) -> StoredRecord:
    with db.reading() as connection:
        return records.find_stored(connection, key)


def entry(**fields: object) -> RegisterEntry:
    return RegisterEntry(**fields)  # type: ignore[arg-type]


def like(db: Database, key: str, other: str, answer: str = "maybe", *, after_s: float = 0) -> None:
    """The program finds that a record is or may be another."""
    with ledger(db, after_s=after_s) as book:
        likeness.find_likeness(book, key, other, answer, rule="like-title", reasons=["alike"])


def say_of_pair(db: Database, key: str, other: str, *, same: bool, person: str = "ada") -> None:
    with ledger(db) as book:
        likeness.settle_likeness(book, key, other, person, same=same, own_place=own_place(key))


# ---- versions ------------------------------------------------------------------------------------


def draft(db: Database, number: str, ordinal: int, cause: str = "a trial added") -> None:
    with ledger(db) as book:
        versions.draft_version(
            book,
            number=number,
            kind=VersionKind.UPDATE,
            cause=cause,
            result_id="r" * 64,
            ordinal=ordinal,
        )


def publish(db: Database, number: str) -> None:
    with ledger(db) as book:
        versions.publish_version(
            book, number, published_at="2026-11-26T06:00:00.000000Z", manifest_sha256="d" * 64
        )


def raise_signal(db: Database, signal: str, version: str, text: str = "It moved.") -> None:
    with ledger(db) as book:
        versions.raise_signal(book, StoredSignal(signal, version, "S1", "strength", text, True))


def sign(
    db: Database,
    subject: str,
    person: str = "cy",
    verdict: str = "accept",
    reason: str | None = None,
) -> SignedKind:
    with ledger(db) as book:
        return versions.sign(book, subject, person, verdict=verdict, reason=reason)


def include(place: EligiblePlace | None = None) -> Answer:
    return Answer(Verdict.INCLUDE, place=place)


def exclude(criterion: str | None = "E1") -> Answer:
    return Answer(Verdict.EXCLUDE, criterion)
