"""Everything built once: settings, clock, database, review. The steps are handed this."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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
    make_data_folder,
    make_database_file,
    open_to_others,
)
from state.database import Database, open_database
from state.events import SYSTEM, Actor, Ledger
from state.files import KEY_FILE, MAILBOX, VERSIONS

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
# Whoever types a command and says no name: the operator at the machine, who could do all of it to
# the files as well.
AT_THE_MACHINE = Actor("command line", authenticated=False)


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
    review: ReviewFolder
    clients: Clients
    looked: LookedAt = field(default_factory=LookedAt, compare=False)

    @property
    def protocol(self) -> ReviewProtocol:
        """The protocol in force."""
        return self.review.protocol

    @property
    def files(self) -> Path:
        """Where published versions and draft reports lie."""
        return self.config.data / VERSIONS

    @property
    def mailbox(self) -> Path:
        """Where notices go while no channel is configured."""
        return self.config.data / MAILBOX

    @contextmanager
    def ledger(self, actor: Actor = THE_SYSTEM) -> Iterator[Ledger]:
        """Open a write transaction in somebody's name."""
        with self.database.transaction() as connection:
            yield Ledger(connection, actor, instant(self.clock.now()))

    def close(self) -> None:
        """Close connections."""
        self.database.close()
        self.clients.close()


def open_app(config: Config, *, times: Times | None = None) -> App:
    """Open (at the first start: create) a data folder and everything that works on it.

    times: the clocks that requests live by, where they are not the machine's.
    """
    review = read_review(config.review, begun=(config.data / KEY_FILE).exists())
    _open_folder(config)
    clock = Clock(config.starts_at)
    if clock.shifted:
        log.warning("the clock was set by LIVINGREVIEW_NOW: it is now %s", clock.now().isoformat())
    return App(
        config=config,
        clock=clock,
        database=open_database(config.database_url),
        review=review,
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
