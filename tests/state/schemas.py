"""The JSON Schemas of all facts, as docs/schemas/ keeps them, one file a kind and version.

`python -m tests.state.schemas` writes those of today and the table in docs/data-model.md. A file
of a version is never written over with other fields, because logs that hold that version exist:
raise the version and write an upcaster. `--anew` does write over them, and is for versions that
no release has written (tests/old_folders/ catches the rest).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from bot.silence import certificate
from bot.synthesis.synthesise import RESULTS
from state.facts import TYPES, Fact

DOCS = Path(__file__).parent.parent.parent / "docs"
SCHEMAS = DOCS / "schemas"
DATA_MODEL = DOCS / "data-model.md"
BEGIN = "<!-- the table of facts: written by python -m tests.state.schemas -->"
END = "<!-- the end of the table of facts -->"
TO_DO = (
    "{name}: its fields are no longer those of docs/schemas/{name}.json, and logs that hold this"
    " version exist. Raise the version of the fact (class {type}, version=N), write an upcaster"
    " from the older one (state/facts/reading.py), then run python -m tests.state.schemas"
)

Schema = dict[str, Any]
# What facts hold as open JSON, because `state` does not know the types of `bot`.
BODIES: dict[str, tuple[str, TypeAdapter[Any]]] = {
    "results_computed": ("results.analyses", RESULTS),
    "certificate_signed": ("body", TypeAdapter(get_type_hints(certificate.body)["found"])),
}


def name_of(fact: type[Fact]) -> str:
    """Return the name under which a type's schema is kept: kind and version."""
    return f"{fact.event_kind}.{fact.event_version}"


def schema_of(fact: type[Fact]) -> Schema:
    """Return a type's JSON Schema."""
    schema: Schema = fact.model_json_schema(mode="serialization")
    schema["title"] = f"{fact.event_kind}, version {fact.event_version}"
    if fact.event_kind in BODIES:
        place, body = BODIES[fact.event_kind]
        schema["x-bodies"] = {place: body.json_schema(mode="serialization")}
    return schema


def shape(schema: Any, named: Schema | None = None) -> Any:
    """Return a schema without words and names of classes, which may be said better at any time."""
    if isinstance(schema, list):
        return [shape(each, named) for each in schema]
    if not isinstance(schema, dict):
        return schema
    named = schema.get("$defs", named)
    if "$ref" in schema and named is not None:
        return shape(named[schema["$ref"].removeprefix("#/$defs/")], named)
    return {
        key: shape(value, named)
        for key, value in sorted(schema.items())
        if key != "$defs" and not (key in ("description", "title") and isinstance(value, str))
    }


def kept(fact: type[Fact]) -> Schema | None:
    """Return the schema as docs/schemas/ keeps it."""
    file = SCHEMAS / f"{name_of(fact)}.json"
    found: Schema | None = json.loads(file.read_text("utf-8")) if file.exists() else None
    return found


def faults() -> Iterator[str]:
    """Name each type whose fields changed without its version."""
    for fact in TYPES.values():
        before = kept(fact)
        if before is not None and shape(before) != shape(schema_of(fact)):
            yield TO_DO.format(name=name_of(fact), type=fact.__name__)


def table() -> str:
    """Return the table of all facts for docs/data-model.md."""
    lines = ["| kind | version | subject | fields | what it says |", "|---|---|---|---|---|"]
    for kind, fact in TYPES.items():
        fields = ", ".join(f"`{name}`" for name in fact.model_fields)
        link = f"[{fact.event_version}](schemas/{name_of(fact)}.json)"
        said = " ".join((fact.__doc__ or "").split())
        lines.append(f"| `{kind}` | {link} | `{fact.about_field}` | {fields} | {said} |")
    return "\n".join(lines)


def written(document: str) -> str:
    """Return docs/data-model.md with the table of today."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main(*, anew: bool) -> int:
    """Write the schemas and the table; refuse where a version's fields changed."""
    found = [] if anew else list(faults())
    if found:
        sys.stderr.write("\n".join(found) + "\n")
        return 1
    SCHEMAS.mkdir(exist_ok=True)
    for fact in TYPES.values():
        text = json.dumps(schema_of(fact), ensure_ascii=False, indent=1, sort_keys=True)
        (SCHEMAS / f"{name_of(fact)}.json").write_text(text + "\n", encoding="utf-8")
    DATA_MODEL.write_text(written(DATA_MODEL.read_text("utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(anew="--anew" in sys.argv[1:]))
