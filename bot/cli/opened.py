"""The program as a command opens it, and how it answers.

What is done by command is logged as unauthenticated: the command line has no sign-in.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from bot.app import AT_THE_MACHINE, App, open_app
from bot.config import read_config
from bot.notify.page_address import as_served
from bot.work.resume import resume, take_up_folder
from state.codec import Json
from state.events import Actor
from state.late import late

NEEDS_A_PERSON = 3


@contextmanager
def opened(data: Path, *, reading: bool = False) -> Iterator[App]:
    """Open the program; a command that only reads proposes nothing of what the folder says anew."""
    app = open_app(read_config(os.environ, data))
    try:
        app = as_served(app)
        _begin(app, reading=reading)
        yield app
    finally:
        app.close()


def _begin(app: App, *, reading: bool) -> None:
    if not resume(app):
        late("bot.work.begin:begin")(app)
    elif not reading:
        take_up_folder(app)


def by_command(person: str | None = None) -> Actor:
    """Return who a command is done by; without a name, whoever is at the machine."""
    return Actor(person, authenticated=False) if person is not None else AT_THE_MACHINE


def answer(as_json: bool, value: object, lines: Sequence[str]) -> None:
    """Print one answer: as JSON, or in lines for people."""
    printed = [json.dumps(value, ensure_ascii=False, indent=2)] if as_json else lines
    for line in printed:
        typer.echo(line)


def say(*lines: str) -> None:
    """Print lines."""
    for line in lines:
        typer.echo(line)


def said_lines(said: Sequence[Json]) -> list[str]:
    """Say what was stored, one line a thing."""
    return [", ".join(f"{key}: {_plain(value)}" for key, value in each.items()) for each in said]


def _plain(value: object) -> object:
    """Write a list of names in words; anything else as it is."""
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return " and ".join(value)
    return value
