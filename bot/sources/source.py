"""What a source says of itself, in the `__init__` of its folder; its parts are modules beside it.

search.py    `search`: a Question to a whole SourceAnswer, or an error
read.py      `read_again`: the answers of one run, by their hashes, to what is read in them today
stand_in.py  `STAND_IN`: makes a server that answers as the service does, with faults on demand

and, where a source has some: lint.py (`odd_in_line`, rules of its own for a line of a strategy),
faults.py (`BODIES`, answers with status 200 that are none, which the table of faults plays),
history.py (`history`, the past of a register entry), locations.py (`locations`, of full texts),
probe.py (`questions`, what is to be seen of the live service) and posted_results.py
(`posted_results`, of a register entry). A part is loaded when it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from typing import Any

from state.late import late

FOLDER = "bot.sources"


class Asks(StrEnum):
    """What a source is asked by, which is what its strategy is written in."""

    QUERY = "query"  # in the source's own syntax
    WORDS = "words"  # lines of words, each of which is a search of its own
    SEEDS = "seeds"  # documents to start from


@dataclass(frozen=True, slots=True)
class Upstream:
    """How a service is reached: its address, its pace, and the limits of one request."""

    url: str
    interval_s: float
    timeout_s: float = 60.0
    attempts: int = 4
    longest_wait_s: float = 60.0
    body_limit_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The key that a service gives its users. setting: its name; interval_s: the pace it buys."""

    setting: str
    interval_s: float | None = None


@dataclass(frozen=True, slots=True)
class Locator:
    """A service that knows where full texts lie, and is no source: its part is locations.py.

    needs_email: it is not asked without the address of whoever asks.
    """

    id: str
    name: str
    upstream: Upstream
    needs_email: bool = False

    @property
    def api_key(self) -> ApiKey | None:
        """None is known that wants a key."""
        return None

    def part(self, place: str) -> Any:
        """Return what 'module:name' names in the service's folder, and load it now."""
        return late(f"{FOLDER}.{self.id}.{place}")


@dataclass(frozen=True, slots=True)
class Source:
    """One automatic source. id: the name of its folder, of its kind and of its settings.

    by_hand: whether people can search it as well, where a review leaves it to them or where its
    interface is gone: its page gives lists that an import reads.
    holds: a pattern of ids ("pmid:…", "register:…"), one of which all that is in it bears; None:
    what bears none of a kind may be in it as well.
    """

    id: str
    name: str
    asks: Asks
    upstream: Upstream
    register: bool = False
    by_hand: bool = False
    api_key: ApiKey | None = None
    holds: str | None = None

    def part(self, place: str) -> Any:
        """Return what 'module:name' names in the source's folder, and load it now."""
        return late(f"{FOLDER}.{self.id}.{place}")

    def own(self, place: str) -> Any | None:
        """Return a part that a source may have; None where it has none."""
        module, _, _ = place.partition(":")
        return self.part(place) if find_spec(f"{FOLDER}.{self.id}.{module}") else None
