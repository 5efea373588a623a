"""The mailbox: each message taken once by its rule, kept where it is, and its failures told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.silence.status import status_json
from bot.surveillance.alert_mailbox import look_into_mailbox
from bot.work import jobs
from state import decisions
from state.codec import Json
from state.facts.words import AlertWay
from state.tasks import TaskKind, open_tasks
from state.values import PublicStatus
from tests.bot.builders import StoppedClock, a_start, add_team
from tests.bot.surveillance.alert_files import OVID_TEXT, mail, twelve_records
from tests.bot.surveillance.imap_server import ImapServer, an_imap_server

SHIPPED = Path(__file__).parents[3] / "reviews" / "mmn"
RULE = 'alerts = [{ from = "*@ovid.example.org", subject = "*neuropathy*" }]\n'


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with an_imap_server() as running:
        yield running


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a review whose protocol says which mails are alerts of Embase."""
    folder = tmp_path_factory.mktemp("review") / "mmn"
    shutil.copytree(SHIPPED, folder)
    protocol = folder / "protocol.toml"
    text = protocol.read_text()
    protocol.write_text(text.replace('id = "embase"\n', f'id = "embase"\n{RULE}', 1))
    return folder


@pytest.fixture(scope="module")
def begun(review: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("begun") / "data"
    app = a_start(data, {"LIVINGREVIEW_REVIEW": str(review)})
    add_team(app)
    app.close()
    return data


@pytest.fixture
def app(server: ImapServer, review: Path, begun: Path, tmp_path: Path) -> Iterator[App]:
    shutil.copytree(begun, tmp_path / "data")
    settings = {
        "LIVINGREVIEW_REVIEW": str(review),
        "LIVINGREVIEW_ALERTS_IMAP_URL": server.url,
    }
    running = a_start(tmp_path / "data", settings)
    yield running
    running.close()


def queued(app: App) -> int:
    with app.database.reading() as connection:
        return decisions.open_by_status(connection).get(PublicStatus.WAITING, 0)


def reasons(app: App) -> list[str]:
    with app.database.reading() as connection:
        return [e.text for e in open_tasks(connection) if e.kind is TaskKind.REFUSED_ALERT]


def embase(app: App) -> Json:
    return next(each for each in status_json(app)["sources"] if each["source"] == "embase")


def test_an_alert_of_ovid_stands_in_the_queue_with_the_next_tick(
    app: App, server: ImapServer
) -> None:
    letter = server.put(mail(attached=twelve_records()))

    jobs.tick(app)

    assert queued(app) == 12
    last = embase(app)["last_alert"]
    assert (last["day"], last["found"], last["new"]) == ("2026-11-23", 12, 12)
    assert embase(app)["last_success"] is None
    assert letter.flags == {r"\Seen"}
    assert status_json(app)["mailbox"]["error"] is None


def test_records_in_the_text_of_a_mail_are_read_without_its_heading_and_foot(
    app: App, server: ImapServer
) -> None:
    server.put(mail(text=OVID_TEXT))

    ((alert,),) = (each.taken for each in look_into_mailbox(app))

    assert (alert.found, alert.way, alert.message) == (2, AlertWay.MAIL, "<1@ovid.example.org>")
    assert alert.covers == "Embase <1974 to 2026 November 24>"


def test_a_message_is_taken_once_though_people_read_and_move_it(
    app: App, server: ImapServer
) -> None:
    letter = server.put(mail(attached=twelve_records()))
    look_into_mailbox(app)
    letter.flags.clear()

    assert look_into_mailbox(app) == ()

    server.validity += 1
    server.letters = []
    server.put(mail(attached=twelve_records()))
    (looked,) = look_into_mailbox(app)
    assert (len(looked.taken), len(looked.again)) == (0, 1)
    assert queued(app) == 12


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (lambda: mail(attached=twelve_records(), sender="news@example.org"), "no rule"),
        (lambda: mail(text="2 new records: https://example.org/made-up"), "no file and no record"),
        (lambda: mail(attached=twelve_records()[:-30]), "records.ris"),
        (lambda: b"\xff\xfe no mail at all", "no rule"),
    ],
)
def test_what_is_nobodys_or_cannot_be_read_is_asked_about_once(
    app: App, server: ImapServer, sent: Callable[[], bytes], said: str
) -> None:
    letter = server.put(sent())

    look_into_mailbox(app)
    server.validity += 1
    look_into_mailbox(app)

    (reason,) = reasons(app)
    assert said in reason
    assert queued(app) == 0
    assert letter in server.letters


def test_a_mail_that_says_that_there_was_nothing_is_an_alert_of_nothing(
    app: App, server: ImapServer
) -> None:
    server.put(mail(text="Database: Embase\nResults: 0\n"))

    ((alert,),) = (each.taken for each in look_into_mailbox(app))

    assert (alert.found, alert.covers) == (0, "Embase")
    assert reasons(app) == []


def test_a_mail_that_speaks_of_more_records_than_it_holds_says_so(
    app: App, server: ImapServer
) -> None:
    server.put(mail(text=OVID_TEXT.replace("Results: 2", "Results: 5")))

    ((alert,),) = (each.taken for each in look_into_mailbox(app))

    assert "the mail speaks of 5 records, 2 were read" in alert.warnings


def test_a_mailbox_that_turns_us_away_is_a_red_light_and_names_no_password(
    app: App, server: ImapServer
) -> None:
    server.refuses = True

    jobs.take_alerts(app)

    status = status_json(app)
    assert (status["mailbox"]["light"], status["light"]) == ("red", "red")
    assert "sign-in" in status["mailbox"]["error"]
    assert server.password not in str(status)
    assert any("mailbox alerts fails" in each for each in status["needs"])


def test_a_mailbox_that_is_well_again_loses_nothing(app: App, server: ImapServer) -> None:
    assert isinstance(app.clock, StoppedClock)
    server.put(mail(attached=twelve_records()))
    server.cuts_at = "UID FETCH"
    jobs.take_alerts(app)
    assert queued(app) == 0
    app.clock.advance(minutes=6)

    jobs.take_alerts(app)

    assert queued(app) == 12
    assert status_json(app)["mailbox"]["light"] == "green"


def test_a_kill_between_storing_and_marking_takes_no_message_twice(
    app: App, server: ImapServer
) -> None:
    assert isinstance(app.clock, StoppedClock)
    letter = server.put(mail(attached=twelve_records()))
    server.cuts_at = "UID STORE"
    jobs.take_alerts(app)
    assert (queued(app), letter.flags) == (12, set())
    app.clock.advance(minutes=6)

    jobs.take_alerts(app)

    assert queued(app) == 12
    assert reasons(app) == []
