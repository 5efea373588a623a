"""Messages at a real mail server that is slow, refuses or wants to be left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from bot.app import App
from bot.notify.channels import CHAT
from bot.notify.delivery import deliver
from bot.silence.status import status_json
from state import outbox
from state import tables as t
from state.codec import moment
from state.facts.words import NoticeKind
from state.outbox import Delivery
from state.values import Notice
from state.verify import verify
from tests.bot.builders import ADA, BEN, DORA, StoppedClock, add_team, an_app
from tests.end_to_end.programs import free_port, until
from tests.safety import SAFETY_S

# A package of the chat services still asks for one that Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@dataclass
class Server:
    """Takes mail; `answers` are given instead for a recipient, `at_step` happens at every step."""

    answers: dict[str, str] = field(default_factory=dict)
    at_step: Callable[[], None] = lambda: None
    taken: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    async def handle_MAIL(
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        envelope.mail_from = address
        self.at_step()
        return "250 yes"

    async def handle_RCPT(
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        self.at_step()
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 yes"

    async def handle_DATA(self, _server: object, session: Any, envelope: Any) -> str:
        self.taken += envelope.rcpt_tos
        self.connections.add(session.peer)
        self.at_step()
        return "250 taken"


@dataclass
class ChatService:
    """Stands for the services behind Apprise's addresses."""

    posted: list[str] = field(default_factory=list)
    is_down: bool = False

    def notify(self, title: str, body: str) -> bool:
        self.posted += [] if self.is_down else [title]
        return not self.is_down


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> ChatService:
    service = ChatService()
    monkeypatch.setattr(
        "apprise.Apprise.notify", lambda _, title, body: service.notify(title, body)
    )
    return service


