"""Taking in an export: stored as one run of its source, twice the same as once, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.acts.perform import perform
from bot.acts.said import SayFileFoundAgain, SayNothingFound
from bot.app import App
from bot.cli import cli
from state import likeness, outbox, runs
from state.errors import BadInput, NotFound
from state.events import events, head
from state.facts.words import RunStatus
from state.records import all_records
from state.verify import verify
from tests.bot.builders import DORA, actor, add_team, an_app, take_import
from tests.bot.exports import EMPTY_XML, TWO_RECORDS, ris


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    yield running
    running.close()


def log_of(app: App) -> tuple[int, str]:
    with app.database.reading() as connection:
        return head(connection)


def keys(app: App) -> set[str]:
    with app.database.reading() as connection:
        return {each.record.key for each in all_records(connection)}


def test_an_export_is_one_run_of_its_source_in_the_name_of_who_gave_it(app: App) -> None:
    taken = take_import(app, DORA, TWO_RECORDS, "embase.ris", "embase")

    run = taken.run
    assert (run.source, run.status, run.found, run.new, run.known) == ("embase", "ok", 2, 2, 0)
    assert run.query == "imported embase.ris (RIS, Embase)"
    assert {"embase:L1", "embase:L2"} <= keys(app)
    with app.database.reading() as connection:
        (said,) = (each for each in events(connection, subject=run.id))
        assert runs.last_run(connection, "embase") == run
    assert (said.actor, said.authenticated) == (DORA, True)
    assert not verify(app.database).faults


def test_the_same_file_again_changes_nothing_and_says_so(app: App) -> None:
    first = take_import(app, DORA, TWO_RECORDS, "embase.ris", "embase")
    before = log_of(app)

    second = take_import(app, DORA, TWO_RECORDS, "another name.ris", "embase")

    assert (first.again, second.again) == (False, True)
    assert second.run == first.run
    assert log_of(app) == before


def test_the_same_file_of_a_new_search_counts_once_a_person_says_so(app: App) -> None:
    first = take_import(app, DORA, TWO_RECORDS, "embase.ris", "embase").run

    later = perform(app, SayFileFoundAgain(source="embase", run=first.id), actor(DORA))

    assert (later.found, later.new, later.known) == (2, 0, 2)
    assert first.id in later.query
    assert "Dora Maar" in later.query
    with pytest.raises(NotFound):
        perform(app, SayFileFoundAgain(source="central", run=first.id), actor(DORA))


def test_the_same_file_given_for_another_source_is_a_search_of_that_source(app: App) -> None:
    take_import(app, DORA, TWO_RECORDS, "x.ris", "embase")

    other = take_import(app, DORA, TWO_RECORDS, "x.ris", "central")

    assert not other.again
    assert other.run.source == "central"


def test_a_search_has_the_day_on_which_it_was_made(app: App) -> None:
    made = take_import(app, DORA, TWO_RECORDS, "x.ris", "embase", searched_on="2026-11-20").run

    assert (made.started_at[:16], made.finished_at[:10]) == ("2026-11-20T12:00", "2026-11-25")


@pytest.mark.parametrize("day", ["2026-11-26", "20.11.2026", "2026-11-31"])
def test_a_day_to_come_or_no_day_is_refused(day: str, app: App) -> None:
    with pytest.raises(BadInput, match="searched on: found"):
        take_import(app, DORA, TWO_RECORDS, "x.ris", "embase", searched_on=day)


def test_a_file_of_another_database_is_taken_and_said(app: App) -> None:
    as_embase = take_import(app, DORA, TWO_RECORDS, "x.ris", "embase").run
    as_central = take_import(app, DORA, TWO_RECORDS, "x.ris", "central").run

    assert as_embase.warnings == ()
    assert as_central.warnings == (
        "the file looks like one of Embase, and was imported as a search of"
        " CENTRAL (Cochrane Library)",
    )


def test_records_that_repeat_are_counted_as_the_file_holds_them(app: App) -> None:
    run = take_import(app, DORA, TWO_RECORDS + TWO_RECORDS, "x.ris", "embase").run

    assert (run.found, run.new) == (4, 2)
    assert "2 of 4 records are equal to another" in run.warnings[0]


def test_of_a_file_that_is_refused_nothing_is_stored(app: App) -> None:
    before, known = log_of(app), keys(app)

    with pytest.raises(BadInput, match=r"embase\.ris, line \d+: found the end of the file"):
        take_import(app, DORA, TWO_RECORDS[:-10], "embase.ris", "embase")

    assert log_of(app) == before
    assert keys(app) == known


@pytest.mark.parametrize("body", [b"", b"\n \n", b"Title,Year\n"])
def test_a_file_without_records_is_not_taken_for_a_search_that_found_nothing(
    app: App, body: bytes
) -> None:
    before = log_of(app)

    with pytest.raises(BadInput):
        take_import(app, DORA, body, "x.csv", "embase")

    assert log_of(app) == before


def test_an_export_that_closes_without_records_is_a_search_that_found_nothing(app: App) -> None:
    run = take_import(app, DORA, EMPTY_XML, "ictrp.xml", "ictrp").run

    assert (run.status, run.found) == ("ok", 0)


def test_a_person_may_say_that_nothing_was_found(app: App) -> None:
    run = perform(app, SayNothingFound(source="embase"), actor(DORA))

    assert (run.status, run.found, run.payloads) == ("ok", 0, ())
    assert "Dora Maar" in run.query
    with app.database.reading() as connection:
        assert runs.last_run(connection, "embase", RunStatus.OK) == run


def test_a_file_does_not_pass_for_a_search_of_a_source_that_the_program_searches(app: App) -> None:
    before = log_of(app)

    with pytest.raises(BadInput, match="PubMed is searched by the program"):
        take_import(app, DORA, TWO_RECORDS, "x.ris", "pubmed")
    with pytest.raises(BadInput, match="PubMed is searched by the program"):
        perform(app, SayNothingFound(source="pubmed"), actor(DORA))

    assert log_of(app) == before


def test_a_record_that_may_be_known_is_put_to_a_person(app: App) -> None:
    title = "A fictional trial of lamps in motor neuropathy"
    take_import(app, DORA, TWO_RECORDS, "central.ris", "central")
    body = ris("L9", title, author="Doe, J", journal="Meeting of Fictional Medicine")

    run = take_import(app, DORA, body, "embase.ris", "embase").run

    assert run.found == 1
    with app.database.reading() as connection:
        pairs = likeness.likenesses_of(connection, ["embase:L9"])
        told = [each.notice.kind for each in outbox.deliveries(connection)]
    assert [(pair.other_key, pair.answer, pair.rule) for pair in pairs] == [
        ("central:L1", likeness.MAYBE, "M4")
    ]
    assert "new_candidates" in told


def typed(data: Path, *words: str) -> Result:
    """Type the command on a data folder."""
    return CliRunner().invoke(cli, ["import", *words, "--source", "embase", "--data", str(data)])


def test_the_command_takes_a_file_once_and_the_word_that_nothing_was_found(
    app: App, tmp_path: Path
) -> None:
    data, file = app.config.data, tmp_path / "embase.ris"
    file.write_bytes(TWO_RECORDS)

    first, second = typed(data, str(file)), typed(data, str(file))
    third = typed(data, str(tmp_path / "nowhere.ris"), "--searched-on", "2026-11-20")
    said = typed(data, "--nothing-found", "--as", DORA)

    assert "Embase: 2 found, 2 new, 0 known, 0 changed" in first.stdout
    assert "this very file was imported before" in second.stdout
    assert "(by command line at 20" in second.stdout
    assert third.exit_code == 1
    assert "Embase: 0 found" in said.stdout
    assert json.loads(typed(data, str(file), "--json").stdout)["again"] is True
    with app.database.reading() as connection:
        last = runs.last_run(connection, "embase")
        assert last is not None
        (event,) = (each for each in events(connection, subject=last.id))
    assert "Dora Maar" in last.query
    assert not event.authenticated


@pytest.mark.parametrize("words", [(), ("--nothing-found",), ("x.ris", "--nothing-found")])
def test_the_command_wants_a_file_or_a_name(words: tuple[str, ...], app: App) -> None:
    assert typed(app.config.data, *words).exit_code == 2


def test_a_file_that_was_taken_before_is_not_read_a_second_time(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = take_import(app, DORA, TWO_RECORDS, "a.ris", "central")
    monkeypatch.delattr("bot.acts.searching.read_file")

    second = take_import(app, DORA, TWO_RECORDS, "b.ris", "central")

    assert second.again
    assert second.run == first.run
