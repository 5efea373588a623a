"""Everything built once: settings, clock, database, review. The steps are handed this."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from threading import Lock
from urllib.parse import quote

from sqlalchemy import Connection

from bot.config import SETTINGS_FILE, Config
from bot.review.folder import ReviewFolder, read_review
from bot.review.protocol import ReviewProtocol
from bot.sources.source import Upstream
from bot.sources.upstream.clients import Clients
from bot.sources.upstream.clock import Clock
from bot.sources.upstream.times import Times
from state.codec import instant, storable
from state.data_folder import (
    close_to_others,
    database_file,
    make_data_folder,
    make_database_file,
    open_to_others,
)
from state.database import Database, open_database, open_to_look
from state.errors import DataFolderFault
from state.events import SYSTEM, Actor, Ledger
from state.files import ALERTS, AMENDMENTS, MAILBOX, VERSIONS
from state.versions import protocol_in_force

log = logging.getLogger("livingreview")


def log_raised(what: str, error: Exception) -> None:
    """Log what nobody expected, with the way there, in signs that every log takes."""
    log.error("%s: %s", what, storable("".join(traceback.format_exception(error))))


# A hook that fails is tried again as work of its own, so one attempt at a time is enough.
WEBHOOK = Upstream(
    url="",
    interval_s=0.0,
    timeout_s=30.0,
    attempts=1,
    longest_wait_s=60.0,
    body_limit_bytes=1024 * 1024,
)
THE_SYSTEM = Actor(SYSTEM, authenticated=True)
PULSE = "loop"  # the part of the program whose beat says that it serves
# Whoever types a command and says no name: the operator at the machine, who could do all of it to
# the files as well.
AT_THE_MACHINE = Actor("command line", authenticated=False)


def text_in_force(connection: Connection) -> str | None:
    """Return the text of the protocol that was adopted last; None before the first start."""
    adopted = protocol_in_force(connection)
    return adopted.body if adopted is not None else None


FilesAsRead = frozenset[tuple[str, int, int]]  # path in the folder, when it was changed, bytes


def files_as_read(place: Traversable) -> FilesAsRead:
    """Say what tells a folder from itself once changed; of a packed one, which stays, nothing."""
    if not isinstance(place, Path):
        return frozenset()
    files = (each for each in place.rglob("*") if each.is_file())
    return frozenset(_as_it_is(place, each) for each in files)


def _as_it_is(place: Path, file: Path) -> tuple[str, int, int]:
    found = file.stat()
    return (str(file.relative_to(place)), found.st_mtime_ns, found.st_size)


@dataclass(slots=True)
class ReviewInForce:
    """A review folder read under the protocol that the log says is in force.

    Before the first start that is the folder's own. Whatever any process appends to the log is seen
    with this one's next transaction (`read_so_far`); where a protocol was adopted, the folder is
    read anew.
    """

    place: Traversable
    database: Database
    review: ReviewFolder
    _looked_at: int | None = None
    _one: Lock = field(default_factory=Lock)
    _as_read: FilesAsRead = field(init=False)

    def __post_init__(self) -> None:
        self._as_read = files_as_read(self.place)

    def now(self) -> ReviewFolder:
        """Return the review as it is in force.

        While one thread looks, the others go on with what they have: a connection more for each of
        them could use all of them up.
        """
        if self._looked_at != self.database.read_so_far.newest and self._one.acquire(False):
            try:
                with self.database.reading() as connection:
                    self.look(connection)
            finally:
                self._one.release()
        return self.review

    def look(self, connection: Connection) -> None:
        """Look at what is in force, in a transaction that is open."""
        newest = self.database.read_so_far.newest
        if self._looked_at != newest:
            body = text_in_force(connection)
            if body not in (None, self.review.protocol_text):
                self.review = read_review(self.place, body, begun=True)
            self._looked_at = newest

    def read_folder_anew(self) -> bool:
        """Read the folder again where people have changed a file of it; say whether it was read.

        Raises ProtocolFaults where it cannot be read, until it can: what was read before stays.
        """
        found = files_as_read(self.place)
        if found == self._as_read:
            return False
        self.review = read_review(self.place, self.review.protocol_text, begun=True)
        self._as_read = found
        return True

    def forget(self) -> None:
        """Look again before the next answer: this process has appended to the log."""
        self._looked_at = None


@dataclass(slots=True)
class LookedAt:
    """What a process last saw of the inputs: it looks again where the log has grown since.

    at: how far the log went; found: the hash of the inputs.
    """

    at: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class App:
    """The parts of a running program."""

    config: Config
    clock: Clock
    database: Database
    in_force: ReviewInForce
    clients: Clients
    looked: LookedAt = field(default_factory=LookedAt, compare=False)

    @property
    def review(self) -> ReviewFolder:
        """The review folder, read under the protocol in force."""
        return self.in_force.now()

    @property
    def protocol(self) -> ReviewProtocol:
        """The protocol in force."""
        return self.review.protocol

    @property
    def name_beside_others(self) -> str | None:
        """What the review is called in the log where a program holds several; None: it is alone."""
        return self.protocol.id if self.config.root else None

    @property
    def files(self) -> Path:
        """Where published versions and draft reports lie."""
        return self.config.data / VERSIONS

    @property
    def mailbox(self) -> Path:
        """Where notices go while no channel is configured."""
        return self.config.data / MAILBOX

    @property
    def alerts(self) -> Path:
        """Where the folders lie, one a source, into which alerts are put."""
        return self.config.alerts_folder or self.config.data / ALERTS

    def amendment(self, amendment: str) -> Path:
        """Where what an amendment makes of protocol.toml lies, with the lines that differ."""
        return self.config.data / AMENDMENTS / quote(amendment, safe="")

    @contextmanager
    def ledger(self, actor: Actor = THE_SYSTEM) -> Iterator[Ledger]:
        """Open a write transaction in somebody's name."""
        with self.database.transaction() as connection:
            self.in_force.look(connection)
            yield Ledger(connection, actor, instant(self.clock.now()))
        self.in_force.forget()

    def close(self) -> None:
        """Close connections."""
        self.database.close()
        self.clients.close()


