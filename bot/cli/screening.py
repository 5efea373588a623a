"""Screening: verdicts on candidates, pairs of records, tasks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bot.acts.act import read_act
from bot.acts.perform import perform
from bot.acts.said import GiveVerdict, SayDifferent, SaySame, SettleLink, SettleTask
from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, As, AsJson, Data, File
from bot.cli.entries import entries_of, read_entries, typed
from bot.cli.hands import hand_json, hand_lines
from bot.cli.opened import answer, by_command, opened, said_lines, say
from bot.work.outgoing import end_command
from state import decisions
from state.codec import Json
from state.events import Actor
from state.facts.words import LinkVerdict
from state.screening import ScreeningStatus, StageResult

group = typer.Typer()


@group.command()
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
    entries = entries_of(
        file,
        typed(
            candidate=candidate,
            verdict=verdict,
            stage=stage,
            criterion=criterion,
            place=place,
            next_look_on=next_look,
            note=note,
        ),
    )
    with opened(data) as app:
        said = give_verdicts(app, by_command(person), entries)
    answer(as_json, said, [line for each in said for line in _said_lines(each)])


def _said_lines(said: Json) -> list[str]:
    """Say what came of one entry: of a link, what waits and how it is undone as well."""
    if "link" not in said:
        return said_lines([said])
    return hand_lines(said, f"candidate: {said['candidate']}, link: {said['link']}")


@group.command()
def same(
    record: Annotated[str, typer.Argument(help="The record that was found later.")],
    other: Annotated[str, typer.Argument(help="The record that was known.")],
    person: As,
    data: Data = DEFAULT_DATA,
    note: Annotated[str | None, typer.Option(help="Why.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say that two records are one; where somebody has judged one of them it takes a second."""
    with opened(data) as app:
        act = read_act(SaySame, typed(record=record, other=other, note=note))
        given = perform(app, act, by_command(person))
        end_command(app)
        told = hand_json(app, given)
    undone = f"undone with: livingreview different {record} {other} --as PERSON"
    lines = hand_lines(told, f"{record} is the same record as {other}")
    if told["proposed"] is told["in_force"] is None:
        lines.append(undone)
    answer(as_json, {"record": record, "other": other, **told}, lines)


@group.command()
def different(
    record: Annotated[str, typer.Argument(help="The record that was found later.")],
    other: Annotated[str, typer.Argument(help="The record that was known.")],
    person: As,
    data: Data = DEFAULT_DATA,
    note: Annotated[str | None, typer.Option(help="Why.")] = None,
) -> None:
    """Say that two records are not one: a merged one gets its own place in the queue again."""
    with opened(data) as app:
        act = read_act(SayDifferent, typed(record=record, other=other, note=note))
        perform(app, act, by_command(person))
        end_command(app)
    say(f"{record} is not {other}")


@group.command()
def settle(
    task: Annotated[str, typer.Argument(help="The task's id.")],
    person: As,
    note: Annotated[str, typer.Option(help="What was concluded.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Store what a person concluded of a task."""
    with opened(data) as app:
        perform(app, read_act(SettleTask, {"task": task, "note": note}), by_command(person))
    say(f"{task} is settled")


def give_verdicts(app: App, actor: Actor, entries: Any) -> list[Json]:
    """Store verdicts, one by one."""
    said = [_give(app, actor, act) for act in read_entries(entries, verdict_of)]
    end_command(app)
    return said


def verdict_of(entry: Json, number: int | None) -> GiveVerdict | SettleLink:
    """Read one entry: a verdict on a candidate, or what is said of a proposed link."""
    if entry.get("verdict") in list(LinkVerdict):
        return read_act(SettleLink, entry, entry=number)
    return read_act(GiveVerdict, entry, entry=number)


def _give(app: App, actor: Actor, act: GiveVerdict | SettleLink) -> Json:
    if isinstance(act, SettleLink):
        told = hand_json(app, perform(app, act, actor))
        confirmed = act.verdict is LinkVerdict.CONFIRM
        link = "confirmed" if confirmed else "refused"
        if told["proposed"] is not None:
            link = "proposed"
        return {"candidate": act.candidate, "link": link, **told}
    if act.stage is None:
        with app.database.reading() as connection:
            stage = decisions.screening_state(connection, act.candidate).stage
        act = act.model_copy(update={"stage": stage})
    result = perform(app, act, actor)
    return {"candidate": act.candidate, "stage": act.stage, "status": _public(result)}


def _public(result: StageResult) -> str:
    """Say how a stage stands without telling whether another has decided.

    What two include as ongoing or awaiting is not included: its place is how it stands.
    """
    undecided = (ScreeningStatus.WAITING, ScreeningStatus.HALF_SCREENED)
    if result.status in undecided:
        return "waiting"
    place = result.answer.place if result.answer is not None else None
    if result.status is ScreeningStatus.INCLUDED and place is not None:
        return place.value
    return result.status.value
