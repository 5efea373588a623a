"""One word, one thing: for classes, for modules, and for the words of the glossary."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from tests.house.code import ROOT, Module, classes, modules

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
# __init__, __main__, and what every room needs: more would be a hall again.
MOST_LOOSE = 5


def section(heading: str) -> str:
    return re.split(r"\n##+ ", CONTRIBUTING.split(f" {heading}\n", 1)[1], maxsplit=1)[0]


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading, without its head."""
    rows = [line.strip("| ") for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.split("|")] for row in rows[2:]]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


# ---- classes -------------------------------------------------------------------------------------


def borne_twice(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word, place in pairs:
        found[word].append(place)
    return {word: places for word, places in found.items() if len(places) > 1}


def test_no_public_class_name_is_borne_twice() -> None:
    public = (
        (each.name, module.name)
        for module in modules()
        for each in {found.name: found for found in classes(module)}.values()
        if not each.name.startswith("_")
    )

    assert borne_twice(public) == {}


def test_two_modules_with_one_class_name_are_told_of() -> None:
    assert borne_twice([("Pair", "a"), ("Row", "a"), ("Pair", "b")]) == {"Pair": ["a", "b"]}


# ---- errors --------------------------------------------------------------------------------------


def errors_of(found: Iterable[Module]) -> dict[str, set[str]]:
    """Return which public classes of each module are errors, by what they are derived from."""
    known = {"Exception", "ValueError", "TypeError", "LookupError", "RuntimeError", "OSError"}
    derived = [(module, each) for module in found for each in classes(module)]
    while True:
        more = {each.name for _, each in derived if _bases(each) & known} - known
        if not more:
            break
        known |= more
    errors: dict[str, set[str]] = defaultdict(set)
    for module, each in derived:
        if each.name in known and not each.name.startswith("_"):
            errors[module.path].add(each.name)
    return errors


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}


def test_every_error_stands_in_the_tree_of_its_package() -> None:
    trees = {"analysis/errors.py", "bot/errors.py", "extraction/errors.py", "state/errors.py"}

    elsewhere = {path: names for path, names in errors_of(modules()).items() if path not in trees}

    assert elsewhere == {}


def test_an_error_is_known_by_its_distant_ancestors() -> None:
    first = Module("a", "a.py", "class Broken(Lost): ...\nclass _Aside(Exception): ...")
    second = Module("b", "b.py", "class Lost(a.Root): ...\nclass Root(Exception): ...")

    assert errors_of([first, second]) == {"a.py": {"Broken"}, "b.py": {"Lost", "Root"}}


# ---- modules -------------------------------------------------------------------------------------


def shelves() -> list[frozenset[str]]:
    """Return which folders may hold modules of one name, as CONTRIBUTING says."""
    return [frozenset(quoted(folders)) for _, folders in table("Names that modules share")]


def shared_by_convention(paths: Iterable[str], allowed: Iterable[frozenset[str]]) -> bool:
    """Whether modules of one name lie in different folders that may share names."""
    folders = [PurePosixPath(path).parent for path in paths]
    return len(set(folders)) == len(folders) and any(
        all(any(map(folder.match, each)) for folder in folders) for each in allowed
    )


def test_a_module_name_is_shared_only_by_a_convention_of_the_glossary() -> None:
    anywhere = {"__init__", "__main__", *quoted(section("Names that modules share").split("|")[0])}
    twice = borne_twice((each.word, each.path) for each in modules() if each.word not in anywhere)

    told = {
        word: paths for word, paths in twice.items() if not shared_by_convention(paths, shelves())
    }

    assert told == {}


def test_a_convention_is_held_to_its_folders() -> None:
    allowed = [frozenset({"bot/web", "bot/cli"})]

    assert shared_by_convention(["bot/web/team.py", "bot/cli/team.py"], allowed)
    assert not shared_by_convention(["bot/web/team.py", "state/team.py"], allowed)


def test_the_shell_keeps_hardly_a_module_outside_its_rooms() -> None:
    loose = [each.path for each in modules() if re.fullmatch(r"bot/\w+\.py", each.path)]

    assert len(loose) <= MOST_LOOSE, loose


# ---- the glossary --------------------------------------------------------------------------------


def words_of_the_code() -> set[str]:
    found: set[str] = set()
    for module in modules():
        found |= set(module.name.split("."))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
    return found


def test_every_word_of_the_glossary_is_one_of_the_code() -> None:
    known = words_of_the_code()

    words = [word for row in table("The words") for word in quoted(row[0])]

    assert len(words) > 30
    assert [word for word in words if word not in known] == []


def test_no_class_bears_a_name_that_the_glossary_keeps_out() -> None:
    known = {each.name for module in modules() for each in classes(module)}

    kept_out = [word for row in table("The words") for word in quoted(row[2])]

    assert len(kept_out) > 10
    assert sorted(known & set(kept_out)) == []
