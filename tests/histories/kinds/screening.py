"""What readers say of candidates, of pairs and of links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from state import decisions, likeness, people
from state import tables as t
from state.facts.words import RoleId
from state.likeness import Likeness
from state.screening import (
    Answer,
    EligiblePlace,
    ScreeningStatus,
    Stage,
    StudyStatus,
    Verdict,
    current,
)
from state.values import PublicStatus, ScreeningState
from tests.histories import acts
from tests.histories.chance import Chance
from tests.histories.people import ADJUDICATOR, LEAD, SCREENER
from tests.histories.scene import Scene

# Few candidates at a time, so that one comes to its end within a history.
LOOKED_AT = 6


class Seat(NamedTuple):
    """A candidate and a person whose verdict it waits for."""

    candidate: str
    person: str
    stage: Stage

    def __str__(self) -> str:
        return f"{self.candidate} {self.person}"


def verdict(scene: Scene, chance: Chance) -> None:
    """One reader gives a verdict on a candidate that waits for it."""
    with scene.reading() as connection:
        seat = chance.pick(_seats(connection, scene))
    if seat is not None:
        _give(scene, seat, _answer(scene, chance, seat.stage))


def verdict_by_anybody(scene: Scene, chance: Chance) -> None:
    """Somebody, with the right or without, tries a verdict on any candidate at any stage."""
    with scene.reading() as connection:
        candidate = chance.pick(each.id for each in decisions.candidates(connection))
        person = chance.pick(each.id for each in people.people(connection))
    if candidate is not None and person is not None:
        stage = chance.one_of(*Stage)
        _give(scene, Seat(candidate, person, stage), _answer(scene, chance, stage))


def verdict_changed(scene: Scene, chance: Chance) -> None:
    """A reader changes what they said while nobody else has said anything."""
    with scene.reading() as connection:
        seat = chance.pick(_half_read(_open(connection)))
    if seat is not None:
        _give(scene, seat, _answer(scene, chance, seat.stage))


def eligible(scene: Scene, chance: Chance) -> None:
    """Two readers include a candidate, at both stages."""
    with scene.reading() as connection:
        readers = _readers(connection)
        waiting = [each.candidate.id for each in _open(connection) if not _said(each)]
    candidate = chance.pick(waiting)
    first = chance.pick(readers)
    second = chance.pick(each for each in readers if each != first)
    if candidate is None or first is None or second is None:
        return
    mostly: list[EligiblePlace] = [StudyStatus.INCLUDED] * 3
    place = chance.one_of(*mostly, *acts.eligible_places())
    for stage in Stage:
        at = place if stage is Stage.FULL_TEXT else None
        for person in (first, second):
            _give(scene, Seat(candidate, person, stage), Answer(Verdict.INCLUDE, place=at))


def conflict_agreed(scene: Scene, chance: Chance) -> None:
    """One of the two readers says what could end their conflict."""
    with scene.reading() as connection:
        found = chance.pick(_conflicts(connection), _name)
    if found is None:
        return
    person = chance.pick(each.person for each in current(found.log.decisions))
    said = chance.pick((each.answer for each in current(found.log.decisions)), repr)
    if person is not None and said is not None:
        words = f"would end the conflict about {found.candidate.id} with {said.verdict}"
        scene.does(person, acts.settle(found.candidate.id, said), words)


def conflict_ruled(scene: Scene, chance: Chance) -> None:
    """Somebody rules a conflict: mostly one who may."""
    with scene.reading() as connection:
        found = chance.pick(_conflicts(connection), _name)
        everybody = [each.id for each in people.people(connection)]
        third = holding(connection, ADJUDICATOR)
    person = chance.pick(third if chance.happens(0.8) and third else everybody)
    if found is None or person is None:
        return
    answer = _settling(scene, chance, found)
    words = f"rules the conflict about {found.candidate.id}: {answer.verdict}"
    scene.does(person, acts.settle(found.candidate.id, answer), words)


def link_confirmed(scene: Scene, chance: Chance) -> None:
    """A reader says that a candidate is another report of a known study."""
    _link(scene, chance, confirm=True)


def link_refused(scene: Scene, chance: Chance) -> None:
    """A reader says that a candidate is a study of its own."""
    _link(scene, chance, confirm=False)


def link_confirmed_by_two(scene: Scene, chance: Chance) -> None:
    """Two readers say that a candidate is another report of a known study."""
    candidate, readers = _link_and_readers(scene, chance)
    for person in readers[:2] if candidate is not None and len(readers) > 1 else ():
        _say_link(scene, person, str(candidate), confirm=True)


def same(scene: Scene, chance: Chance) -> None:
    """A reader says that two records are one."""
    _pair(scene, chance, same=True)


def same_by_two(scene: Scene, chance: Chance) -> None:
    """Two readers say that two records are one."""
    found, readers = _pair_and_readers(scene, chance, same=True)
    for person in readers[:2] if found is not None and len(readers) > 1 else ():
        if found is not None:
            _say_pair(scene, person, found, same=True)


def different(scene: Scene, chance: Chance) -> None:
    """A reader says that two records are two, those that were taken as one as well."""
    _pair(scene, chance, same=False)


def reopened(scene: Scene, chance: Chance) -> None:
    """Somebody opens a closed candidate anew."""
    with scene.reading() as connection:
        closed = decisions.candidates(connection, closed=True)
        who = [*holding(connection, SCREENER), *holding(connection, LEAD)]
    candidate, person = chance.pick(each.id for each in closed), chance.pick(who)
    act = acts.reopen(candidate) if candidate is not None else None
    if act is not None and person is not None:
        scene.does(person, act, f"opens {candidate} anew")


def verdict_withdrawn(scene: Scene, chance: Chance) -> None:
    """A reader takes a verdict back while nobody else has said anything."""
    with scene.reading() as connection:
        seat = chance.pick(_half_read(_open(connection)))
    act = acts.withdraw_verdict(seat.candidate) if seat is not None else None
    if act is not None and seat is not None:
        scene.does(seat.person, act, f"takes the verdict on {seat.candidate} back")


def holding(connection: Connection, role: RoleId) -> list[str]:
    """Return who may do what a role may."""
    return [each.id for each in people.holders(connection, role)]


def _link(scene: Scene, chance: Chance, *, confirm: bool) -> None:
    candidate, readers = _link_and_readers(scene, chance)
    if candidate is not None and readers:
        _say_link(scene, readers[0], candidate, confirm=confirm)


def _link_and_readers(scene: Scene, chance: Chance) -> tuple[str | None, list[str]]:
    """Choose a candidate that may be a report of a known study; return readers in an order."""
    with scene.reading() as connection:
        waiting = [
            each.candidate.id
            for each in decisions.queue(connection)
            if each.status is PublicStatus.LINK
        ]
        return chance.pick(waiting), in_an_order(chance, _readers(connection))


def _say_link(scene: Scene, person: str, candidate: str, *, confirm: bool) -> None:
    words = f"{'confirms' if confirm else 'refuses'} the link of {candidate}"
    scene.does(person, acts.link(candidate, confirm=confirm), words)


def _pair(scene: Scene, chance: Chance, *, same: bool) -> None:
    found, readers = _pair_and_readers(scene, chance, same=same)
    if found is not None and readers:
        _say_pair(scene, readers[0], found, same=same)


def _pair_and_readers(
    scene: Scene, chance: Chance, *, same: bool
) -> tuple[Likeness | None, list[str]]:
    """Choose a pair of which this can be said; return readers in an order."""
    with scene.reading() as connection:
        found = chance.pick(_pairs(connection, same=same), _both)
        return found, in_an_order(chance, _readers(connection))


def _say_pair(scene: Scene, person: str, found: Likeness, *, same: bool) -> None:
    words = f"says that {found.record_key} and {found.other_key} are {'one' if same else 'two'}"
    scene.does(person, acts.pair(found.record_key, found.other_key, same=same), words)


def in_an_order(chance: Chance, people: Sequence[str]) -> list[str]:
    """Return these people, one of them first."""
    first = chance.pick(people)
    return [first, *(each for each in people if each != first)] if first is not None else []


def _pairs(connection: Connection, *, same: bool) -> list[Likeness]:
    """Return the pairs of which it can be said that they are one, or are two."""
    keys = list(connection.execute(select(t.record.c.key)).scalars())
    found = likeness.likenesses_of(connection, keys)
    return [each for each in found if each.open or (each.merged is not same)]


def _both(found: Likeness) -> str:
    return f"{found.record_key} {found.other_key}"


def _open(connection: Connection) -> list[ScreeningState]:
    found = decisions.screening_states(connection, closed=False)
    return [each for each in found if not _is_link(each)]


def _is_link(found: ScreeningState) -> bool:
    return found.candidate.study is not None and not found.candidate.link_settled


def _said(found: ScreeningState) -> bool:
    return bool(found.title_abstract.decisions)


def _seats(connection: Connection, scene: Scene) -> list[Seat]:
    """Return who may say something of the candidates that are furthest."""
    readers = _readers(connection)
    found = sorted(_open(connection), key=lambda each: -_progress(each))[:LOOKED_AT]
    return [
        Seat(each.candidate.id, person, each.stage)
        for each in found
        if each.log.result.status in (ScreeningStatus.WAITING, ScreeningStatus.HALF_SCREENED)
        for person in readers
        if person not in {said.person for said in current(each.log.decisions)}
    ]


def _progress(found: ScreeningState) -> int:
    return len(found.title_abstract.decisions) + len(found.full_text.decisions)


def _half_read(found: Sequence[ScreeningState]) -> list[Seat]:
    return [
        Seat(each.candidate.id, current(each.log.decisions)[0].person, each.stage)
        for each in found
        if each.log.result.status is ScreeningStatus.HALF_SCREENED
    ]


def _conflicts(connection: Connection) -> list[ScreeningState]:
    return [
        each
        for each in _open(connection)
        if each.log.result.status is ScreeningStatus.CONFLICT or each.log.result.criterion_open
    ]


def _name(found: ScreeningState) -> str:
    return found.candidate.id


def _readers(connection: Connection) -> list[str]:
    return holding(connection, SCREENER)


def _give(scene: Scene, seat: Seat, answer: Answer) -> None:
    words = f"says of {seat.candidate} at {seat.stage}: {answer.verdict} {answer.criterion or ''}"
    act = acts.verdict(seat.candidate, seat.stage, answer)
    scene.does(seat.person, act, words.strip())


def _answer(scene: Scene, chance: Chance, stage: Stage) -> Answer:
    """Choose a verdict: of two who choose so, one in three pairs is a conflict."""
    verdicts = (*[Verdict.INCLUDE] * 5, *[Verdict.EXCLUDE] * 4, Verdict.UNSURE)
    return _with(scene, chance, stage, chance.one_of(*verdicts))


def _settling(scene: Scene, chance: Chance, found: ScreeningState) -> Answer:
    if found.log.result.criterion_open:
        return _with(scene, chance, found.stage, Verdict.EXCLUDE)
    verdict = chance.one_of(Verdict.INCLUDE, Verdict.EXCLUDE)
    return _with(scene, chance, found.stage, verdict)


def _with(scene: Scene, chance: Chance, stage: Stage, verdict: Verdict) -> Answer:
    if verdict is Verdict.EXCLUDE:
        criteria = [each.id for each in scene.app.protocol.criteria]
        return Answer(verdict, criterion=chance.pick(criteria))
    if stage is Stage.FULL_TEXT and verdict is Verdict.INCLUDE:
        return Answer(verdict, place=chance.one_of(StudyStatus.INCLUDED, *acts.eligible_places()))
    return Answer(verdict)
