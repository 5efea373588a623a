from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from lxml import html

from bot.report.document import ReviewDocument
from bot.report.rendering import render_report
from state.facts.words import RunStatus
from tests.bot.report.sample import BASELINE_DOCUMENT, FICTUM, PROTOCOL, UPDATE_DOCUMENT, asked

SECTIONS = [
    *("new", "findings", "plots", "changes", "studies", "flow", "searches", "living"),
    *("limits", "methods", "data"),
]


def page(document: ReviewDocument) -> Any:
    return html.fromstring(render_report(document).decode())


def said(document: ReviewDocument, section: str) -> str:
    text = " ".join(page(document).get_element_by_id(section).itertext())
    return " ".join(text.split())


@pytest.mark.parametrize("document", [BASELINE_DOCUMENT, UPDATE_DOCUMENT], ids=["3.0", "3.1"])
def test_a_report_has_every_section_and_one_name_for_each_place(document):
    root = page(document)

    ids = root.xpath("//@id")
    assert [each for each in ids if each in SECTIONS] == SECTIONS
    assert len(ids) == len(set(ids))
    anchors = {each.removeprefix("#") for each in root.xpath("//a/@href")}
    assert anchors <= set(ids)


def test_a_report_needs_nothing_but_itself():
    text = render_report(UPDATE_DOCUMENT).decode()

    assert not re.search(r"<script|<link|<img|<iframe|\ssrc=|\sstyle=|@import|url\(", text)
    assert text.count("<style>") == 1


def test_the_same_version_gives_the_same_bytes():
    assert render_report(UPDATE_DOCUMENT) == render_report(replace(UPDATE_DOCUMENT))


def test_the_title_says_that_the_review_is_living_and_which_version_it_is():
    title = page(UPDATE_DOCUMENT).findtext(".//title")

    assert "living" in title
    assert "version 3.1" in title


def test_a_draft_says_so_at_the_top_and_a_published_version_does_not():
    draft = render_report(UPDATE_DOCUMENT).decode()
    published = render_report(replace(UPDATE_DOCUMENT, published_at="2026-11-25T08:00:00Z"))

    assert "Draft, not published" in draft
    assert "(draft)" in draft
    assert b"raft, not published" not in published
    assert b"Published 25 November 2026, 08:00 UTC" in published


def test_pictures_come_before_the_tables_of_record():
    text = render_report(UPDATE_DOCUMENT).decode()

    assert text.index('id="plots"') < text.index('id="searches"') < text.index('id="data"')


def test_an_eligible_study_without_data_is_disclosed_first():
    assert "Not in these results: Figmentum 2026" in said(UPDATE_DOCUMENT, "new")


def test_the_change_is_shown_old_and_new_with_its_cause_and_its_signature():
    changed = said(UPDATE_DOCUMENT, "changes")

    assert "RR 11.00 (2.86 to 42.25)" in changed
    assert "RR 5.14 (2.54 to 10.42)" in changed
    assert "added: Fictum 2026" in changed
    assert "accepted by L. Ead" in changed
    assert "not signed yet" in changed


def test_every_search_is_shown_with_its_query_once_and_its_failure():
    searches = said(UPDATE_DOCUMENT, "searches")

    assert "failed status 503 after 5 attempts" in searches
    assert "not found again" in searches
    queries = page(UPDATE_DOCUMENT).xpath("//section[@id='searches']//pre/text()")
    assert len(queries) == 2
    assert queries[0] == UPDATE_DOCUMENT.searches[0].query


def test_a_query_of_many_lines_is_printed_as_it_was_sent():
    query = "line one\n  AND <line> two"
    search = replace(UPDATE_DOCUMENT.searches[0], query=query)

    shown = page(replace(UPDATE_DOCUMENT, searches=(search,))).xpath("//pre/text()")

    assert shown == [query]


def test_a_number_of_people_that_nobody_reported_is_not_a_nought():
    studies = said(UPDATE_DOCUMENT, "studies")

    assert "Figmentum 2026 included not yet incorporated parallel groups not reported" in studies
    assert "130 people; in 1 study not reported" in said(UPDATE_DOCUMENT, "new")


def test_derived_numbers_are_marked_and_their_derivation_told():
    data = said(UPDATE_DOCUMENT, "data")

    assert "0 † derived note 1" in data
    assert "how derived numbers were found" in data
    assert "14 extracted" in data


def test_text_from_the_world_stays_text():
    evil = "<script>alert(1)</script>"
    study = replace(FICTUM, label=evil, reports=(evil,), note=evil)
    value = replace(UPDATE_DOCUMENT.values[0], quote=evil, source=evil, how=evil)
    search = replace(UPDATE_DOCUMENT.searches[0], query=evil, status=RunStatus.FAILED, error=evil)
    protocol = asked(PROTOCOL, title=evil, question=evil)

    text = render_report(
        replace(
            UPDATE_DOCUMENT,
            protocol=protocol,
            cause=evil,
            studies=(study,),
            values=(value,),
            searches=(search,),
        )
    ).decode()

    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_version_of_nothing_is_still_a_report():
    empty = ReviewDocument(
        protocol=PROTOCOL.model_copy(update={"outcomes": (), "open_decisions": ()}),
        number="0.1",
        kind=BASELINE_DOCUMENT.kind,
        cause="a review without a study",
        drafted_at=None,
        published_at=None,
        engine="test",
        results=(),
        flow=BASELINE_DOCUMENT.flow_cumulative,
        flow_cumulative=BASELINE_DOCUMENT.flow_cumulative,
        facts=BASELINE_DOCUMENT.facts,
    )

    assert "No analysis has been computed." in said(empty, "plots")
    assert "No value has been accepted." in said(empty, "data")
    assert "No search has been run" in said(empty, "searches")
