"""The log verifies, nothing is stuck, nothing is told twice."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from state import decisions
from state import tables as t
from state.codec import instant
from state.facts.words import CandidateOutcome
from state.runs import WorkState
from state.screening import SEATS, Stage
from state.values import ScreeningState, WorkKind
from state.verify import verify
from tests.histories.chronicle import Chronicle
from tests.histories.scene import Scene

# Two records under one title, two results that read the same, a draft that is rejected, put up and
# rejected again in the same words, another round of hand-ins that leaves as many differences: each
# is news of its own.
OF_NEWS = {
    "new_candidates": "record_found",
    "new_result": "results_computed",
    "draft_rejected": "version_rejected",
    "draft_again": "version_put_up_again",
    "conflict": "values_submitted",
}
MARKS = (WorkKind.SLOT, WorkKind.LOOK)  # rows that are no work: what was taken, what was looked at


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
            elif row.due_at <= instant(scene.clock.now()) and row.kind != WorkKind.SEARCH:
                yield f"{row.kind} {row.key}: due and not done"
            elif row.last_error is not None and row.kind != WorkKind.SEARCH:
                yield f"{row.kind} {row.key}: {row.last_error}"


def notices(_: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name what was told to somebody twice on one day, in the same words, and was no news."""
    told: dict[tuple[str, str, str, str], int] = {}
    news: dict[str, int] = {}
    for entry in chronicle.entries:
        if entry.kind != "notice_written":
            news[entry.kind] = entry.seq
            continue
        newest = news.get(OF_NEWS.get(entry.data["notice_kind"], ""), 0)
        subject = entry.data["subject"]
        for recipient in entry.data["recipients"]:
            words = (recipient, entry.at[:10], subject, entry.data["body"])
            if told.get(words, 0) > newest:
                yield f"{recipient} was told twice on {entry.at[:10]}: {subject}"
            told[words] = entry.seq


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
    """Name each verdict that a record which is another now kept, though it would count there.

    It counts where a seat is free. What comes to a decided candidate, or finds both seats taken,
    stays where it was said, and is shown.
    """
    with scene.reading() as connection:
        states = {each.candidate.id: each for each in decisions.screening_states(connection)}
        found = connection.execute(select(t.record.c.key, t.record.c.candidate_id))
        now_at = {row.key: row.candidate_id for row in found}
    for name, state in states.items():
        there = states.get(str(now_at.get(name)))
        if state.candidate.outcome is CandidateOutcome.DUPLICATE and there is not None:
            yield from _lost(name, state, there)


def _lost(name: str, state: ScreeningState, there: ScreeningState) -> Iterator[str]:
    for stage in Stage:
        kept = {each.person for each in there.at(stage).decisions}
        if there.candidate.closed or len(kept) >= SEATS:
            continue
        for person in sorted({each.person for each in state.at(stage).decisions} - kept):
            yield f"{person} read {name}, which is {there.candidate.id} now, where it is lost"
