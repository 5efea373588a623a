"""What was read whole and is not in the review: reports and studies, why, and who decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection

from bot.app import App
from bot.report.document import ExcludedLine
from state import decisions, extractions, people, records
from state.events import events
from state.facts import Fact, RulingGiven, Stored, StudyAdded, StudyMoved, VerdictGiven
from state.screening import ScreeningStatus, Stage, StudyStatus, current
from state.values import ScreeningState, StageLog, StoredStudy

NO_CRITERION = "taken out by decision of the authors"
STOOD = {
    StudyStatus.INCLUDED: "the included studies",
    StudyStatus.ONGOING: "the ongoing studies",
    StudyStatus.AWAITING: "the studies awaiting classification",
}


def excluded_lines(app: App, connection: Connection) -> tuple[ExcludedLine, ...]:
    """Return the reports excluded at full text, then the studies that were moved to excluded."""
    names = {each.id: each.name for each in people.people(connection)}
    criteria = {each.id: each.text for each in app.protocol.criteria}
    states = [each for each in decisions.screening_states(connection) if _is_excluded(each)]
    moved = [each for each in extractions.studies(connection) if each.place is StudyStatus.EXCLUDED]
    return (
        *(_report(connection, each, names, criteria) for each in states),
        *(_study(connection, each, names) for each in moved),
    )


def _is_excluded(state: ScreeningState) -> bool:
    result = state.full_text.result
    reached = state.stage is Stage.FULL_TEXT
    return reached and result.over and result.status is ScreeningStatus.EXCLUDED


def _report(
    connection: Connection,
    state: ScreeningState,
    names: Mapping[str, str],
    criteria: Mapping[str, str],
) -> ExcludedLine:
    answer = state.full_text.result.answer
    criterion = answer.criterion if answer is not None else None
    who, how = _decided(state.full_text)
    held = records.records_of_candidate(connection, state.candidate.id)
    return ExcludedLine(
        cited="; ".join(f"{each.record.title} ({each.record.key})" for each in held),
        criterion=criterion,
        reason=criteria.get(criterion or "", criterion or NO_CRITERION),
        decided_by=tuple(names.get(each, each) for each in who),
        how=how,
        decided_on=_last_said(connection, state.candidate.id),
    )


def _decided(log: StageLog) -> tuple[tuple[str, ...], str]:
    """Return who decided at a stage, and how they came to it."""
    readers = tuple(each.person for each in current(log.decisions))
    ruled = [each for each in log.rulings if each.adjudication]
    if ruled:
        return (ruled[-1].person,), "ruled on a conflict of two readers"
    return readers, "agreed after a conflict" if log.rulings else "independently"


def _last_said(connection: Connection, candidate: str) -> str | None:
    said = (VerdictGiven, RulingGiven)
    found = [
        each.at for each in events(connection, subject=candidate) if isinstance(each.fact, said)
    ]
    return found[-1] if found else None


def _study(connection: Connection, stored: StoredStudy, names: Mapping[str, str]) -> ExcludedLine:
    known = list(events(connection, subject=stored.study.id))
    moves = [each for each in known if isinstance(each.fact, StudyMoved)]
    return ExcludedLine(
        cited=stored.study.label,
        criterion=None,
        reason=next(_notes(each.fact for each in reversed(moves)), NO_CRITERION),
        decided_by=tuple(names.get(who, who) for each in moves[-1:] for who in _hands(each)),
        how=f"moved from {STOOD[_stood(each.fact for each in known)]}",
        decided_on=moves[-1].at if moves else None,
    )


def _stood(facts: Iterable[object]) -> StudyStatus:
    """Return where a study stood before it was excluded; the published review's were included."""
    moved = (StudyAdded, StudyMoved)
    places = [each.place for each in facts if isinstance(each, moved) and each.place in STOOD]
    return StudyStatus(places[-1]) if places else StudyStatus.INCLUDED


def _hands(move: Stored[Fact]) -> tuple[str, ...]:
    """Return whose hands a move took; a log of before that was kept has one, who sent it."""
    people: tuple[str, ...] = getattr(move.fact, "people", ())
    return people or (move.actor,)


def _notes(facts: Iterable[object]) -> Iterator[str]:
    yield from (note for fact in facts if (note := getattr(fact, "note", None)))
