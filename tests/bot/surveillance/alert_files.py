"""Alerts as providers send them, plainly fictional, and files that have come to rest."""

from __future__ import annotations

import os
import time
from email.message import EmailMessage
from pathlib import Path

from tests.bot.exports import ris

OVID_TEXT = """\
Database: Embase <1974 to 2026 November 24>
Search strategy: 1 neuropathy.mp.
Results: 2

<1>
Unique Identifier
  99000001
Title
  Fictional lamps against weakness.
Source
  Journal of Fictional Medicine. 1(1):1-9, 2026.
Authors
  Doe J; Roe R

<2>
Unique Identifier
  99000002
Title
  Fictional kites against weakness.
Source
  Journal of Fictional Medicine. 1(2):10-19, 2026.
Authors
  Poe E

--
You are sent this because you asked for it.
"""


def twelve_records() -> bytes:
    """Return what a week has brought."""
    titles = [
        "lamps", "kites", "ropes", "bells", "drums", "boats",
        "tents", "clocks", "chairs", "stairs", "gardens", "bridges",
    ]  # fmt: skip
    return b"".join(
        ris(f"A{number}", f"A fictional trial of {title} for people with neuropathy")
        for number, title in enumerate(titles)
    )


def mail(
    *,
    text: str = "2 new records for your saved search.",
    attached: bytes | None = None,
    name: str = "records.ris",
    subject: str = "AutoAlert: neuropathy",
    sender: str = "alerts@ovid.example.org",
    message_id: str | None = "<1@ovid.example.org>",
    date: str = "Mon, 23 Nov 2026 06:00:00 +0000",
) -> bytes:
    """Write a mail."""
    message = EmailMessage()
    message["From"] = f"Ovid AutoAlert <{sender}>"
    message["To"] = "librarian@example.org"
    message["Subject"] = subject
    message["Date"] = date
    if message_id is not None:
        message["Message-ID"] = message_id
    message.set_content(text)
    if attached is not None:
        message.add_attachment(
            attached, maintype="application", subtype="x-research-info-systems", filename=name
        )
    return message.as_bytes()


def put(file: Path, body: bytes, *, age_s: float = 3600.0) -> Path:
    """Put a file into a folder, where it was changed for the last time so long ago."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    then = time.time() - age_s
    os.utime(file, (then, then))
    return file
