from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.acts.sign_in import new_link
from bot.app import App
from state import extractions, kept_forms
from state.screening import Stage, Verdict
from tests.bot.builders import ADA, BEN, DORA, a_trial, found, include, say
from tests.bot.web.browser import Visitor, hidden_fields, stranger, visitor, words

TRIAL = a_trial(1)
PAGE = f"/candidates/{TRIAL.key}"
NOTE = "allocation by alternation & so on; see <methods>"


def typed(them: Visitor, page: str, action: str, **fields: object) -> Any:
    """Open a page, type into one of its forms, and send it."""
    shown = them.get(page)
    return them.client.post(
        action, data={**hidden_fields(shown, action), **fields}, follow_redirects=False
    )


def kept(app: App, person: str) -> int:
    with app.database.reading() as connection:
        return len(kept_forms.kept_forms(connection, person))


# ---- refused -----------------------------------------------------------------------------------


def test_a_refusal_comes_back_inside_its_form_with_all_that_was_typed(app: App) -> None:
    found(app, TRIAL)
    for reader in (ADA, BEN):
        say(app, reader, TRIAL.key, Verdict.INCLUDE)

    answer = typed(visitor(app, ADA), PAGE, f"{PAGE}/verdict", verdict="exclude", note=NOTE)

    assert answer.status_code == 422
    assert 'value="exclude" checked' in answer.text
    assert "allocation by alternation &amp; so on; see &lt;methods&gt;</textarea>" in answer.text
    said = answer.text.index("names the criterion that failed")
    assert answer.text.index(f'action="{PAGE}/verdict"') < said < answer.text.index("</form>", said)


def test_a_form_overtaken_by_another_shows_how_things_stand_and_what_was_typed(app: App) -> None:
    found(app, TRIAL)
    ada = visitor(app, ADA)
    shown = ada.get(PAGE)
    for reader in (ADA, BEN):
        say(app, reader, TRIAL.key, Verdict.INCLUDE)

    sent = {**hidden_fields(shown, f"{PAGE}/verdict"), "verdict": "unsure", "note": NOTE}
    answer = ada.client.post(f"{PAGE}/verdict", data=sent)

    assert answer.status_code == 403
    assert "stage: full text" in words(answer.text)
    assert NOTE in words(answer.text)


@pytest.mark.parametrize(
    ("person", "page", "action", "fields"),
    [
        (DORA, "/people", "/people", {"name": "Eve Example", "address": "eve"}),
        (DORA, "/imports", "/imports/embase/nothing", {}),
    ],
)
def test_no_form_ends_on_a_dead_page(
    app: App, person: str, page: str, action: str, fields: dict[str, str]
) -> None:
    answer = typed(visitor(app, person), page, action, **fields)

    assert answer.status_code in (403, 422)
    assert f'action="{action}"' in answer.text
    assert "Nothing was saved." in words(answer.text)
    assert all(f'value="{text}"' in answer.text for text in fields.values())


# ---- after the session's end -------------------------------------------------------------------


def ended(them: Visitor) -> Visitor:
    """The session ends: by a sign-out in another tab, or because its cookie is gone."""
    cookies = dict(them.client.cookies)
    them.post("/sign-out")
    them.client.cookies.update(cookies)
    return them


def forgotten(them: Visitor) -> Visitor:
    them.client.cookies.clear()
    return them


ENDS = [ended, forgotten]


def sent_too_late(app: App, end: Callable[[Visitor], Visitor], **fields: object) -> Any:
    ada = visitor(app, ADA)
    shown = ada.get(f"{PAGE}")
    sent = {**hidden_fields(shown, f"{PAGE}/verdict"), **fields}
    return end(ada).client.post(f"{PAGE}/verdict", data=sent, follow_redirects=False)


@pytest.mark.parametrize("end", ENDS)
def test_what_was_typed_into_an_ended_session_stands_in_the_form_after_sign_in(
    app: App, end: Callable[[Visitor], Visitor]
) -> None:
    found(app, TRIAL)

    answer = sent_too_late(app, end, verdict="exclude", criterion="E2", note=NOTE)

    assert answer.status_code == 303
    door = visitor(app, BEN).client.get(answer.headers["location"])
    assert "What you typed is kept and not saved yet" in words(door.text)
    assert f'name="then" value="{PAGE}"' in door.text
    page = visitor(app, ADA).get(PAGE)
    assert 'value="exclude" checked' in page
    assert 'name="criterion" value="E2" checked' in page
    assert "allocation by alternation &amp; so on" in page
    assert "is not saved yet" in words(page)


def test_a_link_that_knows_no_page_leads_to_what_was_typed(app: App) -> None:
    """As `livingreview people link` prints it: whoever signs in by it finds their form."""
    found(app, TRIAL)
    sent_too_late(app, forgotten, verdict="exclude", note=NOTE)
    secret = new_link(app, ADA)

    answer = stranger(app).client.post(f"/sign-in/{secret}", data={}, follow_redirects=False)

    assert answer.headers["location"].partition("?")[0] == PAGE


