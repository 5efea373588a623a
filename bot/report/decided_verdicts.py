"""The verdicts that everybody may read: of stages that both readers have decided."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from state import decisions
from state.screening import SEATS, Decision, Ruling
from state.values import ScreeningState, StageLog


def decided_verdicts(connection: Connection) -> Iterator[dict[str, object]]:
    """Yield the verdicts and rulings of stages that both readers have decided."""
    for entry in decisions.all_states(connection):
        for log in (entry.title_abstract, entry.full_text):
            if len({each.person for each in log.decisions}) >= SEATS:
                yield from (_verdict(entry, log, "verdict", each) for each in log.decisions)
                yield from (_verdict(entry, log, "ruling", each) for each in log.rulings)


def _verdict(
    entry: ScreeningState, log: StageLog, kind: str, said: Decision | Ruling
) -> dict[str, object]:
    return {
        "candidate": entry.candidate.id,
        "stage": log.stage.value,
        "kind": kind,
        "person": said.person,
        "verdict": said.answer.verdict.value,
        "criterion": said.answer.criterion,
        "note": said.note,
    }
