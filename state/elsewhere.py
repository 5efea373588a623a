"""What other reviews include: the newest list of each."""

from __future__ import annotations

from sqlalchemy import Connection, select

from state import tables as t
from state.events import Ledger
from state.facts import SisterListTaken


def take_sister_list(ledger: Ledger, taken: SisterListTaken) -> None:
    """Store what another review includes, in the place of what was taken of it before."""
    ledger.record(taken)


def sister_lists(connection: Connection) -> tuple[SisterListTaken, ...]:
    """Return what each other review includes, by the reviews' names."""
    query = select(t.sister_list.c.data).order_by(t.sister_list.c.sister)
    found = connection.execute(query).scalars()
    return tuple(SisterListTaken.model_validate_json(each) for each in found)
