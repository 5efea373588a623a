"""Values to JSON and back: canonical text, instants, and `extraction`'s types."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from extraction.model import (
    Basis,
    Cell,
    Correction,
    CorrectionKind,
    Design,
    Direction,
    Field,
    Provenance,
    Record,
    RecordIds,
    RecordKind,
    RegisterEntry,
    Report,
    Study,
    Value,
)

# The one place where the shape of JSON is open.
Json = dict[str, Any]


def canonical(value: object) -> str:
    """Write JSON so that equal values give equal text (NaN and infinity are refused)."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def instant(at: datetime) -> str:
    """Write an aware instant as the database keeps it: UTC, microseconds, sortable."""
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {at!r}")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """Read an instant back."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def dump_record(record: Record) -> Json:
    """Write a record as JSON values."""
    return asdict(record)


def load_record(data: Json) -> Record:
    """Read a record back."""
    fields = _tupled(data)
    fields["kind"] = RecordKind(data["kind"])
    fields["ids"] = load_ids(data["ids"])
    fields["corrections"] = tuple(_correction(entry) for entry in data["corrections"])
    fields["entry"] = load_entry(data["entry"]) if data["entry"] is not None else None
    return Record(**fields)


def load_ids(data: Json) -> RecordIds:
    """Read a record's identifiers back."""
    return RecordIds(**_tupled(data))


def load_entry(data: Json) -> RegisterEntry:
    """Read a register entry back."""
    return RegisterEntry(**_tupled(data))


def dump_study(study: Study) -> Json:
    """Write a study as JSON values."""
    return asdict(study)


def load_study(data: Json) -> Study:
    """Read a study back."""
    fields = _tupled(data)
    fields["design"] = Design(data["design"])
    fields["reports"] = tuple(
        Report(report["citation"], load_ids(report["ids"]), report["unconfirmed"])
        for report in data["reports"]
    )
    basis = data["participants_basis"]
    fields["participants_basis"] = Basis(basis) if basis is not None else None
    return Study(**fields)


def dump_value(value: Value) -> Json:
    """Write a value with its cell and provenance as JSON values."""
    return asdict(value)


def load_value(data: Json) -> Value:
    """Read a value back."""
    provenance = dict(data["provenance"])
    provenance["basis"] = Basis(provenance["basis"])
    return Value(
        load_cell(data["cell"]), data["number"], Provenance(**provenance), data.get("unit")
    )


def load_cell(data: Json) -> Cell:
    """Read a cell's place back."""
    return Cell(
        study=data["study"],
        outcome=data["outcome"],
        time_point=data["time_point"],
        arms=tuple(data["arms"]),
        field=Field(data["field"]),
    )


def _correction(data: Json) -> Correction:
    fields = dict(data)
    fields["kind"] = CorrectionKind(data["kind"])
    fields["direction"] = Direction(data["direction"])
    return Correction(**fields)


def _tupled(data: Json) -> Json:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
