"""The product's own code, read as text: what is where, and what imports what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("analysis", "bot", "extraction", "state")
# A migration that has landed is never edited, so what it is like is no matter of taste any more.
LANDED = "state/migrations/versions/"


@dataclass(frozen=True, slots=True)
class Module:
    """A module by its dotted name, its path in the repository, and its text."""

    name: str
    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    @property
    def word(self) -> str:
        """The last part of its name: a package's own for its `__init__`."""
        return Path(self.path).stem


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the product."""
    return tuple(_module(file) for package in PACKAGES for file in _files(ROOT / package))


def _files(folder: Path) -> Iterator[Path]:
    found = (file.relative_to(ROOT).as_posix() for file in sorted(folder.rglob("*.py")))
    return (ROOT / path for path in found if not path.startswith(LANDED))


def _module(file: Path) -> Module:
    path = file.relative_to(ROOT)
    parts = path.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path.as_posix(), file.read_text("utf-8"))


def classes(module: Module) -> Iterator[ast.ClassDef]:
    """Yield the classes at the top of a module."""
    return (node for node in module.tree.body if isinstance(node, ast.ClassDef))


def imported(module: Module, known: frozenset[str]) -> frozenset[str]:
    """Return which of the known modules a module imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{each.name}" for each in node.names}
            found |= (names & known) or {str(node.module)}
    return frozenset(found & known) - {module.name}
