from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from bot.app import App
from state import extractions, versions
from tests.bot.builders import ADA, BEN, CY, DORA, a_trial, an_entry, found, include
from tests.bot.web.browser import Visitor, visitor, words

PAGE = "/extract/doe2026"


@pytest.fixture
def app(app: App) -> App:
    """An included trial waits for its data."""
    found(app, a_trial(1))
    include(app, a_trial(1).key)
    return app


def form(app: App, events: int, **more: object) -> dict[str, object]:
    """The fields of the form with one outcome typed into."""
    return {
        "do": "save",
        "design": "crossover",
        "arms": ["ivig", "placebo"],
        "participants": "20",
        "blocks": "1",
        "b0|outcome": app.protocol.outcomes[0].id,
        "b0|source": "Doe 2026",
        "b0|locator": "Table 2",
        "b0|ivig|events": str(events),
        "b0|ivig|total": "20",
        "b0|placebo|events": "3",
        "b0|placebo|total": "20",
        **more,
    }


def accepted(app: App) -> dict[str, float]:
    with app.database.reading() as connection:
        values = extractions.accepted_values(connection)
    return {v.value.cell.key: v.value.number for v in values if v.value.cell.study == "doe2026"}


def test_arms_are_declared_first_and_the_form_follows(app: App) -> None:
    ada = visitor(app, ADA)
    assert "Tick the arms of the study first" in ada.get(PAGE)

    page = ada.post(PAGE, do="arms", design="crossover", arms=["ivig", "placebo"])

    assert all(f"<h4>{outcome.label}</h4>" in page for outcome in app.protocol.outcomes)
    assert 'name="b0|ivig|events"' in page
    assert 'name="b0|ivig+placebo|both"' in page


def test_equal_extractions_of_two_people_are_accepted(app: App) -> None:
    for extractor in (ADA, BEN):
        page = visitor(app, extractor).post(PAGE, **form(app, 12))
        assert "Your extraction is saved" in page

    assert len(accepted(app)) == 4
    assert "values accepted" in words(visitor(app, ADA).get("/extract"))


def test_ones_own_extraction_is_shown_again_and_can_be_handed_in_anew(app: App) -> None:
    ada = visitor(app, ADA)
    ada.post(PAGE, **form(app, 12, **{"b0|quote": "twelve of twenty improved"}))

    page = ada.get(PAGE)

    assert "Your extraction, as you handed it in" in page
    assert re.search(r'name="b0\|ivig\|events" value="12"', page)
    assert 'value="twelve of twenty improved"' in page


def test_faults_are_shown_and_everything_typed_is_kept(app: App) -> None:
    ada = visitor(app, ADA)

    answer = ada.client.post(PAGE, data={"csrf": ada.csrf, **form(app, 21)})

    assert answer.status_code == 422
    assert "21 events among 20 participants" in words(answer.text)
    assert 'href="#block-0"' in answer.text
    assert re.search(r'name="b0\|ivig\|events" value="21"', answer.text)
    assert 'value="Table 2"' in answer.text
    with app.database.reading() as connection:
        assert extractions.own_submission(connection, "doe2026", ADA) is None


def test_another_time_point_adds_a_block_and_saves_nothing(app: App) -> None:
    outcome = app.protocol.outcomes[0].id

    page = visitor(app, ADA).post(PAGE, **form(app, 12, do=f"more|{outcome}"))

    assert 'name="b1|ivig|events"' in page
    assert re.search(r'name="b0\|ivig\|events" value="12"', page)
    with app.database.reading() as connection:
        assert extractions.own_submission(connection, "doe2026", ADA) is None


def differ(app: App) -> None:
    visitor(app, ADA).post(PAGE, **form(app, 12))
    visitor(app, BEN).post(PAGE, **form(app, 11))


def cell(page: Visitor) -> str:
    found_cell = re.search(r'name="cell" value="([^"]+)"', page.get(PAGE))
    assert found_cell is not None
    return found_cell[1]


