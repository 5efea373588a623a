"""How a message leaves: e-mail, an Apprise address, or the mailbox folder where neither is set."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from bot.config import Config
from bot.errors import DeliveryFailed, DeliveryRefused
from state.codec import moment
from state.errors import DataFolderFault
from state.facts.words import NoticeKind
from state.files import write_whole
from state.late import late
from state.outbox import CHANNEL_PREFIX, Delivery

# A server that greylists answers within seconds; the lease of a message is renewed.
SMTP_TIMEOUT_S = 30

# Answers of a server that concern this message and will be the same tomorrow.
REFUSALS = range(500, 600)
CHAT = f"{CHANNEL_PREFIX}chat"
# The kinds that nobody else may read.
FOR_ONE_PERSON = frozenset({NoticeKind.SIGN_IN, NoticeKind.INVITATION})
READY = 220  # how a server greets that will take mail

Alive = Callable[[], None]


class Channel(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """What the log calls it."""

    @property
    def shared(self) -> bool:
        """Whether all recipients of a notice read the same place: one posting is for all."""

    def send(self, delivery: Delivery, address: str | None, alive: Alive) -> None:
        """Deliver, or raise DeliveryFailed; `alive` is called while it lasts."""

    def close(self) -> None:
        """Let go of what was held between two messages."""


@dataclass(slots=True)
class Mail:
    """E-mail by SMTP; one connection carries as many messages as there are."""

    url: str
    sender: str
    name: str = "mail"
    shared: bool = False
    _server: smtplib.SMTP | None = None

    def send(self, delivery: Delivery, address: str | None, alive: Alive) -> None:
        """Hand the message to the server; raise DeliveryFailed where it is not taken."""
        if address is None:
            raise DeliveryFailed(f"{delivery.recipient} has no e-mail address")
        try:
            self._connected(alive).send_message(mail(delivery, self.sender, address))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            if _codes(error) <= set(REFUSALS):
                raise DeliveryRefused(f"refused: {_short(error)}") from error
            raise _failure(error) from error
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise _failure(error) from error
        except BaseException:
            self._drop()
            raise

    def close(self) -> None:
        """Hang up."""
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()

    def _drop(self) -> None:
        """Hang up without a word: nobody knows what the server still waits for."""
        if self._server is not None:
            self._server.close()
        self._server = None

    def _connected(self, alive: Alive) -> smtplib.SMTP:
        """Return the connection of the message before where it still stands, else a new one."""
        if self._server is not None and not _answers(self._server):
            self._drop()
        if self._server is None:
            self._server = _connect(self.url, alive)
        return self._server


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder of .eml files, shown on the page: what is used while nothing else is configured."""

    folder: Path
    sender: str
    name: str = "mailbox"
    shared: bool = False

    def send(self, delivery: Delivery, address: str | None, alive: Alive) -> None:
        """Write the message as a file; the same message again writes the same file."""
        stem = re.sub(
            r"[^A-Za-z0-9._-]+", "_", f"{delivery.written_at[:19]}_{delivery.notice.kind}"
        )
        file = self.folder / f"{stem}_{delivery.message_id[1:13]}.eml"
        message = mail(delivery, self.sender, address or f"{_plain(delivery.recipient)}@localhost")
        try:
            write_whole(file, bytes(message))
        except DataFolderFault as error:
            raise DeliveryFailed(str(error)) from error

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways out that the settings name.

    own: how a person is told. beside: where all read what each is told as well, if anywhere.
    """

    own: Channel
    beside: Channel | None = None

    @property
    def name(self) -> str:
        """What a person calls them."""
        return self.own.name if self.beside is None else f"{self.own.name} and {self.beside.name}"

    def to(self, recipient: str) -> Channel:
        """Return the way to one recipient; raise DeliveryRefused where it is no longer there."""
        if recipient != CHAT or self.own.shared:
            return self.own
        if self.beside is None:
            raise DeliveryRefused("no chat service is in the settings any more")
        return self.beside

    def is_told_beside(self, kind: NoticeKind) -> bool:
        """Whether a kind of notice is told where all read it, beside the message to each."""
        return self.beside is not None and kind not in FOR_ONE_PERSON

    def close(self) -> None:
        """Let go of what was held between two messages."""
        self.own.close()
        if self.beside is not None:
            self.beside.close()


def ways(config: Config, mailbox: Path) -> Ways:
    """Return the ways out that the settings name: mail and chat where both are."""
    chat = _chat(config)
    if config.smtp_url is not None:
        return Ways(Mail(config.smtp_url.get_secret_value(), config.mail_from), chat)
    return Ways(chat or Mailbox(mailbox, config.mail_from))


def _chat(config: Config) -> Channel | None:
    if not config.apprise_urls:
        return None
    urls = tuple(each.get_secret_value() for each in config.apprise_urls)
    chat: Channel = late("bot.notify.chat:Chat")(urls)  # its package outweighs all of ours
    return chat


def mail(delivery: Delivery, sender: str, address: str) -> EmailMessage:
    """Write the message; its Message-ID is the delivery's, so that a repeat can be told."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = address
    message["Subject"] = " ".join(f"[living review] {delivery.notice.subject}".split())
    message["Message-ID"] = delivery.message_id
    if delivery.together:
        message["References"] = " ".join(delivery.together)
    message["Date"] = format_datetime(moment(delivery.written_at))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(delivery.notice.body)
    return message


class _Patient(smtplib.SMTP):
    """A connection that says before each answer it waits for that the sender is still alive."""

    alive: Alive

    def getreply(self) -> tuple[int, bytes]:
        """Wait for an answer."""
        self.alive()
        return super().getreply()


class _PatientSecret(smtplib.SMTP_SSL, _Patient):
    """The same, encrypted from the first byte."""


def _connect(url: str, alive: Alive) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, secret = parts.hostname or "localhost", parts.scheme == "smtps"
    context = ssl.create_default_context()
    server = (
        _PatientSecret(timeout=SMTP_TIMEOUT_S, context=context)
        if secret
        else _Patient(timeout=SMTP_TIMEOUT_S)
    )
    server.alive = alive
    try:
        _greet(server, host, parts.port or (465 if secret else 25))
        if not secret and server.has_extn("starttls"):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _greet(server: smtplib.SMTP, host: str, port: int) -> None:
    server._host = host  # type: ignore[attr-defined]  # what the certificate is compared with
    code, said = server.connect(host, port)
    if code != READY:
        raise smtplib.SMTPConnectError(code, said)
    server.ehlo()


def _answers(server: smtplib.SMTP) -> bool:
    try:
        return server.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _codes(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> set[int]:
    if isinstance(error, smtplib.SMTPDataError):
        return {error.smtp_code}
    return {code for code, _ in error.recipients.values()}


def _failure(error: Exception) -> DeliveryFailed:
    return DeliveryFailed(f"{type(error).__name__}: {_short(error)}")


def _plain(recipient: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", recipient)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
