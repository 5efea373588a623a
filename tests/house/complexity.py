"""How long and how branched a function is, counted as a reader meets it.

1, and one more for each `if`, `for`, `while`, `except` and case, each `for` and each condition of a
comprehension, conditional expression, and operand of `and` and `or` after the first. What a
function inside it does counts for that function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_ONE = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.match_case,
)
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Measured:
    """A function by its name within its module; lines count from `def` to its end."""

    name: str
    complexity: int
    lines: int


def measured(source: str) -> list[Measured]:
    """Measure every function of a module, those in classes and in other functions as well."""
    return [_measure(name, node) for name, node in _functions(ast.parse(source), "")]


def _functions(node: ast.AST, within: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, (*_FUNCTION, ast.ClassDef))
        name = f"{within}{child.name}" if named else within  # type: ignore[attr-defined]
        if isinstance(child, _FUNCTION):
            yield name, child
        yield from _functions(child, f"{name}." if named else within)


def _measure(name: str, node: ast.AST) -> Measured:
    assert isinstance(node, _FUNCTION)
    branches = sum(map(_weight, _inside(node)))
    return Measured(name, 1 + branches, (node.end_lineno or node.lineno) - node.lineno + 1)


def _inside(function: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, _FUNCTION):
            yield child
            yield from _inside(child)


def _weight(node: ast.AST) -> int:
    if isinstance(node, _ONE):
        return 1
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    return 1 + len(node.ifs) if isinstance(node, ast.comprehension) else 0
