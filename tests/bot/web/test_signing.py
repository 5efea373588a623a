"""The page shows what moved before it takes a signature, and takes none that came too early."""

from __future__ import annotations

import pytest

from bot.app import App
from bot.work.handlers import publish_due
from state import versions
from state.facts.words import VersionState
from tests.bot.builders import ADA, CY, DORA, draft_of_now, sign, sign_off
from tests.bot.web.browser import visitor, words

SIGNAL = "3.1:1.2:S1"
FORM = 'action="/sign/3.1"'
SIGNAL_FORM = f'action="/sign/{SIGNAL}"'


@pytest.fixture
def drafted(app: App) -> App:
    draft_of_now(app, SIGNAL)
    return app


def state(app: App) -> VersionState:
    publish_due(app)
    with app.database.reading() as connection:
        return versions.find_version(connection, "3.1").state


def result(app: App) -> str:
    with app.database.reading() as connection:
        return versions.find_version(connection, "3.1").result


def test_a_draft_shows_what_moves_and_takes_signatures_after_its_signals(drafted: App) -> None:
    dora = visitor(drafted, DORA)

    page = dora.get("/versions/3.1")
    assert "What moves No pooled result moved." in words(page)
    assert f"Waits for the signatures of signal {SIGNAL} the lead's signature" in words(page)
    assert FORM not in page
    assert SIGNAL_FORM in page

    for person in (ADA, DORA):
        sign(drafted, person, SIGNAL)
    page = dora.get("/versions/3.1")
    assert FORM in page
    assert SIGNAL_FORM not in page


def test_the_list_of_signatures_leads_to_what_moved_instead_of_a_form(app: App) -> None:
    draft_of_now(app)

    page = visitor(app, DORA).get("/signals")

    assert FORM not in page
    assert "See what moved, and sign" in page


def test_two_sign_on_the_page_and_read_what_it_waits_for(app: App) -> None:
    draft_of_now(app)
    form = {"verdict": "accept", "back": "/versions/3.1", "result": result(app)}

    said = words(visitor(app, ADA).post("/sign/3.1", **form))
    assert "It takes effect with the others it waits for" in said
    assert "Waits for the lead's signature" in said
    assert state(app) is VersionState.DRAFT

    said = words(visitor(app, DORA).post("/sign/3.1", **form))
    assert "Your signature is saved. It" not in said
    assert state(app) is VersionState.PUBLISHED


def test_a_signature_under_a_draft_made_anew_since_is_refused_in_words(app: App) -> None:
    draft_of_now(app)

    status, said = visitor(app, DORA).refused("/sign/3.1", verdict="accept", result="of yesterday")

    assert status == 403
    assert "was made anew since you opened it" in said


def test_a_version_with_an_open_signal_is_not_signed_by_a_form_typed_by_hand(drafted: App) -> None:
    status, said = visitor(drafted, DORA).refused("/sign/3.1", verdict="accept")

    assert status == 403
    assert "signed after its signals" in said


def test_only_a_lead_puts_a_rejected_draft_up_again_on_the_page(app: App) -> None:
    draft_of_now(app)
    sign(app, CY, "3.1", reject="one arm twice")

    assert "Put it up again" not in visitor(app, ADA).get("/versions/3.1")
    dora = visitor(app, DORA)
    assert "Put it up again" in dora.get("/versions/3.1")
    said = dora.post("/sign/3.1", verdict="accept", reason="two arms", back="/versions/3.1")

    assert FORM in said
    sign_off(app, "3.1")
    assert state(app) is VersionState.PUBLISHED
