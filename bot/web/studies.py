"""Extraction: the studies, one study's form, the differences of two extractions."""

from __future__ import annotations

import math

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from bot.acts.act import read_act
from bot.acts.handed import read_hand_in
from bot.acts.said import PlaceStudy, RuleValue
from bot.errors import FaultsOfAct
from bot.report.study_corrections import study_corrections
from bot.review.protocol import ReviewProtocol
from bot.synthesis.apart import open_decision
from bot.web import extraction_form as form
from bot.web.extraction_form import Draft, FormFault
from bot.web.posted import posted
from bot.web.standing import StudyView, study_standing, study_standings
from bot.web.visit import Sending, Sent, Visiting, after
from extraction.model import Design, Study
from state import extractions, people, records
from state.errors import BadInput
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
        return _study_page(visit, connection, standing, _draft(visit.app.protocol, standing))


@changes.post("/extract/{study}")
def hand_in(visit: Visiting, study: str, sent: Sending) -> Response:
    """Store an extraction; show the form again where it cannot be taken or is to grow."""
    draft = form.typed_draft(visit.app.protocol, sent.items(), sent.all("arms"))
    data, places = form.submission_json(draft)
    faults: tuple[FormFault, ...] = ()
    if sent.text("do") == "save":
        try:
            visit.perform(read_hand_in(data, visit.app.protocol, study))
        except FaultsOfAct as error:
            faults = form.placed_faults(visit.app.protocol, draft, error.faults, places)
        else:
            return after(f"/extract/{study}", "extraction")
    with visit.app.database.reading() as connection:
        standing = _standing(connection, study, visit.person.id)
        return _study_page(visit, connection, standing, draft, faults, typed=True)


@changes.post("/extract/{study}/settle")
def settle(visit: Visiting, study: str, sent: Sending) -> Response:
    """Store a third person's answer for one value."""
    said = {"subject": study, **sent.given("cell", "note"), **_chosen(sent)}
    visit.perform(read_act(RuleValue, said))
    return after(f"/extract/{study}", "settled")


@changes.post("/extract/{study}/place")
def place(visit: Visiting, study: str, sent: Sending) -> Response:
    """Store where a study stands: an ongoing one whose results have come is included."""
    said = {"study": study, **sent.given("place", "next_look_on")}
    visit.perform(read_act(PlaceStudy, said))
    return after(f"/extract/{study}", "placed")


def _standing(connection: Connection, study: str, person: str) -> StudyView:
    return study_standing(connection, extractions.find_study(connection, study), person)


def _draft(protocol: ReviewProtocol, standing: StudyView) -> Draft:
    study = standing.stored.study
    if standing.mine is None:
        return form.blank_draft(protocol, study)
    return form.draft_again(protocol, study, standing.mine)


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
    accepted = extractions.accepted_values(connection)
    linked = records.records_of_study(connection, study.id)
    return visit.page(
        "study.html",
        http_status=422 if faults else 200,
        standing=standing,
        study=study,
        draft=draft,
        typed=typed,
        sections=form.sections(visit.app.protocol, draft),
        faults=faults,
        designs=[design.value for design in Design],
        names=people.names(connection, standing.extracted_by),
        accepted=[each for each in accepted if each.value.cell.study == study.id],
        linked=_not_listed(study, linked),
        posted=posted(connection, linked),
        about=study_corrections(visit.app, connection, study),
        undecided=open_decision(visit.app.protocol, connection, study),
        outcomes={outcome.id: outcome.label for outcome in visit.app.protocol.outcomes},
        arm_labels={arm.id: arm.label for arm in visit.app.protocol.arms},
    )


def _not_listed(study: Study, linked: tuple[StoredRecord, ...]) -> list[StoredRecord]:
    """Return the linked records that are not among the study's reports already."""
    listed = {report.ids for report in study.reports}
    return [each for each in linked if each.record.ids not in listed]


def _chosen(sent: Sent) -> dict[str, float | str | bool]:
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
        return float(text)
    except ValueError:
        return math.nan
