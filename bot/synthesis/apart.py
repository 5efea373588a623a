"""Which studies an open decision of the protocol keeps from being pooled, until it is settled.

A decision is settled by an amendment: a protocol in force that no longer has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from bot.review.open_questions import concerning, names_of
from bot.review.protocol import OpenDecision, ReviewProtocol
from extraction.model import Study
from extraction.record_keys import own_ids
from state import records


def kept_apart(
    protocol: ReviewProtocol, connection: Connection, studies: Sequence[Study]
) -> dict[str, str]:
    """Return the studies that an open decision concerns, each with the decision's id."""
    found = ((study.id, open_decision(protocol, connection, study)) for study in studies)
    return {study: decision.id for study, decision in found if decision is not None}


def open_decision(
    protocol: ReviewProtocol, connection: Connection, study: Study
) -> OpenDecision | None:
    """Return the open decision that concerns a study, by any id of it or of its reports."""
    if not protocol.open_decisions:
        return None
    names = set(_names(connection, study))
    return next((each for _, each in concerning(protocol.open_decisions, names)), None)


def _names(connection: Connection, study: Study) -> Iterator[str]:
    """Yield every id of a study, of its reports and of the records that became its reports."""
    yield from names_of(study)
    for stored in records.records_of_study(connection, study.id):
        yield stored.record.key
        yield from own_ids(stored.record)
        yield from stored.record.ids.register
