"""Screening: the queue, one candidate, a verdict, a link, a conflict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection

from bot.steps import screen
from bot.steps.likeness import pairs_of
from bot.web.visit import Sending, Sent, Visiting, after
from state import decisions, extractions, people
from state.decisions import Seen
from state.errors import BadInput
from state.extractions import StoredStudy
from state.likeness import open_likenesses
from state.screening import Answer, Decision, Place, Ruling, Stage, Verdict

PAGE_SIZE = 50
T = TypeVar("T")

pages = APIRouter()
changes = APIRouter()


@pages.get("/queue")
def queue_page(
    visit: Visiting,
    everything: Annotated[bool, Query(alias="all")] = False,
    page: Annotated[int, Query(ge=1)] = 1,
) -> HTMLResponse:
    """List the open candidates in their stated order: mine to do, or all."""
    with visit.app.database.reading() as connection:
        waiting = decisions.queue(connection, visit.person.id)
        pairs = len(open_likenesses(connection))
    mine = [seen for seen in waiting if seen.to_do]
    shown = list(waiting) if everything else mine
    start = (page - 1) * PAGE_SIZE
    return visit.page(
        "queue.html",
        shown=shown[start : start + PAGE_SIZE],
        first=start + 1,
        total=len(shown),
        mine=len(mine),
        pairs=pairs,
        open=len(waiting),
        everything=everything,
        number=page,
        more=start + PAGE_SIZE < len(shown),
    )


@pages.get("/candidates/{candidate:path}")
def candidate_page(visit: Visiting, candidate: str, of: str | None = None) -> HTMLResponse:
    """Show a candidate with what this visitor may see and do."""
    with visit.app.database.reading() as connection:
        seen = decisions.seen_by(connection, candidate, visit.person.id)
        return visit.page(
            "candidate.html",
            seen=seen,
            study=_linked_study(connection, seen),
            names=people.names(connection, _mentioned(seen)),
            criteria={each.id: each.text for each in visit.app.protocol.criteria},
            only_criterion=_only_criterion(seen),
            following=_next_to_do(connection, visit.person.id, candidate),
            pairs=pairs_of(connection, [candidate, *(each.record.key for each in seen.records)]),
            of=of,
        )


@changes.post("/candidates/{candidate:path}/verdict")
def give_verdict(visit: Visiting, candidate: str, sent: Sending) -> RedirectResponse:
    """Store the visitor's verdict and go on to the next candidate in their queue."""
    screen.screen(
        visit.app,
        visit.actor,
        visit.person.id,
        candidate,
        _stage(sent),
        _answer(sent),
        note=sent.text("note"),
        next_look_on=sent.text("next_look_on"),
    )
    return _onwards(visit, candidate, "verdict")


@changes.post("/candidates/{candidate:path}/settle")
def settle(visit: Visiting, candidate: str, sent: Sending) -> RedirectResponse:
    """Store an answer to a conflict: an agreement, or the third person's ruling."""
    screen.settle(
        visit.app,
        visit.actor,
        visit.person.id,
        candidate,
        _answer(sent),
        note=sent.text("note"),
        next_look_on=sent.text("next_look_on"),
    )
    return after(f"/candidates/{candidate}", "agreement")


@changes.post("/candidates/{candidate:path}/link")
def settle_link(visit: Visiting, candidate: str, sent: Sending) -> RedirectResponse:
    """Confirm or refuse that a candidate is a report of a known study."""
    confirmed = _one_of(sent, "link", {"confirm": True, "refuse": False})
    screen.confirm_link(
        visit.app,
        visit.actor,
        visit.person.id,
        candidate,
        confirmed=confirmed,
        note=sent.text("note"),
    )
    return after(f"/candidates/{candidate}", "link" if confirmed else "no-link")


def _onwards(visit: Visiting, candidate: str, saved: str) -> RedirectResponse:
    with visit.app.database.reading() as connection:
        following = _next_to_do(connection, visit.person.id, candidate)
    if following is None:
        return after(f"/candidates/{candidate}", saved)
    return after(f"/candidates/{following}", saved, of=candidate)


def _next_to_do(connection: Connection, person: str, other_than: str) -> str | None:
    waiting = decisions.queue(connection, person)
    return next(
        (
            seen.candidate.id
            for seen in waiting
            if seen.to_do is not None and seen.candidate.id != other_than
        ),
        None,
    )


def _linked_study(connection: Connection, seen: Seen) -> StoredStudy | None:
    study = seen.candidate.study
    return extractions.find_study(connection, study) if study is not None else None


def _mentioned(seen: Seen) -> Sequence[str]:
    said: list[Decision | Ruling] = [*seen.revealed, *seen.rulings, *seen.earlier]
    return [each.person for each in said]


def _only_criterion(seen: Seen) -> bool:
    """Whether both have excluded, so that only the criterion to report is left to settle."""
    verdicts = {decision.answer.verdict for decision in seen.revealed}
    return seen.stage is Stage.FULL_TEXT and verdicts == {Verdict.EXCLUDE}


def _stage(sent: Sent) -> Stage:
    return _one_of(sent, "stage", {stage.value: stage for stage in Stage})


def _answer(sent: Sent) -> Answer:
    verdict = _one_of(sent, "verdict", {verdict.value: verdict for verdict in Verdict})
    criterion = sent.text("criterion") if verdict is Verdict.EXCLUDE else None
    place = sent.text("place") if verdict is Verdict.INCLUDE else None
    return Answer(
        verdict, criterion, _one_of(sent, "place", {p.value: p for p in Place}) if place else None
    )


def _one_of(sent: Sent, name: str, choices: dict[str, T]) -> T:
    found = sent.text(name)
    if found not in choices:
        raise BadInput(f"{name}: found '{found or 'nothing'}', expected {' or '.join(choices)}")
    return choices[found]