CHAT_TOO = {"LIVINGREVIEW_APPRISE_URLS": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"}


@contextmanager
def a_program(
    tmp_path: Path, server: Server, settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[App]:
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port, ready_timeout=SAFETY_S)
    controller.start()
    by_mail = {"LIVINGREVIEW_SMTP_URL": f"smtp://127.0.0.1:{port}"}
    app = an_app(tmp_path / "data", {**by_mail, **settings})
    add_team(app)
    try:
        yield app
    finally:
        app.close()
        controller.stop()


def tell(app: App, *recipients: str, key: str = "news") -> None:
    with app.ledger() as ledger:
        outbox.write(
            ledger, Notice(key, NoticeKind.NEW_RESULT, "News", "Something happened.\n"), recipients
        )


def send(app: App) -> int:
    return deliver(app, lambda _, delivery: delivery)


def advance(app: App, **by: float) -> None:
    cast(StoppedClock, app.clock).at += timedelta(**by)


def is_held(app: App) -> bool:
    """Whether the one message that is sent is leased for longer than a step takes."""
    with app.database.reading() as connection:
        (lease_until,) = connection.execute(select(t.delivery_attempt.c.lease_until)).scalars()
    return moment(lease_until) - app.clock.now() > outbox.LEASE / 2


def told(app: App, kind: str) -> list[Delivery]:
    with app.database.reading() as connection:
        return [each for each in outbox.deliveries(connection) if each.notice.kind == kind]


def test_many_messages_take_one_connection(tmp_path: Path) -> None:
    server = Server()
    with a_program(tmp_path, server) as app:
        tell(app, ADA, BEN, DORA)

        assert send(app) == 3

    assert len(server.taken) == 3
    assert len(server.connections) == 1


def test_a_slow_server_is_sent_no_message_twice_by_a_second_process(tmp_path: Path) -> None:
    server = Server()
    with a_program(tmp_path, server) as app:
        tell(app, ADA)

        def slow() -> None:
            until(lambda: is_held(app))  # whoever waits for an answer says first that it lives
            advance(app, seconds=100)
            server.at_step = lambda: advance(app, seconds=100)
            assert send(app) == 0
            server.at_step = slow

        server.at_step = slow
        assert send(app) == 1

    assert server.taken == ["ada@example.org"]


def test_a_final_refusal_is_not_tried_again_and_the_lead_is_told(tmp_path: Path) -> None:
    server = Server({"ben@example.org": "550 no such user"})
    with a_program(tmp_path, server) as app:
        tell(app, ADA, BEN)
        send(app)
        server.answers.clear()
        advance(app, days=1)
        send(app)

        (refused,) = told(app, "delivery_refused")
        assert refused.recipient == DORA
        assert "ben" in refused.notice.body
        assert any("550" in each for each in status_json(app)["needs"])

    assert server.taken.count("ben@example.org") == 0
    assert server.taken.count("ada@example.org") == 1


def test_a_lead_whose_own_address_is_refused_is_not_told_of_it_without_end(tmp_path: Path) -> None:
    server = Server({"dora@example.org": "550 no such user"})
    with a_program(tmp_path, server) as app:
        tell(app, DORA)
        for _ in range(3):
            send(app)
            advance(app, hours=1)

        assert len(told(app, "delivery_refused")) == 1


def test_a_server_that_says_later_is_asked_again(tmp_path: Path) -> None:
    server = Server({"ben@example.org": "450 later"})
    with a_program(tmp_path, server) as app:
        tell(app, BEN, ADA)
        assert send(app) == 1
        server.answers.clear()
        advance(app, minutes=2)
        assert send(app) == 1

        assert told(app, "delivery_refused") == []


def test_an_address_that_no_message_can_bear_holds_up_no_other(tmp_path: Path) -> None:
    server = Server()
    with a_program(tmp_path, server) as app:
        tell(app, "ghost", ADA)
        with app.database.transaction() as connection:
            connection.exec_driver_sql("UPDATE person SET address = 'a@[' WHERE id = 'ben'")
        tell(app, BEN, key="other news")

        assert send(app) == 1
        assert any("not delivered" in each for each in status_json(app)["needs"])

    assert server.taken == ["ada@example.org"]


def test_what_all_read_in_one_place_is_leased_to_all_at_once(tmp_path: Path) -> None:
    with a_program(tmp_path, Server()) as app:
        tell(app, ADA, BEN, DORA)
        now = app.clock.now()
        with app.database.transaction() as connection:
            (first,) = outbox.claim_due(connection, now=now)
            assert first is not None
            others = outbox.claim_others(connection, first, now=now)

            assert {first.recipient, *(each.recipient for each in others)} == {ADA, BEN, DORA}
            assert not outbox.claim_due(connection, now=now)


# ---- mail and chat together ----------------------------------------------------------------------


def test_a_notice_is_mailed_to_each_and_posted_once(tmp_path: Path, chat: ChatService) -> None:
    server = Server()
    with a_program(tmp_path, server, CHAT_TOO) as app:
        tell(app, ADA, BEN, DORA)
        assert send(app) == 4
        assert send(app) == 0
        ways_out = {each.recipient: each.channel for each in told(app, NoticeKind.NEW_RESULT)}
        assert verify(app.database).faults == ()

    assert sorted(server.taken) == ["ada@example.org", "ben@example.org", "dora@example.org"]
    assert chat.posted == ["News"]
    assert ways_out == {ADA: "mail", BEN: "mail", DORA: "mail", CHAT: "chat"}


def test_a_chat_that_is_down_holds_up_no_mail_and_repeats_none(
    tmp_path: Path, chat: ChatService
) -> None:
    server = Server()
    chat.is_down = True
    with a_program(tmp_path, server, CHAT_TOO) as app:
        tell(app, ADA, BEN)
        assert send(app) == 2
        assert any("chat" in each for each in status_json(app)["needs"])
        chat.is_down = False
        advance(app, minutes=2)
        assert send(app) == 1

    assert sorted(server.taken) == ["ada@example.org", "ben@example.org"]
    assert chat.posted == ["News"]


def test_a_refused_mail_is_no_reason_to_post_again(tmp_path: Path, chat: ChatService) -> None:
    server = Server({"ada@example.org": "451 later"})
    with a_program(tmp_path, server, CHAT_TOO) as app:
        tell(app, ADA)
        send(app)
        server.answers.clear()
        advance(app, minutes=2)
        assert send(app) == 1

    assert (server.taken, chat.posted) == (["ada@example.org"], ["News"])


def test_a_sign_in_link_is_mailed_and_never_posted(tmp_path: Path, chat: ChatService) -> None:
    server = Server()
    with a_program(tmp_path, server, CHAT_TOO) as app:
        with app.ledger() as ledger:
            outbox.write(ledger, Notice("link", NoticeKind.SIGN_IN, "Your link", "Here.\n"), [ADA])
        assert send(app) == 1
        assert [each.recipient for each in told(app, "sign_in")] == [ADA]

    assert (server.taken, chat.posted) == (["ada@example.org"], [])


def test_what_was_posted_is_not_posted_again_where_mail_is_given_up(
    tmp_path: Path, chat: ChatService
) -> None:
    server = Server({"ada@example.org": "451 later"})
    with a_program(tmp_path, server, CHAT_TOO) as app:
        tell(app, ADA)
        send(app)
        advance(app, minutes=2)
        by_chat = replace(app, config=app.config.model_copy(update={"smtp_url": None}))
        assert send(by_chat) == 1
        assert {each.channel for each in told(app, NoticeKind.NEW_RESULT)} == {"chat"}

    assert chat.posted == ["News"]


def test_a_posting_for_which_no_chat_is_left_is_given_up_and_told(
    tmp_path: Path, chat: ChatService
) -> None:
    chat.is_down = True
    with a_program(tmp_path, Server(), CHAT_TOO) as app:
        tell(app, ADA)
        send(app)
        advance(app, minutes=2)
        send(replace(app, config=app.config.model_copy(update={"apprise_urls": ()})))

        assert [each.recipient for each in told(app, "delivery_refused")] == [DORA]
