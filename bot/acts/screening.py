"""What people say of candidates, with everything that follows from it, in one transaction."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection

from bot.acts.act import Saying
from bot.acts.inclusion import include
from bot.acts.rights import in_question
from bot.acts.said import GiveVerdict, HandGiven, Reopen, SettleConflict, WithdrawVerdict
from bot.notify import messages
from bot.notify.page_address import page_address
from bot.notify.proposed import reopened
from state import decisions, outbox, people, records
from state.events import Ledger
from state.facts.words import RoleId
from state.screening import Answer, ScreeningStatus, Stage, StageResult, StudyStatus
from state.values import ScreeningState


class _Store(Protocol):
    """How one of the two kinds of answer is stored."""

    def __call__(
        self,
        ledger: Ledger,
        candidate_id: str,
        person_id: str,
        answer: Answer,
        *,
        stage: Stage,
        note: str | None,
        criteria: list[str],
        protocol_version: str,
        next_look_on: str | None,
    ) -> StageResult: ...


def give_verdict(saying: Saying, act: GiveVerdict) -> StageResult:
    """Store a reader's verdict; a second one opens what comes next."""
    before = decisions.screening_state(saying.ledger.connection, act.candidate)
    return _answered(saying, act, before, act.stage or before.stage, decisions.give_verdict)


def settle_conflict(saying: Saying, act: SettleConflict) -> StageResult:
    """Store an answer to a conflict: a reader's agreement or the third person's ruling."""
    before = decisions.screening_state(saying.ledger.connection, act.subject)
    return _answered(saying, act, before, in_question(before), decisions.rule)


def withdraw_verdict(saying: Saying, act: WithdrawVerdict) -> None:
    """Store that a reader takes a verdict back: the candidate asks for it again."""
    decisions.withdraw_verdict(saying.ledger, act.candidate, saying.person, act.note)


def reopen(saying: Saying, act: Reopen) -> HandGiven:
    """Queue a closed candidate again and tell those who judge it; again changes nothing."""
    ledger, candidate = saying.ledger, act.candidate
    if not decisions.reopen(ledger, candidate, saying.person, act.note):
        return HandGiven()
    connection = ledger.connection
    title = records.records_of_candidate(connection, candidate)[0].record.title
    by, link = people.find_person(connection, saying.person).name, page_address(saying.app)
    notice = reopened(candidate, title, by, act.note, at=ledger.at, link=link)
    told = outbox.recipients(connection, decisions.SCREENER, RoleId.LEAD)
    others = tuple(each for each in told if each != saying.person)
    outbox.write(ledger, notice, others)
    return HandGiven(told=others)


def _answered(
    saying: Saying,
    act: GiveVerdict | SettleConflict,
    before: ScreeningState,
    stage: Stage,
    store: _Store,
) -> StageResult:
    """Store an answer and, where it decides the stage, what follows from that."""
    result = store(
        saying.ledger,
        before.candidate.id,
        saying.person,
        Answer(act.verdict, act.criterion, act.place),
        stage=stage,
        note=act.note,
        criteria=[criterion.id for criterion in saying.app.protocol.criteria],
        protocol_version=saying.app.protocol.version,
        next_look_on=act.next_look_on,
    )
    if result != before.at(stage).result:
        follow(saying, before.candidate.id, stage, result, act.next_look_on)
    return result


def follow(
    saying: Saying,
    candidate: str,
    stage: Stage,
    result: StageResult,
    next_look_on: str | None,
) -> None:
    """Write what follows from a stage that both have decided."""
    ledger, link = saying.ledger, page_address(saying.app)
    found = records.records_of_candidate(ledger.connection, candidate)
    title = found[0].record.title
    if result.status is ScreeningStatus.CONFLICT or result.criterion_open:
        notice = messages.conflict(candidate, title, stage.value, link)
        outbox.write(ledger, notice, _two_and_adjudicator(ledger.connection, candidate, stage))
    elif result.status is ScreeningStatus.TO_FULL_TEXT:
        notice = messages.full_text(candidate, title, link)
        outbox.write(ledger, notice, outbox.recipients(ledger.connection, decisions.SCREENER))
    elif result.status is ScreeningStatus.EXCLUDED:
        decisions.close(ledger, candidate, "excluded")
    elif result.status is ScreeningStatus.INCLUDED and result.answer is not None:
        place = result.answer.place or StudyStatus.INCLUDED
        include(saying.app, ledger, candidate, found, place, next_look_on)


def _two_and_adjudicator(connection: Connection, candidate: str, stage: Stage) -> tuple[str, ...]:
    said = decisions.screening_state(connection, candidate).at(stage)
    two = [decision.person for decision in said.decisions]
    third = outbox.recipients(connection, decisions.ADJUDICATOR)
    return tuple(dict.fromkeys([*two, *third]))
