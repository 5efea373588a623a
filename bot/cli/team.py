"""The team: accounts, roles, deputies, sign-in links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from bot.acts.act import read_act
from bot.acts.perform import perform
from bot.acts.said import AddPerson, MakeSignInLink, RetirePerson
from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.entries import typed
from bot.cli.opened import answer, by_command, opened, say
from state import people
from state.codec import Json
from state.people import Person

group = typer.Typer()


people_group = typer.Typer(help="Accounts, roles and deputies.", no_args_is_help=True)
group.add_typer(people_group, name="people")


@people_group.command("add")
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
    with opened(data) as app:
        known_as = person_id or people.person_id(name)
        described = typed(person=known_as, name=name, address=address, roles=role, deputy=deputy)
        person = perform(app, read_act(AddPerson, described), by_command())
    answer(as_json, person_json(person), [f"added {person.id}"])


@people_group.command("list")
def people_list(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List everybody."""
    with opened(data, reading=True) as app:
        found = everybody(app)
    answer(as_json, [person_json(each) for each in found], people_lines(found))


@people_group.command("retire")
def people_retire(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    data: Data = DEFAULT_DATA,
    deputy: Annotated[str | None, typer.Option(help="Who takes over: a person's id.")] = None,
) -> None:
    """Retire a person; what is open passes to the deputy."""
    with opened(data) as app:
        act = read_act(RetirePerson, typed(person=person, deputy=deputy))
        perform(app, act, by_command())
    say(f"retired {person}")


@people_group.command("link")
def people_link(
    person: Annotated[str, typer.Argument(help="The person's id.")], data: Data = DEFAULT_DATA
) -> None:
    """Print a one-time sign-in link for a person."""
    with opened(data, reading=True) as app:
        say(perform(app, read_act(MakeSignInLink, {"person": person}), by_command()))


def everybody(app: App) -> tuple[Person, ...]:
    """Return everybody, the retired included."""
    with app.database.reading() as connection:
        return people.people(connection)


def person_json(person: Person) -> Json:
    """One member of the team."""
    return {
        "id": person.id,
        "name": person.name,
        "address": person.address,
        "roles": list(person.roles),
        "deputy": person.deputy,
        "retired": person.retired,
    }


def people_lines(everybody: Sequence[Person]) -> list[str]:
    """List the team."""
    return [
        f"{each.id}  {each.name} <{each.address or 'no address'}>  {', '.join(each.roles)}"
        + (f"  deputy: {each.deputy}" if each.deputy else "")
        + ("  retired" if each.retired else "")
        for each in everybody
    ] or ["nobody yet: livingreview people add NAME --role screener --address you@example.org"]