def open_app(config: Config, *, times: Times | None = None) -> App:
    """Open (at the first start: create) a data folder and everything that works on it.

    times: the clocks that requests live by, where they are not the machine's.
    """
    # A folder at fault leaves nothing behind; what was read of a sound one is read once.
    first = read_review(config.review) if not config.data.exists() else None
    _open_folder(config)
    clock = Clock(config.starts_at)
    if clock.shifted:
        log.warning("the clock was set by LIVINGREVIEW_NOW: it is now %s", clock.now().isoformat())
    return _app_on(open_database(config.database_url), config, clock, times, first=first)


def open_app_to_look(config: Config) -> App:
    """Open a data folder as it stands, to read what is in it: nothing is made, mended or written.

    Raises DataFolderFault where there is no review of this program's version.
    """
    file = database_file(config.database_url)
    if file is not None and not file.is_file():
        raise DataFolderFault(f"{config.data}: found no {file.name}, expected a data folder")
    return _app_on(open_to_look(config.database_url), config, Clock(config.starts_at), None)


def _app_on(
    database: Database,
    config: Config,
    clock: Clock,
    times: Times | None,
    *,
    first: ReviewFolder | None = None,
) -> App:
    """Build the program on a database. first: the folder as read before there was any."""
    with database.reading() as connection:
        text = text_in_force(connection)
    if text is not None or first is None:
        review = read_review(config.review, text, begun=text is not None)
    else:
        review = first
    return App(
        config=config,
        clock=clock,
        database=database,
        in_force=ReviewInForce(config.review, database, review),
        clients=_clients(config, times or Times(now=clock.now)),
    )


def _clients(config: Config, times: Times) -> Clients:
    return Clients(
        {
            **{name: (service.upstream, config.email) for name, service in config.services.items()},
            "webhook": (WEBHOOK, None),
        },
        times,
    )


def _open_folder(config: Config) -> None:
    """Make the data folder where it is not there, and close it to everybody else."""
    make_data_folder(config.data)
    make_database_file(config.data, config.database_url)
    try:
        if close_to_others(config.data, config.database_url):
            log.warning("%s could be read by others; it is now closed to them", config.data)
    except OSError as error:
        log.warning("%s can be read by others and cannot be closed: %s", config.data, error)
    settings = config.data / SETTINGS_FILE
    if settings.is_file() and open_to_others(settings):
        log.warning("%s may hold passwords, and others may read it: chmod 600 it", settings)
