"""The page of records that may be the same."""

from __future__ import annotations

from dataclasses import replace

from bot.app import App
from state import likeness
from tests.bot.builders import ADA, a_trial, found
from tests.bot.web.browser import visitor, words

ONE = a_trial(1)
TWO = replace(a_trial(2), source="embase", source_id="L2")


def may_be_the_same(app: App) -> None:
    found(app, ONE, TWO)
    with app.ledger() as ledger:
        likeness.find_likeness(
            ledger, TWO.key, ONE.key, likeness.MAYBE, rule="M4", reasons=["one and the same title"]
        )


def test_a_pair_is_shown_side_by_side_with_the_reasons(app: App) -> None:
    may_be_the_same(app)
    ada = visitor(app, ADA)

    assert "1 pair of records may be the same" in words(ada.get("/queue"))
    page = words(ada.get("/duplicates"))
    assert ONE.key in page
    assert TWO.key in page
    assert "one and the same title" in page
    assert "rule M4: near titles, and the authors are not others" in page


def test_same_merges_and_the_candidate_offers_to_undo_it(app: App) -> None:
    may_be_the_same(app)
    ada = visitor(app, ADA)

    page = ada.post("/duplicates", record=TWO.key, other=ONE.key, verdict="same")
    assert "It can be undone" in words(page)

    candidate = words(ada.get(f"/candidates/{ONE.key}"))
    assert "Taken as one record" in candidate
    assert "Undo: they are different" in candidate
    assert "the same as another record" in words(ada.get(f"/candidates/{TWO.key}"))

    back = f"/candidates/{ONE.key}"
    page = ada.post("/duplicates", record=TWO.key, other=ONE.key, verdict="different", back=back)
    assert "each with its own place in the queue" in words(page)


def test_a_verdict_that_is_none_is_refused(app: App) -> None:
    may_be_the_same(app)

    status, said = visitor(app, ADA).refused("/duplicates", record=TWO.key, other=ONE.key)

    assert status == 422
    assert "found no 'verdict', expected one of same, different" in said
