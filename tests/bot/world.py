"""A running program between stand-ins of its sources, for tests of the steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from bot import jobs
from bot.app import App
from bot.demo.fiction import (
    baseline_articles,
    baseline_studies,
    fictional_entry,
    fictional_trial,
)
from bot.demo.server import StandIn
from bot.demo.standins import CtgovStandIn, PubmedStandIn
from bot.steps.ask import ask
from bot.steps.search import automatic_sources, search_now
from state.decisions import Seen, queue
from state.outbox import Delivery, deliveries
from state.runs import SearchRun, search_runs
from tests.bot.builders import START, StoppedClock, add_team, an_app

QUICK = {
    "LIVINGREVIEW_PUBMED_INTERVAL_S": "0",
    "LIVINGREVIEW_CTGOV_INTERVAL_S": "0",
    "LIVINGREVIEW_PUBMED_ATTEMPTS": "1",
    "LIVINGREVIEW_CTGOV_ATTEMPTS": "1",
}


@dataclass
class World:
    """The program, its sources and its clock."""

    app: App
    pubmed: PubmedStandIn
    ctgov: CtgovStandIn

    @property
    def clock(self) -> StoppedClock:
        return cast(StoppedClock, self.app.clock)

    def search(self, source: str = "pubmed") -> SearchRun:
        return search_now(self.app, source, ask)

    @property
    def standins(self) -> dict[str, StandIn]:
        """The stand-ins by source."""
        return {"pubmed": self.pubmed, "ctgov": self.ctgov}

    def search_all(self) -> list[SearchRun]:
        """Search every automatic source."""
        return [self.search(source) for source in automatic_sources(self.app)]

    def search_both(self) -> list[SearchRun]:
        return [self.search("pubmed"), self.search("ctgov")]

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

    def queue(self, person: str | None = None) -> dict[str, Seen]:
        with self.app.database.reading() as connection:
            return {seen.candidate.id: seen for seen in queue(connection, person)}

    def notices(self, kind: str | None = None) -> list[Delivery]:
        with self.app.database.reading() as connection:
            found = deliveries(connection)
        return [each for each in found if kind in (None, each.notice.kind)]


@contextmanager
def a_world(
    folder: Path, *, begin: datetime = START, review: Path | None = None, **settings: str
) -> Iterator[World]:
    """Start the program with a team between stand-ins.

    They know the baseline's reports; beside another review's folder they know nothing yet.
    """
    known = review is None
    with (
        PubmedStandIn(baseline_articles() if known else ()) as pubmed,
        CtgovStandIn(baseline_studies() if known else ()) as ctgov,
    ):
        urls = {"LIVINGREVIEW_PUBMED_URL": pubmed.url, "LIVINGREVIEW_CTGOV_URL": ctgov.url}
        chosen = {"LIVINGREVIEW_REVIEW": str(review)} if review is not None else {}
        app = an_app(folder, QUICK | urls | chosen | settings, clock=StoppedClock(begin))
        add_team(app)
        try:
            yield World(app, pubmed, ctgov)
        finally:
            app.close()
