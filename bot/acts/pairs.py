"""Pairs of records that may be the same, settled by people.

Nobody's verdict is lost: what was said of a merged candidate counts for the one that it joins,
seat by seat, and what finds no seat is kept and shown there.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot.acts.act import Saying
from bot.acts.said import HandGiven, SayDifferent, SaySame
from bot.acts.screening import follow
from bot.acts.two_hands import confirmed, echoed, made, other_waits, refuse, standing
from bot.surveillance.alike import ask_on
from bot.surveillance.watch_reports import watch_reports
from extraction.model import Record
from extraction.ranking import rank
from state import decisions, likeness, proposals, records
from state.errors import BadInput, NotFound
from state.facts import QueueEntry
from state.facts.words import CandidateOutcome, PairVerdict, ProposalKind
from state.proposals import Proposal
from state.screening import Stage
from state.values import Candidate, ScreeningState

APART = "taken apart from {other}, with which it was one"


def say_same(saying: Saying, act: SaySame) -> HandGiven:
    """Merge two records, or propose it where somebody has judged one of them, or confirm it."""
    connection = saying.ledger.connection
    waiting = standing(saying, ProposalKind.MERGE, act.record)
    pair = likeness.likeness(connection, act.record, act.other)
    if pair.verdict is PairVerdict.SAME:
        return HandGiven()
    if waiting is not None:
        return _second(saying, act, waiting)
    if likeness.takes_two(connection, act.record, act.other):
        likeness.check_mergeable(connection, act.record)
        merge = proposals.propose_merge(
            saying.ledger, act.record, act.other, saying.person, note=act.note
        )
        return made(saying, merge)
    _merge(saying, act)
    return HandGiven()


def say_different(saying: Saying, act: SayDifferent) -> None:
    """Store that two records are two; one taken apart has its own place in the queue again.

    What was not asked while this question waited is asked now.
    """
    connection = saying.ledger.connection
    waiting = standing(saying, ProposalKind.MERGE, act.record)
    if waiting is not None and waiting.other == act.other:
        refuse(saying, waiting, act.note)
    if likeness.likeness(connection, act.record, act.other).merged:
        _free_own_place(saying, act)
    _settle(saying, act, same=False)
    ask_on(saying.ledger, act.record, act.other, apart=True)
    watch_reports(saying.app, saying.ledger)


def _second(saying: Saying, act: SaySame, waiting: Proposal) -> HandGiven:
    if waiting.other != act.other:
        raise other_waits(waiting)
    if waiting.person == saying.person:
        return echoed(saying, waiting)
    given = confirmed(saying, waiting, act.note)
    _merge(saying, act)
    return given


def _merge(saying: Saying, act: SaySame) -> None:
    """Merge two records, and write what follows where two verdicts meet by it."""
    before = _queued(saying.ledger.connection, act.other)
    _settle(saying, act, same=True)
    ask_on(saying.ledger, act.record, act.other, apart=False)
    watch_reports(saying.app, saying.ledger)
    if before is not None:
        _follow(saying, before)


def _settle(saying: Saying, act: SaySame | SayDifferent, *, same: bool) -> None:
    record = records.find_stored(saying.ledger.connection, act.record).record
    likeness.settle_likeness(
        saying.ledger,
        act.record,
        act.other,
        saying.person,
        same=same,
        own_place=_own_place(record, act.other),
        note=act.note,
    )


def _queued(connection: Connection, key: str) -> ScreeningState | None:
    candidate = records.find_stored(connection, key).candidate
    return decisions.screening_state(connection, candidate) if candidate is not None else None


def _follow(saying: Saying, before: ScreeningState) -> None:
    """Go on from where a candidate stands with the verdicts that came to it."""
    name = before.candidate.id
    if before.candidate.outcome is CandidateOutcome.IMPORT_WITHDRAWN:
        decisions.reopen(saying.ledger, name, saying.person, "a record was said to be the same")
    now = decisions.screening_state(saying.ledger.connection, name)
    for stage in Stage:
        reached = stage is Stage.TITLE_ABSTRACT or now.stage is stage
        result = now.at(stage).result
        if reached and not now.candidate.closed and result != before.at(stage).result:
            look = next((d.next_look_on for d in now.at(stage).decisions if d.next_look_on), None)
            follow(saying, name, stage, result, look)


def _free_own_place(saying: Saying, act: SayDifferent) -> None:
    """Open the place that a record goes back to, where others were judged in it meanwhile."""
    own = _candidate(saying.ledger.connection, act.record)
    together = likeness.are_together(saying.ledger.connection, act.record, act.other)
    if own is None or not together or own.outcome in (None, CandidateOutcome.DUPLICATE):
        return
    if own.outcome is CandidateOutcome.INCLUDED:
        raise BadInput(f"{act.record}: its own place in the queue is a study by now")
    why = act.note or APART.format(other=act.other)
    decisions.reopen(saying.ledger, own.id, saying.person, why)


def _candidate(connection: Connection, name: str) -> Candidate | None:
    try:
        return decisions.candidate(connection, name)
    except NotFound:
        return None


def _own_place(record: Record, other_key: str) -> QueueEntry:
    found = rank(record)
    reason = f"was taken as the same record as {other_key}; a person says it is not"
    return QueueEntry(
        record.key, True, found.score, found.lane, (reason, *found.reasons), found.flags
    )
