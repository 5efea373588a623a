"""A running program between stand-ins of its sources, for tests of the steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from bot.app import App
from bot.demo.fiction import fictional_entry, fictional_trial
from bot.demo.sources import StandIns, stand_ins
from bot.sources.crossref.stand_in import CrossrefStandIn
from bot.sources.ctgov.stand_in import CtgovStandIn
from bot.sources.europepmc.stand_in import EuropePmcStandIn
from bot.sources.openalex.stand_in import OpenAlexStandIn
from bot.sources.pubmed.stand_in import PubmedStandIn
from bot.surveillance.slots import automatic_sources
from bot.work import jobs
from state.decisions import queue
from state.facts import SearchRun
from state.outbox import Delivery, deliveries
from state.runs import search_runs
from state.values import QueueEntryView
from tests.bot.builders import SERVICES, StoppedClock, add_team, an_app
from tests.bot.stepped_time import SteppedTime
from tests.bot.upstreams import stepped

QUICK = {f"LIVINGREVIEW_{service}_ATTEMPTS": "1" for service in SERVICES}


@dataclass
class World:
    """The program, its sources and its clock."""

    app: App
    sources: StandIns
    time: SteppedTime  # of the requests; `clock` is the program's

    @property
    def pubmed(self) -> PubmedStandIn:
        return self.sources.pubmed

    @property
    def ctgov(self) -> CtgovStandIn:
        return self.sources.ctgov

    @property
    def europepmc(self) -> EuropePmcStandIn:
        return self.sources.of(EuropePmcStandIn)

    @property
    def openalex(self) -> OpenAlexStandIn:
        return self.sources.of(OpenAlexStandIn)

    @property
    def crossref(self) -> CrossrefStandIn:
        return self.sources.of(CrossrefStandIn)

    @property
    def clock(self) -> StoppedClock:
        return cast(StoppedClock, self.app.clock)

    def search(self, source: str = "pubmed") -> SearchRun:
        return jobs.search_at_once(self.app, source)

    def search_all(self) -> list[SearchRun]:
        """Search every automatic source."""
        return [self.search(source) for source in automatic_sources(self.app)]

    def tick(self) -> None:
        """Let the program do by itself what is due, searches included."""
        jobs.tick(self.app)
        jobs.search_all_due(self.app)
        jobs.work_off(self.app)

    def a_trial_appears(self) -> None:
        self.pubmed.add(fictional_trial())
        self.ctgov.add(fictional_entry())

    def runs(self, source: str | None = None) -> tuple[SearchRun, ...]:
        with self.app.database.reading() as connection:
            return search_runs(connection, source)

    def queue(self, person: str | None = None) -> dict[str, QueueEntryView]:
        with self.app.database.reading() as connection:
            return {seen.candidate.id: seen for seen in queue(connection, person)}

    def notices(self, kind: str | None = None) -> list[Delivery]:
        with self.app.database.reading() as connection:
            found = deliveries(connection)
        return [each for each in found if kind in (None, each.notice.kind)]


@contextmanager
def a_world(folder: Path, **settings: str) -> Iterator[World]:
    """Start the program with a team between stand-ins that know the baseline's reports."""
    with stand_ins() as sources, _program(folder, sources, settings) as world:
        yield world


@contextmanager
def an_empty_world(folder: Path, review: Path, *, begin: datetime) -> Iterator[World]:
    """Start it with another review at another time, between stand-ins that know nothing yet."""
    settings = {"LIVINGREVIEW_REVIEW": str(review)}
    with stand_ins(empty=True) as sources, _program(folder, sources, settings) as world:
        world.clock.at = begin
        yield world


@contextmanager
def _program(folder: Path, sources: StandIns, settings: Mapping[str, str]) -> Iterator[World]:
    time = SteppedTime()
    for standin in sources.by_name.values():
        standin.time = time
    app = an_app(folder, {**QUICK, **sources.settings, **settings}, times=stepped(time))
    add_team(app)
    try:
        yield World(app, sources, time)
    finally:
        app.close()
