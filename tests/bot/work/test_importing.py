"""A large file is read by a process of its own; what comes of it is as if it were read here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.acts.said import GiveExport
from bot.app import App
from bot.errors import ImportFailed
from bot.work.importing import give_file
from state.errors import BadInput
from state.events import events
from tests.bot.builders import DORA, NOWHERE, SERVICES, actor, add_team, an_app
from tests.bot.exports import TWO_RECORDS


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    for service in SERVICES:
        monkeypatch.setenv(f"LIVINGREVIEW_{service}_URL", NOWHERE)
    running = an_app(tmp_path / "data")
    add_team(running)
    yield running
    running.close()


def the_file(body: bytes) -> GiveExport:
    return GiveExport(source="embase", name="week.ris", body=body)


def test_a_file_that_is_read_apart_is_one_run_in_the_name_of_who_gave_it(app: App) -> None:
    first = give_file(app, the_file(TWO_RECORDS), actor(DORA), apart_from=0)

    assert (first.run.found, first.run.new, first.again) == (2, 2, False)
    with app.database.reading() as connection:
        (said,) = (each for each in events(connection, subject=first.run.id))
    assert (said.actor, said.authenticated) == (DORA, True)
    with pytest.raises(BadInput, match=r"week\.ris"):
        give_file(app, the_file(TWO_RECORDS[:-40]), actor(DORA), apart_from=0)


def test_a_process_that_dies_is_said_and_nothing_is_stored(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVINGREVIEW_PORT", "eighty")

    with pytest.raises(ImportFailed, match="ended without an answer"):
        give_file(app, the_file(TWO_RECORDS), actor(DORA), apart_from=0)
