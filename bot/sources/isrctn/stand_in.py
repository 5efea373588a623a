"""A stand-in of ISRCTN's XML interface, for the demonstration and the tests."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import Answered, SeenRequest, StandIn

DEFAULT_LIMIT = 10
_ERROR = b"<html><head><title>Error</title></head><body>Something went wrong</body></html>"

Trial = Mapping[str, str]


def a_trial(number: str, title: str, **parts: str) -> dict[str, str]:
    """Write a trial: its eight digits, its title, and parts of its XML by their names."""
    return {"number": number, "title": title, **parts}


TRIALS = (
    a_trial("99000001", "A made-up trial of lamps in neuropathy"),
    a_trial("99000002", "Another made-up trial of candles in neuropathy"),
)


class IsrctnStandIn(StandIn):
    """ISRCTN's query at `url`; every trial answers every query, and nothing but `limit` counts."""

    def __init__(
        self, trials: Iterable[Trial] = TRIALS, *, faults: Iterable[PlayedFault] = ()
    ) -> None:
        super().__init__("/api/", self._answer_isrctn, faults)
        self._lock = threading.Lock()
        self._trials = {each["number"]: each for each in trials}

    def add(self, *trials: Trial) -> None:
        """Let the registry gain (or change) trials."""
        with self._lock:
            self._trials |= {each["number"]: each for each in trials}

    def _answer_isrctn(self, seen: SeenRequest, fault: FaultKind | None) -> Answered:
        if not seen.path.endswith("/query/format/default"):
            return Answered(_ERROR, "text/html", 500)
        if fault is FaultKind.ERROR_IN_200:
            return Answered(_ERROR, "text/html")
        limit = int(seen.fields.get("limit", str(DEFAULT_LIMIT)))
        with self._lock:
            every = [self._trials[number] for number in sorted(self._trials)]
        shown = every[:limit]
        if fault is FaultKind.SHORT_PAGE:
            shown = shown[:-1]
        if fault is FaultKind.EMPTY_PAGE:
            shown = []
        total = len(every) - (fault is FaultKind.SHRUNK_COUNT)
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<allTrials totalCount="{total}"'
            f' xmlns="http://www.67bricks.com/isrctn">{"".join(map(_written, shown))}</allTrials>'
        )
        return Answered(body.encode(), "application/xml")


STAND_IN = IsrctnStandIn


def _written(trial: Trial) -> str:
    part, updated = trial.get, trial.get("updated", "2026-09-21T10:11:12.000Z")
    return (
        f'<fullTrial><trial lastUpdated="{updated}" version="1">'
        f'<isrctn dateAssigned="2025-02-03T00:00:00.000Z">{trial["number"]}</isrctn>'
        f"<trialDescription><title>{escape(trial['title'])}</title>{part('description', '')}"
        f"</trialDescription><externalRefs>{part('refs', '')}</externalRefs>"
        f"<trialDesign>{part('design', '')}</trialDesign>"
        f"<participants>{part('participants', '')}</participants>"
        f"<conditions>{part('conditions', '')}</conditions>"
        f"<interventions>{part('interventions', '')}</interventions>"
        f"<results>{part('results', '')}</results><outputs>{part('outputs', '')}</outputs></trial>"
        "<contact><forename>Nobody</forename><contactDetails><email>nobody@example.org</email>"
        "</contactDetails></contact></fullTrial>"
    )
