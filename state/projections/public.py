"""The status of a candidate that anybody may see, kept in its row so that lists can be counted."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, select, text, update

from state import tables as t
from state.projections.held import held_of
from state.projections.rows import write
from state.standings import CHUNK, candidate_of, public_status, standings

OF_CANDIDATE = update(t.candidate).where(t.candidate.c.id == bindparam("candidate"))


def settle_status(connection: Connection, candidate: str) -> None:
    """Bring a candidate's stage and status up to date with what was said of it."""
    held = held_of(connection)
    if held is None:
        settle_statuses(connection, [candidate])
    else:
        held.afterwards[settle_statuses].add(candidate)


def settle_statuses(connection: Connection, candidates: Collection[str]) -> None:
    """Do so for many; those that are closed have no stage, and what they came to as status."""
    ids = sorted(candidates)
    for start in range(0, len(ids), CHUNK):
        some = t.candidate.c.id.in_(ids[start : start + CHUNK])
        found = connection.execute(select(t.candidate).where(some, text(t.IS_OPEN)))
        rows: list[dict[str, object]] = [
            {
                "candidate": entry.candidate.id,
                "stage": entry.stage,
                "public_status": public_status(entry),
            }
            for entry in standings(connection, [candidate_of(row) for row in found])
        ]
        write(connection, t.candidate, OF_CANDIDATE, rows)
