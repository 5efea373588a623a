"""Extraction: the studies, one study's form, the differences of two extractions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from bot.acts.act import read_act
from bot.acts.handed import read_hand_in
from bot.acts.questions import open_questions
from bot.acts.said import ChoosePlace, PlaceStudy, RuleValue
from bot.acts.study_reports import KnownReport, known_reports
from bot.errors import FaultsOfAct
from bot.notify.proposed import PLACES
from bot.report.study_corrections import study_corrections
from bot.review.cell_words import REPORTING_WORDS
from bot.review.protocol import ReviewProtocol
from bot.synthesis.apart import open_decision
from bot.synthesis.moved_study import would_change
from bot.web import extraction_form as form
from bot.web.extraction_form import Draft, FormFault
from bot.web.hands import Waiting, history, saved_of, waiting_on
from bot.web.posted import posted
from bot.web.standing import StudyView, study_standing, study_standings
from bot.web.visit import Sending, Sent, Visiting, after
from extraction.doubts import Doubt
from extraction.errors import UnclearNumber
from extraction.model import Design, Field, Study, beside
from extraction.numbers import read_real
from state import extractions, people, records
from state.errors import BadInput
from state.facts.words import ProposalKind
from state.kept_forms import KeptForm
from state.screening import StudyStatus
from state.values import StoredRecord

pages = APIRouter()
changes = APIRouter()


@pages.get("/extract")
def studies_page(visit: Visiting) -> HTMLResponse:
    """List the studies and how they stand for this visitor."""
    with visit.app.database.reading() as connection:
        return visit.page("studies.html", standings=study_standings(connection, visit.person.id))


@pages.get("/extract/{study}")
def study_page(visit: Visiting, study: str) -> HTMLResponse:
    """Show a study: what is accepted, what differs, and the form."""
    with visit.app.database.reading() as connection:
        standing = _standing(connection, study, visit.person.id)
        kept = visit.kept(f"/extract/{study}")
        draft = (
            _kept_draft(visit.app.protocol, kept) if kept else _draft(visit.app.protocol, standing)
        )
        return _study_page(visit, connection, standing, draft, typed=kept is not None)


@changes.post("/extract/{study}")
def hand_in(visit: Visiting, study: str, sent: Sending) -> Response:
    """Store an extraction; show the form again where it cannot be taken or is to grow."""
    draft = form.typed_draft(visit.app.protocol, sent.items(), sent.all("arms"))
    data, places = form.submission_json(draft)
    faults: tuple[FormFault, ...] = ()
    if sent.text("do") == "save":
        try:
            visit.perform(read_hand_in(data, visit.app.protocol, study))
            asked = _asked(visit, study)
        except FaultsOfAct as error:
            faults = form.placed_faults(visit.app.protocol, draft, error.faults, places)
        else:
            return after(f"/extract/{study}", "extraction-asked" if asked else "extraction")
    with visit.app.database.reading() as connection:
        standing = _standing(connection, study, visit.person.id)
        return _study_page(visit, connection, standing, draft, faults, typed=True)


@changes.post("/extract/{study}/settle")
def settle(visit: Visiting, study: str, sent: Sending) -> Response:
    """Store a third person's answer for one value."""
    said: dict[str, object] = {"subject": study, **sent.given("cell", "note"), **_chosen(sent)}
    if "drop" in said:
        said["also"] = dict.fromkeys((sent.text("partners") or "").split())
    visit.perform(read_act(RuleValue, said))
    return after(f"/extract/{study}", "settled")


@changes.post("/extract/{study}/place-of")
def place_of(visit: Visiting, study: str, sent: Sending) -> Response:
    """Store which of two places counts, in which two people read one number."""
    said = {"subject": study, **sent.given("cell", "place_of", "note")}
    visit.perform(read_act(ChoosePlace, said))
    return after(f"/extract/{study}", "settled")


@changes.post("/extract/{study}/place")
def place(visit: Visiting, study: str, sent: Sending) -> Response:
    """Propose where a study is to stand, or confirm what another has proposed."""
    said = {"study": study, **sent.given("place", "next_look_on", "note")}
    given = visit.perform(read_act(PlaceStudy, said))
    return after(f"/extract/{study}", saved_of(given, "placed"))


def _standing(connection: Connection, study: str, person: str) -> StudyView:
    return study_standing(connection, extractions.find_study(connection, study), person)


def _draft(protocol: ReviewProtocol, standing: StudyView) -> Draft:
    study = standing.stored.study
    if standing.mine is None:
        return form.blank_draft(protocol, study)
    return form.draft_again(protocol, study, standing.mine)


