"""A source is a folder: one that is made up is searched, and held to every fault, by that alone.

The program is copied; its copy gets a folder of a source and three lines of a review, and nothing
else. What is then run there is what is run of every source.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MADE_UP = Path(__file__).parent / "made_up"
NAME = "atlantis"
PROGRAM = ("analysis", "bot", "extraction", "state", "reviews", "tests")
# Of each source the table plays so many faults at least: on the line, of HTTP, and in a body.
FEWEST_ROWS = 45
SEARCHED = """
import os, subprocess, sys
from bot.demo.sources import stand_ins
with stand_ins() as sources:
    for words in (["search", "--source", sys.argv[1], "--json"], ["records", "--json"]):
        command = [sys.executable, "-m", "bot", *words, "--data", "data"]
        print(subprocess.run(command, env=os.environ | sources.settings, check=True,
              capture_output=True, text=True).stdout, flush=True)
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the program with one source more."""
    copy = tmp_path_factory.mktemp("copy") / "program"
    for each in PROGRAM:
        shutil.copytree(ROOT / each, copy / each, ignore=shutil.ignore_patterns("__pycache__"))
    for each in ("pyproject.toml", "CONTRIBUTING.md"):
        shutil.copy(ROOT / each, copy)
    add_source(copy)
    add_to_review(copy / "reviews" / "mmn")
    yield copy
    shutil.rmtree(copy)


def add_source(program: Path) -> None:
    folder = program / "bot" / "sources" / NAME
    folder.mkdir()
    for each in MADE_UP.glob("*.py.txt"):
        shutil.copy(each, folder / each.name.removesuffix(".txt"))


def add_to_review(review: Path) -> None:
    shutil.copy(MADE_UP / "strategy.txt", review / "strategies" / f"{NAME}.txt")
    for part, file in (("protocol_part", "protocol.toml"), ("known_item", "known_items.csv")):
        with (review / file).open("a", encoding="utf-8") as kept:
            kept.write((MADE_UP / f"{part}.txt").read_text("utf-8"))


def run(program: Path, *words: str) -> str:
    """Run Python in the copy, and nothing of the original."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "LIVING"))}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=program,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_copy_runs_by_itself(program: Path) -> None:
    told = run(
        program, "-c", "import bot, bot.sources.catalogue as c; print(bot.__file__, *c.SOURCES)"
    )

    file, *names = told.split()
    assert Path(file).is_relative_to(program)
    assert NAME in names


def test_a_made_up_source_is_held_to_the_whole_table_of_faults(program: Path) -> None:
    table = "tests/bot/sources/test_every_fault.py"

    told = run(program, "-m", "pytest", table, "-k", NAME, "-q", "-p", "no:cacheprovider")

    passed, _, _ = told.splitlines()[-1].partition(" passed")
    assert int(passed.split()[-1]) >= FEWEST_ROWS, told


def test_a_made_up_source_keeps_what_every_source_keeps(program: Path) -> None:
    rules = ("tests/bot/sources/test_catalogue.py", "tests/house/test_sources.py")

    told = run(program, "-m", "pytest", *rules, "-q", "-p", "no:cacheprovider")

    assert NAME in run(program, "-m", "pytest", *rules, "-q", "--collect-only")
    assert " passed" in told


def test_a_made_up_source_is_searched_by_command(program: Path) -> None:
    searched, *records = run(program, "-c", SEARCHED, NAME).strip().split("\n}\n")

    (found,) = json.loads(searched + "\n}")["sources"]
    assert (found["status"], found["found"], found["new"]) == ("ok", 3, 3)
    assert found["known_items_missing"] == []
    assert records[-1].count(f'"source": "{NAME}"') == 3
