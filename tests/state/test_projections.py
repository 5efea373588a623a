"""Each type of fact brings its tables up to date, and a replay gives the same rows."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select

from state import tables as t
from state.database import Database
from state.facts import TYPES
from state.facts.words import PairVerdict
from state.projections import PROJECTORS
from state.projections.held import hold_rows
from state.projections.rows import add
from state.records import keep_payload
from state.verify import verify
from tests.state import examples
from tests.state.examples import EXAMPLES
from tests.state.helpers import ledger


def test_every_type_of_fact_has_one_projector() -> None:
    assert set(PROJECTORS) == set(TYPES.values())


@pytest.fixture
def filled(db: Database) -> Database:
    """A database in which every example happened."""
    with ledger(db) as book:
        digest = keep_payload(book.connection, b"<x/>", "text/xml")
        for fact in EXAMPLES:
            kept = {"payload_sha256": digest} if "payload_sha256" in type(fact).model_fields else {}
            book.record(fact.model_copy(update=kept))
    return db


def only(connection: Connection, table: Table, **wanted: object) -> Any:
    """Return the one row with these values."""
    query = select(table).where(*(table.c[name] == value for name, value in wanted.items()))
    return connection.execute(query).one()


def test_a_replay_of_every_type_of_fact_gives_the_same_rows(filled: Database) -> None:
    found = verify(filled)

    assert found.faults == ()
    assert found.events == len(EXAMPLES)


def test_rows_held_back_when_something_raises_are_never_written(team: Database) -> None:
    with team.transaction() as connection:
        with suppress(RuntimeError), hold_rows(connection):
            add(connection, t.confirmation, item="pmid:1", record_key="pubmed:1", at="now")
            raise RuntimeError
        found = connection.execute(select(t.confirmation)).all()

    assert found == []


def test_no_table_is_left_empty_by_all_types_of_fact(filled: Database) -> None:
    with filled.reading() as connection:
        empty = [
            table.name
            for table in t.PROJECTIONS
            if connection.execute(select(table).limit(1)).first() is None
        ]

    assert empty == []


@pytest.mark.parametrize(
    ("table", "wanted", "expected"),
    [
        (t.person, {"id": "ada"}, {"name": "Ada", "roles": '["lead"]', "retired": 0}),
        (t.protocol_version, {"version": "1"}, {"body": "[review]", "reason": "the first"}),
        (t.study, {"id": "old2001"}, {"baseline": 1, "place": "included", "label": "Old 2001"}),
        (t.study, {"id": "doe2026"}, {"place": "included", "next_look_on": None, "baseline": 0}),
        (t.record, {"key": "pubmed:1"}, {"study_id": "doe2026", "candidate_id": "pubmed:1"}),
        (t.record, {"key": "ctgov:NCT00000001"}, {"study_id": "old2001", "run_id": "run-1"}),
        (t.record_identifier, {"identifier": "EudraCT 1"}, {"record_key": "ctgov:NCT00000001"}),
        (t.study_identifier, {"identifier": "pmid:1"}, {"study_id": "doe2026"}),
        (t.candidate, {"id": "pubmed:1"}, {"kind": "new", "closed": 1, "outcome": "included"}),
        (
            t.candidate,
            {"id": "ctgov:NCT00000001"},
            {"kind": "second_report", "link_settled": 1, "study_id": "old2001", "closed": 0},
        ),
        (
            t.decision,
            {"candidate_id": "pubmed:1"},
            {
                "person_id": "ada",
                "stage": "full_text",
                "verdict": "include",
                "place": "ongoing",
                "next_look_on": "2027-12-01",
                "note": "randomised",
            },
        ),
        (
            t.ruling,
            {"candidate_id": "pubmed:1"},
            {"kind": "adjudication", "person_id": "cy", "verdict": "exclude", "criterion": "E1"},
        ),
        (t.baseline_file, {"name": "baseline/values.csv"}, {"sha256": "0" * 64}),
        (t.baseline_value, {"cell": "old2001|rested|end|tea|events"}, {"study_id": "old2001"}),
        (t.submission, {"study_id": "doe2026"}, {"person_id": "ada", "protocol_version": "1"}),
        (
            t.adjudicated_value,
            {"study_id": "doe2026"},
            {"number": 8.0, "text": None, "note": "table 2", "person_id": "cy"},
        ),
        (t.search_run, {"id": "run-1"}, {"source": "pubmed", "status": "ok"}),
        (t.confirmation, {"item": "pmid:2"}, {"record_key": "pubmed:1"}),
        (t.result, {"id": "c" * 64}, {"data": '{"analyses":[{"effect":1.5}]}'}),
        (
            t.version,
            {"number": "3.1"},
            {"state": "rejected", "kind": "update", "manifest_sha256": "d" * 64, "ordinal": 1},
        ),
        (t.signal, {"version": "3.1"}, {"rule": "moved", "changes_conclusions": 1}),
        (t.amendment, {"id": "arm-coffee"}, {"text": "Add coffee", "cause": "doe2026"}),
        (
            t.protocol_proposal,
            {"id": "arm-coffee"},
            {"version": "2", "based_on": "1", "words": '["Arm added: Coffee (coffee)"]'},
        ),
        (t.signature, {"subject_id": "3.1"}, {"subject_kind": "version", "verdict": "accept"}),
        (t.notice, {"key": "result:3.1"}, {"kind": "new_result", "subject": "Version 3.1"}),
        (t.delivery, {"notice_key": "result:3.1", "recipient": "ada"}, {"channel": "mail"}),
        (
            t.likeness,
            {"record_key": "ctgov:NCT00000001"},
            {"answer": "maybe", "verdict": "different", "person_id": "ada"},
        ),
        (t.task, {"id": "late:1"}, {"kind": "results_overdue", "note": None, "settled_at": None}),
        (t.correction, {"study_id": "old2001"}, {"sources": '["crossref"]', "pmid": "9"}),
        (t.certificate, {"id": "2026-1"}, {"body": "{}", "signature": "c2lnbmVk"}),
        (t.strategy, {"id": "pubmed@first"}, {"query": "tea", "comparison": '{"gained":[]}'}),
    ],
    ids=lambda each: each.name if isinstance(each, Table) else None,
)
def test_the_tables_hold_what_the_facts_say(
    filled: Database, table: Table, wanted: dict[str, object], expected: dict[str, object]
) -> None:
    with filled.reading() as connection:
        row = only(connection, table, **wanted)

    assert {name: getattr(row, name) for name in expected} == expected


def test_a_register_entry_is_kept_as_it_was_each_time_it_changed(filled: Database) -> None:
    with filled.reading() as connection:
        kept = connection.execute(select(t.snapshot.c.entry)).scalars().all()

    assert len(kept) == 2
    assert all('"enrolment":24' in entry for entry in kept)


def test_a_second_source_of_a_correction_adds_its_name_and_what_it_knows(
    filled: Database,
) -> None:
    (seen,) = (fact for fact in EXAMPLES if fact.event_kind == "correction_seen")
    with ledger(filled) as book:
        book.record(seen.model_copy(update={"source": "pubmed", "doi": "10.1/x", "pmid": "other"}))

    with filled.reading() as connection:
        row = only(connection, t.correction, id=seen.about)

    assert (row.sources, row.doi, row.pmid) == ('["crossref","pubmed"]', "10.1/x", "9")


def test_records_said_to_be_the_same_stand_together_and_apart_again(db: Database) -> None:
    found, settled = examples.EXAMPLES[7:9], examples.EXAMPLES[11:13]
    same = settled[1].model_copy(update={"verdict": PairVerdict.SAME})
    with ledger(db) as book:
        for fact in (*found, settled[0], same):
            book.record(fact)
        merged = only(book.connection, t.record, key="ctgov:NCT00000001").candidate_id
        closed = only(book.connection, t.candidate, id="ctgov:NCT00000001").outcome
        book.record(settled[1].model_copy(update={"place": examples.OWN}))
        apart = only(book.connection, t.record, key="ctgov:NCT00000001").candidate_id
        opened = only(book.connection, t.candidate, id="ctgov:NCT00000001").closed

    assert (merged, closed) == ("pubmed:1", "duplicate")
    assert (apart, opened) == ("ctgov:NCT00000001", 0)
