"""What asks for nothing today reaches a person in one message a day, beside what cannot wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest

from bot.app import App
from bot.errors import DeliveryFailed
from bot.notify.channels import Mailbox
from bot.notify.daily import day_began, next_message
from bot.notify.delivery import deliver
from state import outbox, runs
from state.codec import instant
from state.facts.words import NoticeKind
from state.outbox import Delivery
from state.values import Notice, WorkKind
from tests.bot.builders import ADA, BEN, StoppedClock, add_team, an_app

ONCE = NoticeKind.NEW_CANDIDATES
AT_ONCE = NoticeKind.RESULTS_POSTED


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    send(running)
    yield running
    running.close()


def send(app: App) -> int:
    return deliver(app, lambda _, delivery: delivery)


def tell(app: App, key: str, *recipients: str, kind: NoticeKind = ONCE) -> None:
    with app.ledger() as ledger:
        outbox.write(ledger, Notice(key, kind, f"About {key}", f"All of {key}.\n"), recipients)


def advance(app: App, **by: float) -> None:
    cast(StoppedClock, app.clock).at += timedelta(**by)


def mails(app: App, *, about: str) -> list[EmailMessage]:
    """Return the messages that tell of something, to anybody."""
    read = (
        message_from_bytes(file.read_bytes(), policy=policy.default)
        for file in sorted(app.mailbox.glob("*.eml"))
    )
    return [each for each in read if f"All of {about}." in each.get_content()]


def undelivered(app: App) -> list[str]:
    with app.database.reading() as connection:
        return [each.notice.key for each in outbox.undelivered(connection, 100)]


def test_what_waits_for_one_person_leaves_in_one_message(app: App) -> None:
    tell(app, "one", ADA)
    tell(app, "two", ADA)
    tell(app, "three", ADA)

    assert send(app) == 1

    (mail,) = mails(app, about="two")
    assert mail["Subject"] == "[living review] About one; About three; 1 more"
    assert "All of one." in mail.get_content()
    assert "All of three." in mail.get_content()
    assert not undelivered(app)


def test_the_ids_of_all_that_it_tells_stand_in_the_message(app: App) -> None:
    tell(app, "one", ADA)
    tell(app, "two", ADA)
    with app.database.reading() as connection:
        ids = {each.message_id for each in outbox.deliveries_to(connection, ADA, 2)}

    send(app)

    (mail,) = mails(app, about="one")
    assert {mail["Message-ID"], *mail["References"].split()} == ids


def test_what_comes_later_on_the_day_waits_for_the_next_morning(app: App) -> None:
    tell(app, "one", ADA)
    send(app)
    advance(app, hours=1)
    tell(app, "two", ADA)

    assert send(app) == 0
    advance(app, days=1)
    assert send(app) == 1

    assert not undelivered(app)


def test_what_cannot_wait_leaves_the_same_day_by_itself(app: App) -> None:
    tell(app, "one", ADA)
    send(app)
    tell(app, "grave", ADA, kind=AT_ONCE)

    assert send(app) == 1

    assert len(mails(app, about="grave")) == 1


def test_each_person_has_a_message_of_their_own(app: App) -> None:
    tell(app, "one", ADA)
    send(app)
    tell(app, "two", ADA, BEN)

    assert send(app) == 1

    assert [mail["To"] for mail in mails(app, about="two")] == ["ben@example.org"]


def test_what_may_have_left_before_a_crash_leaves_again_as_it_was(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same id must not tell two things: a reader's program drops the second."""
    tell(app, "one", ADA)
    tell(app, "two", ADA)
    left: list[Delivery] = []

    class PowerCut(BaseException):
        pass

    def cut(_mailbox: Mailbox, delivery: Delivery, *_: object) -> None:
        left.append(delivery)
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(Mailbox, "send", cut)
        with pytest.raises(PowerCut):
            send(app)
    tell(app, "three", ADA)
    advance(app, minutes=5)
    send(app)

    (mail,) = mails(app, about="one")
    assert mail["Message-ID"] == left[0].message_id
    assert "All of two." in mail.get_content()
    assert undelivered(app) == ["three"]


def test_a_failing_service_does_not_let_a_second_message_pass_the_first(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(app, "one", ADA)

    def fails(*_: object) -> None:
        raise DeliveryFailed("full")

    with monkeypatch.context() as patched:
        patched.setattr(Mailbox, "send", fails)
        send(app)
    tell(app, "two", ADA)

    assert send(app) == 0  # the first is tried again in a minute
    with app.database.reading() as connection:
        assert next_message(app, connection) is None


FAILS = NoticeKind.SOURCE_FAILING


@contextmanager
def work_in_hand(app: App) -> Iterator[None]:
    """Have this process be at some work meanwhile."""
    now = app.clock.now()
    with app.database.transaction() as connection:
        runs.request(connection, WorkKind.SEARCH, "elsewhere", due_at=instant(now))
        asked = runs.find_work(connection, WorkKind.SEARCH, "elsewhere")
        assert asked is not None
        work = runs.claim(connection, asked, now=now)
        assert work is not None
    yield
    with app.database.transaction() as connection:
        runs.finish(connection, work, now=app.clock.now())


def test_all_that_fails_in_one_outage_is_one_message(app: App) -> None:
    tell(app, "pubmed", ADA, kind=FAILS)
    tell(app, "a-register", ADA, kind=FAILS)
    tell(app, "a-hook", ADA, kind=NoticeKind.HOOK_FAILED)

    assert send(app) == 1

    (mail,) = mails(app, about="a-hook")
    assert all(f"All of {each}." in mail.get_content() for each in ("pubmed", "a-register"))
    assert not undelivered(app)


def test_what_fails_is_told_beside_the_message_of_the_day_and_once_a_day(app: App) -> None:
    tell(app, "one", ADA)
    tell(app, "pubmed", ADA, kind=FAILS)
    assert send(app) == 2
    tell(app, "a-register", ADA, kind=FAILS)

    assert send(app) == 0
    advance(app, days=1)
    assert send(app) == 1


def test_what_fails_is_told_when_the_work_in_hand_has_ended(app: App) -> None:
    """The searches of a round run side by side: the first to fail is not the only one."""
    with work_in_hand(app):
        tell(app, "pubmed", ADA, kind=FAILS)
        tell(app, "grave", ADA, kind=AT_ONCE)
        assert send(app) == 1
        assert undelivered(app) == ["pubmed"]
        tell(app, "a-register", ADA, kind=FAILS)

    assert send(app) == 1

    assert len(mails(app, about="a-register")) == 1


def test_work_that_a_dead_process_had_in_hand_holds_up_no_message_for_good(app: App) -> None:
    with work_in_hand(app):
        tell(app, "pubmed", ADA, kind=FAILS)
        advance(app, minutes=20)  # more than a lease

        assert send(app) == 1


@pytest.mark.parametrize(
    ("now", "began"),
    [
        (datetime(2026, 7, 1, 4, 0, tzinfo=UTC), datetime(2026, 7, 1, 4, 0, tzinfo=UTC)),
        (datetime(2026, 7, 1, 3, 59, tzinfo=UTC), datetime(2026, 6, 30, 4, 0, tzinfo=UTC)),
        (datetime(2026, 12, 1, 5, 30, tzinfo=UTC), datetime(2026, 12, 1, 5, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 12, 0, tzinfo=UTC), datetime(2026, 10, 25, 5, 0, tzinfo=UTC)),
    ],
)
def test_a_day_of_messages_begins_at_six_on_the_wall_of_the_review(
    now: datetime, began: datetime
) -> None:
    assert day_began(now, "Europe/Zurich") == began
