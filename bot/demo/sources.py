"""Stand-ins of all automatic sources together, and the settings that lead to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.demo.fiction import (
    baseline_articles,
    baseline_documents,
    baseline_results,
    baseline_studies,
    baseline_works,
)
from bot.sources.crossref.stand_in import CrossrefStandIn
from bot.sources.ctgov.stand_in import CtgovStandIn
from bot.sources.europepmc.stand_in import EuropePmcStandIn
from bot.sources.openalex.stand_in import OpenAlexStandIn
from bot.sources.pubmed.stand_in import PubmedStandIn
from bot.sources.stand_ins.server import StandIn


@dataclass(frozen=True, slots=True)
class StandIns:
    """The stand-ins by their names."""

    pubmed: PubmedStandIn
    ctgov: CtgovStandIn
    europepmc: EuropePmcStandIn
    openalex: OpenAlexStandIn
    crossref: CrossrefStandIn

    @property
    def by_name(self) -> dict[str, StandIn]:
        """Return the stand-ins by the names of their sources."""
        return {
            "pubmed": self.pubmed,
            "ctgov": self.ctgov,
            "europepmc": self.europepmc,
            "openalex": self.openalex,
            "crossref": self.crossref,
        }

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings with which the program asks them, without leaving time between."""
        found = {}
        for name, standin in self.by_name.items():
            found[f"LIVINGREVIEW_{name.upper()}_URL"] = standin.url
            found[f"LIVINGREVIEW_{name.upper()}_INTERVAL_S"] = "0"
        return found


@contextmanager
def stand_ins(*, empty: bool = False) -> Iterator[StandIns]:
    """Serve all sources; they know the baseline's reports, or nothing but the review itself."""
    with (
        PubmedStandIn(() if empty else baseline_articles()) as pubmed,
        CtgovStandIn(() if empty else baseline_studies()) as ctgov,
        EuropePmcStandIn(() if empty else baseline_results()) as europepmc,
        OpenAlexStandIn(baseline_works(empty=empty)) as openalex,
        CrossrefStandIn(() if empty else baseline_documents()) as crossref,
    ):
        yield StandIns(pubmed, ctgov, europepmc, openalex, crossref)
