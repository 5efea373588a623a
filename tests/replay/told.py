"""What a history came to: shares and rates with their denominators, limits and goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from scipy.stats import chi2

from analysis.score_limits import wilson_limits
from bot.notify.daily import DAILY
from state.outbox import Delivery
from tests.benchmarks.replay import History

MOST_A_YEAR = 12  # messages that a person may get in a year
_TAIL = 0.025
_MONTH = 7  # of "2026-07-01T…"
_DAY = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """A count over its denominator, with limits; goal: "all", or the most of a rate."""

    name: str
    count: int
    of: float
    unit: str
    lower: float | None
    upper: float | None
    goal: float | str | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; nothing to measure meets none."""
        if self.goal is None:
            return None
        if not self.of:
            return False
        if isinstance(self.goal, str):
            return self.count == self.of
        return self.count / self.of <= self.goal

    def line(self) -> str:
        """Say it in a line."""
        value = self.count / self.of if self.of else float("nan")
        within = f" ({self.lower:.3f} to {self.upper:.3f})" if self.lower is not None else ""
        goal = {None: "", True: "; goal met", False: "; GOAL MISSED"}[self.met]
        note = f"; {self.note}" if self.note else ""
        counted = f"{self.count} of {self.of:g} {self.unit}"
        return f"{self.name}: {counted} = {value:.3f}{within}{goal}{note}"


def share(
    name: str, count: int, of: int, unit: str, *, goal: str | None = None, note: str = ""
) -> Counted:
    """Count a share, with Wilson's limits."""
    if not of:
        return Counted(name, count, of, unit, None, None, goal, note)
    limits = wilson_limits(np.array([float(count)]), np.array([float(of)]))
    lower, upper = (float(each[0]) for each in limits)
    return Counted(name, count, of, unit, lower, upper, goal, note)


def rate(name: str, count: int, of: float, unit: str, *, goal: float | None = None) -> Counted:
    """Count a rate, with the exact limits of a Poisson count."""
    lower = float(chi2.ppf(_TAIL, 2 * count)) / 2 if count else 0.0
    upper = float(chi2.ppf(1 - _TAIL, 2 * count + 2)) / 2
    return Counted(name, count, of, unit, lower / of, upper / of, goal)


def measured(history: History) -> tuple[Counted, ...]:
    """Count everything that a history is held against."""
    found, included, reachable = history.found, history.included, history.reachable
    on = found.queued_on
    first = [each for each in reachable if on.get(each.name) == each.visible_on]
    days = [(on[each.name] - each.visible_on).days for each in reachable if each.name in on]
    later = [each for each in days if each > 0]
    delay = f"median {median(days):g}, longest {max(days)} days" if days else "none was queued"
    people, years = history.person_years, "person-years"
    return (
        share("included reports that an automatic source holds", len(reachable), len(included),
              "reports", note=_unreachable(history)),
        share("of these queued at the first run", len(first), len(reachable), "reports",
              goal="all"),
        share("of these queued late", len(later), len(reachable), "reports", note=delay),
        share("second reports that came as a new study", found.new_study_alarms,
              max(0, len(included) - _trials(history)), "second reports"),
        share("links proposed to a trial they are not of", found.wrong_links,
              found.wrong_links + found.right_links, "links proposed"),
        rate("records queued a month", len(on), found.months, "months"),
        rate("notices a person and year", found.notices, people, years),
        rate("messages a person and year, as they leave today", messages(found.deliveries), people,
             years),
        rate("planned digests a person and year, one a month at most", digests(found.deliveries),
             people, years, goal=MOST_A_YEAR),
    )  # fmt: skip


def messages(deliveries: Sequence[Delivery]) -> int:
    """How many messages leave: what may wait is one a person and day, all else one each."""
    waiting = {(each.recipient, each.written_at[:_DAY]) for each in deliveries if _waits(each)}
    return len(waiting) + sum(not _waits(each) for each in deliveries)


def digests(deliveries: Sequence[Delivery]) -> int:
    """How many messages would leave if each month were one."""
    return len({(each.recipient, each.written_at[:_MONTH]) for each in deliveries})


def lines(found: Sequence[Counted]) -> Iterator[str]:
    """Say each figure in a line."""
    return (each.line() for each in found)


def all_met(found: Sequence[Counted]) -> bool:
    """Whether no goal was missed, and something was measured."""
    return bool(found) and all(each.met is not False for each in found)


def _waits(delivery: Delivery) -> bool:
    return delivery.notice.kind in DAILY


def _trials(history: History) -> int:
    return len({each.study for each in history.included})


def _unreachable(history: History) -> str:
    names = [each.name for each in history.included if not each.reachable]
    return f"by hand only: {', '.join(names)}" if names else ""
