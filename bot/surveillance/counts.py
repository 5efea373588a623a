"""Hold a run's count against what its source found before; put to a person what cannot be true."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.results.format import counted
from bot.review.protocol import SourcePlan
from bot.surveillance.plausibility import NEWEST_RUNS, Bounds, believed, bounds
from state import extractions, runs
from state.events import Ledger
from state.facts import SearchRun
from state.facts.words import RunStatus
from state.screening import StudyStatus
from state.tasks import TaskKind, open_tasks, raise_task, tasks

LOOKED_BACK = 10 * NEWEST_RUNS  # whole answers of a source, those not believed among them


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a run's count is held against. bounds: None where too few earlier runs tell; nothing:
    whether an answer of nothing is believed."""

    bounds: Bounds | None
    earlier_runs: int
    nothing: bool = True

    def hold(self, count: int) -> bool:
        """Whether a count is believed."""
        if not count and not self.nothing:
            return False
        return self.bounds is None or self.bounds.hold(count)


def judge_count(ledger: Ledger, plan: SourcePlan, run: SearchRun) -> None:
    """Put a count that cannot be true to a person; one open question a source is enough."""
    expected = expectation(ledger.connection, run)
    if run.status is not RunStatus.OK or expected.hold(run.found):
        return
    kind = TaskKind.IMPLAUSIBLE_COUNT
    if any(each.kind is kind and each.subject == plan.id for each in open_tasks(ledger.connection)):
        return
    text = (
        f"{plan.name} found {counted(run.found, 'record')} on {run.finished_at[:10]};"
        f" {_expected(expected)} expected. Has the service changed, or was the answer cut?\n"
        "Settle this once the count is known to be right, or is right again: what was found until"
        " then counts as its history from then on."
    )
    raise_task(ledger, f"count:{run.id}", kind, subject=plan.id, text=text, study=None)


def _expected(expected: Expectation) -> str:
    if expected.bounds is None:
        return "as the review includes studies, something was"
    return (
        f"by its last {expected.earlier_runs} searches {expected.bounds.lower} to"
        f" {expected.bounds.upper} were"
    )


def expectation(connection: Connection, run: SearchRun) -> Expectation:
    """Return what earlier whole answers to the same query make of a run's count.

    What was found until a person settled the question of an implausible count is believed; so the
    run itself is, where it was settled after it.
    """
    judged = _judged_until(connection, run.source)
    if run.finished_at <= judged:
        return Expectation(None, 0)
    whole = runs.search_runs(connection, run.source, status=RunStatus.OK, limit=LOOKED_BACK)
    earlier = [
        (each.found, each.finished_at <= judged)
        for each in reversed(whole)
        if each.query == run.query and each.id != run.id and each.finished_at <= run.finished_at
    ]
    history = believed(earlier)[-NEWEST_RUNS:]
    nothing = (0, True) in earlier or not _includes_studies(connection)
    return Expectation(bounds(history), len(history), nothing)


def _includes_studies(connection: Connection) -> bool:
    return any(stored.place is StudyStatus.INCLUDED for stored in extractions.studies(connection))


def _judged_until(connection: Connection, source: str) -> str:
    """Return when a person last settled the question of an implausible count ("": never)."""
    return max(
        (
            each.settled_at
            for each in tasks(connection)
            if each.kind is TaskKind.IMPLAUSIBLE_COUNT
            and each.subject == source
            and each.settled_at is not None
        ),
        default="",
    )
