"""Who joins, changes, leaves."""

from __future__ import annotations

from state import people
from state.people import Person
from tests.histories import acts
from tests.histories.chance import Chance
from tests.histories.kinds.screening import holding
from tests.histories.people import EXTRACTOR, LEAD, NAMES, ROLES, SCREENER
from tests.histories.scene import Scene


def joins(scene: Scene, chance: Chance) -> None:
    """A lead adds somebody who reads."""
    lead, found = _lead_and_people(scene, chance)
    name = next((each for each in NAMES if each not in {person.id for person in found}), None)
    if lead is None or name is None:
        return
    roles = sorted({chance.one_of(SCREENER, EXTRACTOR), chance.one_of(*ROLES)})
    scene.does(lead, acts.add(name, roles), f"adds {name}: {', '.join(roles)}")


def changes(scene: Scene, chance: Chance) -> None:
    """A lead changes somebody's roles."""
    lead, found = _lead_and_people(scene, chance)
    person = chance.pick(found, _id)
    if lead is None or person is None:
        return
    # Roles are taken on more often than they are laid down: the work goes on.
    more = sorted({*person.roles, chance.one_of(*ROLES)})
    fewer = [*person.roles[:1]] if chance.happens(0.2) else more
    scene.does(lead, acts.change(person.id, fewer, person.deputy), f"makes {person.id} {fewer}")


def named_deputy(scene: Scene, chance: Chance) -> None:
    """A lead names who stands in for somebody."""
    lead, found = _lead_and_people(scene, chance)
    person = chance.pick(found, _id)
    if lead is None or person is None:
        return
    deputy = chance.pick((each for each in found if each.id != person.id), _id)
    if deputy is not None:
        words = f"names {deputy.id} as the deputy of {person.id}"
        scene.does(lead, acts.change(person.id, person.roles, deputy.id), words)


def retires(scene: Scene, chance: Chance) -> None:
    """A lead retires somebody, mostly with a deputy."""
    lead, found = _lead_and_people(scene, chance)
    person = chance.pick((each for each in found if not each.retired), _id)
    if lead is None or person is None:
        return
    others = [each.id for each in found if not each.retired and each.id != person.id]
    deputy = chance.pick(others) if chance.happens(0.8) else None
    words = f"retires {person.id}, with {deputy or 'nobody'} as the deputy"
    scene.does(lead, acts.retire(person.id, deputy), words)


def returns(scene: Scene, chance: Chance) -> None:
    """A lead adds somebody again who had left."""
    lead, found = _lead_and_people(scene, chance)
    person = chance.pick((each for each in found if each.retired), _id)
    if lead is not None and person is not None:
        scene.does(lead, acts.add(person.id, person.roles), f"adds {person.id} again")


def _lead_and_people(scene: Scene, chance: Chance) -> tuple[str | None, list[Person]]:
    with scene.reading() as connection:
        return chance.pick(holding(connection, LEAD)), list(people.people(connection))


def _id(person: Person) -> str:
    return person.id
