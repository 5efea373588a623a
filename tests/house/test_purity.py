"""What the import contract of the pure rooms cannot see: the clock and files need no import."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch

from tests.house.code import ROOT, Module, modules

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
# Builtins and methods that touch the world; those of time say what the machine's clock says.
BUILTINS = frozenset({"open", "print", "input", "__import__", "exec", "eval"})
METHODS = frozenset(
    {"now", "utcnow", "today", "read_text", "write_text", "read_bytes", "write_bytes", "getenv"}
)
# Whoever reads a folder is given it; what is read is then judged without.
READS_WHAT_IT_IS_GIVEN = "bot/review/folder.py"


def pure_rooms() -> tuple[str, ...]:
    """Return the rooms and modules that the contract of the pure rooms names."""
    (found,) = (
        each["source_modules"]
        for each in CONTRACTS["contracts"]
        if each["name"].startswith("the pure rooms")
    )
    return tuple(found)


def is_pure(name: str) -> bool:
    return any(fnmatch(name, room) or name.startswith(f"{room}.") for room in pure_rooms())


def touches(module: Module) -> Iterator[str]:
    """Yield each call by which a module asks or changes something outside itself."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        by_name = isinstance(node.func, ast.Name) and node.func.id in BUILTINS
        by_method = isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
        if by_name or by_method:
            yield f"{module.path}:{node.lineno}: {ast.unparse(node.func)}"


def test_the_pure_rooms_ask_no_clock_and_open_no_file() -> None:
    pure = [one for one in modules() if is_pure(one.name) and one.path != READS_WHAT_IT_IS_GIVEN]

    assert [each for one in pure for each in touches(one)] == []


def test_what_touches_the_world_is_found() -> None:
    written = "open('x')\ndatetime.now()\nd.date.today()\npath.read_text()\nnowhere()\nx.known()"

    assert len(list(touches(Module("m", "m.py", written)))) == 4


def test_a_module_that_calls_itself_pure_is_held_to_it() -> None:
    called = {
        each.name
        for each in modules()
        if re.search(r"\bPure\.", ast.get_docstring(each.tree) or "") and not is_pure(each.name)
    }

    assert called == set()
