"""How a message leaves: e-mail, an Apprise address, or the mailbox folder where neither is set."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import apprise

from bot.config import Config
from bot.errors import DeliveryFailed
from state.codec import moment
from state.outbox import Delivery

SMTP_TIMEOUT_S = 30
# Apprise loads schemas that run programs or reach into the own network; these leave by HTTPS.
CHAT_SCHEMAS = ("slack", "msteams", "workflows", "mmosts", "tgram", "matrixs", "ntfys", "discord")
FOR_ONE_PERSON = frozenset({"sign_in"})


class Channel(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """What the log calls it."""

    def send(self, delivery: Delivery, address: str | None) -> None:
        """Deliver, or raise DeliveryFailed."""


@dataclass(frozen=True, slots=True)
class Mail:
    """E-mail by SMTP."""

    url: str
    sender: str
    name: str = "mail"

    def send(self, delivery: Delivery, address: str | None) -> None:
        """Hand the message to the server; raise DeliveryFailed where it is not taken."""
        if address is None:
            raise DeliveryFailed(f"{delivery.recipient} has no e-mail address")
        try:
            with _connect(self.url) as server:
                server.send_message(mail(delivery, self.sender, address))
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryFailed(f"{type(error).__name__}: {_short(error)}") from error


@dataclass(frozen=True, slots=True)
class Chat:
    """Chat services by Apprise, which posts to a channel rather than to one person."""

    urls: tuple[str, ...]
    name: str = "chat"

    def send(self, delivery: Delivery, address: str | None) -> None:
        """Post to every configured address; raise DeliveryFailed where one refuses."""
        if delivery.notice.kind in FOR_ONE_PERSON:
            raise DeliveryFailed("a sign-in link is never posted to a channel that others read")
        door = apprise.Apprise()
        for url in self.urls:
            if urlsplit(url).scheme not in CHAT_SCHEMAS or not door.add(url):
                raise DeliveryFailed("an Apprise address is not of an allowed kind")
        if not door.notify(title=delivery.notice.subject, body=delivery.notice.body):
            raise DeliveryFailed("the chat service did not take the message")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder of .eml files, shown on the page: what is used while nothing else is configured."""

    folder: Path
    sender: str
    name: str = "mailbox"

    def send(self, delivery: Delivery, address: str | None) -> None:
        """Write the message as a file; the same message again writes the same file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stem = re.sub(
            r"[^A-Za-z0-9._-]+", "_", f"{delivery.written_at[:19]}_{delivery.notice.kind}"
        )
        file = self.folder / f"{stem}_{delivery.message_id[1:13]}.eml"
        message = mail(delivery, self.sender, address or f"{_plain(delivery.recipient)}@localhost")
        partial = file.with_suffix(".part")
        partial.write_bytes(bytes(message))
        partial.replace(file)


def channel(config: Config, mailbox: Path) -> Channel:
    """Return the way out that the settings name."""
    if config.smtp_url is not None:
        return Mail(config.smtp_url.get_secret_value(), config.mail_from)
    if config.apprise_urls:
        return Chat(tuple(each.get_secret_value() for each in config.apprise_urls))
    return Mailbox(mailbox, config.mail_from)


def mail(delivery: Delivery, sender: str, address: str) -> EmailMessage:
    """Write the message; its Message-ID is the delivery's, so that a repeat can be told."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = address
    message["Subject"] = " ".join(f"[living review] {delivery.notice.subject}".split())
    message["Message-ID"] = delivery.message_id
    message["Date"] = format_datetime(moment(delivery.written_at))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(delivery.notice.body)
    return message


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=SMTP_TIMEOUT_S, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=SMTP_TIMEOUT_S)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def _plain(recipient: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", recipient)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
