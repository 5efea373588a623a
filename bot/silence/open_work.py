"""What waits for whom, as whom, and since when: each thing that only a person can do.

Searches by hand have an account of their own (`bot/surveillance/hand_searches.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from bot.app import App
from bot.synthesis.awaited import SIGNATORIES, hands_asked, missing_of_version, open_signals
from state import decisions, extractions, likeness, people, proposals, tasks, versions, waiting
from state.agreement import Agreement
from state.amendments import AmendmentState, amendment_state
from state.codec import instant, moment
from state.facts.words import RoleId, SignedKind, VersionKind
from state.people import Person
from state.screening import StudyStatus
from state.values import StoredStudy, ToDo


class OpenWorkKind(StrEnum):
    """What is to be done: one line of a reminder."""

    SCREENING = "records wait for your verdict"
    LINKS = "records may be reports of a known study: confirm or refuse"
    AGREEMENT = "you and the other reader differ about a record: agree, or leave it to a third"
    CONFLICTS = "two readers differ: the adjudicator rules"
    EXTRACTION = "data of an included study are to be extracted"
    VALUES = "two extractions differ: the adjudicator settles the values"
    PAIRS = "two records may be one"
    SECOND_HANDS = "somebody proposed something that a second person confirms or rejects"
    SIGNATURES = "a draft version or its signals wait for your signature"
    AMENDMENTS = "an amendment of the protocol waits for your signature"
    TASKS = "something that the program noticed is to be judged"
    EMPTY_ROLES = "a role of the review is held by nobody"


WHERE: Mapping[OpenWorkKind, str] = {
    OpenWorkKind.SCREENING: "/queue",
    OpenWorkKind.LINKS: "/queue",
    OpenWorkKind.AGREEMENT: "/queue",
    OpenWorkKind.CONFLICTS: "/queue",
    OpenWorkKind.EXTRACTION: "/",
    OpenWorkKind.VALUES: "/",
    OpenWorkKind.PAIRS: "/duplicates",
    OpenWorkKind.SECOND_HANDS: "/",
    OpenWorkKind.SIGNATURES: "/signals",
    OpenWorkKind.AMENDMENTS: "/signals",
    OpenWorkKind.TASKS: "/tasks",
    OpenWorkKind.EMPTY_ROLES: "/people",
}

_SCREENING = {
    ToDo.DECIDE: (OpenWorkKind.SCREENING, RoleId.SCREENER),
    ToDo.LINK: (OpenWorkKind.LINKS, RoleId.SCREENER),
    # What two differ about, none but these two agree on.
    ToDo.AGREE: (OpenWorkKind.AGREEMENT, None),
    ToDo.ADJUDICATE: (OpenWorkKind.CONFLICTS, RoleId.ADJUDICATOR),
}


@dataclass(frozen=True, slots=True)
class OpenWork:
    """One thing that waits for one person.

    role: as whom they are asked; None where it is they themselves, and no deputy could do it.
    since: when it began to wait, or when they came to hold the role, whichever is later.
    """

    person: str
    role: RoleId | None
    kind: OpenWorkKind
    since: datetime


def open_work(app: App, connection: Connection, *, before: datetime) -> tuple[OpenWork, ...]:
    """Return what has waited for people since before an instant, by person."""
    held = waiting.roles_held_since(connection)
    found = (*_screening(connection, before), *_of_roles(app, connection))
    counted = dict.fromkeys(_from_joining(each, held) for each in found)
    return tuple(each for each in counted if each.since <= before)


def empty_roles(app: App, connection: Connection) -> tuple[str, ...]:
    """Name the roles of the protocol that nobody holds."""
    return tuple(role.id for role in app.protocol.roles if not people.holders(connection, role.id))


def _from_joining(work: OpenWork, held: Mapping[tuple[str, str], str]) -> OpenWork:
    """Count from when a person came to hold the role: nothing was asked of them before."""
    joined = held.get((work.person, work.role)) if work.role is not None else None
    if joined is None or moment(joined) <= work.since:
        return work
    return OpenWork(work.person, work.role, work.kind, moment(joined))


def _screening(connection: Connection, before: datetime) -> Iterator[OpenWork]:
    for person in _active(connection):
        views = decisions.asked_of(connection, person.id, opened_before=instant(before))
        since = waiting.candidates_wait_since(connection, views) if views else {}
        for view in views:
            if view.to_do is not None:
                kind, role = _SCREENING[view.to_do]
                yield OpenWork(person.id, role, kind, moment(since[view.candidate.id]))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of whoever holds a role, but for some of them.

    passes: whether it could pass to a deputy.
    """

    role: RoleId
    kind: OpenWorkKind
    since: str
    but: frozenset[str] = frozenset()
    passes: bool = True


