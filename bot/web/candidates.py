"""Screening: the queue, one candidate, a verdict, a link, a conflict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection

from bot.acts.act import read_act
from bot.acts.rights import may
from bot.acts.said import GiveVerdict, Reopen, SettleConflict, SettleLink, WithdrawVerdict
from bot.surveillance.alike import pairs_of
from bot.surveillance.full_text_locations import LocatedBy, known_services
from bot.web.hands import history, merges_waiting, saved_of, waiting_on
from bot.web.paging import Turning, leaf
from bot.web.visit import Sending, Sent, Visiting, after
from state import decisions, extractions, people
from state.facts.words import LinkVerdict, ProposalKind
from state.likeness import count_open_likenesses
from state.screening import Decision, Ruling, ScreeningStatus, Stage, StageResult, Verdict
from state.values import QueueEntryView, StoredStudy

PAGE_SIZE = 25

pages = APIRouter()
changes = APIRouter()


@pages.get("/queue")
def queue_page(
    visit: Visiting, turned: Turning, everything: Annotated[bool, Query(alias="all")] = False
) -> HTMLResponse:
    """List the open candidates in their stated order: mine to do, or all."""
    me = visit.person.id
    with visit.app.database.reading() as connection:
        part = decisions.queue_part(connection, me, turned.asked(PAGE_SIZE), everything=everything)
        mine = decisions.to_do_count(connection, me)
        count = sum(decisions.open_by_status(connection).values())
        pairs = count_open_likenesses(connection)
    kept = {"all": "1"} if everything else {}
    return visit.page(
        "queue.html",
        shown=part.shown,
        leaf=leaf(turned, PAGE_SIZE, part, lambda seen: [seen.candidate.id], "/queue", **kept),
        mine=mine,
        pairs=pairs,
        open=count,
        everything=everything,
    )


@pages.get("/candidates/{candidate:path}")
def candidate_page(visit: Visiting, candidate: str, of: str | None = None) -> HTMLResponse:
    """Show a candidate with what this visitor may see and do."""
    with visit.app.database.reading() as connection:
        me = visit.person.id
        seen = decisions.seen_by(connection, candidate, me)
        before = decisions.said_before(connection, candidate, me)
        return visit.page(
            "candidate.html",
            full_texts=_full_texts(connection, seen),
            seen=seen,
            study=_linked_study(connection, seen),
            names=people.names(connection, [*_mentioned(seen), *(each.person for each in before)]),
            before=before,
            link=waiting_on(connection, ProposalKind.LINK, candidate, me),
            linked=history(connection, ProposalKind.LINK, candidate),
            merges=merges_waiting(connection, me),
            may_reopen=_can_reopen(seen) and may(connection, Reopen, me),
            criteria={each.id: each.text for each in visit.app.protocol.criteria},
            only_criterion=_only_criterion(seen),
            following=decisions.next_to_do(connection, visit.person.id, candidate),
            pairs=pairs_of(connection, [candidate, *(each.record.key for each in seen.records)]),
            of=of,
        )


@changes.post("/candidates/{candidate:path}/verdict")
def give_verdict(visit: Visiting, candidate: str, sent: Sending) -> RedirectResponse:
    """Store the visitor's verdict and go on to the next candidate in their queue."""
    act = read_act(GiveVerdict, {"candidate": candidate, **_answer(sent, "stage")})
    return _onwards(visit, candidate, came_to("verdict", visit.perform(act)))


def _full_texts(connection: Connection, seen: QueueEntryView) -> dict[str, tuple[LocatedBy, ...]]:
    """Return what services have answered of the records that are read whole; none is asked."""
    if seen.stage is not Stage.FULL_TEXT:
        return {}
    dois = {each.record.key: each.record.ids.doi for each in seen.records}
    return {key: tuple(known_services(connection, doi)) for key, doi in dois.items() if doi}


