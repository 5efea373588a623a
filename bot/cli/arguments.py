"""What many commands are given: the data folder, who is doing it, a file of JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.review.faults import shown
from state.errors import BadInput

Data = Annotated[Path, typer.Option("--data", help="The data folder.", envvar="LIVINGREVIEW_DATA")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON (docs/commands.md).")]
As = Annotated[str, typer.Option("--as", help="Who is doing it: a person's id.")]
File = Annotated[
    Path | None, typer.Option("--file", help="A JSON file (docs/commands.md); - reads stdin.")
]
DEFAULT_DATA = Path("livingreview-data")


def given(file: Path | None) -> Any:
    """Read the JSON a command was given."""
    if file is None:
        return None
    name = str(file)
    try:
        text = sys.stdin.read() if name == "-" else file.read_text(encoding="utf-8")
        return json.loads(text, object_pairs_hook=_each_key_once)
    except RecursionError as error:
        raise BadInput(f"{name}: lists and objects are nested too deeply") from error
    except (OSError, ValueError) as error:
        raise BadInput(f"{name}: {error}") from error


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that says a key twice: which of the two was meant, nobody can tell."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"found the key {shown(twice)} twice in one object, expected it once")
    return found