def _kept_draft(protocol: ReviewProtocol, kept: KeptForm) -> Draft:
    """Return a form as it was sent after its session had ended."""
    typed = {name: texts[-1].strip() for name, texts in kept.fields.items()}
    return form.typed_draft(protocol, typed, tuple(kept.fields.get("arms", ())))


def _study_page(
    visit: Visiting,
    connection: Connection,
    standing: StudyView,
    draft: Draft,
    faults: tuple[FormFault, ...] = (),
    *,
    typed: bool = False,
) -> HTMLResponse:
    study = standing.stored.study
    accepted = extractions.counting(connection, study.id)
    linked = records.records_of_study(connection, study.id)
    proposed = waiting_on(connection, ProposalKind.MOVE, study.id, visit.person.id)
    known = known_reports(study, [each.record for each in linked])
    return visit.page(
        "study.html",
        http_status=422 if faults else 200,
        standing=standing,
        study=study,
        places={each.value: PLACES[each] for each in StudyStatus},
        proposed=proposed,
        change=_change(visit, connection, proposed),
        moves=history(connection, ProposalKind.MOVE, study.id),
        draft=draft,
        typed=typed,
        sections=form.sections(
            visit.app.protocol, draft, [each.value.cell for each in accepted.values()]
        ),
        reports=known,
        known_sources=_sources(known, draft),
        partners=_partners(standing),
        faults=faults,
        questions=_questions(connection, standing, visit.person.id),
        designs=[design.value for design in Design],
        reporting_words=REPORTING_WORDS,
        blank_told=form.Told(),
        names=people.names(connection, standing.extracted_by),
        accepted=[accepted[cell] for cell in sorted(accepted)],
        linked=_not_listed(study, linked),
        posted=posted(connection, linked),
        about=study_corrections(visit.app, connection, study),
        undecided=open_decision(visit.app.protocol, connection, study),
        outcomes={outcome.id: outcome.label for outcome in visit.app.protocol.outcomes},
        arm_labels={arm.id: arm.label for arm in visit.app.protocol.arms},
    )


def _asked(visit: Visiting, study: str) -> bool:
    with visit.app.database.reading() as connection:
        return bool(open_questions(connection, study, visit.person.id))


def _questions(connection: Connection, standing: StudyView, person: str) -> tuple[Doubt, ...]:
    """Return what is asked about a reader's own numbers, or about those that two agree on."""
    if not standing.handed_in and not standing.extracted_by:
        return ()
    return open_questions(connection, standing.stored.study.id, person)


def _change(visit: Visiting, connection: Connection, proposed: Waiting | None) -> list[str]:
    """Say what the move that waits would change in the results."""
    if proposed is None:
        return []
    return would_change(visit.app, connection, proposed.said.proposal)


def _sources(known: Sequence[KnownReport], draft: Draft) -> set[str]:
    """Return what the fields of the form say that the list of reports has."""
    added = {each.name for each in draft.reports}
    typed = {block.source for block in draft.blocks}
    return added | {name for name in typed if any(each.called(name) for each in known)}


def _partners(standing: StudyView) -> dict[str, list[str]]:
    """Return for each number that differs what is left out with it, where it is left out."""
    cells = {*standing.agreed, *(each.cell for each in standing.differences)}
    return {
        each.cell: sorted(
            field
            for field in Field
            if beside(each.cell, field) in cells and beside(each.cell, field) != each.cell
        )
        for each in standing.differences
    }


def _not_listed(study: Study, linked: tuple[StoredRecord, ...]) -> list[StoredRecord]:
    """Return the linked records that are not among the study's reports already."""
    listed = {report.ids for report in study.reports}
    return [each for each in linked if each.record.ids not in listed]


def _chosen(sent: Sent) -> dict[str, object]:
    """Return the number or the text that was chosen, or that the value is left out."""
    kind, _, value = (sent.text("choice") or "").partition(":")
    if kind == "drop":
        return {"drop": True}
    if kind == "other":
        kind, value = sent.text("takes") or "", sent.text("other") or ""
    if kind == "text" and value:
        return {"text": value}
    number = _number(value)
    if kind != "number" or not math.isfinite(number):
        raise BadInput(f"choose an answer, or type another: found '{value or 'nothing'}'")
    return {"number": number}


def _number(text: str) -> float:
    try:
        return read_real(text)
    except UnclearNumber:
        return math.nan
