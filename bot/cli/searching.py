"""Searching: now, by hand, and what a changed strategy would gain and lose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.acts.act import read_act
from bot.acts.perform import perform
from bot.acts.said import GiveExport, GiveSisterList, Import, SayNothingFound, TakenList
from bot.app import App, log
from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.entries import typed
from bot.cli.opened import NEEDS_A_PERSON, answer, by_command, opened
from bot.cli.standing import asked_lines
from bot.results.format import counted
from bot.review.protocol import ReviewProtocol
from bot.surveillance.adopted_strategies import query_in_force
from bot.surveillance.changed_strategies import compare_strategies, comparison_lines
from bot.surveillance.hand_searches import searches_json
from bot.surveillance.sister_checks import check_lines, checks_json
from bot.surveillance.slots import automatic_sources, find_source
from bot.work import jobs
from bot.work.outgoing import end_command
from state import people
from state.codec import Json
from state.errors import BadInput
from state.events import Actor, events
from state.facts import SearchRun
from state.facts.words import RunStatus
from state.late import late
from state.told_searches import told_of

LARGE_BYTES = 2_000_000  # of a file that takes more than a moment

group = typer.Typer()


@group.command()
def search(
    data: Data = DEFAULT_DATA,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    as_json: AsJson = False,
) -> None:
    """Search all automatic sources (or one) now."""
    with opened(data) as app:
        found = search_now(app, source)
    answer(as_json, search_json(found), search_lines(found, app.protocol))
    if any(each.status is not RunStatus.OK or each.known_items_missing for each in found):
        raise typer.Exit(NEEDS_A_PERSON)


@group.command(name="import")
def import_(
    source: Annotated[
        str | None, typer.Option(help="The source that was searched by hand.")
    ] = None,
    file: Annotated[Path | None, typer.Argument(help="RIS, nbib, CSV or XML, read whole.")] = None,
    searched_on: Annotated[str | None, typer.Option(help="The day, if not today.")] = None,
    sister: Annotated[
        str | None, typer.Option(help="Another review: the file is what it includes.")
    ] = None,
    nothing_found: Annotated[bool, typer.Option(help="The search found nothing.")] = False,
    search_: Annotated[
        str | None, typer.Option("--search", help="Which of its searches: number or words.")
    ] = None,
    part: Annotated[str | None, typer.Option(help="Part of an export, such as 1/2.")] = None,
    shown: Annotated[int | None, typer.Option(help="Records the database showed.")] = None,
    difference: Annotated[
        str | None, typer.Option(help="Why fewer or more were exported than shown.")
    ] = None,
    platform: Annotated[str | None, typer.Option(help="Searched on, such as Ovid.")] = None,
    coverage: Annotated[str | None, typer.Option(help="Dates the database covers.")] = None,
    person: Annotated[str | None, typer.Option("--as", help="Who says so.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Take in what a person found in a source that has no interface, or that it was nothing."""
    if sister is not None:
        _take_sister_list(data, file, sister, person, source=source, as_json=as_json)
        return
    if source is None:
        raise typer.BadParameter("expected --source SOURCE, or FILE and --sister NAME")
    if (file is None) != nothing_found or (nothing_found and person is None):
        raise typer.BadParameter("expected either FILE, or --nothing-found and --as PERSON")
    with opened(data) as app:
        kept = typed(search=search_, platform=platform, coverage=coverage)
        if file is not None:
            kept |= typed(part=part, shown=shown, difference=difference)
            taken = import_file(app, by_command(person), file, source, searched_on, **kept)
        else:
            nothing = read_act(SayNothingFound, {"source": source, **kept})
            taken = Import(perform(app, nothing, by_command(person)))
        searches, mine = made_and_open(app, source, taken.run.id)
        by, at = stored_by(app, taken.run.id)
    stored = {"stored_by": by, "stored_at": at}
    told = {**search_json([taken.run]), "again": taken.again, **stored, "searches": searches}
    lines = [*import_lines(taken, app.protocol, f"by {by} at {at}"), *mine, *asked_lines(searches)]
    answer(as_json, told, lines)


