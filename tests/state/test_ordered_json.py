from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from extraction.model import (
    Correction,
    CorrectionKind,
    Direction,
    Record,
    RecordIds,
    RecordKind,
    RegisterEntry,
    Value,
)
from state.codec import canonical, dumped, text_of
from state.facts import QueueEntry, RecordFound
from state.ordered_json import plain_json, value_writer

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SOME = st.lists(TEXTS, max_size=3).map(tuple)
PERHAPS = st.none() | TEXTS
ENTRIES = st.builds(RegisterEntry, PERHAPS, enrolment=st.none() | st.integers(), arms=SOME)
NOTICES = st.builds(
    Correction, st.sampled_from(CorrectionKind), st.sampled_from(Direction), PERHAPS
)
RECORDS = st.builds(
    Record,
    TEXTS,
    TEXTS,
    TEXTS,
    kind=st.sampled_from(RecordKind),
    abstract=PERHAPS,
    authors=SOME,
    year=st.none() | st.integers(),
    ids=st.builds(RecordIds, PERHAPS, register=SOME),
    corrections=st.lists(NOTICES, max_size=2).map(tuple),
    entry=st.none() | ENTRIES,
)


@given(RECORDS)
def test_a_record_is_written_as_python_writes_it(record: Record) -> None:
    assert text_of(record) == canonical(dumped(record))


@given(RECORDS, SOME, st.booleans(), st.integers())
def test_a_fact_is_written_as_python_writes_it(
    record: Record, some: tuple[str, ...], opened: bool, score: int
) -> None:
    place = QueueEntry("name", opened, score, "main", some, some)
    fact = RecordFound(
        record=record,
        identifiers=some,
        payload_sha256="",
        run="run",
        study=None,
        known_report=opened,
        place=place,
    )
    fact.make_ready()  # what it works out is no field of it

    assert fact.canonical_text() == canonical(fact.model_dump(mode="json"))


@given(st.lists(TEXTS | st.booleans() | st.integers()))
def test_plain_values_are_hashed_as_python_writes_them(values: list[str | bool | int]) -> None:
    assert plain_json(values) == canonical(values).encode()


def test_a_number_with_a_fraction_and_a_mapping_are_left_to_python() -> None:
    @dataclass(frozen=True)
    class Open:
        said: dict[str, str]

    assert value_writer(TypeAdapter(Value).core_schema) is None
    assert value_writer(TypeAdapter(Open).core_schema) is None
    assert value_writer(TypeAdapter(Record).core_schema) is not None
