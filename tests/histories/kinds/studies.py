"""What is said of studies: where they stand, the numbers in their reports, rulings on these."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from extraction.model import Cell
from state import extractions, tasks
from state.agreement import Agreement, Difference
from state.events import events
from state.screening import SEATS, StudyStatus
from state.values import StoredStudy
from tests.histories import acts
from tests.histories.chance import Chance
from tests.histories.chronicle import Chronicle, Entry
from tests.histories.kinds.screening import holding, in_an_order
from tests.histories.people import ADJUDICATOR, EXTRACTOR, LEAD, ROLES, SCREENER
from tests.histories.scene import Scene

OUTCOMES = ("strength_improved", "disability_improved", "side_effects", "block_resolved")
UNKNOWN_OUTCOME, UNKNOWN_ARM = "walking_speed_worse", "drug_x"
PEOPLE_IN_AN_ARM = 12


class OpenDifference(NamedTuple):
    """A cell of a study on which its two extractors differ."""

    study: str
    found: Difference

    def __str__(self) -> str:
        return self.found.cell


def moved(scene: Scene, chance: Chance) -> None:
    """One person says that a study stands elsewhere."""
    found = _move(scene, chance)
    if found is not None:
        _place(scene, *found[:2], found[2][0])


def moved_by_two(scene: Scene, chance: Chance) -> None:
    """Two people say that a study stands elsewhere."""
    found = _move(scene, chance)
    if found is not None and len(found[2]) > 1:
        for person in found[2][:2]:
            _place(scene, *found[:2], person)


def extracted(scene: Scene, chance: Chance) -> None:
    """One extractor hands in what they read, now and then with another number."""
    with scene.reading() as connection:
        study = chance.pick(_to_extract(connection), _id)
        if study is None:
            return
        agreed = extractions.agreement(connection, study.study.id)
        person = chance.pick(_without_a_seat(connection, agreed))
    if person is not None:
        _hand_in(scene, person, study, _read(study, agreed, odd=_oddity(chance)))


def extracted_by_two(scene: Scene, chance: Chance) -> None:
    """Two extractors read the same numbers."""
    _both_extract(scene, chance, None)


def extracted_otherwise(scene: Scene, chance: Chance) -> None:
    """Two extractors read one number of a study differently."""
    with scene.reading() as connection:
        study = chance.pick(_to_extract(connection), _id)
    _extract(scene, chance, study, None, odd=chance.between(1, 3))


def extracted_with_what_the_protocol_lacks(scene: Scene, chance: Chance) -> None:
    """Two extractors read an outcome, or an arm, that the protocol does not have."""
    _both_extract(scene, chance, chance.one_of(UNKNOWN_OUTCOME, UNKNOWN_ARM))


def said_not_reported(scene: Scene, chance: Chance) -> None:
    """Two extractors say that what counts of an arm is not reported: it is to count no more."""
    with scene.reading() as connection:
        counted = {
            each.study.id: extractions.counting(connection, each.study.id)
            for each in _included(connection)
            if extractions.agreement(connection, each.study.id).open_round is None
        }
        study = chance.pick((e for e in _included(connection) if counted.get(e.study.id)), _id)
        readers = in_an_order(chance, holding(connection, EXTRACTOR))
    cells = counted[study.study.id].values() if study is not None else ()
    cell = chance.pick((e.value.cell for e in cells if len(e.value.cell.arms) == 1), _key)
    if study is None or cell is None or len(readers) < SEATS:
        return
    gone = {"outcome": cell.outcome, "time_point": cell.time_point, "not_reported": True}
    data: dict[str, object] = {
        "design": study.study.design.value,
        "arms": list(study.study.arms),
        "values": [{**gone, "arm": cell.arms[0]}],
    }
    for person in readers[:SEATS]:
        _hand_in(scene, person, study, data)


def _key(cell: Cell) -> str:
    return cell.key


def read_anew(scene: Scene, chance: Chance) -> None:
    """Two extractors read a study again whose numbers count: other numbers, or the same."""
    with scene.reading() as connection:
        settled = [
            each
            for each in _included(connection)
            if extractions.agreement(connection, each.study.id).settled
        ]
    _extract(scene, chance, chance.pick(settled, _id), None, newer=chance.happens(0.7))


def ruled(scene: Scene, chance: Chance) -> None:
    """Somebody rules a value on which two differ: one of their numbers."""
    _rule(scene, chance, drop=False)


def dropped(scene: Scene, chance: Chance) -> None:
    """Somebody rules that a value does not count; where two differ on none, they come to first."""
    with scene.reading() as connection:
        all_agree = not any(
            extractions.agreement(connection, each.study.id).differences
            for each in extractions.studies(connection)
        )
    if all_agree:
        extracted_otherwise(scene, chance)
        scene.is_prepared()
    _rule(scene, chance, drop=True)


def proposal_withdrawn(scene: Scene, chance: Chance) -> None:
    """Who proposed what takes two takes it back."""
    _end_proposal(scene, chance, own=True)


def proposal_rejected(scene: Scene, chance: Chance) -> None:
    """Another refuses what somebody proposed."""
    _end_proposal(scene, chance, own=False)


def task_settled(scene: Scene, chance: Chance) -> None:
    """Somebody says what they concluded of a task."""
    with scene.reading() as connection:
        task = chance.pick(each.id for each in tasks.open_tasks(connection))
        person = chance.pick(who for role in ROLES for who in holding(connection, role))
    if task is not None and person is not None:
        scene.does(person, acts.settle_task(task), f"settles the task {task}")


def task_reopened(scene: Scene, chance: Chance) -> None:
    """Somebody has a settled task judged again."""
    with scene.reading() as connection:
        settled = [each.id for each in tasks.tasks(connection) if each.settled_at is not None]
        person = chance.pick(who for role in ROLES for who in holding(connection, role))
    task = chance.pick(settled)
    act = acts.reopen_task(task) if task is not None else None
    if act is not None and person is not None:
        scene.does(person, act, f"opens the task {task} again")


def _end_proposal(scene: Scene, chance: Chance, *, own: bool) -> None:
    with scene.reading() as connection:
        proposal = chance.pick(Chronicle.of(events(connection)).open_proposals(), _subject)
        others = {*holding(connection, SCREENER), *holding(connection, LEAD)}
    if proposal is None:
        return
    person = proposal.actor if own else chance.pick(others - {proposal.actor})
    act = acts.end_proposal(proposal.subject, own=own)
    if act is not None and person is not None:
        scene.does(person, act, f"{'takes back' if own else 'refuses'} {proposal.subject}")


def _subject(entry: Entry) -> str:
    return entry.subject


def _id(stored: StoredStudy) -> str:
    return stored.study.id


def _move(scene: Scene, chance: Chance) -> tuple[str, StudyStatus, list[str]] | None:
    """Choose a study, where it is to stand, and the people who say so, in an order."""
    with scene.reading() as connection:
        study = chance.pick(extractions.studies(connection), _id)
        movers = {*holding(connection, SCREENER), *holding(connection, LEAD)}
    if study is None or not movers:
        return None
    # What is being extracted is wanted where it is counted: most moves lead there.
    likely = StudyStatus.INCLUDED if study.place is not StudyStatus.INCLUDED else None
    elsewhere = chance.pick(each for each in acts.places() if each is not study.place)
    where = likely if likely is not None and chance.happens(0.7) else elsewhere
    first = chance.pick(movers)
    return (
        (study.study.id, where, [first, *sorted(movers - {first})])
        if where is not None and first is not None
        else None
    )


def _place(scene: Scene, study: str, where: StudyStatus, person: str) -> None:
    look = None if where is StudyStatus.INCLUDED else _in_a_year(scene)
    scene.does(person, acts.place(study, where, look), f"says that {study} is {where}")


def _in_a_year(scene: Scene) -> str:
    return (scene.clock.now() + timedelta(days=365)).date().isoformat()


def _included(connection: Connection) -> list[StoredStudy]:
    found = extractions.studies(connection)
    return [each for each in found if each.place is StudyStatus.INCLUDED]


def _to_extract(connection: Connection) -> list[StoredStudy]:
    """Return what waits for a hand-in; where nothing does, all that could be read again."""
    included = [each for each in _included(connection) if not each.baseline]
    waiting = [each for each in included if _waits(connection, each)]
    return waiting or included


def _waits(connection: Connection, stored: StoredStudy) -> bool:
    agreed = extractions.agreement(connection, stored.study.id)
    return not agreed.rounds or agreed.open_round is not None


def _without_a_seat(connection: Connection, agreed: Agreement) -> list[str]:
    seated = agreed.open_round.people if agreed.open_round is not None else ()
    return [each for each in holding(connection, EXTRACTOR) if each not in seated]


def _both_extract(scene: Scene, chance: Chance, lacking: str | None) -> None:
    with scene.reading() as connection:
        study = chance.pick(_to_extract(connection), _id)
    _extract(scene, chance, study, lacking)


def _extract(
    scene: Scene,
    chance: Chance,
    study: StoredStudy | None,
    lacking: str | None,
    *,
    newer: bool = False,
    odd: int = 0,
) -> None:
    """Have those who still have a seat in the round hand in; the last misreads one by `odd`."""
    if study is None:
        return
    with scene.reading() as connection:
        agreed = extractions.agreement(connection, study.study.id)
        free = _without_a_seat(connection, agreed)
    wanted = 1 if agreed.open_round is not None else 2
    first = chance.pick(free)
    people = [first, *(each for each in free if each != first)][:wanted] if first else []
    for place, person in enumerate(people, 1):
        misread = odd if place == len(people) else 0
        data = _read(study, agreed, odd=misread, lacking=lacking, newer=newer)
        _hand_in(scene, person, study, data)


def _oddity(chance: Chance) -> int:
    return chance.between(1, 3) if chance.happens(0.25) else 0


def _read(
    study: StoredStudy,
    agreed: Agreement,
    *,
    odd: int = 0,
    lacking: str | None = None,
    newer: bool = False,
) -> dict[str, object]:
    """Return what the reports of a study say: the same for whoever reads them.

    odd: by how much one number is misread; newer: whether an erratum changed them.
    """
    numbers = Chance(_number(study.study.id))
    complete = sum(each.complete for each in agreed.rounds)
    of_a_round = Chance(_number(f"{study.study.id} {complete}")) if newer else numbers
    arms = ["ivig", lacking if lacking == UNKNOWN_ARM else "placebo"]
    outcomes = [numbers.one_of(*OUTCOMES[:2]), numbers.one_of(*OUTCOMES[2:])]
    if lacking == UNKNOWN_OUTCOME:
        outcomes.append(UNKNOWN_OUTCOME)
    read_in = {"source": _a_report(study), "locator": "table 2", "total": PEOPLE_IN_AN_ARM}
    values: list[dict[str, object]] = [
        {**read_in, "outcome": outcome, "arm": arm, "events": of_a_round.between(0, 8)}
        for outcome in outcomes
        for arm in arms
    ]
    values[0]["events"] = of_a_round.between(1, 8) + odd
    return {"design": "parallel", "arms": arms, "participants": 24, "values": values}


def _a_report(stored: StoredStudy) -> str:
    """Name the first report of a study by one of its numbers, else as it is cited."""
    study = stored.study
    for each in study.reports:
        if each.ids.pmid is not None:
            return f"pmid:{each.ids.pmid}"
        if each.ids.doi is not None:
            return f"doi:{each.ids.doi}"
    return study.register_ids[0] if study.register_ids else study.label


def _number(text: str) -> int:
    return int.from_bytes(text.encode()[-8:], "big")


def _hand_in(scene: Scene, person: str, study: StoredStudy, data: dict[str, object]) -> None:
    name = study.study.id
    scene.does(person, acts.hand_in(scene.app, name, data), f"hands in the extraction of {name}")


def _rule(scene: Scene, chance: Chance, *, drop: bool) -> None:
    with scene.reading() as connection:
        found = chance.pick(
            OpenDifference(each.study.id, difference)
            for each in extractions.studies(connection)
            for difference in extractions.agreement(connection, each.study.id).differences
        )
        if found is None:
            return
        agreed = extractions.agreement(connection, found.study)
        read = {person for each in agreed.rounds for person in each.people}
        third = [each for each in holding(connection, ADJUDICATOR) if each not in read]
    person = chance.pick(third if chance.happens(0.9) else sorted(read))
    if person is not None:
        words = f"rules {found}{': it does not count' if drop else ''}"
        scene.does(person, acts.rule_value(found.study, str(found), **_ruling(found, drop)), words)


def _ruling(found: OpenDifference, drop: bool) -> dict[str, object]:
    """Return an answer: a number of one of the two, or that the pair that it is of is dropped."""
    entry = next(each for each in found.found.entries.values() if each is not None)
    if entry.text is not None:
        return {"text": entry.text}
    if drop or entry.number is None:
        events = found.found.cell.endswith("|events")
        return {"drop": True, "also": {"total": None}} if events else {"drop": True}
    return {"number": entry.number}
