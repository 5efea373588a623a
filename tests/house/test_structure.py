"""What the import contracts cannot say: no circle of modules, closed sets, state's own tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from tests.house.code import ROOT, Module, imported, modules

# Attributes that hold one of a closed set: their values have a type with names.
CLOSED = frozenset(
    {"kind", "state", "status", "mode", "to_do", "verdict", "place", "stage", "lateness", "light"}
)
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