@changes.post("/candidates/{candidate:path}/settle")
def settle(visit: Visiting, candidate: str, sent: Sending) -> RedirectResponse:
    """Store an answer to a conflict: an agreement, or the third person's ruling."""
    result = visit.perform(read_act(SettleConflict, {"subject": candidate, **_answer(sent)}))
    return after(f"/candidates/{candidate}", came_to("answer", result))


@changes.post("/candidates/{candidate:path}/link")
def settle_link(visit: Visiting, candidate: str, sent: Sending) -> RedirectResponse:
    """Confirm or refuse that a candidate is a report of a known study."""
    said = {"candidate": candidate, "verdict": f"{sent.text('link') or ''}-link"}
    act = read_act(SettleLink, said | sent.given("note"))
    given = visit.perform(act)
    saved = "link" if act.verdict is LinkVerdict.CONFIRM else "no-link"
    return after(f"/candidates/{candidate}", saved_of(given, saved))


@changes.post("/candidates/{candidate:path}/withdraw")
def withdraw(visit: Visiting, candidate: str, sent: Sending) -> RedirectResponse:
    """Store that the visitor takes a verdict back that the other has not met yet."""
    visit.perform(read_act(WithdrawVerdict, {"candidate": candidate, **sent.given("note")}))
    return after(f"/candidates/{candidate}", "taken-back")


@changes.post("/candidates/{candidate:path}/reopen")
def reopen(visit: Visiting, candidate: str, sent: Sending) -> RedirectResponse:
    """Have a closed candidate judged again."""
    visit.perform(read_act(Reopen, {"candidate": candidate, **sent.given("note")}))
    return after(f"/candidates/{candidate}", "reopened")


def _onwards(visit: Visiting, candidate: str, saved: str) -> RedirectResponse:
    with visit.app.database.reading() as connection:
        following = decisions.next_to_do(connection, visit.person.id, candidate)
    if following is None:
        return after(f"/candidates/{candidate}", saved)
    return after(f"/candidates/{following}", saved, of=candidate)


_CAME_TO = {
    ScreeningStatus.WAITING: "",
    ScreeningStatus.HALF_SCREENED: "",
    ScreeningStatus.CONFLICT: "-conflict",
    ScreeningStatus.TO_FULL_TEXT: "-full_text",
    ScreeningStatus.EXCLUDED: "-excluded",
    ScreeningStatus.INCLUDED: "-included",
}


def came_to(said: str, result: StageResult) -> str:
    """Name the sentence that tells a person what their word came to."""
    return f"{said}-criterion" if result.criterion_open else f"{said}{_CAME_TO[result.status]}"


def _can_reopen(seen: QueueEntryView) -> bool:
    return seen.candidate.closed and seen.candidate.outcome in decisions.REOPENED


def _linked_study(connection: Connection, seen: QueueEntryView) -> StoredStudy | None:
    study = seen.candidate.study
    return extractions.find_study(connection, study) if study is not None else None


def _mentioned(seen: QueueEntryView) -> Sequence[str]:
    said: list[Decision | Ruling] = [*seen.revealed, *seen.rulings, *seen.earlier]
    return [each.person for each in said]


def _only_criterion(seen: QueueEntryView) -> bool:
    """Whether both have excluded, so that only the criterion to report is left to settle."""
    verdicts = {decision.answer.verdict for decision in seen.revealed}
    return seen.stage is Stage.FULL_TEXT and verdicts == {Verdict.EXCLUDE}


def _answer(sent: Sent, *more: str) -> dict[str, str]:
    """Return the answer that was chosen, without what belongs to an answer that was not."""
    said = sent.given("verdict", "note", "next_look_on", *more)
    about: dict[str, str] = {Verdict.EXCLUDE: "criterion", Verdict.INCLUDE: "place"}
    belongs = about.get(said.get("verdict", ""))
    return said | sent.given(belongs) if belongs is not None else said
