"""The table of rights as the documents show it: `python -m bot.acts.printed docs/commands.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.acts.act import Act
from bot.acts.rights import ANYBODY, RIGHTS, Right
from bot.acts.said import RuleValue, SettleConflict
from state.facts.words import RoleId

BEGIN = "<!-- rights: python -m bot.acts.printed docs/commands.md -->"
END = "<!-- /rights -->"
READ_BY_TWO = frozenset({SettleConflict, RuleValue})
HEAD = ("act", "who", "hands", "by command, in nobody's name", "also")


def rights_table() -> str:
    """Return the table in Markdown."""
    rows = [_row(kind, right) for kind, right in RIGHTS.items()]
    lines = (HEAD, tuple("---" for _ in HEAD), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_table(text: str) -> str:
    """Return a document with the table of now between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, found, behind = rest.partition(END)
    if not found:
        raise ValueError(f"found no '{BEGIN}' with a '{END}' after it")
    return f"{before}{BEGIN}\n{rights_table()}\n{END}{behind}"


def _row(kind: type[Act[Any]], right: Right) -> tuple[str, ...]:
    words = (kind.__doc__ or "").splitlines()[0].rstrip(".")
    machine = "yes" if right.machine else ""
    return (
        f"**{kind.__name__}**: {words}",
        "; ".join(_who(kind, right)),
        right.hands,
        machine,
        right.note,
    )


def _who(kind: type[Act[Any]], right: Right) -> Iterator[str]:
    if right.roles or not right.own:
        yield _named(right.roles)
    if right.own != right.roles:
        whose = "of the two who read it" if kind in READ_BY_TWO else "whose own it is"
        yield f"{whose}: {_named(right.own)}"


def _named(roles: frozenset[RoleId]) -> str:
    if roles == ANYBODY:
        return "anybody on the team"
    return ", ".join(role.replace("_", " ") for role in RoleId if role in roles) or "nobody"


def main(file: Path) -> None:
    """Write the table into a document."""
    file.write_text(with_table(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
