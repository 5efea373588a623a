"""Extraction: the data of a study, where it stands, what its readers differ in."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bot.acts.act import read_act
from bot.acts.handed import blank_form, read_hand_in
from bot.acts.perform import perform
from bot.acts.questions import open_questions
from bot.acts.said import ChoosePlace, PlaceStudy, RuleValue, SettleConflict
from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, As, AsJson, Data, File, given
from bot.cli.entries import entries_of, read_entries, typed
from bot.cli.hands import hand_json, hand_lines
from bot.cli.opened import answer, by_command, opened, said_lines
from bot.work.outgoing import end_command
from state import extractions
from state.agreement import Agreement, Difference, Entry, TwoPlaces
from state.codec import Json
from state.errors import BadInput
from state.events import Actor

group = typer.Typer()


@group.command()
def place(
    study: Annotated[str, typer.Argument(help="The study's id.")],
    where: Annotated[str, typer.Argument(help="included, ongoing, awaiting or excluded.")],
    person: As,
    data: Data = DEFAULT_DATA,
    note: Annotated[str | None, typer.Option(help="Why; needed to move it.")] = None,
    next_look: Annotated[str | None, typer.Option(help="When to look again (date).")] = None,
    as_json: AsJson = False,
) -> None:
    """Say where a study is to stand: one person proposes it, a second puts it in force."""
    with opened(data) as app:
        entry = typed(study=study, place=where, next_look_on=next_look, note=note)
        given = perform(app, read_act(PlaceStudy, entry), by_command(person))
        end_command(app)
        told = hand_json(app, given)
    stands = where if not given.waits else None
    answer(
        as_json, {"study": study, "place": stands, **told}, hand_lines(told, f"{study} is {where}")
    )


@group.command()
def extract(
    study: Annotated[str, typer.Argument(help="The study's id.")],
    data: Data = DEFAULT_DATA,
    person: Annotated[str | None, typer.Option("--as", help="Who is doing it.")] = None,
    file: File = None,
    form: Annotated[bool, typer.Option(help="Print an empty form to fill in.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hand in the data of an included study, or print the form for it."""
    if form:
        with opened(data) as app:
            answer(True, empty_form(app, study), [])
        return
    if person is None or file is None:
        raise BadInput("give --as PERSON and --file FILE, or --form to get an empty form")
    handed = given(file)
    with opened(data) as app:
        said = hand_in(app, by_command(person), study, handed)
    answer(as_json, said, extraction_lines(said))