@group.command()
def strategy(
    source: Annotated[str, typer.Argument(help="The source's id.")],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Show what the folder's strategy gains and loses against the one in force, and its lint."""
    with opened(data) as app:
        found = compared(app, source)
        lines = comparison_lines(find_source(app, source), found, changed=found["changed"])
    answer(as_json, found, lines)
    wrong = any(each["weight"] == "error" for each in found["lint"])
    if found["error"] or found["known_items_lost"] or wrong:
        raise typer.Exit(NEEDS_A_PERSON)


def search_now(app: App, source: str | None) -> list[SearchRun]:
    """Search one source or all automatic ones; one's failure does not hold up the others."""
    if source is not None and source not in automatic_sources(app):
        plan = find_source(app, source)
        raise BadInput(
            f"{plan.name} is searched by a person: livingreview import FILE --source {source}"
        )
    found = [
        jobs.search_at_once(app, each) for each in ([source] if source else automatic_sources(app))
    ]
    end_command(app)
    return found


def import_file(
    app: App,
    actor: Actor,
    file: Path,
    source: str,
    searched_on: str | None = None,
    **told: object,
) -> Import:
    """Take in an export of a hand-run source, with what else is told of its search."""
    body = _body_of(file)
    if len(body) >= LARGE_BYTES:
        log.info("%s: reading %.1f MB", file.name, len(body) / 1e6)
    entry = typed(source=source, name=file.name, body=body, searched_on=searched_on, **told)
    taken = perform(app, read_act(GiveExport, entry), actor)
    end_command(app)
    return taken


def _take_sister_list(
    data: Path,
    file: Path | None,
    sister: str,
    person: str | None,
    *,
    source: str | None,
    as_json: bool,
) -> None:
    """Take what another review includes; nothing is queued."""
    if file is None or source is not None:
        raise typer.BadParameter("--sister NAME goes with FILE, and without --source")
    entry = {"sister": sister, "name": file.name, "body": _body_of(file)}
    with opened(data) as app:
        taken = perform(app, read_act(GiveSisterList, entry), by_command(person))
    answer(as_json, sister_json(taken), sister_lines(taken))


def sister_json(taken: TakenList) -> Json:
    """The answer of `import --sister --json`."""
    return {
        "sister": taken.sister,
        "items": [{**asdict(each), "known_here": each in taken.known} for each in taken.items],
        "warnings": list(taken.warnings),
        "again": taken.again,
    }


def sister_lines(taken: TakenList) -> list[str]:
    """Say what was taken of another review, and what of it is known here."""
    if taken.again:
        return [f"{taken.sister}: the same was taken before, nothing was changed"]
    said = counted(len(taken.items), "report")
    lines = [
        f"{taken.sister}: includes {said}, {len(taken.known)} of them known here by an identifier",
        "  none was queued; every search from now on says which of them it missed",
    ]
    lines += [f"  not known here: {e.name} {e.title}" for e in taken.items if e not in taken.known]
    return lines + [f"  warning: {each}" for each in taken.warnings]


def _body_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error}") from error


def made_and_open(app: App, source: str, run: str) -> tuple[list[Json], list[str]]:
    """Return how the searches of a source stand, and which of several a run was taken for."""
    plan = find_source(app, source)
    with app.database.reading() as connection:
        asked = searches_json(app, connection, plan)
        told = told_of(connection, run)
    if told is None or len(asked) < 2:
        return asked, []
    number = told.searches.index(told.search) + 1
    return asked, [f"  taken as search {number} of {len(told.searches)}: {told.search}"]


def compared(app: App, source: str) -> Json:
    """Try the folder's strategy of a source against the one in force; nothing is proposed."""
    plan = find_source(app, source)
    ask_for = late("bot.surveillance.ask:ask_for")
    found = compare_strategies(app, plan, app.review.queries[source], ask_for)
    with app.database.reading() as connection:
        changed = app.review.queries[source] != query_in_force(app, connection, source)
    return {"source": source, "changed": changed, **found}


def search_json(found: Sequence[SearchRun]) -> Json:
    """The answer of `search --json`."""
    return {
        "sources": [
            {
                "source": run.source,
                "status": run.status,
                "found": run.found,
                "new": run.new,
                "known": run.known,
                "changed": run.changed,
                "error": run.error,
                "known_items_missing": [asdict(item) for item in run.known_items_missing],
                "retry_at": run.retry_at,
                "warnings": list(run.warnings),
                "elsewhere": checks_json(run),
            }
            for run in found
        ],
        "candidates_new": sum(run.candidates_new for run in found),
    }


def search_lines(found: Sequence[SearchRun], protocol: ReviewProtocol) -> list[str]:
    """Say what a search found, one line a thing."""
    names = {plan.id: plan.name for plan in protocol.sources}
    lines = []
    for run in found:
        name = names.get(run.source, run.source)
        if run.error is not None:
            lines.append(f"{name}: FAILED: {run.error}")
            if run.retry_at is not None:
                lines.append(f"  will be tried again at {run.retry_at}")
        if run.status is RunStatus.OK or run.found:
            counts = f"{run.new} new, {run.known} known, {run.changed} changed"
            lines.append(f"{name}: {run.found} found, {counts}")
        lines += [f"  known item not re-found: {i.id} {i.title}" for i in run.known_items_missing]
        lines += [f"  warning: {warning}" for warning in run.warnings]
        lines += check_lines(run)
    lines.append(f"{counted(sum(run.candidates_new for run in found), 'new candidate')} queued")
    return lines


def stored_by(app: App, run: str) -> tuple[str, str]:
    """Return who stored a search, and when."""
    with app.database.reading() as connection:
        said = next(iter(events(connection, subject=run)))
        names = {each.id: each.name for each in people.people(connection)}
    return names.get(said.actor, said.actor), said.at


def import_lines(taken: Import, protocol: ReviewProtocol, stored: str) -> list[str]:
    """Say what became of a file. stored: by whom and when, where it was given before."""
    before = f"this very file was imported before, as {taken.run.id} ({stored})"
    if taken.told:
        return [f"{before}: what was told is kept"]
    if taken.again:
        return [f"{before}: nothing was changed"]
    return search_lines([taken.run], protocol)
