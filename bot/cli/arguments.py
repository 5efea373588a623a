"""What many commands are given: the data folder, who is doing it, a file of JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from state.codec import Json
from state.errors import BadInput

Data = Annotated[Path, typer.Option("--data", help="The data folder.", envvar="LIVINGREVIEW_DATA")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON (docs/commands.md).")]
As = Annotated[str, typer.Option("--as", help="Who is doing it: a person's id.")]
File = Annotated[
    Path | None, typer.Option("--file", help="A JSON file (docs/commands.md); - reads stdin.")
]
DEFAULT_DATA = Path("livingreview-data")


def given(file: Path) -> Any:
    """Read the JSON a command was given; raise BadInput for what is not one whole JSON text."""
    piped = str(file) == "-"
    name = "standard input" if piped else str(file)
    try:
        body = sys.stdin.buffer.read() if piped else file.read_bytes()
        found = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_each_key_once)
        json.dumps(found, ensure_ascii=False).encode()  # half a character cannot be stored
    except RecursionError as error:
        raise BadInput(f"{name}: lists and objects are nested too deeply") from error
    except (OSError, ValueError) as error:
        raise BadInput(f"{name}: {error}") from error
    return found


def _each_key_once(pairs: list[tuple[str, Any]]) -> Json:
    """Refuse what JSON leaves open: of two values under one key, one would be lost unseen."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"found '{twice}' twice in one object, expected each key once")
    return found
