"""The log verifies, nothing is stuck, nothing is told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select

from bot.surveillance.slots import SEARCH, SLOT
from bot.surveillance.watch_entries import LOOK
from state import decisions
from state import tables as t
from state.codec import instant
from state.facts.words import CandidateOutcome
from state.runs import WorkState
from state.values import ScreeningState
from state.verify import verify
from tests.histories.chronicle import Chronicle
from tests.histories.scene import Scene

MARKS = (SLOT, LOOK)  # rows that are no work: what was taken, what was looked at


def log(scene: Scene, _: Chronicle) -> Iterator[str]:
    """Name what `verify` finds: a broken chain, a table that a replay makes otherwise."""
    yield from verify(scene.app.database).faults


def work(scene: Scene, _: Chronicle) -> Iterator[str]:
    """Name what is still claimed, due or failing, though all was done that could be.

    A source that does not answer is none of the program's faults.
    """
    with scene.reading() as connection:
        column = t.work.c
        query = select(t.work).where(column.state != WorkState.DONE, column.kind.not_in(MARKS))
        for row in connection.execute(query):
            if row.state == WorkState.CLAIMED:
                yield f"{row.kind} {row.key}: claimed"
            elif row.due_at <= instant(scene.clock.now()) and row.kind != SEARCH:
                yield f"{row.kind} {row.key}: due and not done"
            elif row.last_error is not None and row.kind != SEARCH:
                yield f"{row.kind} {row.key}: {row.last_error}"


def notices(_: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name what was told to somebody twice on one day, in the same words."""
    told = Counter(
        (recipient, entry.at[:10], entry.data["subject"], entry.data["body"])
        for entry in chronicle.of_kind("notice_written")
        for recipient in entry.data["recipients"]
    )
    for (recipient, day, subject, _), times in told.items():
        if times > 1:
            yield f"{recipient} was told {times} times on {day}: {subject}"


def dates(scene: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name what is dated otherwise than when it was made. The first start has no span."""
    spans = iter(scene.spans)
    span = next(spans, None)
    for entry in chronicle.entries:
        while span is not None and entry.seq > span.last:
            span = next(spans, None)
        begun = entry.team or entry.kind.startswith("person_")
        if begun and span is not None and not span.earliest <= entry.at <= span.latest:
            when = f"made between {span.earliest} and {span.latest}"
            yield f"event {entry.seq} ({entry.kind}) is dated {entry.at}, {when}"


def verdicts(scene: Scene, _: Chronicle) -> Iterator[str]:
    """Name each verdict on a record that was taken as another that does not count there."""
    with scene.reading() as connection:
        states = {each.candidate.id: each for each in decisions.screening_states(connection)}
        now_at = dict(
            connection.execute(select(t.record.c.key, t.record.c.candidate_id)).tuples().all()
        )
    for name, state in states.items():
        there = states.get(str(now_at.get(name)))
        if state.candidate.outcome is CandidateOutcome.DUPLICATE and there is not None:
            kept = _who_said(there)
            for person in sorted(_who_said(state) - kept):
                yield f"{person} read {name}, which is {there.candidate.id} now, where it is lost"


def _who_said(state: ScreeningState) -> set[str]:
    return {
        each.person for log in (state.title_abstract, state.full_text) for each in log.decisions
    }
