"""Canonical JSON by pydantic's own writer: the same text as Python's, in a quarter of the time.

It writes fields in the order in which its schema names them, so it is given one that names them
sorted. A type that holds anything of which the two writers might make different text (a number with
a fraction, a mapping, a value of any type) is left to Python's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic_core import SchemaSerializer, to_json

# Of these both writers make the same text.
_PLAIN = frozenset({"str", "int", "bool", "none", "enum"})
_HOLDING = frozenset({"nullable", "default", "tuple", "list", "dataclass", "definitions"})
_REFERRING = frozenset({"definition-ref"})


class _WrittenOtherwiseError(Exception):
    """A part of a type of which the two writers might make different text."""


def plain_json(values: Sequence[str | int | bool]) -> bytes:
    """Write texts, whole numbers and truths as `canonical` does."""
    return to_json(values)


def value_writer(schema: Any) -> SchemaSerializer | None:
    """Return what writes the values of a type; None where Python has to."""
    try:
        return SchemaSerializer(_in_order(schema))
    except _WrittenOtherwiseError:
        return None


def fields_writer(schema: Any) -> SchemaSerializer | None:
    """Return what writes the fields of a model, given as a dict in the order of their names; None
    where Python has to."""
    definitions = []
    while schema["type"] != "model-fields":
        definitions += schema.get("definitions", ())
        schema = schema["schema"]
    try:
        fields = {
            name: {"type": "typed-dict-field", "schema": _in_order(each["schema"])}
            for name, each in schema["fields"].items()
        }
        held = [_in_order(each) for each in definitions]
    except _WrittenOtherwiseError:
        return None
    whole: Any = {"type": "typed-dict", "fields": fields}
    if held:
        whole = {"type": "definitions", "schema": whole, "definitions": held}
    return SchemaSerializer(whole)


def _in_order(schema: Any) -> Any:
    """Return the schema of a value with the fields of all that it holds sorted by name."""
    kind = schema["type"]
    if kind not in _PLAIN | _HOLDING | _REFERRING or "serialization" in schema:
        raise _WrittenOtherwiseError(kind)
    ordered = dict(schema)
    for name in ("items_schema", "definitions"):
        if isinstance(schema.get(name), list):
            ordered[name] = [_in_order(each) for each in schema[name]]
        elif name in schema:
            ordered[name] = _in_order(schema[name])
    if kind == "dataclass":
        ordered["fields"] = sorted(schema["fields"])
        ordered["schema"] = _arguments_in_order(schema["schema"])
    elif "schema" in schema:
        ordered["schema"] = _in_order(schema["schema"])
    return ordered


def _arguments_in_order(schema: Any) -> Any:
    fields = sorted(schema["fields"], key=lambda each: str(each["name"]))
    if schema["type"] != "dataclass-args" or schema.get("computed_fields"):
        raise _WrittenOtherwiseError(schema["type"])
    return {**schema, "fields": [{**each, "schema": _in_order(each["schema"])} for each in fields]}
