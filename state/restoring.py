"""A log put back from an open export: event for event under the hashes it had.

Events that were sealed in the export keep their place in the chain and nothing else: what was said
in them is lost, and the last event of the log put back names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import insert

from state import projections
from state.bulk import write_rows
from state.codec import Json, canonical
from state.database import Database
from state.errors import DataFolderFault, Tampered
from state.events import GENESIS, LOST, SYSTEM, Actor, Ledger, chain_hash, head, stored_event
from state.facts import LogRestored
from state.projections.held import hold_rows
from state.records import keep_payload
from state.tables import event

EVENTS_AT_A_TIME = 1_000


def restore_log(
    database: Database,
    lines: Iterable[Json],
    payloads: Iterable[tuple[bytes, str]],
    *,
    at: str,
) -> tuple[int, ...]:
    """Fill an empty database; return the numbers of the events that are lost.

    payloads: each answer of a source with its media type. Raises Tampered where a line does not
    give the hash that it says: nothing is stored then.
    """
    lost: list[int] = []
    with database.transaction() as connection:
        if head(connection)[0]:
            raise DataFolderFault("the database holds a review already: nothing is written over it")
        rows = _rows(lines, lost)
        while some := list(islice(rows, EVENTS_AT_A_TIME)):
            write_rows(connection, insert(event), some)
            with hold_rows(connection):
                for row in (each for each in some if each["payload"] != LOST):
                    projections.apply(connection, stored_event(tuple(row.values())))
        for body, media_type in payloads:
            keep_payload(connection, body, media_type)
        seq, digest = head(connection)
        Ledger(connection, Actor(SYSTEM, authenticated=True), at).record(
            LogRestored(head=digest, events=seq, lost=tuple(lost))
        )
    return tuple(lost)


def _rows(lines: Iterable[Json], lost: list[int]) -> Iterator[dict[str, object]]:
    """Yield the rows of the lines; note which are lost."""
    before, expected = GENESIS, 1
    for line in lines:
        row = _row(line, before)
        if row["seq"] != expected:
            raise Tampered(f"event {row['seq']}: does not follow event {expected - 1}")
        if row["payload"] == LOST:
            lost.append(expected)
        elif chain_hash(row) != row["hash"]:
            raise Tampered(f"event {row['seq']}: its content is not what its hash says")
        yield row
        before, expected = str(row["hash"]), expected + 1


def _row(line: Mapping[str, Any], before: str) -> dict[str, object]:
    """Return one line as it stood in the log, in the order of its columns."""
    try:
        if line["sealed"]:
            said: dict[str, object] = {"actor": "", "authenticated": 0, "kind": "", "version": 0}
            said |= {"subject": "", "payload": LOST, "nonce": ""}
        else:
            said = _said(line)
        return {
            "seq": line["seq"],
            "at": line["at"],
            **said,
            "prev_hash": before,
            "hash": line["hash"],
        }
    except (KeyError, TypeError) as error:
        raise Tampered(f"a line of the log cannot be read: {error!r}") from error


def _said(line: Mapping[str, Any]) -> dict[str, object]:
    now = {"version": line["version"], "payload": canonical(line["fact"])}
    written = line.get("written") or now
    return {
        "actor": line["actor"],
        "authenticated": int(line["authenticated"]),
        "kind": line["kind"],
        "version": written["version"],
        "subject": line["subject"],
        "payload": written["payload"],
        "nonce": line["nonce"],
    }
