"""Which analyses are to be computed anew: those whose inputs have moved since a result. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from bot.review.protocol import ReviewProtocol
from state.codec import Json

Place = tuple[str, str]  # an outcome at a time point


def moved_analyses(protocol: ReviewProtocol, before: Json, now: Json) -> frozenset[str]:
    """Return the analyses whose inputs differ between two synthesised inputs.

    An analysis is computed from the values of its outcome and time point, from the studies that
    have such values or are named in its published rows, and from what is kept apart of them. With
    another protocol, or by another program, all of them differ.
    """
    if any(before[each] != now[each] for each in ("engine", "protocol_sha256")):
        return frozenset(each.id for each in protocol.analyses)
    studies = frozenset(_moved_studies(before, now))
    places = _moved_places(before, now, studies)
    named = {*_entered(before, studies), *_entered(now, studies)}
    return frozenset(
        each.id
        for each in protocol.analyses
        if (each.outcome, each.time_point) in places or each.id in named
    )


def _values(inputs: Json) -> dict[tuple[str, ...], Any]:
    return {_cell(each["value"]["cell"]): each for each in inputs["values"]}


def _cell(cell: Json) -> tuple[str, ...]:
    arms = "+".join(cell["arms"])
    place = (cell["study"], cell["outcome"], cell["time_point"])
    return (*place, arms, cell["field"], cell.get("stratum", ""))


def _place(cell: tuple[str, ...]) -> Place:
    return cell[1], cell[2]


def _differing(before: Mapping[Any, Any], now: Mapping[Any, Any]) -> Iterator[Any]:
    """Yield the keys under which two hold different things."""
    for key in before.keys() | now.keys():
        if before.get(key) != now.get(key):
            yield key


def _moved_places(before: Json, now: Json, studies: Collection[str]) -> set[Place]:
    """Return outcomes and time points with values that differ, or that are of such studies."""
    of_values = _values(before), _values(now)
    places = {_place(cell) for cell in _differing(*of_values)}
    return places | {_place(cell) for each in of_values for cell in each if cell[0] in studies}


def _moved_studies(before: Json, now: Json) -> Iterator[str]:
    """Yield the studies that are worded or placed otherwise, or whether they count."""
    yield from _differing(*({s["id"]: s for s in each["studies"]} for each in (before, now)))
    yield from _differing(*(dict(each.get("apart", ())) for each in (before, now)))


def _entered(inputs: Json, studies: Iterable[str]) -> Iterator[str]:
    """Yield the analyses whose published rows name one of the studies."""
    for study in inputs["studies"]:
        if study["id"] in studies:
            yield from (each["analysis"] for each in study.get("entries") or ())
