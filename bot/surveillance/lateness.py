"""Is a source late? The one rule; every face that speaks of lateness asks here. Pure.

A source is held against its own schedule: against the first slot after its last whole search. The
day of a search by hand is the day it was made, not the day its export was given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.review.schedule import late_by


class Lateness(StrEnum):
    """How long a source's search has waited."""

    ON_TIME = "on_time"  # no slot waits
    DUE = "due"  # a slot waits, not longer than a search may take
    LATE = "late"  # longer: nothing newer than the last search may be claimed
    LONG_LATE = "long_late"  # so long that the last search is not to be relied on
    NEVER = "never"  # never searched: nothing is known at all


class Light(StrEnum):
    """How far a source's silence can be trusted."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class LatenessRule:
    """A rung: it holds for a source whose slot has waited up to `until` (None: for ever)."""

    lateness: Lateness
    until: timedelta | None
    reason: str


# A search that failed is tried again within six hours, so that two days are eight tries; a machine
# that sleeps from a Saturday's slot until Monday morning is within them.
A_SEARCH_MAY_TAKE = timedelta(days=2)
# A living review searches at least once a month: after 30 days a whole round was missed. The lead
# is reminded of a search by hand on the same day.
NOT_RELIED_ON_AFTER = timedelta(days=30)
RULES = (
    LatenessRule(Lateness.ON_TIME, timedelta(0), "no slot of its schedule waits"),
    LatenessRule(Lateness.DUE, A_SEARCH_MAY_TAKE, "a search may fail and be tried again"),
    LatenessRule(Lateness.LATE, NOT_RELIED_ON_AFTER, "its slot was missed"),
    LatenessRule(Lateness.LONG_LATE, None, "a whole month was missed"),
)
# A round that began late (after a month asleep) has a day for its other sources: the longest pause
# of a source that turned us away.
A_ROUND_MAY_TAKE = timedelta(days=1)
# A search by hand is reminded of on these days after it was asked for, then every 30: a week is a
# working rhythm, two are no holiday any more, and from then on the lead is told too.
REMINDED_AFTER_DAYS = (7, 14, 30)
REMINDED_EVERY_DAYS = 30
LEAD_TOLD_FROM_DAY = 14

LATE = frozenset({Lateness.LATE, Lateness.LONG_LATE, Lateness.NEVER})
NOT_RELIED_ON = frozenset({Lateness.LONG_LATE, Lateness.NEVER})


def lateness(cron: str, zone: str, *, last: datetime | None, now: datetime) -> Lateness:
    """Say how late a source is by its schedule. last: when its last whole search was made."""
    if last is None:
        return Lateness.NEVER
    return lateness_of(late_by(cron, zone, last=last, now=now))


def lateness_of(waited: timedelta) -> Lateness:
    """Say how late a source is whose slot has waited so long: the first rung that holds it."""
    return next(rule.lateness for rule in RULES if rule.until is None or waited <= rule.until)


def is_late(found: Lateness) -> bool:
    """Whether a source must be called late wherever it is spoken of."""
    return found in LATE


def light(found: Lateness, *, failed: bool, missing: bool, nothing: bool = False) -> Light:
    """Return how far a source's silence can be trusted.

    failed: its last try failed; missing: it lost a known item, or its count cannot be; nothing: it
    has found nothing at all for more than one search, where something should be.
    """
    if nothing or found in NOT_RELIED_ON:
        return Light.RED
    return Light.AMBER if failed or missing or is_late(found) else Light.GREEN


def worst(lights: Iterable[Light]) -> Light:
    """Return the one light of many: the worst of them; of none there is nothing to trust."""
    return max(lights, key=list(Light).index, default=Light.RED)


def next_round_by(slots: list[datetime], now: datetime) -> datetime:
    """Return by when the next certificate is due: once the slowest source's next slot is late."""
    return max([*slots, now]) + A_SEARCH_MAY_TAKE


def certificate_is_late(next_by: datetime, at: datetime) -> bool:
    """Whether the certificate that was promised had not come at an instant."""
    return at > next_by