@pytest.mark.parametrize(
    ("choice", "number"),
    [({"choice": "number:11.0"}, 11), ({"choice": "other:", "takes": "number", "other": "10"}, 10)],
)
def test_a_third_person_settles_what_differs(
    app: App, choice: dict[str, str], number: float
) -> None:
    differ(app)
    cy = visitor(app, CY)
    page = words(cy.get(PAGE))
    assert "1 value differs" in page
    assert "Ada Byron 12 pmid:99000001, Table 2 Ben Okri 11 pmid:99000001, Table 2" in page

    page = cy.post(f"{PAGE}/settle", cell=cell(cy), note="checked with the report", **choice)

    assert "The value is settled" in page
    assert number in accepted(app).values()


def test_a_value_can_be_left_out_by_the_adjudicator(app: App) -> None:
    differ(app)
    cy = visitor(app, CY)

    page = cy.get(PAGE)
    assert "not reported: leave it out, with people" in words(page)
    assert 'name="partners" value="total"' in page

    cy.post(f"{PAGE}/settle", cell=cell(cy), note="no", choice="drop:", partners="total")

    assert all("placebo" in each for each in accepted(app))
    assert len(accepted(app)) == 2


def test_one_number_of_a_pair_cannot_be_left_out_alone(app: App) -> None:
    differ(app)
    cy = visitor(app, CY)

    status, page = cy.refused(f"{PAGE}/settle", cell=cell(cy), note="no", choice="drop:")

    assert status == 422
    assert "total is given without events" in words(page)
    assert accepted(app) == {}


def test_a_report_is_chosen_among_those_of_the_study(app: App) -> None:
    ada = visitor(app, ADA)

    page = ada.post(PAGE, do="arms", design="crossover", arms=["ivig", "placebo"])

    assert '<option value="pmid:99000001">' in page
    status, page = ada.refused(PAGE, **form(app, 12, **{"b0|source": "doi:10.5555/x"}))
    assert status == 422
    assert "found 'doi:10.5555/x', expected one of the study's reports" in page


def test_a_report_that_is_added_becomes_one_of_the_study(app: App) -> None:
    added = {
        "new_report": "Doe J. An appendix. 2027.",
        "new_report_id": "https://doi.org/10.5555/appendix",
    }
    page = visitor(app, ADA).post(PAGE, **form(app, 12, **added) | {"do": "arms"})
    assert "Added: Doe J. An appendix. 2027." in words(page)

    for reader, report in ((ADA, "doi:10.5555/appendix"), (BEN, "Doe J. An appendix. 2027.")):
        visitor(app, reader).post(PAGE, **form(app, 12, **added, **{"b0|source": report}))

    with app.database.reading() as connection:
        study = extractions.find_study(connection, "doe2026").study
    assert [each.ids.doi for each in study.reports][-1] == "10.5555/appendix"
    assert len(study.reports) == len({each.citation for each in study.reports})


def test_two_who_name_different_places_say_which_counts(app: App) -> None:
    visitor(app, ADA).post(PAGE, **form(app, 12))
    visitor(app, BEN).post(PAGE, **form(app, 12, **{"b0|locator": "Figure 1"}))
    assert len(accepted(app)) == 4
    ben = visitor(app, BEN)
    page = ben.get(PAGE)
    assert "4 numbers were read in two places" in words(page)
    assert "Ben Okri: pmid:99000001, Figure 1" in words(page)

    ben.post(f"{PAGE}/place-of", cell=f"{next(iter(accepted(app)))}", place_of=BEN)

    assert "read in two places" not in ben.get(PAGE)


def test_what_counts_is_taken_out_when_both_say_that_it_is_not_reported(app: App) -> None:
    for reader in (ADA, BEN):
        visitor(app, reader).post(PAGE, **form(app, 12))
    gone = {"b0|ivig|events": "", "b0|ivig|total": "", "b0|ivig|not_reported": "yes"}
    assert 'name="b0|ivig|not_reported"' in visitor(app, ADA).get(PAGE)

    visitor(app, ADA).post(PAGE, **form(app, 12, **gone))
    assert len(accepted(app)) == 4
    assert 'name="b0|ivig|not_reported" value="yes" checked' in visitor(app, ADA).get(PAGE)
    visitor(app, BEN).post(PAGE, **form(app, 12, **gone))

    assert all("placebo" in each for each in accepted(app))


