"""A failing history made small: events are taken out as long as it still fails in the same way.

Delta debugging (Zeller and Hildebrandt 2002), on the list of events: what an event chooses does not
hang on the events around it, so that the rest of a history means what it meant.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tests.histories.events import Event

Events = tuple[Event, ...]


def shrunk(events: Events, fails: Callable[[Events], bool], longest_s: float) -> Events:
    """Return a part of the events that still fails; none of it can be left out, given the time."""
    end = time.monotonic() + longest_s
    parts = 2
    while len(events) > 1:
        smaller = _smaller(events, parts, fails, end)
        if smaller is not None:
            events, parts = smaller, max(parts - 1, 2)
        elif parts >= len(events) or time.monotonic() > end:
            break
        else:
            parts = min(2 * parts, len(events))
    return events


def _smaller(
    events: Events, parts: int, fails: Callable[[Events], bool], end: float
) -> Events | None:
    """Return the first of the events without one part that still fails."""
    for rest in _without_each(events, parts):
        if time.monotonic() > end:
            return None
        if fails(rest):
            return rest
    return None


def _without_each(events: Events, parts: int) -> Sequence[Events]:
    size = -(-len(events) // parts)
    starts = range(0, len(events), size)
    return [events[:start] + events[start + size :] for start in starts]
