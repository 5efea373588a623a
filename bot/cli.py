"""The command line: one function per command, no logic.

Exit status: 0 done, 1 failed, 2 wrong use, 3 finished but something needs a person.
What is done here is logged as unauthenticated: the command line has no sign-in.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import answers, commands
from bot.app import App, open_app
from bot.config import ConfigFaults, read_config
from bot.demo.play import play
from bot.errors import SourceError
from bot.review.faults import ProtocolFaults
from bot.serve import serve
from bot.steps.begin import ProtocolChanged, begin
from bot.steps.search import find_source
from bot.steps.strategies import comparison_lines
from bot.watchdog_command import watchdog
from state.errors import BadInput, NotFound, StateError
from state.events import Actor

FAILED, WRONG_USE, NEEDS_A_PERSON = 1, 2, 3

cli = typer.Typer(
    name="livingreview",
    help="Keep a systematic review true: search, screen, extract, pool, report, tell.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
people_cli = typer.Typer(help="Accounts, roles and deputies.", no_args_is_help=True)
cli.add_typer(people_cli, name="people")

Data = Annotated[Path, typer.Option("--data", help="The data folder.", envvar="LIVINGREVIEW_DATA")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON (docs/commands.md).")]
As = Annotated[str, typer.Option("--as", help="Who is doing it: a person's id.")]
File = Annotated[
    Path | None, typer.Option("--file", help="A JSON file (docs/commands.md); - reads stdin.")
]
DEFAULT_DATA = Path("livingreview-data")


def main() -> None:
    """Run the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    for chatty in ("apscheduler", "httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    try:
        cli(prog_name="livingreview")
    except (BadInput, NotFound, ConfigFaults, ProtocolFaults) as error:
        _fail(str(error), WRONG_USE)
    except (StateError, SourceError) as error:
        _fail(str(error), FAILED)


def _fail(message: str, status: int) -> None:
    typer.echo(f"livingreview: {message}", err=True)
    sys.exit(status)


@contextmanager
def _app(data: Path, *, reading: bool = False) -> Iterator[App]:
    """Open the program; a command that only reads goes on under a protocol not yet in force."""
    app = open_app(read_config(os.environ, data))
    try:
        _begin(app, reading=reading)
        yield app
    finally:
        app.close()


def _begin(app: App, *, reading: bool) -> None:
    try:
        begin(app)
    except ProtocolChanged as changed:
        if not reading:
            raise
        typer.echo(f"livingreview: {changed}", err=True)


def _actor(person: str | None = None) -> Actor:
    return Actor(person or "command line", authenticated=False)


def _say(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)


def _say_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _given(file: Path | None) -> Any:
    """Read the JSON a command was given."""
    if file is None:
        return None
    name = str(file)
    try:
        text = sys.stdin.read() if name == "-" else file.read_text(encoding="utf-8")
        return json.loads(text)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{name}: {error}") from error


@cli.command()
def run(
    data: Data = DEFAULT_DATA,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
) -> None:
    """Search on schedule and serve the page: the main job."""
    environment = dict(os.environ)
    if host is not None:
        environment["LIVINGREVIEW_HOST"] = host
    if port is not None:
        environment["LIVINGREVIEW_PORT"] = str(port)
    app = open_app(read_config(environment, data))
    begin(app)
    serve(app)


@cli.command()
def search(
    data: Data = DEFAULT_DATA,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    as_json: AsJson = False,
) -> None:
    """Search all automatic sources (or one) now."""
    with _app(data) as app:
        found = commands.search_now(app, source)
    if as_json:
        _say_json(answers.search_json(found))
    else:
        _say(answers.search_lines(found, app.protocol))
    if any(each.status != "ok" or each.known_items_missing for each in found):
        raise typer.Exit(NEEDS_A_PERSON)


@cli.command(name="import")
def import_(
    source: Annotated[str, typer.Option(help="The source that was searched by hand.")],
    file: Annotated[Path | None, typer.Argument(help="RIS, nbib, CSV or XML, read whole.")] = None,
    searched_on: Annotated[str | None, typer.Option(help="The day, if not today.")] = None,
    nothing_found: Annotated[bool, typer.Option(help="The search found nothing.")] = False,
    person: Annotated[str | None, typer.Option("--as", help="Who says so.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Take in what a person found in a source that has no interface, or that it was nothing."""
    if (file is None) != nothing_found or (nothing_found and person is None):
        raise typer.BadParameter("expected either FILE, or --nothing-found and --as PERSON")
    with _app(data) as app:
        if file is not None:
            taken = commands.import_file(app, _actor(), file, source, searched_on)
        else:
            taken = commands.nothing_found(app, _actor(), source, str(person))
    if as_json:
        _say_json({**answers.search_json([taken.run]), "again": taken.again})
    elif taken.again:
        _say([f"this very file was imported before, as {taken.run.id}: nothing was changed"])
    else:
        _say(answers.search_lines([taken.run], app.protocol))


@cli.command()
def queue(
    data: Data = DEFAULT_DATA,
    person: Annotated[str | None, typer.Option("--as", help="Whose queue.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what waits to be screened, in order, with the reasons."""
    with _app(data, reading=True) as app:
        seen = commands.queue(app, person)
    if as_json:
        _say_json([answers.seen_json(each) for each in seen])
    else:
        _say(answers.queue_lines(seen))


@cli.command()
def screen(
    person: As,
    candidate: Annotated[str | None, typer.Argument(help="The candidate's id.")] = None,
    verdict: Annotated[
        str | None,
        typer.Argument(help="include, exclude, unsure, confirm-link or refuse-link."),
    ] = None,
    data: Data = DEFAULT_DATA,
    stage: Annotated[str | None, typer.Option(help="title_abstract or full_text.")] = None,
    criterion: Annotated[str | None, typer.Option(help="The criterion that failed.")] = None,
    place: Annotated[str | None, typer.Option(help="included, ongoing or awaiting.")] = None,
    next_look: Annotated[str | None, typer.Option(help="When to look again (date).")] = None,
    note: Annotated[str | None, typer.Option(help="A note.")] = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Give a verdict on a candidate."""
    entries = _given(file) or [
        {
            "candidate": candidate,
            "verdict": verdict,
            "stage": stage,
            "criterion": criterion,
            "place": place,
            "next_look_on": next_look,
            "note": note,
        }
    ]
    with _app(data) as app:
        said = commands.screen(app, _actor(person), person, entries)
    _say_json(said) if as_json else _say(answers.said_lines(said))


@cli.command()
def duplicates(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show the pairs of records that may be the same and wait for a person."""
    with _app(data, reading=True) as app:
        pairs = commands.duplicates(app)
    if as_json:
        _say_json([answers.pair_json(each) for each in pairs])
    else:
        _say(answers.pair_lines(pairs))


@cli.command()
def same(
    record: Annotated[str, typer.Argument(help="The record that was found later.")],
    other: Annotated[str, typer.Argument(help="The record that was known.")],
    person: As,
    data: Data = DEFAULT_DATA,
) -> None:
    """Say that two records are one: the first joins the other's place in the queue."""
    with _app(data) as app:
        commands.settle_pair(app, _actor(person), person, record, other, same=True)
    _say([f"{record} is the same record as {other}"])


@cli.command()
def different(
    record: Annotated[str, typer.Argument(help="The record that was found later.")],
    other: Annotated[str, typer.Argument(help="The record that was known.")],
    person: As,
    data: Data = DEFAULT_DATA,
) -> None:
    """Say that two records are not one: a merged one gets its own place in the queue again."""
    with _app(data) as app:
        commands.settle_pair(app, _actor(person), person, record, other, same=False)
    _say([f"{record} is not {other}"])


@cli.command()
def strategy(
    source: Annotated[str, typer.Argument(help="The source's id.")],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Show what the folder's strategy gains and loses against the one in force, and its lint."""
    with _app(data) as app:
        found = commands.strategy(app, source)
        lines = comparison_lines(find_source(app, source), found)
    _say_json(found) if as_json else _say(lines)
    wrong = any(each["weight"] == "error" for each in found["lint"])
    if found["error"] or found["known_items_lost"] or wrong:
        raise typer.Exit(NEEDS_A_PERSON)


@cli.command()
def tasks(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show what the program noticed and only a person can judge."""
    with _app(data, reading=True) as app:
        found = commands.tasks(app)
    if as_json:
        _say_json([asdict(each) for each in found])
    else:
        _say(answers.task_lines(found))


@cli.command()
def corrections(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show what was published about the reports of known studies: retractions, errata, ..."""
    with _app(data, reading=True) as app:
        found = commands.corrections(app)
    if as_json:
        _say_json([answers.correction_json(each) for each in found])
    else:
        _say(answers.correction_lines(found))


@cli.command()
def settle(
    task: Annotated[str, typer.Argument(help="The task's id.")],
    person: As,
    note: Annotated[str, typer.Option(help="What was concluded.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Store what a person concluded of a task."""
    with _app(data) as app:
        commands.settle(app, _actor(person), person, task, note)
    _say([f"{task} is settled"])


@cli.command()
def place(
    study: Annotated[str, typer.Argument(help="The study's id.")],
    where: Annotated[str, typer.Argument(help="included, ongoing or awaiting.")],
    person: As,
    data: Data = DEFAULT_DATA,
    next_look: Annotated[str | None, typer.Option(help="When to look again (date).")] = None,
) -> None:
    """Say where an eligible study stands: an ongoing one with results is included."""
    with _app(data) as app:
        commands.place(app, _actor(person), person, study, where, next_look)
    _say([f"{study} is {where}"])


@cli.command()
def extract(
    study: Annotated[str, typer.Argument(help="The study's id.")],
    data: Data = DEFAULT_DATA,
    person: Annotated[str | None, typer.Option("--as", help="Who is doing it.")] = None,
    file: File = None,
    form: Annotated[bool, typer.Option(help="Print an empty form to fill in.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hand in the data of an included study, or print the form for it."""
    with _app(data) as app:
        if form:
            _say_json(commands.form(app, study))
            return
        if person is None or file is None:
            raise BadInput("give --as PERSON and --file FILE, or --form to get an empty form")
        said = commands.extract(app, _actor(person), person, study, _given(file))
    _say_json(said) if as_json else _say(answers.extraction_lines(said))


@cli.command()
def adjudicate(
    person: As,
    subject: Annotated[str | None, typer.Argument(help="A candidate's or a study's id.")] = None,
    verdict: Annotated[str | None, typer.Argument(help="For a candidate: the ruling.")] = None,
    data: Data = DEFAULT_DATA,
    cell: Annotated[str | None, typer.Option(help="For a study: the value's cell.")] = None,
    number: Annotated[float | None, typer.Option(help="The number that counts.")] = None,
    text: Annotated[str | None, typer.Option(help="The words that count.")] = None,
    drop: Annotated[bool, typer.Option(help="The cell is not reported at all.")] = False,
    criterion: Annotated[str | None, typer.Option(help="The criterion that failed.")] = None,
    place: Annotated[str | None, typer.Option(help="included, ongoing or awaiting.")] = None,
    next_look: Annotated[str | None, typer.Option(help="When to look again (date).")] = None,
    note: Annotated[str | None, typer.Option(help="The reason.")] = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Settle a conflict: the two readers' agreement, or a third person's ruling."""
    entries = _given(file) or [
        {
            "subject": subject,
            "verdict": verdict,
            "cell": cell,
            "number": number,
            "text": text,
            "drop": drop,
            "criterion": criterion,
            "place": place,
            "next_look_on": next_look,
            "note": note,
        }
    ]
    with _app(data) as app:
        said = commands.adjudicate(app, _actor(person), person, entries)
    _say_json(said) if as_json else _say(answers.said_lines(said))


@cli.command()
def analyse(
    data: Data = DEFAULT_DATA,
    as_of: Annotated[str | None, typer.Option(help="The results of a version.")] = None,
    as_json: AsJson = False,
) -> None:
    """Pool the accepted values by the protocol."""
    with _app(data, reading=True) as app:
        results = commands.analyse(app, as_of)
    if as_json:
        _say_json(answers.analyses_json(results))
    else:
        _say(answers.analysis_lines(results))


@cli.command()
def sign(
    person: As,
    subject: Annotated[
        str | None, typer.Argument(help="A signal, a draft version or an amendment.")
    ] = None,
    verdict: Annotated[str, typer.Argument(help="accept or reject.")] = "accept",
    data: Data = DEFAULT_DATA,
    reason: Annotated[str | None, typer.Option(help="Needed for a rejection.")] = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Accept or reject what the machine proposes; signing a draft version publishes it."""
    entries = _given(file) or [{"subject": subject, "verdict": verdict, "reason": reason}]
    with _app(data) as app:
        said = commands.sign(app, _actor(person), person, entries)
    _say_json(said) if as_json else _say(answers.said_lines(said))


@cli.command()
def publish(
    number: Annotated[str | None, typer.Argument(help="The draft's number.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Publish a signed draft as an immutable version."""
    with _app(data) as app:
        said = commands.publish(app, _actor(), number)
    _say_json(said) if as_json else _say(answers.said_lines([said]))


@people_cli.command("add")
def people_add(
    name: Annotated[str, typer.Argument(help="The person's name.")],
    role: Annotated[list[str], typer.Option(help="A role (may be given more than once).")],
    data: Data = DEFAULT_DATA,
    address: Annotated[str | None, typer.Option(help="E-mail address.")] = None,
    deputy: Annotated[str | None, typer.Option(help="Who takes over: a person's id.")] = None,
    person_id: Annotated[str | None, typer.Option("--id", help="A short id.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a person."""
    with _app(data) as app:
        person = commands.add_person(app, _actor(), name, role, address, deputy, person_id)
    _say_json(answers.person_json(person)) if as_json else _say([f"added {person.id}"])


@people_cli.command("list")
def people_list(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List everybody."""
    with _app(data, reading=True) as app:
        everybody = commands.everybody(app)
    if as_json:
        _say_json([answers.person_json(each) for each in everybody])
    else:
        _say(answers.people_lines(everybody))


@people_cli.command("retire")
def people_retire(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    data: Data = DEFAULT_DATA,
    deputy: Annotated[str | None, typer.Option(help="Who takes over: a person's id.")] = None,
) -> None:
    """Retire a person; what is open passes to the deputy."""
    with _app(data) as app:
        commands.retire_person(app, _actor(), person, deputy)
    _say([f"retired {person}"])


@people_cli.command("link")
def people_link(
    person: Annotated[str, typer.Argument(help="The person's id.")], data: Data = DEFAULT_DATA
) -> None:
    """Print a one-time sign-in link for a person."""
    with _app(data, reading=True) as app:
        _say([commands.sign_in_link(app, person)])


@cli.command()
def records(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Print everything known, one record a line."""
    with _app(data, reading=True) as app:
        for known in commands.records(app):
            if as_json:
                typer.echo(json.dumps(known, ensure_ascii=False))
            else:
                typer.echo(answers.record_line(known))


@cli.command()
def status(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Say what is known, pending and overdue, and when each source was and will be searched."""
    with _app(data, reading=True) as app:
        found = commands.status(app)
    _say_json(found) if as_json else _say(answers.status_lines(found))


cli.command()(watchdog)


@cli.command()
def verify(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Replay the log and compare it with every table, payload and published file."""
    with _app(data, reading=True) as app:
        found = commands.verify(app)
    _say_json(found) if as_json else _say(answers.verify_lines(found))
    if found["faults"]:
        raise typer.Exit(FAILED)


@cli.command()
def log(
    after: Annotated[int, typer.Option(help="Only what followed the event of this number.")] = 0,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Print what happened, an event a line; what only one of two has said stays sealed."""
    with _app(data, reading=True) as app:
        for line in commands.log(app, after):
            typer.echo(
                json.dumps(line.as_json(), ensure_ascii=False) if as_json else line.sentence()
            )


@cli.command()
def backup(
    to: Annotated[Path, typer.Argument(help="The folder to write the copy into.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Write a safety copy of the whole data folder while the program runs."""
    with _app(data, reading=True) as app:
        _say([f"backup written to {commands.backup(app, to)}"])


@cli.command()
def restore(
    backup_folder: Annotated[Path, typer.Argument(help="A folder written by backup.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Put a safety copy into an empty data folder and verify it."""
    commands.restore(backup_folder, data)
    with _app(data) as app:
        found = commands.verify(app)
    _say([f"restored into {data}", *answers.verify_lines(found)])
    if found["faults"]:
        raise typer.Exit(FAILED)


@cli.command()
def export(
    to: Annotated[Path, typer.Argument(help="The folder to write into.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Write everything in open formats: records, decided verdicts, values, results, runs."""
    with _app(data, reading=True) as app:
        _say([f"wrote {name}" for name in commands.export(app, to)])


@cli.command()
def demo(
    keep: Annotated[
        Path | None, typer.Option(help="Keep the demonstration's data in this folder.")
    ] = None,
) -> None:
    """Play the whole loop offline in about a minute, with a plainly fictional trial."""
    if not play(keep, typer.echo):
        raise typer.Exit(FAILED)
