"""A source is named in its own folder only: whatever must know all sources walks over them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.sources.catalogue import SOURCES
from tests.house.code import Module, modules

FOLDERS = ("bot.sources", "extraction.readers")
# Where a source may be named all the same, and why.
EXCEPTIONS = {
    "bot/demo/fiction.py": "it makes up what each of the services knows",
    "bot/demo/sources.py": "the fictional trial appears in two of them",
}


def named(module: Module) -> Iterator[str]:
    """Yield where a module names a source: as a text, in a record's key, by an import."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and str(node.value).partition(":")[0] in SOURCES:
            yield f"{module.path}:{node.lineno}: {node.value!r}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (f"{module.path}:{node.lineno}: {each}" for each in _imported(node))


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    within = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
    for each in node.names:
        full = f"{within}{each.name}"
        if any(f"{full}.".startswith(f"{at}.{name}.") for at in FOLDERS for name in SOURCES):
            yield full


def is_of_a_source(path: str) -> bool:
    return any(path.startswith(f"bot/sources/{name}/") for name in SOURCES)


def test_no_source_is_named_outside_its_folder() -> None:
    shell = [one for one in modules() if one.path.startswith("bot/")]
    others = [one for one in shell if not is_of_a_source(one.path)]

    assert [each for one in others if one.path not in EXCEPTIONS for each in named(one)] == []


def test_every_exception_is_still_needed() -> None:
    naming = {one.path for one in modules() if any(named(one))}

    assert naming >= set(EXCEPTIONS)


def test_a_source_names_no_other() -> None:
    for name in SOURCES:
        own = [one for one in modules() if one.path.startswith(f"bot/sources/{name}/")]
        found = {each for one in own for each in named(one)}
        assert [each for each in found if name not in each.partition(": ")[2]] == []


def test_a_name_is_found_in_every_form() -> None:
    written = (
        'if kind == "pubmed": ...\nLIST = ("ctgov", "a")\nfrom bot.sources.crossref import x\n'
        "import extraction.readers.openalex\nfrom extraction.readers import europepmc\n"
        "from bot.sources import catalogue\nfrom extraction.readers.pubmed_record import y\n"
        '"PubMed"\nf"pubmed:{number}"\n"ctgov:NCT00000001"'
    )

    assert len(list(named(Module("m", "m.py", written)))) == 7
