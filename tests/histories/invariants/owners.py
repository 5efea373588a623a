"""Nothing is open without somebody who exists, has not left, and can do it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.silence.status import status_json
from bot.surveillance.hand_searches import by_hand
from state import decisions, extractions, likeness, tasks, versions
from state.screening import SEATS, ScreeningStatus, StudyStatus, current
from state.values import PublicStatus, ScreeningState, StoredStudy
from tests.histories.chronicle import Chronicle
from tests.histories.people import (
    ADJUDICATOR,
    AUTHORS,
    EXTRACTOR,
    LEAD,
    ROLES,
    SCREENER,
    SPECIALIST,
    Team,
    active,
    holders,
)
from tests.histories.scene import Scene


@dataclass(frozen=True, slots=True)
class Open:
    """Something that waits: what, for whom, who cannot do it, and who can though no role says so.

    people: how many more it takes.
    """

    what: str
    roles: Collection[str]
    not_by: frozenset[str] = frozenset()
    also_by: frozenset[str] = frozenset()
    people: int = 1

    def owners(self, team: Team) -> frozenset[str]:
        """Return who can do it now."""
        held = frozenset(each for role in self.roles for each in holders(team, role))
        here = {each.id for each in active(team)}
        return ((held - self.not_by) | self.also_by) & here


def open_things(scene: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name what nobody can do, where no lead was told which seat is empty."""
    team = chronicle.team
    told = _empty_seats(scene) if holders(team, LEAD) else frozenset()
    with scene.reading() as connection:
        waiting = [*_candidates(connection), *_studies(connection), *_papers(connection)]
        waiting += [*_searches(scene), *_tasks(connection), *_proposals(chronicle)]
    if not holders(team, LEAD):
        yield "nobody leads the review any more"
    for each in waiting:
        owners = each.owners(team)
        if len(owners) < each.people and not told & set(each.roles):
            yield f"{each.what}: waits for {each.people}, can be done by {sorted(owners)}"


def _empty_seats(scene: Scene) -> frozenset[str]:
    """Return the roles of which `status` says that a seat is empty."""
    needs = status_json(scene.app)["needs"]
    return frozenset(
        role for role in ROLES if any(str(need).startswith(f"role {role}:") for need in needs)
    )


def _candidates(connection: Connection) -> Iterator[Open]:
    links = {
        each.candidate.id
        for each in decisions.queue(connection)
        if each.status is PublicStatus.LINK
    }
    for each in decisions.screening_states(connection, closed=False):
        name = each.candidate.id
        if name in links:
            yield Open(f"the link of {name}", (SCREENER,))
        else:
            yield _candidate(each)
    for pair in likeness.open_likenesses(connection):
        yield Open(f"the pair {pair.record_key} and {pair.other_key}", (SCREENER,))


def _candidate(found: ScreeningState) -> Open:
    said = current(found.log.decisions)
    two = frozenset(each.person for each in said)
    what = f"{found.candidate.id} at {found.stage}"
    if found.log.result.status in (ScreeningStatus.WAITING, ScreeningStatus.HALF_SCREENED):
        return Open(what, (SCREENER,), not_by=two, people=SEATS - len(two))
    return Open(f"the conflict about {what}", (ADJUDICATOR,), not_by=two, also_by=two)


def _studies(connection: Connection) -> Iterator[Open]:
    for stored in extractions.studies(connection):
        if stored.place is StudyStatus.INCLUDED:
            yield from _study(connection, stored)
        elif stored.next_look_on is not None:
            yield Open(f"the next look at {stored.study.id}", (SCREENER, LEAD))


def _study(connection: Connection, stored: StoredStudy) -> Iterator[Open]:
    agreed = extractions.agreement(connection, stored.study.id)
    read = frozenset(person for each in agreed.rounds if each.complete for person in each.people)
    name = stored.study.id
    if agreed.differences:
        yield Open(f"{len(agreed.differences)} values of {name}", (ADJUDICATOR,), not_by=read)
    if agreed.open_round is not None:
        seated = frozenset(agreed.open_round.people)
        yield Open(f"the second reading of {name}", (EXTRACTOR,), not_by=seated)
    elif not agreed.rounds and not stored.baseline:
        yield Open(f"the extraction of {name}", (EXTRACTOR,), people=SEATS)


def _papers(connection: Connection) -> Iterator[Open]:
    draft = versions.open_draft(connection)
    if draft is not None:
        signed = {each.person for each in versions.signatures(connection, "version", draft.number)}
        more = max(SEATS - len(signed), 1)
        yield Open(f"the draft {draft.number}", AUTHORS, frozenset(signed), people=more)
    for each in versions.amendments(connection):
        signatures = versions.signatures(connection, "amendment", each.id)
        signers = frozenset(found.person for found in signatures)
        if len(signers) < SEATS:
            more = SEATS - len(signers)
            yield Open(f"the amendment {each.id}", AUTHORS, signers, people=more)


def _searches(scene: Scene) -> Iterator[Open]:
    for plan in by_hand(scene.app):
        yield Open(f"the search of {plan.id}", (SPECIALIST, LEAD))


def _proposals(chronicle: Chronicle) -> Iterator[Open]:
    for each in chronicle.open_proposals():
        roles = (SCREENER, LEAD) if each.kind == "move_proposed" else (SCREENER,)
        yield Open(f"the proposal {each.subject}", roles, not_by=frozenset({each.actor}))


def _tasks(connection: Connection) -> Iterator[Open]:
    for each in tasks.open_tasks(connection):
        yield Open(f"the task {each.id}", ROLES)
