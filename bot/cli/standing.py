"""Everything known, everything that happened, and how everything stands. Nothing is changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated

import typer

from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.opened import answer, opened
from bot.silence.status import record_facts, status_json
from state import records as known_records
from state.codec import Json
from state.log import LogLine, LostLine, log_lines

NUMBER_AT_MOST = 2**63 - 1  # the largest whole number of SQLite and PostgreSQL

group = typer.Typer()


@group.command()
def records(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Print everything known, one record a line."""
    with opened(data, reading=True) as app:
        for known in everything_known(app):
            line = json.dumps(known, ensure_ascii=False) if as_json else record_line(known)
            typer.echo(line)


@group.command()
def log(
    after: Annotated[
        int,
        typer.Option(
            help="Only what followed the event of this number.", min=0, max=NUMBER_AT_MOST
        ),
    ] = 0,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Print what happened, an event a line; what only one of two has said stays sealed."""
    with opened(data, reading=True) as app:
        for line in everything_that_happened(app, after):
            typer.echo(
                json.dumps(line.as_json(), ensure_ascii=False) if as_json else line.sentence()
            )


@group.command()
def status(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Say what is known, pending and overdue, and when each source was and will be searched."""
    with opened(data, reading=True) as app:
        found = status_json(app)
    answer(as_json, found, status_lines(found))


def everything_known(app: App) -> Iterator[Json]:
    """Yield everything known."""
    with app.database.reading() as connection:
        places = record_facts(connection)
        for stored in known_records.all_records(connection):
            yield places(stored)


def everything_that_happened(app: App, after: int) -> Iterator[LogLine | LostLine]:
    """Yield what happened after an event, as anybody may read it."""
    with app.database.reading() as connection:
        yield from log_lines(connection, after=after)


def record_line(known: Json) -> str:
    """One record in a line."""
    return f"{known['source']}:{known['source_id']}  [{known['status']}]  {known['title']}"


def status_lines(found: Json) -> list[str]:
    """Say how everything stands."""
    lines = [f"{found['review']}, protocol version {found['protocol_version']}"]
    if found["clock_set"]:
        lines.append(f"THE CLOCK WAS SET: it is now {_second(found['now'])} (LIVINGREVIEW_NOW)")
    if not found["contact_set"]:
        lines.append("LIVINGREVIEW_EMAIL is not set: NCBI asks for a contact address")
    for source in found["sources"]:
        lines += _source_lines(source)
    if found["certificate"] is not None:
        lines += _certificate_lines(found["certificate"])
    for name, count in found["counts"].items():
        lines.append(f"{name.replace('_', ' ')}: {count}")
    return lines + [f"waiting for a person: {each}" for each in found["needs"]]


def _source_lines(source: Json) -> list[str]:
    last = _second(source["last_success"] or "never")
    upcoming = _second(source["next"] or "not scheduled")
    lines = [f"{source['name']}: {source['light']}, last searched {last}, next {upcoming}"]
    if source["error"]:
        lines.append(f"  failed: {source['error']}")
    return lines + [f"  known item missing: {i['id']} {i['title']}" for i in source["missing"]]


def _certificate_lines(held: Json) -> list[str]:
    overdue = ", OVERDUE" if held["overdue"] else ""
    signed, upcoming = _second(held["issued_at"]), _second(held["next_by"])
    verdict = f"last round of all sources: {held['verdict']}, signed {signed},"
    return [f"{verdict} next by {upcoming}{overdue}"] + [
        f"  {reason}" for reason in held["reasons"]
    ]


def _second(text: str) -> str:
    """Print an instant to the second: nobody reads six more digits."""
    return re.sub(r"(?<=T\d\d:\d\d:\d\d)\.\d+", "", text)