def test_nobody_else_sees_what_was_kept(app: App) -> None:
    found(app, TRIAL)
    before = visitor(app, BEN).get(PAGE)

    sent_too_late(app, ended, verdict="exclude", note=NOTE)

    after = visitor(app, BEN).get(PAGE)
    assert words(after) == words(before)
    assert "alternation" not in after


def test_it_is_let_go_of_once_it_is_sent(app: App) -> None:
    found(app, TRIAL)
    sent_too_late(app, ended, verdict="exclude", criterion="E2", note=NOTE)
    ada = visitor(app, ADA)

    typed(ada, PAGE, f"{PAGE}/verdict", verdict="exclude", criterion="E2", note=NOTE)

    assert kept(app, ADA) == 0
    assert "You said exclude (E2)" in words(ada.get(PAGE))
    assert "is not saved yet" not in words(ada.get(PAGE))


def test_it_can_be_thrown_away(app: App) -> None:
    found(app, TRIAL)
    sent_too_late(app, ended, verdict="exclude", note=NOTE)
    ada = visitor(app, ADA)

    answer = typed(ada, PAGE, "/kept-forms/discard")

    assert answer.headers["location"] == f"{PAGE}?saved=discarded"
    assert kept(app, ADA) == 0


def test_a_whole_extraction_is_kept_with_its_arms(app: App) -> None:
    found(app, TRIAL)
    include(app, TRIAL.key)
    study = "doe2026"
    ada = visitor(app, ADA)
    page = f"/extract/{study}"
    chosen = {"arms": ["ivig", "placebo"], "design": "parallel"}
    arms = typed(ada, page, page, do="arms", **chosen).text
    sent = {
        **hidden_fields(arms, page),
        **chosen,
        "b0|outcome": app.protocol.outcomes[0].id,
        "b0|ivig|events": "12",
        "do": "save",
    }

    forgotten(ada).client.post(page, data=sent)

    again = visitor(app, ADA).get(page)
    assert 'name="b0|ivig|events" value="12"' in again
    assert "is not saved yet" in words(again)
    with app.database.reading() as connection:
        assert extractions.own_submission(connection, study, ADA) is None


def test_a_form_whose_sender_cannot_be_told_is_kept_for_nobody_and_that_is_said(app: App) -> None:
    found(app, TRIAL)
    them = forgotten(visitor(app, ADA))

    answer = them.client.post(
        f"{PAGE}/verdict", data={"csrf": "0" * 64, "page": PAGE, "verdict": "include"}
    )

    assert "nothing was saved of what you sent" in words(answer.text)
    assert kept(app, ADA) == 0


def test_a_form_from_an_earlier_session_of_the_same_person_comes_back_to_be_sent_again(
    app: App,
) -> None:
    found(app, TRIAL)
    earlier = visitor(app, ADA)
    sent = {**hidden_fields(earlier.get(PAGE), f"{PAGE}/verdict"), "verdict": "unsure"}

    answer = visitor(app, ADA).client.post(f"{PAGE}/verdict", data=sent)

    assert answer.status_code == 403
    assert "you have signed in anew" in words(answer.text)
    assert 'value="unsure" checked' in answer.text


def test_an_odd_form_of_nobody_is_shown_the_door(app: App) -> None:
    them = forgotten(visitor(app, ADA))
    odd = {"csrf": ["a", "b"], "page": ["//elsewhere", "\x00"], "note": "\x00"}

    answer = them.client.post(f"{PAGE}/verdict", data=odd, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?then=%2F&form=lost"


def test_another_persons_form_is_neither_taken_nor_shown(app: App) -> None:
    found(app, TRIAL)
    ben = visitor(app, BEN)
    sent = {**hidden_fields(ben.get(PAGE), f"{PAGE}/verdict"), "verdict": "unsure", "note": NOTE}

    answer = visitor(app, ADA).client.post(f"{PAGE}/verdict", data=sent)

    assert answer.status_code == 403
    assert "alternation" not in answer.text


# ---- what a word came to -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("include", "include", "the record goes to full text"),
        ("exclude", "exclude", "the record is excluded"),
        ("include", "exclude", "The other reader has decided otherwise"),
    ],
)
def test_the_second_reader_reads_what_the_verdict_came_to(
    app: App, first: str, second: str, told: str
) -> None:
    found(app, TRIAL)
    say(app, BEN, TRIAL.key, Verdict(first))

    page = visitor(app, ADA).post(f"{PAGE}/verdict", stage=Stage.TITLE_ABSTRACT, verdict=second)

    assert told in words(page)
    assert "You can change it" not in words(page)


def test_the_first_reader_reads_that_it_can_be_changed(app: App) -> None:
    found(app, TRIAL)

    page = visitor(app, ADA).post(f"{PAGE}/verdict", stage="title_abstract", verdict="include")

    assert "You can change it until the second reader has decided" in words(page)
