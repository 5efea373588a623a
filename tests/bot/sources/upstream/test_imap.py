"""The door to a mailbox: whose password goes where, and what is said when it stays shut."""

from __future__ import annotations

import pytest

from bot.errors import SourceRejected, SourceUnavailable
from bot.sources.upstream.imap import MailAccount, open_mailbox
from tests.bot.surveillance.imap_server import an_imap_server


def test_an_address_is_read_and_shown_without_its_password() -> None:
    account = MailAccount.of("imaps://re%40view:s%3Aecret@imap.example.org/My%20alerts")

    assert (account.user, account.password, account.port) == ("re@view", "s:ecret", 993)
    assert account.folder == "My alerts"
    assert MailAccount.of("imap://host").folder == "INBOX"
    assert repr(account) == "MailAccount(imaps://imap.example.org:993/My alerts)"


def test_a_server_that_says_the_password_again_is_not_repeated() -> None:
    with an_imap_server() as server:
        server.refuses = True
        with pytest.raises(SourceRejected, match="sign-in") as caught, open_mailbox(server.url):
            pass

    assert server.password not in str(caught.value)


def test_a_folder_that_is_not_there_is_named() -> None:
    with an_imap_server() as server:
        url = server.url.replace("/Alerts", "/Elsewhere")
        with pytest.raises(SourceRejected, match="folder 'Elsewhere'"), open_mailbox(url):
            pass


def test_a_server_that_is_not_there_is_waited_for() -> None:
    with pytest.raises(SourceUnavailable, match="refused"), open_mailbox("imap://127.0.0.1:9/"):
        pass


def test_messages_are_listed_measured_fetched_unread_and_marked() -> None:
    with an_imap_server() as server:
        letter = server.put(b"Subject: one\r\n\r\n(a body)\r\n")
        with open_mailbox(server.url) as mailbox:
            assert mailbox.uids() == ("1",)
            assert mailbox.size("1") == len(letter.body)
            assert mailbox.message("1") == letter.body
            assert mailbox.message("2") is None
            assert letter.flags == set()
            mailbox.mark("1")

    assert letter.flags == {r"\Seen"}
    assert not any("DELETE" in line.upper() or "EXPUNGE" in line.upper() for line in server.asked)
