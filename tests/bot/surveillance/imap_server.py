"""A mailbox on 127.0.0.1: as much of RFC 3501 as a reader of alerts asks for, and faults on demand.

It knows CAPABILITY, LOGIN, SELECT, UID SEARCH ALL, UID FETCH (RFC822.SIZE, BODY.PEEK[]), UID STORE
+FLAGS, NOOP and LOGOUT; what else it is asked is BAD. No message is ever deleted by it.
"""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
CLOSED_S = 5.0


@dataclass
class Letter:
    """A message that lies in the mailbox."""

    uid: int
    body: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class ImapServer:
    """What is in the mailbox, who may read it, and how it misbehaves.

    cuts_at: the word at which the connection is cut, once; asked: every line it was sent.
    """

    user: str = "review"
    password: str = "of the library"
    validity: int = 7
    letters: list[Letter] = field(default_factory=list)
    cuts_at: str | None = None
    refuses: bool = False
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Return the address as a setting has it."""
        password = self.password.replace(" ", "%20")
        return f"imap://{self.user}:{password}@127.0.0.1:{self.port}/Alerts"

    def put(self, body: bytes) -> Letter:
        """Have a message arrive."""
        letter = Letter(max((each.uid for each in self.letters), default=0) + 1, body)
        self.letters.append(letter)
        return letter


@contextmanager
def an_imap_server() -> Iterator[ImapServer]:
    """Run a mailbox."""
    state = ImapServer()

    class Handler(socketserver.StreamRequestHandler):
        timeout = CLOSED_S

        def handle(self) -> None:
            """Talk to one reader."""
            _Talk(state, self).run()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


class _Talk:
    """One connection."""

    def __init__(self, state: ImapServer, handler: socketserver.StreamRequestHandler) -> None:
        self._state, self._handler = state, handler
        self._signed_in = self._open = False

    def run(self) -> None:
        """Answer until the reader has gone."""
        self._say("* OK the library's mail is ready")
        while True:
            try:
                line = self._handler.rfile.readline()
            except (TimeoutError, OSError):
                return
            if not line or not self._answer(line.decode().rstrip("\r\n")):
                return

    def _answer(self, line: str) -> bool:
        self._state.asked.append(line)
        tag, *words = [quoted or plain for quoted, plain in _WORD.findall(line)]
        command = " ".join(words[: 2 if words[0].upper() == "UID" else 1]).upper()
        if self._state.cuts_at == command:
            self._state.cuts_at = None
            self._handler.connection.shutdown(socket.SHUT_RDWR)
            return False
        rest = words[len(command.split()) :]
        known = {
            "CAPABILITY": lambda: self._say("* CAPABILITY IMAP4rev1"),
            "NOOP": lambda: None,
            "LOGIN": lambda: self._login(*rest),
            "SELECT": lambda: self._select(rest[0]),
            "UID SEARCH": self._search,
            "UID FETCH": lambda: self._fetch(int(rest[0]), rest[1].upper()),
            "UID STORE": lambda: self._store(int(rest[0]), rest[2].strip("()")),
            "LOGOUT": lambda: self._say("* BYE"),
        }
        if command not in known:
            self._say(f"{tag} BAD {command} is not known")
            return True
        fault = known[command]()
        self._say(f"{tag} {fault}" if fault else f"{tag} OK {command} done")
        return command != "LOGOUT"

    def _login(self, user: str, password: str) -> str | None:
        if self._state.refuses or (user, password) != (self._state.user, self._state.password):
            return f"NO [AUTHENTICATIONFAILED] not {user} with {password}"
        self._signed_in = True
        return None

    def _select(self, folder: str) -> str | None:
        if not self._signed_in or folder != "Alerts":
            return f"NO no folder {folder}"
        self._open = True
        self._say(f"* {len(self._state.letters)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self._state.validity}] UIDs valid")
        return None

    def _search(self) -> None:
        self._say(" ".join(["* SEARCH", *(str(each.uid) for each in self._state.letters)]))

    def _fetch(self, uid: int, what: str) -> None:
        for number, each in enumerate(self._state.letters, 1):
            if each.uid != uid:
                continue
            if "RFC822.SIZE" in what:
                self._say(f"* {number} FETCH (UID {uid} RFC822.SIZE {len(each.body)})")
            else:
                self._say(f"* {number} FETCH (UID {uid} BODY[] {{{len(each.body)}}}")
                self._handler.wfile.write(each.body)
                self._say(")")

    def _store(self, uid: int, flag: str) -> None:
        for each in self._state.letters:
            if each.uid == uid:
                each.flags.add(flag)

    def _say(self, line: str) -> None:
        self._handler.wfile.write(f"{line}\r\n".encode())