@group.command()
def adjudicate(
    person: As,
    subject: Annotated[str | None, typer.Argument(help="A candidate's or a study's id.")] = None,
    verdict: Annotated[str | None, typer.Argument(help="For a candidate: the ruling.")] = None,
    data: Data = DEFAULT_DATA,
    cell: Annotated[str | None, typer.Option(help="For a study: the value's cell.")] = None,
    number: Annotated[float | None, typer.Option(help="The number that counts.")] = None,
    text: Annotated[str | None, typer.Option(help="The words that count.")] = None,
    drop: Annotated[bool, typer.Option(help="The cell is not reported at all.")] = False,
    also: Annotated[
        list[str] | None,
        typer.Option(help="With it, of the same arm: FIELD=NUMBER, or FIELD=drop.", metavar="ALSO"),
    ] = None,
    place_of: Annotated[
        str | None, typer.Option(help="Of two places of a number: the one this person names.")
    ] = None,
    criterion: Annotated[str | None, typer.Option(help="The criterion that failed.")] = None,
    place: Annotated[str | None, typer.Option(help="included, ongoing or awaiting.")] = None,
    next_look: Annotated[str | None, typer.Option(help="When to look again (date).")] = None,
    note: Annotated[str | None, typer.Option(help="The reason.")] = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Settle a conflict: the two readers' agreement, or a third person's ruling."""
    entries = entries_of(
        file,
        typed(
            subject=subject,
            verdict=verdict,
            cell=cell,
            number=number,
            text=text,
            drop=drop or None,
            also=_also(also) or None,
            place_of=place_of,
            criterion=criterion,
            place=place,
            next_look_on=next_look,
            note=note,
        ),
    )
    with opened(data) as app:
        said = settle_conflicts(app, by_command(person), entries)
    answer(as_json, said, said_lines(said))


def _also(typed_pairs: list[str] | None) -> Json:
    """Read what is ruled with a cell: 'total=12', or 'total=drop' where it is not reported."""
    said: Json = {}
    for each in typed_pairs or []:
        field, _, number = each.partition("=")
        try:
            said[field] = None if number == "drop" else float(number)
        except ValueError as error:
            expected = "expected FIELD=NUMBER or FIELD=drop, such as total=12"
            raise BadInput(f"--also: found '{each}', {expected}") from error
    return said


def empty_form(app: App, study: str) -> Json:
    """Return an empty extraction form for a study."""
    with app.database.reading() as connection:
        stored = extractions.find_study(connection, study)
    return blank_form(app.protocol, stored.study)


def hand_in(app: App, actor: Actor, study: str, data: Any) -> Json:
    """Store one person's extraction of a study."""
    after = perform(app, read_hand_in(data, app.protocol, study), actor)
    end_command(app)
    with app.database.reading() as connection:
        asked = open_questions(connection, study, actor.name)
    return {**extraction_said(study, after), "questions": [str(each) for each in asked]}


def settle_conflicts(app: App, actor: Actor, entries: Any) -> list[Json]:
    """Settle conflicts of screening and differences of extraction, one by one."""
    said = [_settle(app, actor, act) for act in read_entries(entries, ruling_of)]
    end_command(app)
    return said


def ruling_of(entry: Json, number: int | None) -> SettleConflict | RuleValue | ChoosePlace:
    """Read one entry: an answer for a candidate, or for one value of a study or its place."""
    if "place_of" in entry:
        return read_act(ChoosePlace, entry, entry=number)
    if "cell" in entry:
        return read_act(RuleValue, entry, entry=number)
    return read_act(SettleConflict, entry, entry=number)


def _settle(app: App, actor: Actor, act: SettleConflict | RuleValue | ChoosePlace) -> Json:
    if isinstance(act, RuleValue | ChoosePlace):
        return extraction_said(act.subject, perform(app, act, actor))
    return {"candidate": act.subject, "status": perform(app, act, actor).status.value}


def extraction_said(study: str, after: Agreement) -> Json:
    """Say how a study's extraction stands; of an open round only that it is open."""
    state = "waiting for the other extractor" if after.open_round is not None else "differences"
    return {
        "study": study,
        "status": "accepted" if after.settled and after.open_round is None else state,
        "differences": [
            {"cell": each.cell, "said": _said_of(each), "how": _how_of(each)}
            for each in after.differences
        ],
        "places": [{"cell": each.cell, "said": _places_of(each)} for each in after.places],
    }


def _places_of(two: TwoPlaces) -> Json:
    return {
        person: {"source": place.source, "locator": place.locator, "quote": place.quote}
        for person, place in two.said.items()
    }


def _said_of(difference: Difference) -> dict[str, float | str | None]:
    return {person: _number_or_text(entry) for person, entry in difference.entries.items()}


def _how_of(difference: Difference) -> list[Json]:
    """Say how each of two had a number that they did not type as it is."""
    return [
        {"person": person, "how": entry.value.provenance.how}
        for person, entry in difference.entries.items()
        if entry is not None and entry.value is not None and entry.value.provenance.how
    ]


def _number_or_text(entry: Entry | None) -> float | str | None:
    if entry is None:
        return None
    return entry.number if entry.number is not None else entry.text


def extraction_lines(said: Json) -> list[str]:
    """Say how the extraction of a study stands."""
    lines = [f"{said['study']}: {said['status']}"]
    lines += [f"  differs: {each['cell']}" for each in said["differences"]]
    lines += [f"  read in two places: {each['cell']}" for each in said["places"]]
    lines += [f"  look again: {each}" for each in said.get("questions", ())]
    return lines
