"""The real program as other programs meet it: its commands, its main job, a mail server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import httpx2
from aiosmtpd.controller import Controller
from lxml import html

from tests.end_to_end.forked import forked
from tests.engines import engines
from tests.safety import SAFETY_S

REPOSITORY = Path(__file__).parent.parent.parent


@dataclass
class Program:
    """The command line on one data folder."""

    data: Path
    settings: dict[str, str]
    engine: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LIVINGREVIEW_")}
        return {**kept, "PYTHONPATH": str(REPOSITORY), **self.settings}

    def __post_init__(self) -> None:
        engines.prepare(self.data, self.engine)

    def words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bot", *words, "--data", str(self.data)]

    def do(self, *words: str, given: object = None, status: int = 0) -> str:
        """Run a command that must end with this status; return what it printed."""
        typed = (*words, "--data", str(self.data))
        done = forked().run(typed, self.environment, "" if given is None else json.dumps(given))
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def ask(self, *words: str, given: object = None, status: int = 0) -> Any:
        """Run a command and read its JSON."""
        return json.loads(self.do(*words, "--json", given=given, status=status))

    @contextmanager
    def running(self) -> Iterator[str]:
        """Run the main job; give its address; kill it at the end, as a power cut would."""
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        process = subprocess.Popen(
            self.words("run", "--port", str(port)),
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until(lambda: _answers(f"{address}/healthz"))
            yield address
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=SAFETY_S).status_code == 200
    except httpx2.TransportError:
        return False


def until(true: Callable[[], bool], seconds: float = SAFETY_S) -> None:
    """Wait until something is true; fail where it does not become so in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)


class Guest:
    """A member of the team in front of the real page, without scripts."""

    def __init__(self, link: str) -> None:
        url = httpx2.URL(link)
        self._client = httpx2.Client(
            base_url=f"{url.scheme}://{url.host}:{url.port}",
            follow_redirects=True,
            timeout=SAFETY_S,
        )
        self.submit(link, "/sign-in/")

    def read(self, path: str) -> str:
        """Return what a page says."""
        answer = self._client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def submit(self, path: str, action: str, **fields: str) -> str:
        """Fill in the form of a page whose address begins with `action`, and send it."""
        page = html.document_fromstring(self.read(path))
        forms: list[html.FormElement] = page.xpath("//form")  # type: ignore[assignment]
        form = next(each for each in forms if str(each.action or path).startswith(action))
        filled = {**dict(form.form_values()), **fields}
        answer = self._client.post(str(form.action or path), data=filled)
        assert answer.status_code == 200, (action, answer.status_code, answer.text[:2000])
        return answer.text

    def close(self) -> None:
        self._client.close()


@dataclass
class MailServer:
    """A real SMTP server that keeps what it is handed."""

    messages: list[tuple[str, Message]] = field(default_factory=list)
    url: str = ""

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        for recipient in envelope.rcpt_tos:
            self.messages.append((recipient, message_from_bytes(envelope.content)))
        return "250 taken"

    def subjects(self, recipient: str) -> list[str]:
        return [str(m["Subject"]) for to, m in self.messages if to == recipient]


@contextmanager
def a_mail_server() -> Iterator[MailServer]:
    """Run the server on a free port."""
    server = MailServer()
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port, ready_timeout=SAFETY_S)
    controller.start()
    try:
        server.url = f"smtp://127.0.0.1:{port}"
        yield server
    finally:
        controller.stop()
