"""Results posted at ClinicalTrials.gov, in the register's own words: proposals, never values.

Whether a posted number means what the protocol asks (which arm, which time, a mean or a least
squares mean, a standard deviation or an error) is for two people to judge, so nothing is converted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extraction.readers.ctgov import WHAT
from extraction.readers.payload import Json, parse_json, squeezed


@dataclass(frozen=True, slots=True)
class Posted:
    """One posted number of one group: as text, with what the register says it is."""

    outcome: str
    time_frame: str | None
    group: str
    part: str | None  # the class or category of the outcome that the number is of
    measure: str  # "mean", "count of participants", …
    value: str
    spread: str | None  # "1.2 (Standard Deviation)", "15.56 to 22.64 (Full Range)"
    unit: str | None
    analysed: str | None  # "12 Participants"


def posted_results(payload: bytes, nct: str) -> tuple[Posted, ...]:
    """Return what was posted for one study of a page of studies; nothing where nothing was.

    Raises UnreadablePayload for what is no JSON of the register. A part of the results that is
    not shaped as the register documents it is left out: people read the entry itself as well.
    """
    answer = parse_json(payload, WHAT, expected="API v2 JSON with studies or one study")
    for study in _objects(answer, "studies") or [answer]:
        identification = _object(_object(study, "protocolSection"), "identificationModule")
        if identification.get("nctId") == nct:
            return tuple(_results(_object(study, "resultsSection")))
    return ()


def _results(results: Json) -> Iterator[Posted]:
    for outcome in _objects(_object(results, "outcomeMeasuresModule"), "outcomeMeasures"):
        yield from _outcome(outcome)
    events = _object(results, "adverseEventsModule")
    for group in _objects(events, "eventGroups"):
        yield from _events(group, _text(events, "timeFrame"))


def _outcome(outcome: Json) -> Iterator[Posted]:
    groups = {_text(each, "id"): _text(each, "title") for each in _objects(outcome, "groups")}
    for part in _objects(outcome, "classes"):
        for category in _objects(part, "categories"):
            titles = [_text(part, "title"), _text(category, "title")]
            for measured in _objects(category, "measurements"):
                group, value = groups.get(_text(measured, "groupId")), _text(measured, "value")
                if group is None or value is None:
                    continue
                yield Posted(
                    outcome=_text(outcome, "title") or "[no title]",
                    time_frame=_text(outcome, "timeFrame"),
                    group=group,
                    part=", ".join(filter(None, titles)) or None,
                    measure=(_text(outcome, "paramType") or "number").replace("_", " ").lower(),
                    value=value,
                    spread=_spread(measured, _text(outcome, "dispersionType")),
                    unit=_text(outcome, "unitOfMeasure"),
                    analysed=_analysed(part, outcome, _text(measured, "groupId")),
                )


def _spread(measured: Json, kind: str | None) -> str | None:
    limits = [_text(measured, "lowerLimit"), _text(measured, "upperLimit")]
    found = _text(measured, "spread") or " to ".join(filter(None, limits)) or None
    return f"{found} ({kind})" if found is not None and kind is not None else found


def _analysed(part: Json, outcome: Json, group: str | None) -> str | None:
    """Return how many were analysed: of the class where it has a count of its own."""
    for denominator in _objects(part, "denoms") or _objects(outcome, "denoms"):
        for count in _objects(denominator, "counts"):
            if _text(count, "groupId") == group:
                known = [_text(count, "value"), _text(denominator, "units")]
                return " ".join(filter(None, known)) or None
    return None


def _events(group: Json, time_frame: str | None) -> Iterator[Posted]:
    for name, title in (
        ("serious", "Serious adverse events"),
        ("other", "Other adverse events"),
        ("deaths", "Deaths from any cause"),
    ):
        affected, at_risk = _text(group, f"{name}NumAffected"), _text(group, f"{name}NumAtRisk")
        if affected is not None:
            yield Posted(
                outcome=title,
                time_frame=time_frame,
                group=_text(group, "title") or "[no title]",
                part=None,
                measure="people affected",
                value=affected,
                spread=None,
                unit="Participants",
                analysed=f"{at_risk} Participants at risk" if at_risk is not None else None,
            )


def _object(parent: Json, name: str) -> Json:
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _objects(parent: Json, name: str) -> list[Json]:
    found = parent.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(parent: Json, name: str) -> str | None:
    found = parent.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    return squeezed(str(found)) or None
