"""Nothing that is closed is closed for good: its way back is rehearsed, and undone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, select

from bot.surveillance.hand_searches import by_hand
from bot.synthesis.synthesise import synthesise
from state import decisions, extractions, likeness, runs, tasks, versions
from state import tables as t
from state.facts.words import CandidateOutcome
from state.screening import ScreeningStatus, StudyStatus, current
from tests.histories import acts
from tests.histories.acts import AnAct
from tests.histories.chronicle import Chronicle
from tests.histories.people import LEAD, SCREENER, SPECIALIST, Team, active, holders
from tests.histories.scene import REFUSALS, Scene

# Of each kind: the newest are enough, a kind is closed in the same way every time.
OF_EACH = 4


class Way(NamedTuple):
    """A way back from something closed, and who would go it."""

    closed: str
    act: AnAct | None
    people: frozenset[str]


def closed_things(scene: Scene, chronicle: Chronicle) -> Iterator[str]:
    """Name what is closed and cannot be opened by anybody who may."""
    with scene.reading() as connection:
        ways = [
            *islice(_candidates(connection, chronicle.team), OF_EACH * 2),
            *islice(_pairs(connection, chronicle.team), OF_EACH),
            *islice(_studies(connection, chronicle), OF_EACH),
            *islice(_verdicts(connection, chronicle.team), OF_EACH),
            *islice(_searches(scene, connection, chronicle), OF_EACH),
            *_rejected(scene, connection, chronicle.team),
            *islice(_tasks(connection, chronicle.team), OF_EACH),
            *_retired(chronicle.team),
        ]
    here = {each.id for each in active(chronicle.team)}
    for way in ways:
        goers = way.people & here
        if way.act is None:
            yield f"{way.closed}: no act opens it"
        elif goers:
            yield from _refused(scene, way, goers)


def _refused(scene: Scene, way: Way, goers: frozenset[str]) -> Iterator[str]:
    """Say why it is refused to everybody who would go it."""
    why: list[str] = []
    for person in sorted(goers):
        try:
            acts.rehearse(scene.app, way.act, person) if way.act is not None else None
        except REFUSALS as refused:
            why.append(f"{person}: {refused}")
        else:
            return
    yield f"{way.closed}: {'; '.join(why)}"


def _candidates(connection: Connection, team: Team) -> Iterator[Way]:
    """Yield each way back of a candidate; one that is a study, or another record, has theirs."""
    who = holders(team, SCREENER) | holders(team, LEAD)
    studies = {each.candidate for each in extractions.studies(connection)}
    for each in reversed(decisions.candidates(connection, closed=True)):
        if each.outcome is not CandidateOutcome.DUPLICATE and each.id not in studies:
            yield Way(f"{each.id} ({each.outcome})", acts.reopen(each.id), who)


def _pairs(connection: Connection, team: Team) -> Iterator[Way]:
    keys = list(connection.execute(select(t.record.c.key)).scalars())
    for each in likeness.likenesses_of(connection, keys):
        if each.merged:
            act = acts.pair(each.record_key, each.other_key, same=False)
            who = holders(team, SCREENER) | holders(team, LEAD)
            yield Way(f"{each.record_key} as {each.other_key}", act, who)


def _studies(connection: Connection, chronicle: Chronicle) -> Iterator[Way]:
    """Yield of each study the way to where it is not: a move is undone by a move.

    While a move is proposed it is not closed: somebody is asked to confirm or to refuse it.
    """
    who = holders(chronicle.team, SCREENER) | holders(chronicle.team, LEAD)
    asked = {each.data.get("study") for each in chronicle.open_proposals()}
    for each in reversed(extractions.studies(connection)):
        back = StudyStatus.INCLUDED
        where = StudyStatus.AWAITING if each.place is back else back
        if each.study.id in asked:
            continue
        yield Way(f"{each.study.id} ({each.place})", acts.place(each.study.id, where, None), who)


def _verdicts(connection: Connection, team: Team) -> Iterator[Way]:
    """Yield each first verdict: it is its reader's to take back, a screener's or a lead's.

    Who may screen no more may not; the candidate is open, and the verdict one of the two it takes.
    """
    may = holders(team, SCREENER) | holders(team, LEAD)
    for each in decisions.screening_states(connection, closed=False):
        if each.log.result.status is ScreeningStatus.HALF_SCREENED:
            first = current(each.log.decisions)[0].person
            what = f"the verdict of {first} on {each.candidate.id}"
            yield Way(what, acts.withdraw_verdict(each.candidate.id), frozenset({first}) & may)


def _rejected(scene: Scene, connection: Connection, team: Team) -> Iterator[Way]:
    """Yield the way back of the newest draft, where it was rejected and is of now.

    One that is not gives way to the next draft, which says all that is not published.
    """
    rejected = versions.newest_rejected(connection)
    if rejected is not None and rejected.result == synthesise(scene.app, connection).id:
        act = acts.put_up_again(rejected.number)
        yield Way(f"version {rejected.number} (rejected)", act, holders(team, LEAD))


def _tasks(connection: Connection, team: Team) -> Iterator[Way]:
    who = frozenset(each.id for each in active(team))
    for each in reversed(tasks.tasks(connection)):
        if each.settled_at is not None:
            yield Way(f"the task {each.id} (settled)", acts.reopen_task(each.id), who)


def _retired(team: Team) -> Iterator[Way]:
    """Yield the way back of everybody who left: a lead adds them again, as they were known."""
    for each in team.values():
        if each.retired:
            act = acts.add(each.id, sorted(each.roles))
            yield Way(f"{each.id} (retired)", act, holders(team, LEAD))


def _searches(scene: Scene, connection: Connection, chronicle: Chronicle) -> Iterator[Way]:
    """Yield the searches by hand that brought nothing: whose records were judged stays.

    It is its maker's to take back, and where they may search no more, anybody's who may.
    """
    searchers = holders(chronicle.team, SPECIALIST) | holders(chronicle.team, LEAD)
    makers = {
        entry.data["run"]["id"]: entry.actor for entry in chronicle.of_kind("search_finished")
    }
    gone = {entry.data["run"] for entry in chronicle.of_kind("search_withdrawn")}
    for plan in by_hand(scene.app):
        for run in runs.search_runs(connection, plan.id):
            if run.id not in gone and not run.new:
                maker = frozenset({makers[run.id]})
                who = maker & searchers or searchers
                yield Way(f"the search {run.id}", acts.withdraw_search(run.id), who)
