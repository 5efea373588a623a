"""The page of an amendment: what it changes, who signed, who is missing, and the form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.acts.perform import perform
from bot.acts.said import ProposeAmendment
from bot.app import App
from tests.bot.builders import ADA, BEN, CY, DORA, actor, sign
from tests.bot.protocols import AMENDED, amended
from tests.bot.web.browser import Visitor, visitor, words

PAGE = "/amendments/protocol-2"


@pytest.fixture
def proposed(app: App) -> App:
    perform(app, ProposeAmendment(body=AMENDED), actor(BEN))
    return app


def may_sign(reader: Visitor) -> bool:
    return 'action="/sign/protocol-2"' in reader.get(PAGE)


def test_it_shows_the_words_the_lines_and_the_whole_text_before_it_is_signed(
    proposed: App,
) -> None:
    dora = visitor(proposed, DORA)
    page = words(dora.get(PAGE))

    assert "Arm added: Coffee (coffee)" in page
    assert '+id = "coffee"' in page
    assert "protocol version 1 → 2" in page
    assert "A rule proposes; people sign." in page
    assert "the lead's signature and one more signature" in page
    assert str(proposed.amendment("protocol-2")) in page
    assert may_sign(dora)


def test_two_sign_it_on_the_page_and_the_next_request_is_under_the_new_protocol(
    proposed: App,
) -> None:
    ada, dora = visitor(proposed, ADA), visitor(proposed, DORA)
    ada.get(PAGE)
    first = words(ada.post("/sign/protocol-2", verdict="accept", back=PAGE))
    assert "Waits for the lead" in first
    assert not may_sign(ada)
    dora.get(PAGE)

    last = words(dora.post("/sign/protocol-2", verdict="accept", back=PAGE))

    assert "in force" in last
    assert "Waits for" not in last
    assert '"protocol_version":"2"' in ada.get("/status.json").replace(" ", "")
    assert "amendment protocol-2" not in words(ada.get("/status"))


def test_the_list_and_the_first_page_lead_to_it(proposed: App) -> None:
    cy = visitor(proposed, CY)

    assert f'href="{PAGE}"' in cy.get("/")
    assert f'href="{PAGE}"' in cy.get("/signals")


def test_one_overtaken_says_so_and_is_refused_in_words(proposed: App) -> None:
    other = amended("3")
    named = perform(proposed, ProposeAmendment(body=other), actor(ADA))
    for person in (ADA, DORA):
        sign(proposed, person, named)
    cy = visitor(proposed, CY)

    assert "changes protocol version 1, and version 3 is in force since" in words(cy.get(PAGE))
    status, said = cy.refused("/sign/protocol-2", verdict="accept", back=PAGE)
    assert (status, "propose it again on that version" in said) == (403, True)


def test_why_the_folders_file_is_not_taken_is_told_on_the_page(app: App) -> None:
    text = f"{app.review.protocol_text}\n# a remark\n"
    app.in_force.review = replace(app.review, file_text=text)

    for person in (DORA, ADA):
        assert "its version is still '1'" in words(visitor(app, person).get("/status"))


def test_an_amendment_that_is_not_there_is_a_page_of_its_own(app: App) -> None:
    assert visitor(app, ADA).status("/amendments/unknown") == 404


def test_the_extraction_form_has_the_new_arm_at_once(proposed: App) -> None:
    for person in (ADA, DORA):
        sign(proposed, person, "protocol-2")

    assert "Coffee" in visitor(proposed, ADA).get("/extract/harbo2009")
