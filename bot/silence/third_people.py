"""Where two differ and nobody may rule: who would is one of the two. The lead is told of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.app import App
from bot.notify import messages
from bot.notify.page_address import page_address
from bot.results.format import listed
from bot.review.cell_words import cell_writer
from state import decisions, extractions, outbox, people
from state.codec import canonical
from state.facts.words import RoleId
from state.screening import current
from state.values import Notice


@dataclass(frozen=True, slots=True)
class ThirdPerson:
    """A third person that the team lacks. key: of what is in question; link: where it is settled.

    readers: the names of those who read it, each of whom is none; gone: of those who have left;
    cells: the values in question.
    """

    key: str
    what: str
    link: str
    readers: tuple[str, ...]
    gone: tuple[str, ...]
    cells: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Say which seat is empty, for what, and why its holders do not fill it."""
        left = f"; {listed(self.gone)} left" if self.gone else ""
        return (
            f"role {RoleId.ADJUDICATOR}: a third person is needed for {self.what}: read by"
            f" {listed(self.readers)}{left}"
        )


def third_people(app: App, connection: Connection) -> tuple[ThirdPerson, ...]:
    """Name what only a third person may settle, where the team has none."""
    return (*_of_values(app, connection), *_of_conflicts(connection))


def tell_of_third_people(app: App) -> None:
    """Tell the lead, once for each question, that somebody is to be found for it."""
    with app.database.reading() as connection:
        lacking = third_people(app, connection)
        notices = [_notice(app, each) for each in lacking]
        new = [each for each in notices if outbox.written_at(connection, each.key) is None]
    if not new:
        return
    with app.ledger() as ledger:
        for each in new:
            outbox.write(ledger, each, outbox.recipients(ledger.connection, RoleId.LEAD))


def _notice(app: App, lacking: ThirdPerson) -> Notice:
    link = f"{page_address(app)}{lacking.link}"
    return messages.third_person(
        lacking.key, lacking.what, lacking.readers, link, cells=lacking.cells
    )


def _of_values(app: App, connection: Connection) -> Iterator[ThirdPerson]:
    for stored in extractions.studies_read_by_two(connection):
        study, state = stored.study, extractions.agreement(connection, stored.study.id)
        if state.differences and not _third(connection, state.read_by):
            cells = canonical([each.cell for each in state.differences])
            key = f"{study.id}:{hashlib.sha256(cells.encode()).hexdigest()[:12]}"
            what = f"the values of {study.label}"
            said = cell_writer(app.protocol, state.labels)
            found = _lacking(connection, key, what, f"/extract/{study.id}", state.read_by)
            yield replace(found, cells=tuple(said(each.cell) for each in state.differences))


def _of_conflicts(connection: Connection) -> Iterator[ThirdPerson]:
    """Name the conflicts of screening that the two cannot end either: one of them has left."""
    for each in decisions.conflicts(connection):
        read = frozenset(said.person for said in current(each.log.decisions))
        if _third(connection, read) or not _gone(connection, read):
            continue
        name = each.candidate.id
        what = f"the conflict about {name} ({each.stage.value.replace('_', ' and ')})"
        yield _lacking(connection, f"{name}:{each.stage}", what, f"/candidates/{name}", read)


def _third(connection: Connection, readers: Collection[str]) -> bool:
    """Whether somebody may rule who is none of these."""
    holders = people.holders(connection, RoleId.ADJUDICATOR)
    return any(each.id not in readers for each in holders)


def _lacking(
    connection: Connection, key: str, what: str, link: str, readers: Collection[str]
) -> ThirdPerson:
    names = {each.id: each.name for each in people.people(connection)}
    read = tuple(names[each] for each in sorted(readers))
    return ThirdPerson(key, what, link, read, _gone(connection, readers))


def _gone(connection: Connection, readers: Collection[str]) -> tuple[str, ...]:
    """Name those of them who have left."""
    found = people.people(connection)
    return tuple(each.name for each in found if each.retired and each.id in readers)
