"""A search by hand is whole or open: each search, each part, and as many as the database showed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.acts.perform import perform
from bot.acts.said import GiveExport, Import, SayFileFoundAgain, SayNothingFound, WithdrawSearch
from bot.app import App
from bot.cli import cli
from bot.silence.status import status_json
from bot.surveillance.hand_searches import standing
from bot.surveillance.searched import searched_at
from bot.surveillance.slots import find_source
from state import outbox, people
from state.errors import BadInput
from state.facts import SearchRun
from state.facts.words import RoleId
from state.people import Person
from state.told_searches import made_searches, told_of
from state.verify import verify
from tests.bot.builders import DORA, actor, add_team, an_app
from tests.bot.exports import ris

IRIS = Person("iris", "Iris Murdoch", "iris@example.org", (RoleId.INFORMATION_SPECIALIST,))
BY_NAME, WIDER = "multifocal motor neuropathy", "polyneuropathy immunoglobulin"
ONE = b"Trial number,Title of the trial\n2025-599001-11-00,A made-up trial\n"
TWO = b"Trial number,Title of the trial\n2025-599002-12-00,Another made-up trial\n"

SINGLE = ris("E1", "A made-up trial of lamps")
PAIR = SINGLE + ris("E2", "A made-up trial of candles")
THIRD = ris("E3", "A made-up trial of torches")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    yield running
    running.close()


def give(app: App, body: bytes, source: str = "ctis", **told: Any) -> Import:
    act = GiveExport(source=source, name=f"{source}.csv", body=body, **told)
    return perform(app, act, actor(DORA))


def nothing(app: App, source: str = "ctis", **told: Any) -> SearchRun:
    return perform(app, SayNothingFound(source=source, **told), actor(DORA))


def is_searched(app: App, source: str = "ctis") -> bool:
    with app.database.reading() as connection:
        return searched_at(app, connection, find_source(app, source)) is not None


def open_ones(app: App, source: str = "ctis") -> dict[str, str | None]:
    with app.database.reading() as connection:
        found = standing(app, connection, find_source(app, source)).open_searches
    return {each.text: each.open_because for each in found}


def light(app: App, source: str) -> str:
    return next(str(s["light"]) for s in status_json(app)["sources"] if s["source"] == source)


def test_a_source_with_two_searches_is_searched_when_both_are(app: App) -> None:
    give(app, ONE)

    assert not is_searched(app)
    assert light(app, "ctis") == "red"
    assert open_ones(app) == {WIDER: None}

    give(app, TWO)

    assert is_searched(app)
    assert light(app, "ctis") == "green"
    assert open_ones(app) == {}
    assert not verify(app.database).faults


@pytest.mark.parametrize("first", [BY_NAME, WIDER, "1", "2", "Polyneuropathy  Immunoglobulin"])
def test_a_search_is_named_by_its_number_or_its_words_in_any_order(app: App, first: str) -> None:
    give(app, ONE, search=first)
    assert len(open_ones(app)) == 1
    give(app, TWO, search=first)
    assert len(open_ones(app)) == 1, "the same search twice is not both"

    nothing(app, search="2" if first in {"1", BY_NAME} else "1")

    assert is_searched(app)


def test_a_search_that_the_source_does_not_have_is_refused_with_those_it_has(app: App) -> None:
    with pytest.raises(BadInput, match=r"no search '3', expected one of 1: '.*', 2: '.*'"):
        give(app, ONE, search="3")


def test_nothing_found_is_said_of_one_search(app: App) -> None:
    nothing(app)
    assert open_ones(app) == {WIDER: None}

    nothing(app)
    assert is_searched(app)


def test_the_same_answer_of_two_searches_counts_for_each_where_it_is_named(app: App) -> None:
    give(app, ONE, search="1")
    assert give(app, ONE).again
    assert open_ones(app) == {WIDER: None}

    given = give(app, ONE, search="2")

    assert (given.again, given.run.new, given.run.known) == (False, 0, 1)
    assert is_searched(app)


def test_parts_of_one_export_are_one_answer(app: App) -> None:
    give(app, PAIR, "embase", part="1/2")
    assert list(open_ones(app, "embase").values()) == ["part 2 of 2 has not come"]

    give(app, THIRD, "embase", part="2 of 2", shown=3)

    assert is_searched(app, "embase")
    (found,) = (s["found"] for s in status_json(app)["sources"] if s["source"] == "embase")
    assert found == 3


@pytest.mark.parametrize("part", ["3/2", "0/2", "a", "1-2"])
def test_a_part_of_nothing_is_refused(app: App, part: str) -> None:
    with pytest.raises(BadInput, match=f"part: found '{part}'"):
        give(app, SINGLE, "embase", part=part)


def test_fewer_records_than_the_database_showed_leave_a_search_open(app: App) -> None:
    given = give(app, PAIR, "embase", shown=3)

    assert list(open_ones(app, "embase").values()) == ["the database showed 3, 2 were read"]
    assert not is_searched(app, "embase")

    why = "the third is the one of 2025, which was not to be exported"
    again = give(app, PAIR, "embase", difference=why)

    assert (again.again, again.told) == (True, True)
    assert is_searched(app, "embase")
    with app.database.reading() as connection:
        told = told_of(connection, given.run.id)
    assert told is not None
    assert (told.shown, told.difference) == (3, why)
    assert not verify(app.database).faults


def test_what_was_searched_where_and_by_whom_is_kept(app: App) -> None:
    run = give(app, SINGLE, "embase", platform="embase.com", coverage="1974 to 2026", shown=1).run

    with app.database.reading() as connection:
        told = told_of(connection, run.id)
    assert told is not None
    assert told.search.startswith("#1 'multifocal motor neuropathy'/de")
    assert (told.platform, told.coverage, told.person) == ("embase.com", "1974 to 2026", DORA)


def test_a_search_that_was_taken_back_is_open_again(app: App) -> None:
    give(app, ONE)
    second = give(app, TWO)

    perform(app, WithdrawSearch(run=second.run.id, note="of another day"), actor(DORA))

    assert open_ones(app) == {WIDER: None}
    assert not is_searched(app)


def test_a_file_found_again_is_of_the_search_that_it_was_of(app: App) -> None:
    give(app, ONE, search="1")
    second = give(app, TWO, search="2").run

    later = perform(app, SayFileFoundAgain(source="ctis", run=second.id), actor(DORA))

    with app.database.reading() as connection:
        told = told_of(connection, later.id)
        assert len(made_searches(connection, "ctis")) == 3
    assert told is not None
    assert told.search == WIDER


def test_the_lead_hears_that_a_source_is_not_searched_yet(app: App) -> None:
    with app.ledger() as ledger:
        people.add_person(ledger, IRIS)
    perform(app, GiveExport(source="ctis", name="x.csv", body=ONE), actor("iris"))

    with app.database.reading() as connection:
        (notice,) = (
            each.notice
            for each in outbox.deliveries(connection)
            if each.notice.kind == "searched_by_hand"
        )
    assert "does not count as searched yet" in notice.body
    assert WIDER in notice.body


def test_by_command_the_search_is_said_that_a_file_was_taken_for(tmp_path: Path) -> None:
    app = an_app(tmp_path / "data")
    app.close()
    file = tmp_path / "list.csv"
    file.write_bytes(ONE)
    given = ["import", str(file), "--source", "ctis", "--data", str(tmp_path / "data")]

    first = CliRunner().invoke(cli, given, catch_exceptions=False)

    assert f"taken as search 1 of 2: {BY_NAME}" in first.stdout
    assert f"2: {WIDER} (not searched yet)" in first.stdout

    file.write_bytes(TWO)
    second = CliRunner().invoke(cli, [*given, "--shown", "1", "--json"], catch_exceptions=False)

    assert [each["open"] for each in json.loads(second.stdout)["searches"]] == [False, False]
