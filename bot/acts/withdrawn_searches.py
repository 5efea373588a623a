"""A search by hand that is taken back: it was none, and what it brought is asked of nobody."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.acts.act import Saying
from bot.acts.said import TakenBack, WithdrawSearch
from bot.notify.page_address import page_address
from bot.notify.proposed import search_withdrawn
from bot.results.format import counted
from bot.surveillance.slots import find_source
from state import decisions, likeness, outbox, people, records, runs
from state.errors import NotAllowed, NotFound
from state.facts.words import CandidateOutcome, RoleId
from state.values import StoredRecord


def withdraw_search(saying: Saying, act: WithdrawSearch) -> TakenBack:
    """Store that a search was none and close what it alone has queued; again changes nothing.

    Raises NotAllowed where somebody has judged any of it.
    """
    ledger, connection = saying.ledger, saying.ledger.connection
    run = runs.find_search(connection, act.run)
    if run is None:
        raise NotFound("search", act.run)
    if runs.withdrawal_of(connection, act.run) is not None:
        return TakenBack(run, (), ())
    brought = records.records_of_run(connection, act.run)
    _check_unjudged(connection, brought)
    runs.withdraw_search(ledger, act.run, saying.person, act.note)
    closed = _alone_in_their_place(connection, brought)
    for candidate in closed:
        decisions.close(ledger, candidate, CandidateOutcome.IMPORT_WITHDRAWN)
    source = find_source(saying.app, run.source).name
    by, link = people.find_person(connection, saying.person).name, page_address(saying.app)
    notice = search_withdrawn(run.id, source, by, act.note, closed, link)
    told = outbox.recipients(connection, RoleId.LEAD, *([decisions.SCREENER] if closed else []))
    others = tuple(each for each in told if each != saying.person)
    outbox.write(ledger, notice, others)
    return TakenBack(run, closed, others)


def _check_unjudged(connection: Connection, brought: Sequence[StoredRecord]) -> None:
    judged = [each.record.key for each in brought if _is_judged(connection, each)]
    if judged:
        some = counted(len(judged), "record")
        raise NotAllowed(f"{some} of this search were judged already: it cannot be taken back")


def _is_judged(connection: Connection, stored: StoredRecord) -> bool:
    """Whether a person has said anything of a record, or of a place that it has opened."""
    key = stored.record.key
    if any(pair.person is not None for pair in likeness.likenesses_of(connection, [key])):
        return True
    if stored.candidate != key:
        return False
    entry = decisions.screening_state(connection, key)
    said = entry.title_abstract.decisions or entry.full_text.decisions
    return bool(said) or entry.candidate.closed or entry.candidate.link_settled


def _alone_in_their_place(
    connection: Connection, brought: Sequence[StoredRecord]
) -> tuple[str, ...]:
    """Return the candidates that nothing but this search has brought."""
    keys = {each.record.key for each in brought}
    opened = [each.candidate for each in brought if each.candidate in keys]
    held = records.records_of_candidates(connection, sorted({name for name in opened if name}))
    return tuple(
        name for name, found in held.items() if all(each.record.key in keys for each in found)
    )
