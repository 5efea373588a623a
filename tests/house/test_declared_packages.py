"""What the program imports is declared: what only comes with another package may leave with it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWN = ("analysis", "bot", "extraction", "state")


def imported_roots(source: str) -> set[str]:
    """Name the packages that a module imports, but for ours and those of Python itself."""
    roots = {name.split(".")[0] for node in ast.walk(ast.parse(source)) for name in names(node)}
    return roots - set(sys.stdlib_module_names) - set(OWN)


def names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module is not None:
        yield node.module


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {normal(re.split(r"[<>=!~\[; ]", each)[0]) for each in project["dependencies"]}


MODULES = [file for package in OWN for file in sorted((ROOT / package).rglob("*.py"))]


def test_every_package_that_is_imported_is_declared() -> None:
    comes_from = packages_distributions()
    imported = {root for file in MODULES for root in imported_roots(file.read_text("utf-8"))}

    undeclared = {
        root
        for root in imported
        if not declared() & {normal(each) for each in comes_from.get(root, [root])}
    }

    assert undeclared == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import click.testing", {"click"}),
        ("def late():\n    from anyio import run", {"anyio"}),
        ("import os, json\nfrom bot import app", set()),
    ],
)
def test_an_import_is_seen_wherever_it_stands(source: str, found: set[str]) -> None:
    assert imported_roots(source) == found
