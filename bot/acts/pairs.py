"""Pairs of records that may be the same, settled by a person."""

from __future__ import annotations

from bot.acts.act import Saying
from bot.acts.said import SayWhetherSame
from bot.surveillance.alike import ask_on
from bot.surveillance.watch_reports import watch_reports
from extraction.model import Record
from extraction.ranking import rank
from state import likeness, records
from state.facts import QueueEntry
from state.facts.words import PairVerdict


def say_whether_same(saying: Saying, act: SayWhetherSame) -> None:
    """Store a verdict on a pair; a record taken apart has its own place in the queue.

    What was not asked while this question waited is asked now.
    """
    record = records.find_stored(saying.ledger.connection, act.record).record
    likeness.settle_likeness(
        saying.ledger,
        act.record,
        act.other,
        saying.person,
        same=act.verdict is PairVerdict.SAME,
        own_place=_own_place(record, act.other),
    )
    apart = act.verdict is PairVerdict.DIFFERENT
    ask_on(saying.ledger, act.record, act.other, apart=apart)
    watch_reports(saying.app, saying.ledger)


def _own_place(record: Record, other_key: str) -> QueueEntry:
    found = rank(record)
    reason = f"was taken as the same record as {other_key}; a person says it is not"
    return QueueEntry(
        record.key, True, found.score, found.lane, (reason, *found.reasons), found.flags
    )
