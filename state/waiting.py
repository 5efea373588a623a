"""Since when a thing has waited, and who has held which role since when: by the log.

Nothing here tells what a first reader has said, nor that one has: a stage waits from the moment at
which it was opened until two have decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from state import tables as t
from state.events import event_rows, stored_event
from state.facts import (
    CandidateReopened,
    LinkSettled,
    PersonAdded,
    PersonChanged,
    PersonRetired,
    PersonReturned,
    StudyAdded,
    StudyMoved,
    TaskRaised,
    TaskReopened,
    WorkPassed,
)
from state.facts.fact import Fact
from state.screening import Stage
from state.values import PublicStatus, QueueEntryView

Newest = Mapping[str, str]  # subject → instant

TEAM = (PersonAdded, PersonChanged, PersonReturned, PersonRetired, WorkPassed)


def candidates_wait_since(
    connection: Connection, views: Sequence[QueueEntryView]
) -> dict[str, str]:
    """Return since when each of these open candidates has asked what it asks now."""
    opened_again = _newest(connection, CandidateReopened, LinkSettled)
    said = _last_said(connection)
    found: dict[str, str] = {}
    for view in views:
        name = view.candidate.id
        moments = [view.candidate.opened_at, opened_again.get(name)]
        if view.stage is Stage.FULL_TEXT:
            moments.append(said.get((name, Stage.TITLE_ABSTRACT)))
        if view.status is PublicStatus.CONFLICT:
            moments.append(said.get((name, view.stage)))
        found[name] = max(each for each in moments if each is not None)
    return found


def studies_wait_since(connection: Connection) -> Newest:
    """Return when each study came to where it stands."""
    return _newest(connection, StudyAdded, StudyMoved)


def tasks_wait_since(connection: Connection) -> Newest:
    """Return when each task was raised, or opened again."""
    return _newest(connection, TaskRaised, TaskReopened)


def last_handed_in(connection: Connection) -> Newest:
    """Return when each study was handed in last."""
    column = t.submission.c
    query = select(column.study_id, func.max(column.at).label("at")).group_by(column.study_id)
    return {row.study_id: row.at for row in connection.execute(query)}


def team_unchanged_since(connection: Connection) -> str | None:
    """Return when the team was changed last."""
    return max(_newest(connection, *TEAM).values(), default=None)


def roles_held_since(connection: Connection) -> dict[tuple[str, str], str]:
    """Return since when each person has held each role, as somebody's deputy too."""
    held: dict[tuple[str, str], str] = {}
    roles: dict[str, frozenset[str]] = {}
    kinds = t.event.c.kind.in_([each.event_kind for each in TEAM])
    for row in event_rows(connection, kinds):
        fact = stored_event(row).fact
        match fact:
            case PersonAdded() | PersonChanged() | PersonReturned():
                new = frozenset(fact.roles) - roles.get(fact.person, frozenset())
                held |= {(fact.person, role): row.at for role in new}
                roles[fact.person] = frozenset(fact.roles)
            case PersonRetired():
                roles[fact.person] = frozenset()
            case WorkPassed():
                held[fact.deputy, fact.role] = row.at
    return held


def _newest(connection: Connection, *types: type[Fact]) -> Newest:
    column = t.event.c
    kinds = [each.event_kind for each in types]
    query = select(column.subject, func.max(column.at).label("at"))
    query = query.where(column.kind.in_(kinds))
    rows = connection.execute(query.group_by(column.subject))
    return {row.subject: row.at for row in rows}


def _last_said(connection: Connection) -> dict[tuple[str, str], str]:
    """Return when each stage of each candidate was last judged."""
    found: dict[tuple[str, str], str] = {}
    for table in (t.decision, t.ruling):
        column = table.c
        query = select(column.candidate_id, column.stage, func.max(column.at))
        for name, stage, at in connection.execute(
            query.group_by(column.candidate_id, column.stage)
        ):
            found[name, stage] = max(at, found.get((name, stage), at))
    return found
