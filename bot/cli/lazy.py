"""Commands that are loaded when they are asked for: asking for help must not load the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group

from state.late import late


@dataclass(frozen=True, slots=True)
class Listed:
    """A command as the list shows it; `room` is the module that holds it, in its `group`."""

    help: str
    room: str


class _WhenAsked(MutableMapping[str, Any]):
    """Commands by name; looking one up loads its file, listing the names loads none."""

    def __init__(self, listed: Mapping[str, Listed]) -> None:
        self._listed = listed

    def __getitem__(self, name: str) -> Any:
        return get_group(late(f"{self._listed[name].room}:group")).commands[name]

    def __contains__(self, name: object) -> bool:
        return name in self._listed

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)

    def __setitem__(self, name: str, command: Any) -> None:
        raise TypeError(f"{name}: the commands are those of the list")

    def __delitem__(self, name: str) -> None:
        raise TypeError(f"{name}: the commands are those of the list")


def lazy_group(listed: Mapping[str, Listed]) -> type[TyperGroup]:
    """Make the kind of group that shows this list and loads a command when it is called."""

    class LazyGroup(TyperGroup):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.commands = _WhenAsked(listed)

        def list_commands(self, ctx: Any) -> list[str]:
            """Return the names, in the order of the list."""
            return list(listed)

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            """Write the list, whole: a line cut short does not say what a command does."""
            with formatter.section("Commands"):
                formatter.write_dl([(name, each.help) for name, each in listed.items()])

        def format_help(self, ctx: Any, formatter: Any) -> None:
            """Write the page of help in plain text: drawing boxes would cost half of its time."""
            super(TyperGroup, self).format_help(ctx, formatter)

    return LazyGroup
