"""The door to a mailbox: IMAP, encrypted where a password is sent, and never a message deleted."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from bot.errors import SourceRejected, SourceUnavailable
from state.codec import storable

TIMEOUT_S = 60.0
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_SAID = 300
SECRET_PORT, OPEN_PORT = 993, 143


@dataclass(frozen=True, slots=True)
class MailAccount:
    """Where the mailbox is, and who reads it; the password is shown in nothing that is printed."""

    host: str
    port: int
    secret: bool
    user: str
    folder: str
    password: str

    @classmethod
    def of(cls, url: str) -> MailAccount:
        """Read an address such as imaps://user:password@host/INBOX."""
        parts = urlsplit(url)
        secret = parts.scheme == "imaps"
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (SECRET_PORT if secret else OPEN_PORT),
            secret=secret,
            user=unquote(parts.username or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            password=unquote(parts.password or ""),
        )

    def __repr__(self) -> str:
        return f"MailAccount({self.address})"

    @property
    def address(self) -> str:
        """The mailbox as people may read of it."""
        return f"imap{'s' if self.secret else ''}://{self.host}:{self.port}/{self.folder}"


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """A folder of a mailbox that is open. validity: while it is the same, a UID names the same."""

    account: MailAccount
    validity: str
    server: imaplib.IMAP4

    def uids(self) -> tuple[str, ...]:
        """Return the numbers of all messages, the oldest first."""
        found = self._ask("SEARCH", "ALL")
        words = b" ".join(each for each in found if isinstance(each, bytes)).split()
        return tuple(sorted((each.decode("ascii") for each in words), key=int))

    def size(self, uid: str) -> int:
        """Return how large a message is; 0 where it is gone."""
        text = b" ".join(_flat(self._ask("FETCH", uid, "(RFC822.SIZE)"))).upper()
        _, _, after = text.partition(b"RFC822.SIZE ")
        digits = after.split(b")")[0].split()[:1]
        return int(digits[0]) if digits and digits[0].isdigit() else 0

    def message(self, uid: str) -> bytes | None:
        """Return a message whole, not marked as read; None where it is gone."""
        for each in self._ask("FETCH", uid, "(BODY.PEEK[])"):
            if isinstance(each, tuple):
                return bytes(each[1])
        return None

    def mark(self, uid: str) -> None:
        """Mark a message as read, for the people who look into the mailbox."""
        self._ask("STORE", uid, "+FLAGS", r"(\Seen)")

    def _ask(self, *words: str) -> list[object]:
        with _in_words(self.account):
            status, found = self.server.uid(*words)
            if status != "OK":
                raise imaplib.IMAP4.error(f"{words[0]}: {found!r}")
            return list(found)


@contextmanager
def open_mailbox(url: str) -> Iterator[OpenMailbox]:
    """Open a folder of a mailbox; raise SourceUnavailable, or SourceRejected where refused."""
    account = MailAccount.of(url)
    with _in_words(account):
        server = _connect(account)
    try:
        with _in_words(account):
            _sign_in(account, server)
            validity = _select(account, server)
        yield OpenMailbox(account, validity, server)
    finally:
        _leave(server)


def _leave(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except (OSError, imaplib.IMAP4.error):
        with suppress(OSError):
            server.shutdown()


def _connect(account: MailAccount) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if account.secret:
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=TIMEOUT_S)
    server = imaplib.IMAP4(account.host, account.port, timeout=TIMEOUT_S)
    if "STARTTLS" in server.capabilities:
        server.starttls(context)
    elif account.host not in THIS_MACHINE:
        server.shutdown()
        raise SourceRejected(
            account.address, "found a server without encryption, expected imaps:// or STARTTLS"
        )
    return server


def _sign_in(account: MailAccount, server: imaplib.IMAP4) -> None:
    try:
        if (account.user + account.password).isascii():
            server.login(account.user, account.password)
        else:
            server.authenticate("PLAIN", lambda _: f"\0{account.user}\0{account.password}".encode())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise SourceRejected(account.address, f"sign-in: {_said(account, error)}") from None


def _select(account: MailAccount, server: imaplib.IMAP4) -> str:
    quoted = account.folder.replace("\\", "\\\\").replace('"', '\\"')
    status, found = server.select(f'"{quoted}"')
    if status != "OK":
        said = _said(account, imaplib.IMAP4.error(repr(found)))
        raise SourceRejected(account.address, f"folder '{account.folder}': {said}")
    _, validity = server.response("UIDVALIDITY")
    return b"".join(each for each in validity if isinstance(each, bytes)).decode("ascii", "replace")


def _flat(found: list[object]) -> Iterator[bytes]:
    for each in found:
        if isinstance(each, bytes):
            yield each
        elif isinstance(each, tuple):
            yield from (part for part in each if isinstance(part, bytes))


@contextmanager
def _in_words(account: MailAccount) -> Iterator[None]:
    """Turn what goes wrong into a failure of the mailbox, without its password."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error) as error:
        raise SourceUnavailable(account.address, _said(account, error)) from None


def _said(account: MailAccount, error: Exception) -> str:
    text = storable(" ".join(str(error).split())) or type(error).__name__
    if account.password:
        text = text.replace(account.password, "…")
    return text[:LONGEST_SAID]
