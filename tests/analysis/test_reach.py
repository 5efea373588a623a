"""Nothing public in `analysis` is out of reach: a protocol, a report or the library leads to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import analysis
from tests.house.code import Module, modules

Named = Mapping[str, list[ast.AST]]


def of(package: str) -> list[Module]:
    return [each for each in modules() if each.name.partition(".")[0] == package]


def defined(found: list[Module]) -> Named:
    """Return what stands at the top of modules, by its name."""
    named: dict[str, list[ast.AST]] = {}
    for node in (node for each in found for node in each.tree.body):
        targets: list[ast.expr] = []
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            named.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                named.setdefault(target.id, []).append(node)
    return named


def words(node: ast.AST) -> Iterator[str]:
    """Yield every name in a piece of code, and what a text names to be loaded late."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr
        elif isinstance(each, ast.alias):
            yield each.name
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value.rpartition(":")[2]


def imports_analysis(module: Module) -> bool:
    return "analysis" in module.text


def reached(named: Named, roots: set[str]) -> set[str]:
    seen: set[str] = set()
    waiting = roots & named.keys()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        used = {word for node in named[name] for word in words(node)}
        waiting |= (used & named.keys()) - seen
    return seen


def test_every_public_name_has_a_path_from_a_protocol_a_report_or_the_library() -> None:
    named = defined(of("analysis"))
    product = {word for each in of("bot") if imports_analysis(each) for word in words(each.tree)}
    data = {name for each in of("analysis") if each.name == "analysis.data"
            for name in defined([each])}  # fmt: skip
    library = {*analysis.__all__, "frame_of", "frame_of_columns", *data}

    public = {
        name
        for name, nodes in named.items()
        if not name.startswith("_")
        and any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in nodes)
    }
    assert public - reached(named, product | library) == set()


def test_a_name_that_nothing_uses_is_found() -> None:
    one = Module("m", "m.py", "def used(): return LIMIT\nLIMIT = 1\ndef lost(): return used()")

    assert reached(defined([one]), {"used"}) == {"used", "LIMIT"}


def test_every_name_of_the_library_can_be_had_and_says_what_it_is() -> None:
    missing = [
        name for name in analysis.__all__ if not (getattr(analysis, name).__doc__ or "").strip()
    ]

    assert missing == []
