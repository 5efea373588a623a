"""What the import contracts cannot say: no circle of modules, closed sets, state's own tests."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from tests.house.code import ROOT, Module, imported, modules

# Attributes that hold one of a closed set: their values have a type with names.
CLOSED = frozenset(
    {"kind", "state", "status", "mode", "to_do", "verdict", "place", "stage", "lateness", "light"}
)
LATE = re.compile(r"(?:analysis|bot|extraction|state)(?:\.\w+)+:\w+")
# From the top; in a layer side by side.
ROOMS = [
    [room.strip(" ()") for room in layer.split("|")]
    for each in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    if each.get("containers") == ["bot"]
    for layer in each["layers"]
]
# Of tests a line of the package that must be readable for ten years.
TESTS_A_LINE = 0.6


def circle(arrows: Mapping[str, frozenset[str]]) -> list[str]:
    """Return modules that import each other in a circle; none: nothing."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = frozenset(each.name for each in modules())

    assert circle({each.name: imported(each, known) for each in modules()}) == []


def test_a_circle_is_found() -> None:
    first = Module("p.a", "p/a.py", "from p import b")
    second = Module("p.b", "p/b.py", "def late():\n    from p.a import x")
    known = frozenset({"p", "p.a", "p.b"})

    assert circle({each.name: imported(each, known) for each in (first, second)}) != []


def late_places(module: Module) -> Iterator[str]:
    """Yield each place that a module names to be loaded late: 'bot.report.publish:publish'."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and LATE.fullmatch(said := str(node.value)):
            yield said


def names_at_the_top(module: Module) -> set[str]:
    defined = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in module.tree.body if isinstance(node, defined)}


def test_what_is_loaded_late_is_there() -> None:
    there = {f"{each.name}:{name}" for each in modules() for name in names_at_the_top(each)}
    named = {place for each in modules() for place in late_places(each)}

    assert "bot.report.publish:publish" in named
    assert named - there == set()


def test_what_is_loaded_late_stands_in_no_room_above() -> None:
    wrong = [
        (each.name, place)
        for each in modules()
        for place in late_places(each)
        if height(place.partition(":")[0]) > height(each.name)
    ]

    assert wrong == []


def height(module: str) -> int:
    """Return how high the room of a module stands, by the contract of the rooms."""
    package, _, within = module.partition(".")
    if package != "bot":
        return -1
    if not within:  # the package's own face, above its rooms
        return len(ROOMS) + 1
    return -next(
        number for number, layer in enumerate(ROOMS) if within.split(".")[0] in layer
    ) + len(ROOMS)


def test_a_room_above_is_higher_and_state_lies_below_them_all() -> None:
    assert height("bot.work.jobs") > height("bot.report.publish") > height("state.runs")


def compared_with_text(module: Module) -> Iterator[str]:
    """Yield each comparison of a member of a closed set with a text."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            closed = any(map(_is_closed, sides))
            if closed and any(map(_is_text, sides)):
                yield f"{module.path}: {ast.unparse(node)}"


def _is_closed(node: ast.expr) -> bool:
    """Whether it is such a member, or the text of one."""
    if isinstance(node, ast.Attribute) and node.attr == "value":
        return _is_closed(node.value)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "str" and node.args:
        return _is_closed(node.args[0])
    return isinstance(node, ast.Attribute) and node.attr in CLOSED


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(_is_text, node.elts))
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_a_member_of_a_closed_set_is_compared_by_its_name() -> None:
    assert [each for module in modules() for each in compared_with_text(module)] == []


def test_a_comparison_with_a_text_is_found_in_every_form() -> None:
    written = (
        'a.kind == "x"\n"x" != a.state\na.mode in ("x", "y")\na.name == "x"\na.kind is Kind.X\n'
        'a.b.verdict == "x"\nstr(a.place) == "x"\na.stage.value in {"x"}'
    )

    assert len(list(compared_with_text(Module("m", "m.py", written)))) == 6


def test_state_is_tested_by_itself() -> None:
    own = [each for each in modules() if each.path.startswith("state/")]
    tests = (ROOT / "tests" / "state").rglob("*.py")

    lines = sum(each.text.count("\n") for each in own)
    tested = sum(each.read_text("utf-8").count("\n") for each in tests)

    assert tested / lines >= TESTS_A_LINE
