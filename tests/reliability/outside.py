"""What stands outside: the sources, a real mail server, a real receiver of hooks.

The sources stand there twice, as they were before the trial appeared and since, so that a step can
be played again and again without a source being changed under it.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from bot.demo.fiction import fictional_entry, fictional_trial
from bot.demo.sources import StandIns, stand_ins
from bot.notify.daily import RULE
from tests.bot.world import QUICK
from tests.end_to_end.programs import MailServer, a_mail_server
from tests.reliability.counts import Left, Letter

SECRET = "whsec_" + base64.b64encode(b"no secret of anybody at all").decode()


class _Receiver(ThreadingHTTPServer):
    """Takes what hooks post and keeps their ids."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.ids: list[str] = []


class _Posted(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Take a hook."""
        self.rfile.read(int(self.headers["content-length"]))
        assert isinstance(self.server, _Receiver)
        self.server.ids.append(self.headers["webhook-id"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Outside:
    """All that the programs meet beyond their folder."""

    before: StandIns
    since: StandIns
    mail: MailServer
    hooks: _Receiver

    def settings(self, *, trial: bool) -> dict[str, str]:
        """Return the settings that lead here, before the trial appeared or since."""
        sources = self.since if trial else self.before
        return {
            **QUICK,
            **sources.settings,
            "LIVINGREVIEW_EMAIL": "team@example.org",
            "LIVINGREVIEW_SMTP_URL": self.mail.url,
            "LIVINGREVIEW_WEBHOOK_URL": f"http://127.0.0.1:{self.hooks.server_port}/",
            "LIVINGREVIEW_WEBHOOK_SECRET": SECRET,
        }

    def take(self) -> Left:
        """Return what has left since this was last asked."""
        letters = [each for to, message in self.mail.messages for each in _letters(to, message)]
        left = Left(letters, list(self.hooks.ids))
        self.mail.messages.clear()
        self.hooks.ids.clear()
        return left


def _letters(to: str, message: Message) -> Iterator[Letter]:
    """Yield each notice that a mail tells: that of a day names the others' ids in their order."""
    mail, subject = str(message["Message-ID"]), str(message["Subject"])
    others = str(message["References"] or "").split()
    if not others:
        yield Letter(to, subject, mail, mail)
        return
    body = cast(bytes, message.get_payload(decode=True)).decode()
    parts = body.replace("\r\n", "\n").split(f"\n\n{RULE}\n\n")
    for notice, part in zip((mail, *others), parts, strict=True):
        yield Letter(to, part.partition("\n")[0], notice, mail)


@contextmanager
def the_outside() -> Iterator[Outside]:
    """Have everything answer."""
    with stand_ins() as before, stand_ins() as since, a_mail_server() as mail, _hooks() as hooks:
        since.pubmed.add(fictional_trial())
        since.ctgov.add(fictional_entry())
        yield Outside(before, since, mail, hooks)


@contextmanager
def _hooks() -> Iterator[_Receiver]:
    with _Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()
