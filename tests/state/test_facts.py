from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from state.codec import canonical
from state.facts import TYPES, Fact, PersonRetired, VerdictGiven, read_back, read_fact
from tests.state.examples import EXAMPLES

EACH = pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: fact.event_kind)


def test_there_is_an_example_of_every_type_of_fact() -> None:
    assert {type(fact) for fact in EXAMPLES} == set(TYPES.values())


@EACH
def test_a_fact_is_read_back_as_it_was_written(fact: Fact) -> None:
    again = read_fact(1, fact.event_kind, fact.event_version, fact.canonical_text())

    assert again == fact
    assert read_back(fact) == (again, fact.canonical_text())
    assert again.canonical_text() == fact.canonical_text()


@EACH
def test_a_fact_is_written_as_canonical_json_by_whichever_writer(fact: Fact) -> None:
    assert fact.canonical_text() == canonical(fact.model_dump(mode="json"))


@EACH
def test_a_fact_says_what_it_is_about_and_what_happened(fact: Fact) -> None:
    assert fact.about
    assert fact.sentence()[0].islower()
    assert "None" not in fact.sentence()


@EACH
def test_a_type_of_fact_says_in_words_what_it_is(fact: Fact) -> None:
    assert (type(fact).__doc__ or "").strip()


@EACH
def test_a_fact_cannot_be_changed(fact: Fact) -> None:
    name = next(iter(type(fact).model_fields))

    with pytest.raises(ValidationError, match="frozen"):
        setattr(fact, name, "another")


@EACH
def test_the_json_of_a_fact_has_its_fields_and_no_others(fact: Fact) -> None:
    assert set(json.loads(fact.canonical_text())) == set(type(fact).model_fields)


def test_a_kind_is_never_given_to_two_types() -> None:
    with pytest.raises(TypeError, match="person_retired"):
        type("Another", (Fact,), {}, kind="person_retired", about="person")

    assert TYPES["person_retired"] is PersonRetired


def test_a_fact_of_the_wrong_type_is_not_built() -> None:
    said = json.loads(next(f for f in EXAMPLES if isinstance(f, VerdictGiven)).canonical_text())

    with pytest.raises(ValidationError, match="verdict"):
        VerdictGiven.model_validate_json(json.dumps(said | {"verdict": "perhaps"}))
