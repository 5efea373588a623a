from __future__ import annotations

import pytest

from state.facts import TYPES, Fact
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
