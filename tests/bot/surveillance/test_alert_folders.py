"""The watched folders: taken once as a part of the news, moved when stored, refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.silence.status import status_json
from bot.surveillance.alert_folders import TAKEN, look_into_folders
from bot.surveillance.taking_alerts import PlaceLookedAt
from bot.work import jobs
from state import outbox, runs
from state.codec import Json
from state.errors import DataFolderFault
from state.events import head
from state.facts.words import AlertWay
from state.records import all_records
from state.tasks import TaskKind, open_tasks
from state.verify import verify
from tests.bot.builders import DORA, add_team, an_app, take_import
from tests.bot.exports import TWO_RECORDS
from tests.bot.surveillance.alert_files import OVID_TEXT, mail, put


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    yield running
    running.close()


def look(app: App) -> PlaceLookedAt:
    (looked,) = look_into_folders(app)
    return looked


def keys(app: App) -> set[str]:
    with app.database.reading() as connection:
        return {each.record.key for each in all_records(connection)}


def source(app: App, name: str) -> Json:
    return next(each for each in status_json(app)["sources"] if each["source"] == name)


def reasons(app: App) -> list[str]:
    with app.database.reading() as connection:
        found = open_tasks(connection)
    assert all(each.kind is TaskKind.REFUSED_ALERT for each in found)
    return [each.text for each in found]


def log_of(app: App) -> tuple[int, str]:
    with app.database.reading() as connection:
        return head(connection)


def test_a_file_is_taken_as_an_alert_and_moved_and_is_no_search(app: App) -> None:
    file = put(app.alerts / "embase" / "week.ris", TWO_RECORDS)

    (alert,) = look(app).taken

    assert (alert.source, alert.way, alert.found, alert.new) == ("embase", AlertWay.FOLDER, 2, 2)
    assert alert.covers is None
    assert {"embase:L1", "embase:L2"} <= keys(app)
    assert not file.exists()
    assert (file.parent / TAKEN / "week.ris").read_bytes() == TWO_RECORDS
    embase = source(app, "embase")
    assert (embase["last_success"], embase["light"]) == (None, "red")
    assert (embase["last_alert"]["day"], embase["last_alert"]["found"]) == (alert.day, 2)
    with app.database.reading() as connection:
        assert runs.last_run(connection, "embase") is None
    assert not verify(app.database).faults


def test_an_alert_tells_the_readers_what_is_to_be_screened(app: App) -> None:
    put(app.alerts / "embase" / "week.ris", TWO_RECORDS)

    look(app)

    with app.database.reading() as connection:
        told = [each.notice for each in outbox.deliveries(connection)]
    assert "2 new candidates to screen" in {each.subject for each in told}


def test_the_same_bytes_again_change_nothing_and_say_as_what_they_were_taken(app: App) -> None:
    put(app.alerts / "embase" / "week.ris", TWO_RECORDS)
    (first,) = look(app).taken
    before = log_of(app)
    put(app.alerts / "embase" / "week.ris", TWO_RECORDS)

    second = look(app)

    (again,) = second.again
    assert (again.run, again.day) == (first.alert, first.day)
    assert log_of(app) == before
    assert {each.name for each in (app.alerts / "embase" / TAKEN).iterdir()} == {
        "week.ris",
        "week (2).ris",
    }


def test_a_file_that_was_given_as_a_hand_search_is_known(app: App) -> None:
    run = take_import(app, DORA, TWO_RECORDS, "embase.ris", "embase").run
    put(app.alerts / "embase" / "week.ris", TWO_RECORDS)

    (again,) = look(app).again

    assert again.run == run.id


def test_a_kill_between_storing_and_moving_is_made_good(app: App) -> None:
    file = put(app.alerts / "embase" / "week.ris", TWO_RECORDS)
    (app.alerts / "embase" / TAKEN).write_bytes(b"in the way of the folder")
    with pytest.raises(DataFolderFault, match=r"taken: File exists"):
        look_into_folders(app)
    assert file.exists()
    assert "embase:L1" in keys(app)
    (app.alerts / "embase" / TAKEN).unlink()

    looked = look(app)

    assert (len(looked.taken), len(looked.again)) == (0, 1)
    assert not file.exists()


@pytest.mark.parametrize(
    ("name", "age_s"), [("week.ris", 1.0), ("week.ris.part", 3600.0), (".week.ris", 3600.0)]
)
def test_a_file_that_is_still_being_written_waits(app: App, name: str, age_s: float) -> None:
    put(app.alerts / "embase" / name, TWO_RECORDS, age_s=age_s)

    assert look_into_folders(app) == ()


def test_a_refused_file_stays_and_is_asked_about_once(app: App) -> None:
    file = put(app.alerts / "embase" / "week.ris", TWO_RECORDS[:-40])

    refused = look(app).refused
    again = look_into_folders(app)

    assert "week.ris" in refused[0].reason
    assert again == ()
    assert file.exists()
    (reason,) = reasons(app)
    assert "alerts/embase" in reason
    with app.database.reading() as connection:
        told = {
            e.notice.key for e in outbox.deliveries(connection) if e.notice.kind == "alert_refused"
        }
    assert len(told) == 1
    assert "embase:L1" not in keys(app)


def test_one_refused_file_holds_up_no_other(app: App) -> None:
    put(app.alerts / "embase" / "a.ris", b"no records at all")
    put(app.alerts / "embase" / "b.ris", TWO_RECORDS)

    looked = look_into_folders(app)

    assert [(len(each.taken), len(each.refused)) for each in looked] == [(0, 1), (1, 0)]


@pytest.mark.parametrize("place", ["embsae/week.ris", "pubmed/week.ris", "week.ris"])
def test_a_file_that_is_in_the_folder_of_no_source_is_asked_about(app: App, place: str) -> None:
    file = put(app.alerts / place, TWO_RECORDS)

    look(app)

    assert file.exists()
    assert "expected the folder of a source that takes alerts" in reasons(app)[0]


def test_a_mail_in_a_folder_is_of_its_own_day_and_says_what_it_covers(app: App) -> None:
    put(app.alerts / "embase" / "week.eml", mail(text=OVID_TEXT))

    (alert,) = look(app).taken

    assert (alert.day, alert.found, alert.new) == ("2026-11-23", 2, 2)
    assert alert.covers == "Embase <1974 to 2026 November 24>"
    assert alert.warnings == ()


def test_an_alert_that_closes_nothing_leaves_a_lost_entry_alone(app: App) -> None:
    """Known items and entries that an alert does not hold are missed by nobody."""
    put(app.alerts / "embase" / "week.ris", TWO_RECORDS)

    look(app)

    assert source(app, "embase")["missing"] == []
    assert reasons(app) == []


def test_the_tick_takes_what_lies_in_the_folders(app: App) -> None:
    put(app.alerts / "embase" / "week.ris", TWO_RECORDS)

    jobs.tick(app)

    assert "embase:L1" in keys(app)
