"""What this program cannot read in a log is refused in words; an older version is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from state.codec import Json
from state.database import Database, open_database
from state.errors import BrokenFact, DataFolderFault, NewerFact, UnknownFact, UnreadableLog
from state.events import chain_hash, events, head
from state.facts import Fact, missing_upcasters, read_fact, reading, upcast
from state.facts import fact as registry
from state.tables import event
from state.verify import verify
from tests.state.examples import EXAMPLES
from tests.state.helpers import add_team, drop_guards, ledger, row_of_a_newer_program


@pytest.fixture
def registries() -> Iterator[None]:
    """Let a test register types and upcasters of its own."""
    types, upcasters = dict(registry._TYPES), dict(reading._UPCASTERS)
    yield
    registry._TYPES.clear()
    registry._TYPES.update(types)
    reading._UPCASTERS.clear()
    reading._UPCASTERS.update(upcasters)


def changed(db: Database, statement: str) -> None:
    """Change the log as another program, or somebody with the file, could."""
    with db.writer.begin() as connection:
        drop_guards(connection)
        connection.execute(text(statement))


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_kind)
def test_a_missing_field_is_named_with_the_event(fact: Fact) -> None:
    said = json.loads(fact.canonical_text())
    name = next(iter(said))
    del said[name]

    with pytest.raises(BrokenFact, match=rf"event 7 \({fact.event_kind}\): {name}: Field required"):
        read_fact(7, fact.event_kind, fact.event_version, json.dumps(said))


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_kind)
def test_a_field_that_is_not_known_is_refused_not_dropped(fact: Fact) -> None:
    said = json.loads(fact.canonical_text()) | {"mood": "good"}

    with pytest.raises(BrokenFact, match="mood"):
        read_fact(7, fact.event_kind, fact.event_version, json.dumps(said))


@pytest.mark.parametrize(
    ("place", "found", "words"),
    [
        (("record", "title"), 5, "record.title: Input should be a valid string, found 5"),
        (("record", "year"), "2026", "record.year: Input should be a valid integer"),
        (("record", "ids", "pmid"), 1, "record.ids.pmid"),
        (("record", "kind"), "poem", "record.kind"),
        (("known_report",), "no", "known_report: Input should be a valid boolean"),
        (("place", "score"), 1.5, "place.score"),
    ],
)
def test_a_field_of_another_type_is_named_with_what_was_found(
    place: tuple[str, ...], found: object, words: str
) -> None:
    said = json.loads(next(f for f in EXAMPLES if f.about == "pubmed:1").canonical_text())
    inner = said
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = found

    with pytest.raises(BrokenFact, match=words):
        read_fact(7, "record_found", 1, json.dumps(said))


def test_a_nested_field_that_is_not_known_is_refused_not_dropped() -> None:
    said = json.loads(next(f for f in EXAMPLES if f.about == "pubmed:1").canonical_text())
    said["record"]["keywords"] = []

    with pytest.raises(BrokenFact, match="record.keywords"):
        read_fact(7, "record_found", 1, json.dumps(said))


def test_an_unknown_kind_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnknownFact, match=r"event 7 \(tea_drunk\).*update this one"):
        read_fact(7, "tea_drunk", 1, "{}")


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_kind)
def test_a_newer_version_is_refused_with_what_to_do(fact: Fact) -> None:
    newer = fact.event_version + 1

    with pytest.raises(NewerFact, match=f"found version {newer}, expected at most.*update"):
        read_fact(7, fact.event_kind, newer, fact.canonical_text())


def test_a_version_below_the_first_is_no_version() -> None:
    with pytest.raises(BrokenFact, match="found 0"):
        read_fact(7, "person_retired", 0, "{}")


@pytest.mark.usefixtures("registries")
def test_an_older_version_goes_through_every_upcaster_in_turn() -> None:
    class TeaDrunk(Fact, kind="tea_drunk", about="who", version=3):
        """Somebody drank tea."""

        who: str
        cups: int

    @upcast(TeaDrunk, since=1)
    def named(data: Json) -> Json:
        return {"who": data["person"]}

    @upcast(TeaDrunk, since=2)
    def counted(data: Json) -> Json:
        return data | {"cups": 1}

    assert read_fact(7, "tea_drunk", 1, '{"person":"ada"}') == TeaDrunk(who="ada", cups=1)
    assert read_fact(7, "tea_drunk", 2, '{"who":"ada"}') == TeaDrunk(who="ada", cups=1)
    assert read_fact(7, "tea_drunk", 3, '{"who":"ada","cups":2}') == TeaDrunk(who="ada", cups=2)


@pytest.mark.usefixtures("registries")
def test_an_older_fact_that_an_upcaster_cannot_take_is_named() -> None:
    class TeaDrunk(Fact, kind="tea_drunk", about="who", version=2):
        """Somebody drank tea."""

        who: str

    @upcast(TeaDrunk, since=1)
    def named(data: Json) -> Json:
        return {"who": data["person"]}

    with pytest.raises(BrokenFact, match=r"event 7 \(tea_drunk\): version 1 could not"):
        read_fact(7, "tea_drunk", 1, "{}")


def test_every_older_version_has_an_upcaster() -> None:
    assert list(missing_upcasters()) == []


@pytest.mark.usefixtures("registries")
def test_a_version_without_an_upcaster_is_found() -> None:
    class TeaDrunk(Fact, kind="tea_drunk", about="who", version=2):
        """Somebody drank tea."""

        who: str

    assert list(missing_upcasters()) == ["tea_drunk: no upcaster from version 1 to 2"]
    assert TeaDrunk.event_version == 2


@pytest.mark.parametrize(
    ("statement", "error", "words"),
    [
        ("UPDATE event SET kind = 'tea_drunk' WHERE seq = 2", UnknownFact, "event 2 .tea_drunk."),
        (
            "UPDATE event SET version = version + 1 WHERE seq = 2",
            NewerFact,
            "event 2 .person_added.",
        ),
        ("UPDATE event SET payload = '{}' WHERE seq = 2", BrokenFact, "name: Field required"),
        (
            "UPDATE event SET subject = 'eve' WHERE seq = 2",
            BrokenFact,
            "event 2 .person_added.: subject: found 'eve', expected 'ben'",
        ),
    ],
)
def test_a_log_that_cannot_be_read_is_not_opened(
    db: Database, statement: str, error: type[UnreadableLog], words: str
) -> None:
    add_team(db)
    changed(db, statement)

    with pytest.raises(error, match=words):
        open_database(db.url)


def test_a_program_that_runs_stops_where_a_newer_one_has_written(db: Database) -> None:
    newer = open_database(db.url)
    add_team(newer)
    with db.reading() as connection:
        before = head(connection)
    with newer.writer.begin() as connection:
        connection.execute(event.insert().values(**row_of_a_newer_program(connection)))
    newer.close()

    for opened in (db.reading, db.transaction):
        with pytest.raises(UnknownFact, match=r"tea_drunk.*update this one"), opened():
            pass

    with db.reader.begin() as connection:
        assert head(connection)[0] == before[0] + 1


def test_verify_names_an_event_that_cannot_be_read(db: Database) -> None:
    add_team(db)
    with db.writer.begin() as connection:
        _append_nonsense(connection)

    found = verify(db)

    assert any("event 4 (person_retired): person: Field required" in each for each in found.faults)


def _append_nonsense(connection: Connection) -> None:
    """Append a well chained event without its field, as a faulty program could."""
    seq, before = head(connection)
    row: dict[str, object] = {
        "seq": seq + 1,
        "at": "2026-11-25T06:00:00.000000Z",
        "actor": "ada",
        "authenticated": 1,
        "kind": "person_retired",
        "version": 1,
        "subject": "ben",
        "payload": "{}",
        "nonce": "0" * 32,
        "prev_hash": before,
    }
    connection.execute(event.insert().values(row | {"hash": chain_hash(row)}))


def test_a_log_of_the_development_state_is_refused_in_one_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'review.sqlite'}"
    first = open_database(url)
    with first.writer.begin() as connection:
        for statement in (
            "DROP TABLE event",
            "CREATE TABLE event (seq INTEGER PRIMARY KEY)",
            "INSERT INTO event VALUES (1)",
            "UPDATE alembic_version SET version_num = '0002'",
        ):
            connection.exec_driver_sql(statement)
    first.close()

    with pytest.raises(DataFolderFault, match=r"development state 0\.1\.0.*begin a new one"):
        open_database(url)


def test_the_log_is_read_as_types(db: Database) -> None:
    with ledger(db) as book:
        add = EXAMPLES[0]
        book.record(add)

    with db.reading() as connection:
        (stored,) = events(connection)

    assert stored.fact == add
    assert (stored.kind, stored.subject, stored.actor) == ("person_added", "ada", "ada")
