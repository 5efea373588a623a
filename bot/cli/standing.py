"""Everything known, everything that happened, and how everything stands. Nothing is changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.opened import answer, opened
from bot.results.format import counted
from bot.silence.status import everything_known, status_json
from state.codec import Json
from state.log import LogLine, LostLine, log_lines

NUMBER_AT_MOST = 2**63 - 1  # the largest whole number of SQLite and PostgreSQL

group = typer.Typer()


@group.command()
def records(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Print everything known, one record a line."""
    with opened(data, reading=True) as app:
        for known in all_known(app):
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


def all_known(app: App) -> Iterator[Json]:
    """Yield everything known."""
    with app.database.reading() as connection:
        yield from everything_known(connection)


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
    lines.append(f"searches of all sources: {found['light']}")
    lines += _result_lines(found["result"], found["version"])
    for source in found["sources"]:
        lines += _source_lines(source)
    lines += _mailbox_lines(found["mailbox"])
    if found["certificate"] is not None:
        lines += _certificate_lines(found["certificate"])
    for name, count in found["counts"].items():
        lines.append(f"{name.replace('_', ' ')}: {count}")
    return lines + [f"waiting for a person: {each}" for each in found["needs"]]


def _result_lines(result: Json, version: str | None) -> list[str]:
    """Say whether the results are of now, and what of them is not published."""
    if result["hash"] is None:
        return ["results: none computed yet"]
    if result["of_now"]:
        lines = [f"results: of now ({result['hash'][:12]})"]
    else:
        what = "; ".join(result["differs_in"]) or "other inputs"
        lines = [f"results: to be computed anew ({what})"]
    if result["unpublished"]:
        said = "; ".join(result["unpublished"])
        lines.append(f"not in version {version}: {said} ({result['why_unpublished']})")
    return lines


def _source_lines(source: Json) -> list[str]:
    last = _second(source["last_success"] or "never")
    upcoming = _second(source["next"] or "not scheduled")
    lines = [f"{source['name']}: {source['light']}, last searched {last}, next {upcoming}"]
    if not source["guarded"]:
        lines.append("  unguarded: it can find no known report of this review again")
    lines += asked_lines(source["searches"])
    lines += _alert_lines(source["last_alert"])
    if source["error"]:
        lines.append(f"  failed: {source['error']}")
    lines += [f"  known item missing: {i['id']} {i['title']}" for i in source["missing"]]
    return lines + [
        f"  {each['sister']}: {len(each['missing'])} of {each['asked']} reports that it includes"
        " and this source could hold were not found"
        for each in source["elsewhere"]
        if each["missing"]
    ]


def _alert_lines(last: Json | None) -> list[str]:
    """Say what the provider sent last, which is no search."""
    if last is None:
        return []
    covers = last["covers"] or "what it covers is not said"
    found = f"{counted(last['found'], 'record')}, {last['new']} new"
    return [f"  last alert {last['day']}: {found} ({covers})"]


def _mailbox_lines(mailbox: Json | None) -> list[str]:
    if mailbox is None:
        return []
    lines = [f"mailbox of alerts: {mailbox['light']}, last read {mailbox['read_at'] or 'not yet'}"]
    return lines + ([f"  failed: {mailbox['error']}"] if mailbox["error"] else [])


def asked_lines(asked: Sequence[Json]) -> list[str]:
    """Say which searches of a source are open: of one alone only why it is no answer."""
    still_open = [(n, each) for n, each in enumerate(asked, 1) if each["open"]]
    if len(asked) == 1:
        reasons = [each["open_because"] for each in asked if each["open_because"]]
        return [f"  not whole: {reason}" for reason in reasons]
    if not still_open:
        return []
    made = len(asked) - len(still_open)
    return [f"  {made} of {counted(len(asked), 'search', 'searches')} made; open:"] + [
        f"  {n}: {each['search']} ({each['open_because'] or 'not searched yet'})"
        for n, each in still_open
    ]


def _certificate_lines(held: Json) -> list[str]:
    overdue = ", OVERDUE" if held["overdue"] else ""
    signed, upcoming = _second(held["issued_at"]), _second(held["next_by"])
    verdict = f"last round of all sources: {held['verdict']}, signed {signed},"
    return [f"{verdict} next by {upcoming}{overdue}"] + [
        f"  {reason}" for reason in [*held["reasons"], *_overdue_by_hand(held)]
    ]


def _overdue_by_hand(held: Json) -> list[str]:
    names = held["overdue_by_hand"]
    return [f"not searched when due, by hand: {', '.join(names)}"] if names else []


def _second(text: str) -> str:
    """Print an instant to the second: nobody reads six more digits."""
    return re.sub(r"(?<=T\d\d:\d\d:\d\d)\.\d+", "", text)
