"""What may take two people: what came of a hand, and how one is refused, taken back or undone."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import Connection

from bot.acts.act import read_act
from bot.acts.perform import perform
from bot.acts.said import (
    HandGiven,
    RejectProposal,
    Reopen,
    ReopenTask,
    TakenBack,
    WithdrawProposal,
    WithdrawSearch,
    WithdrawVerdict,
)
from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, As, AsJson, Data
from bot.cli.opened import answer, by_command, opened, said_lines
from bot.notify.proposed import Worded, worded
from bot.work.outgoing import end_command
from state import people, proposals, runs, tasks
from state.codec import Json
from state.events import Actor
from state.facts.words import ProposalKind
from state.late import late

Note = Annotated[str, typer.Option(help="Why.")]

group = typer.Typer()


@group.command()
def reject(
    proposal: Annotated[str, typer.Argument(help="The proposal's id.")],
    person: As,
    note: Note,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Refuse what another person has proposed: all stays as it is."""
    with opened(data) as app:
        perform(
            app, read_act(RejectProposal, {"proposal": proposal, "note": note}), by_command(person)
        )
        end_command(app)
    said: Json = {"proposal": proposal, "ended": "rejected"}
    answer(as_json, said, said_lines([said]))


@group.command()
def reopen(
    what: Annotated[str, typer.Argument(metavar="CANDIDATE", help="The id of one, or of a task.")],
    person: As,
    note: Note,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Have what is closed judged again: a candidate (excluded, linked, withdrawn), or a task."""
    with opened(data) as app:
        said = _opened_again(app, by_command(person), what, note)
        end_command(app)
    answer(as_json, said, _reopened_lines(said))


def _opened_again(app: App, actor: Actor, what: str, note: str) -> Json:
    with app.database.reading() as connection:
        task = tasks.is_task(connection, what)
    if task:
        perform(app, read_act(ReopenTask, {"task": what, "note": note}), actor)
        return {"task": what, "status": "open"}
    given = perform(app, read_act(Reopen, {"candidate": what, "note": note}), actor)
    return {"candidate": what, "status": "open", "told": _names(app, given.told)}


@group.command()
def withdraw(
    what: Annotated[str, typer.Argument(help="A proposal, a candidate or a search by hand.")],
    person: As,
    note: Note,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Take back an act of one's own: a proposal, a verdict, a search by hand or its import."""
    with opened(data) as app:
        came = _take_back(app, by_command(person), what, note)
        end_command(app)
        said = _taken_back(app, what, came)
    answer(as_json, said, _withdrawn_lines(said))


def _take_back(app: App, actor: Actor, what: str, note: str) -> TakenBack | None:
    """Take back what bears this name: a proposal, a search, or a verdict on a candidate."""
    with app.database.reading() as connection:
        proposal = proposals.is_proposal(connection, what)
        search = runs.find_search(connection, what) is not None
    if proposal:
        perform(app, read_act(WithdrawProposal, {"proposal": what, "note": note}), actor)
    elif search:
        return perform(app, read_act(WithdrawSearch, {"run": what, "note": note}), actor)
    else:
        perform(app, read_act(WithdrawVerdict, {"candidate": what, "note": note}), actor)
    return None


def _taken_back(app: App, what: str, came: TakenBack | None) -> Json:
    if came is None:
        return {"withdrawn": what}
    return {"withdrawn": what, "closed": list(came.closed), "told": _names(app, came.told)}


def _withdrawn_lines(said: Json) -> list[str]:
    lines = [f"{said['withdrawn']} is taken back"]
    if "closed" in said:
        lines.append("the source counts as not searched by it")
        lines += [f"  closed, its import withdrawn: {each}" for each in said["closed"]]
        if said["closed"]:
            lines.append("undone with: livingreview reopen CANDIDATE --note WHY --as PERSON")
        lines += _told(said["told"])
    return lines


def _reopened_lines(said: Json) -> list[str]:
    if "task" in said:
        return [f"{said['task']} is to be judged again", "what was concluded stays in the log"]
    kept = "what was said of it before is kept as earlier; no study was taken out"
    return [f"{said['candidate']} is to be judged again", kept, *_told(said["told"])]


def hand_json(app: App, given: HandGiven) -> Json:
    """Say what came of a hand: what waits and for whom, or what it put in force."""
    if given.proposal is None:
        return {"proposed": None, "in_force": None, "waits_for": []}
    with app.database.reading() as connection:
        said = worded(connection, given.proposal)
        change = _change(app, connection, said) if given.waits else []
    of = said.proposal
    return {
        "proposed": of.id if given.waits else None,
        "in_force": None if given.waits else of.id,
        "waits_for": list(given.waits_for),
        "what": said.what,
        "by": [of.person, *filter(None, [of.ended_by])],
        "why": said.why,
        "would_change": [line.strip() for line in change],
        "told": _names(app, given.told),
        "undone_with": said.way_back,
    }


def _change(app: App, connection: Connection, said: Worded) -> list[str]:
    if said.proposal.kind is not ProposalKind.MOVE:
        return []
    lines: list[str] = late("bot.synthesis.moved_study:would_change")(
        app, connection, said.proposal
    )
    return lines


def hand_lines(said: Json, otherwise: str) -> list[str]:
    """Say it in lines. otherwise: what is so where it took no second person."""
    if said["proposed"] is not None:
        return _waiting_lines(said)
    if said["in_force"] is None:
        return [otherwise]
    return [
        f"in force ({said['in_force']}): {said['what']}",
        f"by: {' and '.join(said['by'])}",
        f"why: {said['why']}",
        *_told(said["told"]),
        f"undone with: {said['undone_with']}",
    ]


def _waiting_lines(said: Json) -> list[str]:
    name = said["proposed"]
    seconds = ", ".join(said["waits_for"]) or "nobody: no other person holds the role"
    lines = [
        f"proposed ({name}): {said['what']}",
        f"why: {said['why']}",
        f"waits for the same command by a second person: {seconds}",
        f"  to refuse it: livingreview reject {name} --note WHY --as PERSON",
        f"  to take it back: livingreview withdraw {name} --note WHY --as {said['by'][0]}",
    ]
    if said["would_change"]:
        lines += ["the results stand until then; it would change:"]
        lines += [f"  {line}" for line in said["would_change"]]
    return [*lines, *_told(said["told"])]


def _told(told: list[str]) -> list[str]:
    return [f"told: {', '.join(told)}"] if told else []


def _names(app: App, ids: tuple[str, ...]) -> list[str]:
    with app.database.reading() as connection:
        names = people.names(connection, ids)
    return [names.get(each, each) for each in ids]
