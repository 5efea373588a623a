"""After a change only the analyses that it touches are computed anew, and the rest stays right."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from bot.app import App
from bot.synthesis.inputs_in_force import Inputs, inputs_of_now
from bot.synthesis.moved_analyses import moved_analyses
from bot.synthesis.synthesise import pooled, pooled_anew
from extraction.model import Field
from state.codec import dumped
from tests.bot.builders import an_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = an_app(tmp_path_factory.mktemp("moved") / "data")
    yield app
    app.close()


@pytest.fixture
def inputs(app: App) -> Inputs:
    with app.database.reading() as connection:
        return inputs_of_now(app, connection)


@pytest.fixture
def now(inputs: Inputs) -> Any:
    return deepcopy(inputs.json)


def of_outcome(app: App, outcome: str) -> frozenset[str]:
    return frozenset(each.id for each in app.protocol.analyses if each.outcome == outcome)


def every(app: App) -> frozenset[str]:
    return frozenset(each.id for each in app.protocol.analyses)


def test_nothing_is_touched_where_nothing_moved(app: App, inputs: Inputs) -> None:
    assert moved_analyses(app.protocol, inputs.json, inputs.json) == frozenset()


@pytest.mark.parametrize("what", ["engine", "protocol_sha256"])
def test_another_program_or_protocol_touches_everything(
    app: App, inputs: Inputs, now: Any, what: str
) -> None:
    assert moved_analyses(app.protocol, inputs.json, now | {what: "another"}) == every(app)


def test_a_value_touches_the_analyses_of_its_outcome(app: App, inputs: Inputs, now: Any) -> None:
    now["values"][0]["value"]["number"] += 1

    outcome = now["values"][0]["value"]["cell"]["outcome"]

    assert moved_analyses(app.protocol, inputs.json, now) == of_outcome(app, outcome) < every(app)


def test_a_value_that_came_or_went_touches_them_as_well(app: App, inputs: Inputs, now: Any) -> None:
    gone = now["values"].pop()

    touched = of_outcome(app, gone["value"]["cell"]["outcome"])

    assert moved_analyses(app.protocol, inputs.json, now) == touched
    assert moved_analyses(app.protocol, now, inputs.json) == touched


def test_a_study_touches_every_analysis_that_it_has_numbers_for(
    app: App, inputs: Inputs, now: Any
) -> None:
    study = now["studies"][0]
    study["label"] = "Another name"
    cells = [each["value"]["cell"] for each in now["values"]]
    touched = frozenset[str]().union(
        *(of_outcome(app, each["outcome"]) for each in cells if each["study"] == study["id"])
    )

    assert moved_analyses(app.protocol, inputs.json, now) == touched


def test_a_study_that_is_kept_apart_touches_what_it_has_numbers_for(
    app: App, inputs: Inputs, now: Any
) -> None:
    study = now["values"][0]["value"]["cell"]["study"]
    now["apart"] = [*(each for each in now["apart"] if each[0] != study), [study, "a decision"]]

    assert moved_analyses(app.protocol, inputs.json, now)


def test_a_published_row_touches_its_analysis_though_it_has_no_number(
    app: App, inputs: Inputs, now: Any
) -> None:
    row = {"analysis": "1.3", "place": 1, "stratum": "", "subgroup": "", "enters": "both"}
    now["studies"].append({"id": "a-new-one", "entries": [row]})

    assert moved_analyses(app.protocol, inputs.json, now) == {"1.3"}


def test_what_is_computed_in_part_is_what_is_computed_whole(app: App, inputs: Inputs) -> None:
    for at, one in enumerate(inputs.values):
        if one.value.cell.field is not Field.TOTAL:
            continue
        more = replace(one, value=replace(one.value, number=one.value.number + 1))
        said = deepcopy(inputs.json["values"])
        said[at]["value"] = dumped(more.value)
        values = (*inputs.values[:at], more, *inputs.values[at + 1 :])
        changed = replace(inputs, values=values, json=inputs.json | {"values": said})

        with app.database.reading() as connection:
            assert pooled_anew(app, connection, changed) == pooled(app, changed)
