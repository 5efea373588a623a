"""Which facts are withheld, and until when: a verdict or an extraction that one of two has given.

A type of fact says that it may be sealed (`Fact.sealable`); this is the one place that decides
whether a stored one is. What no rule here opens stays sealed.
"""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, select

from state import tables as t
from state.extractions import agreement
from state.facts import Fact, Stored
from state.screening import SEATS


def opened(connection: Connection) -> frozenset[int]:
    """Return the numbers of the sealable events that everybody may read by now."""
    return _of_decided_stages(connection) | _of_complete_rounds(connection)


def is_sealed(event: Stored[Fact], opened: frozenset[int]) -> bool:
    """Whether nobody but its author may read an event yet. opened: as `opened` returns it."""
    return event.fact.sealable and event.seq not in opened


def _of_decided_stages(connection: Connection) -> frozenset[int]:
    """A verdict opens when as many people as there are seats have decided its stage.

    Where a stage is judged anew, those who do so are as blind as the two before them; what was
    taken back opens with the rest, and so does the word that it was.
    """
    column = t.decision.c
    of_stage = (column.candidate_id, column.stage, column.earlier)
    decided = (
        select(*of_stage)
        .where(column.withdrawn == 0)
        .group_by(*of_stage)
        .having(func.count(column.person_id.distinct()) >= SEATS)
        .subquery()
    )
    both = and_(*(decided.c[each.name] == each for each in of_stage))
    rows = connection.execute(select(column.seq, column.withdrawn).join(decided, both)).all()
    return frozenset(number for row in rows for number in row if number)


def _of_complete_rounds(connection: Connection) -> frozenset[int]:
    """An extraction opens with its round: everything up to the hand-in that completed one."""
    last: dict[str, int] = {}
    column = t.submission.c
    for study in connection.execute(select(column.study_id).distinct()).scalars():
        rounds = agreement(connection, study).rounds
        last[study] = max((each.submissions[-1].seq for each in rounds if each.complete), default=0)
    rows = connection.execute(select(column.seq, column.study_id))
    return frozenset(row.seq for row in rows if row.seq <= last[row.study_id])
