"""Stand-ins of all automatic sources together, and the settings that lead to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from bot.demo.fiction import known_to
from bot.sources.catalogue import SOURCES
from bot.sources.ctgov.stand_in import CtgovStandIn
from bot.sources.pubmed.stand_in import PubmedStandIn
from bot.sources.source import Source
from bot.sources.stand_ins.server import StandIn

Kind = TypeVar("Kind", bound=StandIn)


@dataclass(frozen=True, slots=True)
class StandIns:
    """The stand-ins by the ids of their sources."""

    by_name: Mapping[str, StandIn]

    def of(self, kind: type[Kind]) -> Kind:
        """Return the stand-in of this kind."""
        return next(each for each in self.by_name.values() if isinstance(each, kind))

    @property
    def pubmed(self) -> PubmedStandIn:
        """The one in which the fictional trial appears."""
        return self.of(PubmedStandIn)

    @property
    def ctgov(self) -> CtgovStandIn:
        """The one in which its entry appears."""
        return self.of(CtgovStandIn)

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
    with ExitStack() as stack:
        served = {each.id: stack.enter_context(_made(each, empty)) for each in SOURCES.values()}
        yield StandIns(served)


def _made(source: Source, empty: bool) -> StandIn:
    """Make a stand-in; one of which the fiction says nothing knows what it knows by itself."""
    known = known_to(source.id, empty=empty)
    make = source.part("stand_in:STAND_IN")
    made: StandIn = make() if known is None else make(known)
    return made
