"""What an alert mail holds: attached files, or records in its text. Nothing is told by its sender.

An attachment that can be read is what the mail brings; the text beside it is its letter. Where none
is attached, the records stand in the text itself, between a heading and a foot.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

from state.codec import storable

# Pictures, signatures and invitations hold no records.
NO_RECORDS = re.compile(r"image/.*|application/(?:pkcs7|x-pkcs7|pgp)-.*|text/calendar|text/html")
# How the first record of a text begins in the formats that providers send.
_RECORD = re.compile(
    r"^(?:[ \t]*TY {0,3}- |<\d+\.? ?>|FN [^\r\n]+\r?\n ?VR |PMID ?- |%0 |RT [A-Z]|@\w+\s?\{)", re.M
)
_FOOT = re.compile(r"^(?:-- ?|[_=*-]{5,})\s*$", re.M)
_DATABASE = re.compile(r"^Databases?: *(\S[^\r\n]*)", re.M | re.I)
_RESULTS = re.compile(r"^(?:Number of )?Results(?: found)?: *(\d[\d,]*)", re.M | re.I)
LONGEST_NAME = 200
IN_THE_TEXT = "the text of the mail"


@dataclass(frozen=True, slots=True)
class MailPart:
    """A piece of a mail that may hold records. covers, results: what the mail says of it.

    says_nothing: it is the word of the provider that there was nothing.
    """

    name: str
    body: bytes
    covers: str | None = None
    results: int | None = None
    says_nothing: bool = False


@dataclass(frozen=True, slots=True)
class AlertMail:
    """A mail as it came. id: its Message-ID, or of one without, the hash of it.

    attached, texts: what may hold records; left: names of what cannot. sent_at: None where its
    date cannot be read.
    """

    id: str
    sender: str
    subject: str
    sent_at: datetime | None
    attached: tuple[MailPart, ...]
    texts: tuple[MailPart, ...]
    left: tuple[str, ...]


def read_mail(body: bytes) -> AlertMail:
    """Read a mail; one that is damaged holds what can be found in it."""
    message = message_from_bytes(body, policy=policy.default)
    letter, attached, left = _parts(message)
    said = "\n".join(letter)
    covers, shown = _first(_DATABASE, said), _first(_RESULTS, said)
    results = int(shown.replace(",", "")) if shown is not None else None
    return AlertMail(
        id=_header(message, "Message-ID") or f"sha256:{hashlib.sha256(body).hexdigest()}",
        sender=parseaddr(_header(message, "From"))[1],
        subject=_header(message, "Subject"),
        sent_at=_sent_at(message),
        attached=tuple(MailPart(name, each, covers, results) for name, each in attached),
        texts=tuple(_texts(letter, covers, results)),
        left=tuple(left),
    )


def _parts(message: EmailMessage) -> tuple[list[str], list[tuple[str, bytes]], list[str]]:
    letter: list[str] = []
    attached: list[tuple[str, bytes]] = []
    left: list[str] = []
    for part in _leaves(message):
        kind, name = part.get_content_type(), storable(part.get_filename() or "")[:LONGEST_NAME]
        if NO_RECORDS.fullmatch(kind):
            left.append(name or kind)
        elif kind == "text/plain" and not name:
            letter.append(_text(part))
        else:
            attached.append((name or f"an attachment ({kind})", _bytes(part)))
    return letter, attached, left


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    for part in message.walk():
        if not part.is_multipart():
            yield part


def _bytes(part: EmailMessage) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _text(part: EmailMessage) -> str:
    """Return a text in the signs that it says it is in; a wrong word for them is not believed."""
    body = _bytes(part)
    for charset in (part.get_content_charset("utf-8"), "utf-8", "windows-1252"):
        try:
            return body.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return body.decode("latin-1")


def _texts(letter: list[str], covers: str | None, results: int | None) -> Iterator[MailPart]:
    held = [each for each in letter if _RECORD.search(each)]
    yield from (_records_in(each, covers, results) for each in held)
    if results == 0 and not held:
        body = "\n".join(letter).encode()
        yield MailPart(IN_THE_TEXT, body, covers, results, says_nothing=True)


def _records_in(text: str, covers: str | None, results: int | None) -> MailPart:
    """Return the records of a text without what stands above the first and below the last."""
    starts = [each.start() for each in _RECORD.finditer(text)]
    foot = _FOOT.search(text, starts[-1])
    body = text[starts[0] : foot.start() if foot else None]
    return MailPart(IN_THE_TEXT, body.encode(), covers, results)


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1].strip() if found else None


def _header(message: EmailMessage, name: str) -> str:
    try:
        found = message[name]
    except (MessageError, ValueError, IndexError, AttributeError):
        return ""  # a header that the library cannot take apart
    return storable(" ".join(str(found or "").split()))[:LONGEST_NAME]


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(_header(message, "Date"))
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo is not None else None