def _of_roles(app: App, connection: Connection) -> Iterator[OpenWork]:
    asked = (
        *_studies(connection),
        *_pairs(connection),
        *_proposals(connection),
        *_signatures(app, connection),
        *_tasks(connection),
        *_roles(app, connection),
    )
    holders = {role: people.holders(connection, role) for role in RoleId}
    for each in asked:
        for person in holders[each.role]:
            if person.id not in each.but:
                role = each.role if each.passes else None
                yield OpenWork(person.id, role, each.kind, moment(each.since))


def _studies(connection: Connection) -> Iterator[_Asked]:
    since, handed_in = waiting.studies_wait_since(connection), waiting.last_handed_in(connection)
    for stored in extractions.studies(connection):
        if stored.place is not StudyStatus.INCLUDED:
            continue
        state, study = extractions.agreement(connection, stored.study.id), stored.study.id
        if state.differences:
            at = handed_in[study]
            yield _Asked(RoleId.ADJUDICATOR, OpenWorkKind.VALUES, at, state.read_by)
        elif _to_extract(stored, state):
            own = state.open_round
            have = frozenset(own.people) if own is not None else frozenset()
            at = since.get(study, stored.added_at)
            yield _Asked(RoleId.EXTRACTOR, OpenWorkKind.EXTRACTION, at, have)


def _to_extract(stored: StoredStudy, state: Agreement) -> bool:
    return not state.settled and not stored.baseline


def _pairs(connection: Connection) -> Iterator[_Asked]:
    for each in likeness.open_likenesses(connection):
        yield _Asked(RoleId.SCREENER, OpenWorkKind.PAIRS, each.found_at)


def _proposals(connection: Connection) -> Iterator[_Asked]:
    for each in proposals.open_proposals(connection):
        but = frozenset({each.person})
        yield _Asked(RoleId.SCREENER, OpenWorkKind.SECOND_HANDS, each.proposed_at, but)


def _signatures(app: App, connection: Connection) -> Iterator[_Asked]:
    draft = versions.open_draft(connection)
    waits = draft is not None and draft.kind is not VersionKind.BASELINE
    if draft is not None and waits and missing_of_version(app, connection, draft.number):
        have = _have_signed(app, connection, draft.number)
        for role in SIGNATORIES:
            passes = role is RoleId.LEAD  # any two sign, and one of them is the lead
            yield _Asked(role, OpenWorkKind.SIGNATURES, draft.drafted_at, have, passes)
    for each in versions.amendments(connection):
        if amendment_state(connection, each) is AmendmentState.OPEN:
            signed = versions.signatures(connection, SignedKind.AMENDMENT, each.id)
            have = frozenset(signature.person for signature in signed)
            for role in SIGNATORIES:
                passes = role is RoleId.LEAD
                yield _Asked(role, OpenWorkKind.AMENDMENTS, each.proposed_at, have, passes)


def _have_signed(app: App, connection: Connection, number: str) -> frozenset[str]:
    """Return of whom a draft asks nothing: who has signed it and its signals, or is not needed."""
    asked = hands_asked(app, connection)
    papers = [
        versions.signatures(connection, SignedKind.SIGNAL, each.id)
        for each in open_signals(app, connection, number)
    ] or [versions.signatures(connection, SignedKind.VERSION, number)]
    signed = [frozenset(each.person for each in paper) for paper in papers]
    done = frozenset.intersection(*signed)
    if all(len(each) >= asked.needed for each in signed):
        return done | (_signatories(connection) - asked.leads)  # the lead's alone is missing
    return done


def _signatories(connection: Connection) -> frozenset[str]:
    able = (person.id for role in SIGNATORIES for person in people.holders(connection, role))
    return frozenset(able)


def _tasks(connection: Connection) -> Iterator[_Asked]:
    since = waiting.tasks_wait_since(connection)
    for each in tasks.open_tasks(connection):
        at = since.get(each.id, each.raised_at)
        yield _Asked(RoleId.LEAD, OpenWorkKind.TASKS, at, passes=False)  # anybody may settle it


def _roles(app: App, connection: Connection) -> Iterator[_Asked]:
    since = waiting.team_unchanged_since(connection)
    if since is not None and empty_roles(app, connection):
        yield _Asked(RoleId.LEAD, OpenWorkKind.EMPTY_ROLES, since, passes=False)


def _active(connection: Connection) -> tuple[Person, ...]:
    return tuple(person for person in people.people(connection) if not person.retired)
