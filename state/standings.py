"""How candidates stand, read from their rows and from what people said of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, select

from state import tables as t
from state.facts.words import CandidateKind, CandidateOutcome, RulingKind
from state.screening import (
    Answer,
    Decision,
    EligiblePlace,
    Ruling,
    ScreeningStatus,
    Stage,
    StudyStatus,
    Verdict,
)
from state.values import Candidate, PublicStatus, ScreeningState, StageLog

# SQLite takes at most 32,766 parameters in one statement.
CHUNK = 5_000


def public_status(entry: ScreeningState) -> PublicStatus:
    """Return the status that anybody may see: the same whatever the first reader has said."""
    if entry.candidate.outcome is not None:
        return PublicStatus(entry.candidate.outcome)
    if link_open(entry.candidate):
        return PublicStatus.LINK
    result = entry.log.result
    settling = result.status is ScreeningStatus.CONFLICT or result.criterion_open
    return PublicStatus.CONFLICT if settling else PublicStatus.WAITING


def link_open(found: Candidate) -> bool:
    """Whether somebody has to say if a candidate is a report of a known study."""
    return found.kind is CandidateKind.SECOND_REPORT and not found.link_settled


def standings(connection: Connection, found: Sequence[Candidate]) -> tuple[ScreeningState, ...]:
    """Return candidates with all that was said of them, in the order given."""
    ids = [entry.id for entry in found]
    decided: dict[tuple[str, str], list[Decision]] = defaultdict(list)
    ruled: dict[tuple[str, str], list[Ruling]] = defaultdict(list)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        for row in connection.execute(_said(t.decision, some)):
            decided[row.candidate_id, row.stage].append(
                Decision(row.person_id, answer_of(row), row.note, row.next_look_on)
            )
        for row in connection.execute(_said(t.ruling, some)):
            ruled[row.candidate_id, row.stage].append(
                Ruling(
                    row.person_id,
                    answer_of(row),
                    row.kind == RulingKind.ADJUDICATION,
                    row.note,
                    row.next_look_on,
                )
            )

    def log(candidate_id: str, stage: Stage) -> StageLog:
        key = (candidate_id, stage.value)
        return StageLog(stage, tuple(decided[key]), tuple(ruled[key]))

    return tuple(
        ScreeningState(entry, log(entry.id, Stage.TITLE_ABSTRACT), log(entry.id, Stage.FULL_TEXT))
        for entry in found
    )


def counting(said: Table) -> ColumnElement[bool]:
    """Say in SQL which verdicts or rulings count: none that was taken back or set aside."""
    counts = said.c.earlier == 0
    return and_(counts, said.c.withdrawn == 0) if said is t.decision else counts


def _said(table: Table, ids: Sequence[str]) -> Select[tuple[object, ...]]:
    mine = table.c.candidate_id.in_(ids)
    return select(table).where(mine, counting(table)).order_by(table.c.seq)


def answer_of(row: Row[tuple[object, ...]]) -> Answer:
    """Read what a verdict or a ruling says."""
    return Answer(Verdict(row.verdict), row.criterion, _ELIGIBLE.get(row.place))


_ELIGIBLE: dict[str | None, EligiblePlace] = {
    "included": StudyStatus.INCLUDED,
    "ongoing": StudyStatus.ONGOING,
    "awaiting": StudyStatus.AWAITING,
}


def candidate_of(row: Row[tuple[object, ...]]) -> Candidate:
    """Read one row."""
    return Candidate(
        id=row.id,
        kind=CandidateKind(row.kind),
        opened_at=row.opened_at,
        score=row.score,
        lane=row.lane,
        reasons=tuple(json.loads(row.reasons)),
        flags=tuple(json.loads(row.flags)),
        study=row.study_id,
        link_reason=row.link_reason,
        link_settled=bool(row.link_settled),
        closed=bool(row.closed),
        outcome=CandidateOutcome(row.outcome) if row.outcome is not None else None,
    )
