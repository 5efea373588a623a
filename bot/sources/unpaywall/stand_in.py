"""A stand-in of Unpaywall, for the tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import Answered, SeenRequest, StandIn


class UnpaywallStandIn(StandIn):
    """Unpaywall's answers about DOIs at `url`."""

    def __init__(
        self, known: Mapping[str, Mapping[str, object]], *, faults: Iterable[PlayedFault] = ()
    ) -> None:
        super().__init__("/v2/", self._answer_unpaywall, faults)
        self._known = dict(known)

    def _answer_unpaywall(self, seen: SeenRequest, fault: FaultKind | None) -> Answered:
        doi = unquote(seen.path).partition("/v2/")[2]
        if "@" not in seen.fields.get("email", ""):
            return _json({"error": True, "message": "Please use your own email address"}, 422)
        if doi not in self._known:
            return _json({"error": True, "message": f"'{doi}' is not known here"}, 404)
        return _json({"doi": doi, **self._known[doi]})


STAND_IN = UnpaywallStandIn


def _json(value: object, status: int = 200) -> Answered:
    return Answered(json.dumps(value).encode(), "application/json", status)
