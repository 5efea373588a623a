from __future__ import annotations

import pytest

from bot.web.filled import Said, fill, head_of, without_site_fields

FORM = """<h1>A page</h1>
<form method="post" action="/other"><input name="note" value="mine"></form>
<form method="post" action="/candidates/a%3Ab/verdict">
<input type="hidden" name="stage" value="full_text">
<fieldset><legend>Verdict</legend>
<label><input type="radio" name="verdict" value="include" checked> yes</label>
<label><input type="radio" name="verdict" value="exclude"> no</label></fieldset>
<input type="checkbox" name="arms" value="ivig">
<input type="checkbox" name="arms" value="placebo" checked>
<select name="place"><option value="included" selected>in</option>
<option value="awaiting">out</option></select>
<textarea name="note" rows="2">before</textarea>
<input id="day" name="day" type="date" value="2027-01-01">
</form><p>after</p>"""
ACTION = "/candidates/a:b/verdict"
TYPED = {
    "stage": ["full_text"],
    "verdict": ["exclude"],
    "arms": ["ivig"],
    "place": ["awaiting"],
    "note": ['5 < 6 & "so"'],
    "day": ["2027-02-28"],
}
REFUSED = Said(("Nothing was saved.",), at={"verdict": "why?", "day": "which day?"})


def filled() -> str:
    page = fill(FORM, ACTION, TYPED, REFUSED)
    assert page is not None
    return page


def test_every_kind_of_field_takes_back_what_was_typed_or_ticked() -> None:
    page = filled()

    assert '<input type="radio" name="verdict" value="exclude" checked>' in page
    assert '<input type="radio" name="verdict" value="include">' in page
    assert '<input type="checkbox" name="arms" value="ivig" checked>' in page
    assert '<input type="checkbox" name="arms" value="placebo">' in page
    assert '<option value="awaiting" selected>' in page
    assert '<option value="included">' in page
    assert '<textarea name="note" rows="2">5 &lt; 6 &amp; &quot;so&quot;</textarea>' in page
    assert 'type="date" value="2027-02-28"' in page


def test_the_rest_of_the_page_and_other_forms_stay_as_they_are() -> None:
    page = filled()

    assert '<form method="post" action="/other"><input name="note" value="mine"></form>' in page
    assert page.startswith("<h1>A page</h1>")
    assert page.endswith("</form><p>after</p>")


def test_what_is_wrong_stands_at_the_head_of_the_form_and_at_its_field() -> None:
    page = filled()

    head = '/verdict"><div class="fault" role="alert"><p>Nothing was saved.</p></div>'
    assert head in page
    assert '<legend>Verdict</legend><span class="at-field">why?</span>' in page
    assert '<span class="at-field">which day?</span><input id="day"' in page


@pytest.mark.parametrize("field", ["verdict", "arms"])
def test_what_was_not_ticked_is_not_ticked_again(field: str) -> None:
    page = fill(FORM, ACTION, {**TYPED, field: []}, REFUSED)

    assert page is not None
    assert f'name="{field}" value="include" checked' not in page
    assert f'name="{field}" value="placebo" checked' not in page


def test_a_form_about_something_else_at_the_same_address_is_left_alone() -> None:
    assert fill(FORM, ACTION, {**TYPED, "stage": ["title_abstract"]}, REFUSED) is None
    assert fill(FORM, "/elsewhere", TYPED, REFUSED) is None


def test_a_page_without_the_form_shows_what_was_said_and_typed() -> None:
    page = head_of(FORM, REFUSED, TYPED)

    assert page.index("Nothing was saved.") < page.index("5 &lt; 6 &amp; &quot;so&quot;")
    assert page.index("</h1>") < page.index("Nothing was saved.")


def test_fields_of_the_site_are_not_what_a_person_typed() -> None:
    sent = [("csrf", "secret"), ("page", "/queue"), ("back", "/"), ("note", "x"), ("note", "y")]

    assert without_site_fields(iter(sent)) == {"note": ["x", "y"]}
