from __future__ import annotations

from enum import StrEnum

import pytest

from bot.silence.certificate import RoundVerdict
from state.facts import TYPES, Fact
from state.facts.words import CandidateKind, VersionState
from state.runs import WorkState
from tests.state import schemas

EACH = pytest.mark.parametrize("fact", TYPES.values(), ids=lambda fact: fact.event_kind)


@EACH
def test_the_fields_of_a_version_never_change(fact: type[Fact]) -> None:
    kept, now = schemas.kept(fact), schemas.schema_of(fact)

    assert kept is not None, "run python -m tests.state.schemas"
    assert schemas.shape(kept) == schemas.shape(now), schemas.TO_DO.format(
        name=schemas.name_of(fact), type=fact.__name__
    )


@EACH
def test_the_published_schema_says_what_the_type_says_today(fact: type[Fact]) -> None:
    assert schemas.kept(fact) == schemas.schema_of(fact), "run python -m tests.state.schemas"


def test_the_table_in_the_data_model_is_that_of_today() -> None:
    document = schemas.DATA_MODEL.read_text("utf-8")

    assert schemas.written(document) == document, "run python -m tests.state.schemas"


def test_the_words_of_a_schema_may_change_its_fields_not() -> None:
    before = {"description": "a", "properties": {"description": {"type": "string"}}}

    assert schemas.shape(before) == schemas.shape(before | {"description": "b"})
    assert schemas.shape(before) != schemas.shape({"properties": {"text": {"type": "string"}}})


def test_a_class_may_be_renamed_and_its_fields_not() -> None:
    def of(name: str, field: str) -> schemas.Schema:
        inner = {"properties": {field: {"type": "string"}}, "title": name}
        return {"$defs": {name: inner}, "properties": {"it": {"$ref": f"#/$defs/{name}"}}}

    assert schemas.shape(of("Record", "title")) == schemas.shape(of("Entry", "title"))
    assert schemas.shape(of("Record", "title")) != schemas.shape(of("Record", "name"))


# What tables and signed texts keep beside the facts: a word that is renamed makes what was kept
# before unreadable, because no upcaster goes over it. A word may be added.
KEPT_WORDS: dict[type[StrEnum], set[str]] = {
    CandidateKind: {"new", "second_report"},
    RoundVerdict: {"silent", "new", "incomplete"},
    VersionState: {"draft", "superseded", "rejected", "published"},
    WorkState: {"due", "claimed", "done"},
}


@pytest.mark.parametrize("words", KEPT_WORDS, ids=lambda words: words.__name__)
def test_a_word_that_tables_or_signed_texts_keep_is_never_renamed(words: type[StrEnum]) -> None:
    assert {each.value for each in words} >= KEPT_WORDS[words]
