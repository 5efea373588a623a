"""What every message has: the name of the review, and links to where its page is served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from bot.app import PULSE, App
from bot.notify import messages
from bot.notify.delivery import deliver
from bot.notify.page_address import as_served, page_address
from state import outbox, runs
from state.facts.words import NoticeKind
from state.values import Notice
from tests.bot.builders import ADA, add_team, an_app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    yield running
    running.close()


@pytest.mark.parametrize("body", ["Something happened.\n", "Something\n\nhappened.", ""])
def test_a_message_ends_with_the_name_of_the_review(app: App, body: str) -> None:
    with app.ledger() as ledger:
        outbox.write(ledger, Notice("news:1", NoticeKind.NEW_RESULT, "News", body), [ADA])
    deliver(app, lambda _app, delivery: delivery)

    (file,) = app.mailbox.glob("*_new_result_*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert str(message["Subject"]) == "[living review] News"
    written = str(message.get_content())
    assert written.startswith(body.rstrip())
    assert written.rstrip().splitlines()[-1] == f"Review: {app.protocol.short_title}"


def test_what_is_stored_of_a_message_is_as_it_was_written(app: App) -> None:
    with app.ledger() as ledger:
        outbox.write(ledger, Notice("news:1", NoticeKind.NEW_RESULT, "News", "Something.\n"), [ADA])
    deliver(app, lambda _app, delivery: delivery)

    with app.database.reading() as connection:
        (kept,) = (e for e in outbox.deliveries(connection) if e.notice.key == "news:1")
    assert kept.notice.body == "Something.\n"


def test_a_command_links_to_the_port_at_which_the_page_was_last_served(app: App) -> None:
    beat(app, "http://127.0.0.1:8104")

    assert page_address(as_served(app)) == "http://127.0.0.1:8104"


def test_the_public_address_of_the_settings_goes_before_where_the_page_was_served(app: App) -> None:
    beat(app, "http://127.0.0.1:8104")
    public = {"public_url": "https://review.example.org"}
    named = replace(app, config=app.config.model_copy(update=public))

    assert page_address(as_served(named)) == "https://review.example.org"


def beat(app: App, address: str) -> None:
    with app.database.transaction() as connection:
        runs.beat(connection, PULSE, now=app.clock.now(), address=address)


@pytest.mark.parametrize(
    ("moved", "subject", "said"),
    [
        (["1.1 Strength: RR 3.00 → RR 2.00"], "New result, draft 3.1", "RR 2.00"),
        ([], "Draft 3.1 to sign", "No pooled result moved."),
    ],
)
def test_a_draft_is_called_a_new_result_only_where_a_result_moved(
    moved: list[str], subject: str, said: str
) -> None:
    news = messages.DraftNews("a report of Harbo 2009 was retracted", ["A retraction."], moved)

    notice = messages.new_draft("3.1", "token", news, "http://127.0.0.1:8004")

    assert notice.subject == subject
    assert said in notice.body
    assert "A retraction." in notice.body
