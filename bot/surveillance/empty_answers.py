"""What is to be made of an answer that holds nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.review.baseline import KnownItem
from bot.review.protocol import SourcePlan
from bot.surveillance.counts import expectation
from state import runs
from state.facts import SearchRun
from state.facts.words import RunStatus

# Once may be an hour in which an index was rebuilt; the next search is at least a quarter later.
EMPTY_RUNS = 2
LOOKED_BACK = 20  # runs: of a source that fails at every try the newest are no answers


def nothing_found(plan: SourcePlan, found: int, items: Sequence[KnownItem]) -> tuple[str, ...]:
    """Say that an answer of nothing is no answer, where known reports are to be found."""
    known = sum(plan.id in item.sources for item in items)
    if found or not known:
        return ()
    return (
        f"found nothing at all, expected the {known} known reports that {plan.name} holds:"
        " the service, a field or an index of it may have changed",
    )


def finds_nothing(connection: Connection, plan: SourcePlan) -> bool:
    """Whether a source's newest answers held nothing, one after the other, and nobody judged it."""
    tried = runs.search_runs(connection, plan.id, limit=LOOKED_BACK)
    answers = [run for run in tried if is_answer(run)][:EMPTY_RUNS]
    if len(answers) < EMPTY_RUNS or any(run.found for run in answers):
        return False
    return not expectation(connection, answers[0]).hold(0)


def is_answer(run: SearchRun) -> bool:
    """Whether a source answered, if only with what cannot be believed."""
    return run.status is RunStatus.OK or bool(run.problems)
