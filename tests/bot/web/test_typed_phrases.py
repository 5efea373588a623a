"""Phrases of a paper at the form: kept as typed, sealed like any number, asked about where odd."""

from __future__ import annotations

import re

import pytest

from bot.app import App
from state import extractions
from state.tasks import TaskKind, open_tasks
from tests.bot.builders import ADA, BEN, a_trial, found, include
from tests.bot.web.browser import visitor, words

PAGE = "/extract/doe2026"
MEANS = "strength_change"


@pytest.fixture
def app(app: App) -> App:
    """An included trial waits for its data."""
    found(app, a_trial(1))
    include(app, a_trial(1).key)
    return app


def form(**typed: str) -> dict[str, object]:
    """The fields of the form with one outcome typed into: those of each arm by `arm__field`."""
    place = {"outcome": MEANS, "source": "Doe 2026", "locator": "Table 2", "unit": "%"}
    numbers = {name.replace("__", "|"): text for name, text in typed.items()}
    named = {f"b0|{name}": text for name, text in (place | numbers).items()}
    arms = {"design": "parallel", "arms": ["ivig", "placebo"], "participants": "60"}
    return {"do": "save", "blocks": "1", **arms, **named}


SE = form(ivig__mean="3.1 (SE 2.4)", ivig__n="25", placebo__mean="1,2 (SD 11)", placebo__n="22")


def accepted(app: App) -> dict[str, float]:
    with app.database.reading() as connection:
        values = extractions.accepted_values(connection)
    mine = [each.value for each in values if each.value.cell.study == "doe2026"]
    return {f"{each.cell.arms[0]} {each.cell.field}": each.number for each in mine}


def test_what_two_people_type_as_it_stands_counts_as_numbers(app: App) -> None:
    for reader in (ADA, BEN):
        visitor(app, reader).post(PAGE, **SE)

    assert accepted(app) == {
        "ivig mean": 3.1,
        "ivig sd": 12.0,
        "ivig n": 25,
        "placebo mean": 1.2,
        "placebo sd": 11,
        "placebo n": 22,
    }
    assert "SE × √n from “3.1 (SE 2.4)”, n 25" in words(visitor(app, BEN).get(PAGE))


def test_ones_own_phrases_stand_in_the_form_as_they_were_typed(app: App) -> None:
    ada = visitor(app, ADA)
    ada.post(PAGE, **SE)

    page = ada.get(PAGE)

    assert re.search(r'name="b\d+\|ivig\|mean" value="3.1 \(SE 2.4\)"', page)
    assert re.search(r'name="b\d+\|ivig\|sd" value=""', page)
    assert re.search(r'name="b\d+\|ivig\|n" value="25"', page)


def test_nothing_of_it_is_shown_to_the_second_reader_before_both_have_handed_in(app: App) -> None:
    visitor(app, ADA).post(PAGE, **SE)

    shown = words(visitor(app, BEN).get(PAGE)) + words(visitor(app, BEN).get("/tasks"))

    assert "SE 2.4" not in shown
    assert "SE × √n" not in shown


def test_two_readings_that_differ_show_how_each_was_had(app: App) -> None:
    visitor(app, ADA).post(PAGE, **SE)
    visitor(app, BEN).post(PAGE, **{**SE, "b0|ivig|mean": "3.1 (95% CI −1.9 to 8.1)"})

    shown = words(visitor(app, BEN).get(PAGE))

    assert "1 value differs" in shown
    assert "SE × √n from “3.1 (SE 2.4)”, n 25" in shown
    assert "from “3.1 (95% CI −1.9 to 8.1)”, n 25" in shown


ODD = form(
    ivig__mean="40", ivig__sd="0.4", ivig__n="25", placebo__mean="44 (SD 9)", placebo__n="25"
)


def test_an_odd_number_is_saved_and_asked_about_at_once_of_its_reader_alone(app: App) -> None:
    page = visitor(app, ADA).post(PAGE, **ODD)

    assert "Your extraction is saved" in page
    assert "is the SD 0.4 right" in words(page)
    assert "SD 0.4" not in words(visitor(app, BEN).get(PAGE))
    with app.database.reading() as connection:
        assert open_tasks(connection, study="doe2026") == ()


def test_an_odd_number_that_two_agree_on_counts_and_is_a_task(app: App) -> None:
    for reader in (ADA, BEN):
        visitor(app, reader).post(PAGE, **ODD)

    with app.database.reading() as connection:
        (task,) = open_tasks(connection, study="doe2026")
    assert task.kind is TaskKind.IMPLAUSIBLE_VALUE
    assert "is the SD 0.4 right" in task.text
    assert accepted(app)["ivig sd"] == 0.4


def test_what_cannot_be_read_is_refused_in_its_section_with_all_that_was_typed(app: App) -> None:
    ada = visitor(app, ADA)

    answer = ada.client.post(PAGE, data={"csrf": ada.csrf, **{**SE, "b0|ivig|mean": "3.1 (0.4)"}})

    assert answer.status_code == 422
    assert "found '3.1 (0.4)', expected what 0.4 is to be named: SD or SE" in words(answer.text)
    assert 'value="3.1 (0.4)"' in answer.text
    assert 'value="1,2 (SD 11)"' in answer.text