def test_the_two_who_differ_see_it_and_cannot_settle_it_themselves(app: App) -> None:
    differ(app)
    ada = visitor(app, ADA)
    assert "A third person, who did not extract this study, settles them" in ada.get(PAGE)

    status, _ = ada.refused(f"{PAGE}/settle", cell="x", note="mine", choice="number:12")

    assert status == 403


def test_an_answer_that_is_no_number_is_refused(app: App) -> None:
    differ(app)
    cy = visitor(app, CY)

    for choice in ({"choice": "number:twelve"}, {"choice": "number:nan"}, {}):
        status, text = cy.refused(f"{PAGE}/settle", cell=cell(cy), note="why", **choice)
        assert (status, "choose an answer" in text) == (422, True)


def test_a_comparison_that_the_protocol_lacks_is_kept_and_proposed(app: App) -> None:
    fields = {
        "arms": ["ivig"],
        "new_arm": "Empasiprubart",
        "b0|placebo|events": "",
        "b0|placebo|total": "",
        "b0|empasiprubart|events": "9",
        "b0|empasiprubart|total": "20",
    }
    for extractor in (ADA, BEN):
        visitor(app, extractor).post(PAGE, **form(app, 12, **fields))

    with app.database.reading() as connection:
        (proposed,) = versions.amendments(connection)
    assert "Empasiprubart" in proposed.text
    page = words(visitor(app, DORA).get("/signals"))
    assert [line for line in proposed.text.splitlines() if line not in page] == []


def test_somebody_who_is_no_extractor_hands_nothing_in(app: App) -> None:
    status, _ = visitor(app, DORA).refused(PAGE, **form(app, 12))

    assert status == 403


def test_the_published_review_shows_its_values_and_marks_the_derived_ones(app: App) -> None:
    page = words(visitor(app, ADA).get("/extract/harbo2009"))

    assert "accepted values" in page
    assert "derived" in page


def test_what_the_register_posted_is_offered_to_read_and_filled_in_nowhere(app: App) -> None:
    found_entry = an_entry(5)
    assert found_entry.entry is not None
    entry = replace(found_entry, entry=replace(found_entry.entry, has_results=True))
    found(app, entry, payload=posted_payload(entry.source_id))
    include(app, entry.key)
    ada = visitor(app, ADA)

    page = words(ada.get("/extract/nct99000005"))
    form_of_it = ada.post("/extract/nct99000005", do="arms", arms=["ivig", "placebo"])

    assert "Results posted at NCT99000005" in page
    assert "IVIg 97531 events 97531, people 98000" in page
    assert 'value="97531"' not in form_of_it


def test_posted_results_that_cannot_be_read_say_so_and_hinder_nobody(app: App) -> None:
    found_entry = an_entry(5)
    assert found_entry.entry is not None
    entry = replace(found_entry, entry=replace(found_entry.entry, has_results=True))
    found(app, entry, payload=b"<html>busy</html>")
    include(app, entry.key)

    page = words(visitor(app, ADA).get("/extract/nct99000005"))

    assert "They cannot be read: ClinicalTrials.gov: found an HTML page" in page
    assert "Your extraction" in page


def posted_payload(nct: str) -> bytes:
    measurement = {"groupId": "OG000", "value": "97531"}
    outcome = {
        "title": "Improvement",
        "paramType": "COUNT_OF_PARTICIPANTS",
        "groups": [{"id": "OG000", "title": "IVIg"}],
        "denoms": [{"units": "Participants", "counts": [{"groupId": "OG000", "value": "98000"}]}],
        "classes": [{"categories": [{"measurements": [measurement]}]}],
    }
    study = {
        "protocolSection": {"identificationModule": {"nctId": nct}},
        "resultsSection": {"outcomeMeasuresModule": {"outcomeMeasures": [outcome]}},
    }
    return json.dumps({"studies": [study]}).encode()


def test_an_unknown_study_is_not_found(app: App) -> None:
    found(app, an_entry(1))

    assert visitor(app, ADA).client.get("/extract/nobody").status_code == 404
