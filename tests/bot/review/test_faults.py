from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    field_validator,
)

from bot.review.faults import Written, faults_in_words, wrong, wrong_in
from bot.review.wanted import Form

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, strict=True)]
Count = Annotated[int, Field(strict=True, ge=1)]


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Cup(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Words | None = None
    size: Size
    sips: Count
    full: StrictBool = False
    washed_on: date | None = None

    @field_validator("sips")
    @classmethod
    def _few(cls, sips: int) -> int:
        if sips > 9:
            raise wrong(f"{sips} sips", "nine at most")
        return sips


class Tray(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Words
    cups: Annotated[tuple[Cup, ...], Field(min_length=1)]
    guests: tuple[Words, ...] = ()
    password: Count = 1
    spare: Cup | None = None


def words_of(data, **how):
    with pytest.raises(ValidationError) as caught:
        Tray.model_validate(data)
    where = Written(Tray, data, **how)
    return list(faults_in_words(caught.value, where))


def test_all_faults_are_said_at_once_in_the_order_of_the_value():
    data = {"name": " ", "cups": [{"size": "huge", "sips": 0}, {"sips": 99, "lid": True}]}

    assert words_of(data, parts={"cups": "cup"}) == [
        "name: found ' ', expected a text that is not empty",
        "cup 1, size: found 'huge', expected one of small, large",
        "cup 1, sips: found 0, expected a whole number of 1 or more",
        "cup 2: found no 'size', expected one of small, large",
        "cup 2, sips: found 99 sips, expected nine at most",
        "cup 2: found unknown key 'lid', expected one of full, id, sips, size, washed_on",
    ]


def test_a_part_is_called_by_its_id_where_it_has_one():
    data = {"name": "a", "cups": [{"id": "blue", "size": "small", "sips": True}]}

    assert words_of(data, parts={"cups": "cup"}) == [
        "cup 'blue', sips: found true, expected a whole number of 1 or more"
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (Form.TOML, "tray.toml, spare: found 'none', expected a table [spare]"),
        (Form.JSON, "tray.toml, spare: found 'none', expected an object"),
    ],
)
def test_a_part_of_the_wrong_kind_is_named_in_the_words_of_the_form(form, said):
    data = {"name": "a", "cups": [{"size": "small", "sips": 1}], "spare": "none"}

    assert words_of(data, name="tray.toml", form=form) == [said]


def test_what_is_missing_is_said_of_the_thing_that_lacks_it():
    assert words_of({}, name="tray.toml", form=Form.TOML) == [
        "tray.toml: found no 'name', expected a text that is not empty",
        "tray.toml: found no 'cups', expected at least one [[cups]]",
    ]


def test_an_empty_list_is_said_to_be_empty():
    assert words_of({"name": "a", "cups": []}, form=Form.TOML) == [
        "cups: found an empty list, expected at least one [[cups]]"
    ]


def test_an_item_of_a_list_of_texts_is_named_by_its_place():
    data = {"name": "a", "cups": [{"size": "small", "sips": 1}], "guests": ["A", 7]}

    assert words_of(data) == ["guests 2: found 7, expected a text that is not empty"]


def test_a_hidden_value_is_not_repeated():
    data = {"name": "a", "cups": [{"size": "small", "sips": 1}], "password": "s3cret"}

    (said,) = words_of(data, hidden=frozenset({"password"}))

    assert said == "password: found something else, expected a whole number of 1 or more"


def test_a_long_value_is_not_repeated_whole():
    data = {"name": "a", "cups": "x" * 500}

    assert len(words_of(data)[0]) < 120


def test_a_day_is_asked_for_with_an_example():
    data = {"name": "a", "cups": [{"size": "small", "sips": 1, "washed_on": "soon"}]}

    assert words_of(data) == ["cups 1, washed_on: found 'soon', expected a date such as 2026-11-25"]


def test_a_fault_keeps_the_path_at_which_it_stands():
    data = {"name": "a", "cups": [{"size": "small", "sips": 12}]}

    with pytest.raises(ValidationError) as caught:
        Tray.model_validate(data)

    assert [each.path for each in wrong_in(caught.value, Written(Tray, data))] == [
        ("cups", 0, "sips")
    ]
