"""What today's program would make of old answers: nothing else where nothing has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app import App
from bot.cli import cli
from bot.cli.what_if import what_if_lines, what_would_differ
from bot.sources.crossref.stand_in import a_work
from bot.surveillance.slots import automatic_sources
from extraction.readers.export import read_export
from state import records
from state.events import head
from state.facts import QueueEntry
from tests.bot.builders import DORA, add_team, an_app, take_import
from tests.bot.exports import TWO_RECORDS, ris
from tests.bot.world import World, a_world
from tests.state.helpers import drop_guards


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("world") / "data") as found:
        found.crossref.add(a_work("10.5555/made-up", "A made-up work"))
        found.search_all()
        found.a_trial_appears()
        found.clock.advance(days=8)
        found.search_all()
        yield found


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    yield running
    running.close()


@pytest.mark.parametrize("source", ["pubmed", "ctgov", "europepmc", "openalex", "crossref"])
def test_nothing_differs_where_nothing_has_changed(world: World, source: str) -> None:
    assert source in automatic_sources(world.app)

    found = what_would_differ(world.app, source)

    assert found.records
    assert not found.differs, found


def test_nothing_of_an_import_differs_either(app: App) -> None:
    take_import(app, DORA, TWO_RECORDS, "embase.ris", "embase")

    found = what_would_differ(app, "embase")

    assert (found.runs, found.records, found.differs) == (1, 2, False)


def stored_otherwise(app: App) -> None:
    """Store of an export of three one record with another title and place, and one not at all."""
    body = TWO_RECORDS + ris("L3", "A third matter: bells in the night")
    one, two, _ = read_export(body, "embase.ris", source="embase").records
    with app.ledger() as ledger:
        digest = records.keep_payload(ledger.connection, body, "text/plain")
        for record, candidate in (
            (replace(one, title="As an older program read it"), one.key),
            (two, one.key),
        ):
            records.find_record(
                ledger,
                record,
                identifiers=[],
                payload_sha256=digest,
                run_id="an-old-run",
                place=QueueEntry(candidate, candidate == record.key, 0, "main", (), ()),
                study=None,
                known_report=False,
            )


def test_what_differs_is_told_and_nothing_is_written(app: App) -> None:
    stored_otherwise(app)
    with app.database.reading() as connection:
        before = head(connection)

    found = what_would_differ(app, "embase")

    with app.database.reading() as connection:
        assert head(connection) == before
    (read,) = found.read_differently
    assert read["record"] == "embase:L1"
    assert read["fields"]["title"] == {
        "was": "As an older program read it",
        "would_be": "A fictional trial of lamps in motor neuropathy",
    }
    places = {each["record"]: each for each in found.placed_differently}
    assert places["embase:L2"]["was"]["candidate"] == "embase:L1"
    assert places["embase:L2"]["would_be"]["candidate"] == "embase:L2"
    assert [each["record"] for each in found.taken_now] == ["embase:L3"]
    assert found.not_taken == []


def test_an_answer_that_is_damaged_is_named(app: App) -> None:
    stored_otherwise(app)
    with app.database.transaction() as connection:
        drop_guards(connection)
        connection.exec_driver_sql("DELETE FROM payload")

    found = what_would_differ(app, "embase")

    assert [each["record"] for each in found.not_taken] == ["embase:L1", "embase:L2"]
    assert "is missing" in found.not_taken[0]["reason"]


def test_the_lines_name_each_record_and_what_it_was(app: App) -> None:
    stored_otherwise(app)

    lines = what_if_lines(what_would_differ(app, "embase"))

    assert "embase:L1: would be read differently" in lines
    assert any("As an older program read it" in each and "→" in each for each in lines)
    assert "embase:L3: would be taken now: A third matter: bells in the night" in lines
    assert lines[-1] == "2 records of 1 search looked at; nothing was changed"


def test_by_command_as_json_and_for_an_unknown_source(tmp_path: Path) -> None:
    running = an_app(tmp_path / "data")
    add_team(running)
    take_import(running, DORA, TWO_RECORDS, "embase.ris", "embase")
    running.close()
    words = ["what-if", "embase", "--data", str(tmp_path / "data")]

    said = CliRunner().invoke(cli, [*words, "--json"])
    unknown = CliRunner().invoke(cli, ["what-if", "nowhere", "--data", str(tmp_path / "data")])

    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout)["records"] == 2
    assert "no source 'nowhere'" in str(unknown.exception)
