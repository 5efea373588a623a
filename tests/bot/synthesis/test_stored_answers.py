"""A stored result is given where its inputs are those of now, whole, and in no other case.

What is planted names its analyses by another word, so that it is seen where it is given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy import Connection, delete, update

from bot.app import App
from bot.synthesis.inputs_in_force import hash_of_now, inputs_of_now
from bot.synthesis.synthesise import RESULTS, current_results, pooled, synthesise
from state import tables as t
from state.codec import Json, canonical
from state.errors import Tampered
from state.events import Ledger
from state.facts import ResultsComputed
from tests.bot.builders import an_app
from tests.state.helpers import drop_guards

PLANTED = "planted"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = an_app(tmp_path_factory.mktemp("stored") / "data")
    yield app
    app.close()


@pytest.fixture
def ledger(app: App) -> Iterator[Ledger]:
    """Give a transaction of which nothing stays."""
    with app.ledger() as ledger:
        yield ledger
        ledger.connection.rollback()


def plant(app: App, ledger: Ledger, change: Callable[[Json], None] = lambda _: None) -> str:
    """Record a result, the only one: its inputs are those of now but for one change."""
    inputs = deepcopy(inputs_of_now(app, ledger.connection).json)
    change(inputs)
    results = RESULTS.dump_python(synthesise(app, ledger.connection).results, mode="json")
    found = {"analyses": [each | {"outcome_label": PLANTED} for each in results]}
    name = hashlib.sha256(canonical(inputs).encode()).hexdigest()
    ledger.connection.execute(delete(t.result))
    ledger.record(
        ResultsComputed(result=name, engine=inputs["engine"], inputs=inputs, results=found)
    )
    return name


def labels(app: App, connection: Connection) -> dict[str, str]:
    return {each.id: each.outcome_label for each in current_results(app, connection)}


def computed(app: App, connection: Connection) -> dict[str, str]:
    found = pooled(app, inputs_of_now(app, connection))
    return {each.id: each.outcome_label for each in found}


def test_the_texts_of_the_inputs_have_the_hash_of_their_values(app: App) -> None:
    with app.database.reading() as connection:
        assert hash_of_now(app, connection) == inputs_of_now(app, connection).hash


def test_the_result_of_the_inputs_of_now_is_given_as_it_was_stored(
    app: App, ledger: Ledger
) -> None:
    plant(app, ledger)

    assert set(labels(app, ledger.connection).values()) == {PLANTED}


def another(name: str) -> Callable[[Json], None]:
    return lambda inputs: inputs.update({name: "another"})


@pytest.mark.parametrize("change", [another("engine"), another("protocol_sha256")])
def test_nothing_is_given_that_another_program_or_protocol_made(
    app: App, ledger: Ledger, change: Callable[[Json], None]
) -> None:
    plant(app, ledger, change)

    assert labels(app, ledger.connection) == computed(app, ledger.connection)


def one_more(inputs: Json) -> None:
    inputs["values"][0]["value"]["number"] += 1


def gone(inputs: Json) -> None:
    del inputs["values"][0]


def by_somebody(inputs: Json) -> None:
    inputs["values"][0]["people"] = ["eve"]


@pytest.mark.parametrize("change", [one_more, gone, by_somebody])
def test_nothing_is_given_that_was_made_of_another_value(
    app: App, ledger: Ledger, change: Callable[[Json], None]
) -> None:
    outcome = inputs_of_now(app, ledger.connection).values[0].value.cell.outcome
    plant(app, ledger, change)

    given, right = labels(app, ledger.connection), computed(app, ledger.connection)

    touched = [each.id for each in app.protocol.analyses if each.outcome == outcome]
    assert touched
    assert [given[each] for each in touched] == [right[each] for each in touched]


def renamed(inputs: Json) -> None:
    inputs["studies"][0]["label"] = "Somebody 1900"


def kept_apart(inputs: Json) -> None:
    inputs["apart"] = [[inputs["studies"][0]["id"], "a decision"]]


@pytest.mark.parametrize("change", [renamed, kept_apart])
def test_nothing_is_given_that_was_made_of_another_study(
    app: App, ledger: Ledger, change: Callable[[Json], None]
) -> None:
    study = inputs_of_now(app, ledger.connection).studies[0].id
    plant(app, ledger, change)

    given, right = labels(app, ledger.connection), computed(app, ledger.connection)

    touched = [
        each.id
        for each in pooled(app, inputs_of_now(app, ledger.connection))
        if any(row.study == study for row in each.rows)
    ]
    assert touched
    assert [given[each] for each in touched] == [right[each] for each in touched]


def test_a_value_that_changed_in_its_table_is_another_input(app: App, ledger: Ledger) -> None:
    plant(app, ledger)
    row = ledger.connection.execute(t.baseline_value.select()).first()
    assert row is not None
    text = row.data.replace('"number":', '"number":1')
    this = t.baseline_value.c.cell == row.cell
    ledger.connection.execute(update(t.baseline_value).where(this).values(data=text))

    assert labels(app, ledger.connection) != dict.fromkeys(labels(app, ledger.connection), PLANTED)


def in_its_table(connection: Connection, name: str) -> None:
    table = t.result
    found = connection.execute(table.select().where(table.c.id == name)).one()
    text = found.data.replace(PLANTED, "damaged", 1)
    connection.execute(update(table).where(table.c.id == name).values(data=text))


def cut_off_in_its_table(connection: Connection, name: str) -> None:
    table = t.result
    found = connection.execute(table.select().where(table.c.id == name)).one()
    connection.execute(update(table).where(table.c.id == name).values(data=found.data[:-9]))


def in_the_log(connection: Connection, name: str) -> None:
    drop_guards(connection)
    this = t.event.c.subject == name
    found = connection.execute(t.event.select().where(this)).all()[-1]
    text = found.payload.replace(PLANTED, "damaged", 1)
    connection.execute(update(t.event).where(t.event.c.seq == found.seq).values(payload=text))


@pytest.mark.parametrize("damage", [in_its_table, cut_off_in_its_table, in_the_log])
def test_a_damaged_result_is_refused_by_name(
    app: App, ledger: Ledger, damage: Callable[[Connection, str], Any]
) -> None:
    name = plant(app, ledger)
    damage(ledger.connection, name)

    with pytest.raises(Tampered, match=f"result {name}: .*verify"):
        current_results(app, ledger.connection)


def test_damaged_inputs_of_a_result_are_no_ground_for_a_new_one(app: App, ledger: Ledger) -> None:
    name = plant(app, ledger, one_more)
    table = t.result
    found = ledger.connection.execute(table.select().where(table.c.id == name)).one()
    text = found.inputs.replace('"number":', '"number":1', 1)
    ledger.connection.execute(update(table).where(table.c.id == name).values(inputs=text))

    with pytest.raises(Tampered, match=f"result {name}"):
        current_results(app, ledger.connection)
