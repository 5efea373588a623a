"""What a command loads: its own file, and the engine only where something is computed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command, get_group

from bot import VERSION
from bot.cli import cli
from bot.cli.main import COMMANDS
from state.late import late
from tests.bot.builders import NOWHERE, SERVICES, add_team, an_app

ENGINE = {"scipy", "pandas"}
LOADED = """
import json, sys
from bot.cli import cli
for command in json.loads(sys.argv[1]):
    try:
        cli(command, standalone_mode=False)
    finally:
        loaded = sorted({name.partition(".")[0] for name in sys.modules})
        print(json.dumps([command, loaded]), file=sys.stderr)
"""


def typed(*commands: list[str]) -> tuple[str, list[tuple[list[str], list[str]]]]:
    """Type commands in a process of their own; return what was printed and what each had loaded."""
    nowhere = {f"LIVINGREVIEW_{each}_URL": NOWHERE for each in SERVICES}
    done = subprocess.run(
        [sys.executable, "-c", LOADED, json.dumps(commands)],
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, [json.loads(line) for line in done.stderr.splitlines()]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loading") / "data"
    app = an_app(folder)
    add_team(app)
    app.close()
    return folder


def test_a_command_that_computes_nothing_loads_no_engine(data: Path) -> None:
    asked = ["people list", "queue --as ada", "duplicates", "tasks", "corrections", "records"]
    asked += ["status", "verify", "people link ada"]

    _, seen = typed(*([*words.split(), "--data", str(data)] for words in asked))

    assert len(seen) == len(asked)
    for command, loaded in seen:
        assert not ENGINE & set(loaded), command


def test_help_loads_neither_the_engine_nor_the_database_nor_the_page() -> None:
    printed, [(_, loaded)] = typed(["--help"])

    assert all(f"  {name} " in printed for name in COMMANDS)
    assert not {*ENGINE, "numpy", "sqlalchemy", "fastapi", "httpx", "apprise"} & set(loaded)


def test_help_on_a_persons_act_loads_no_engine() -> None:
    acts = ["screen", "same", "different", "settle", "place", "extract", "adjudicate", "sign"]

    _, seen = typed(*([name, "--help"] for name in [*acts, "publish"]))

    assert {name: ENGINE & set(loaded) for (name, _), loaded in seen} == {
        name: set() for name in [*acts, "publish"]
    }


def test_the_watchdog_loads_no_database() -> None:
    _, [(_, loaded)] = typed(["watchdog", "--help"])

    assert not {*ENGINE, "sqlalchemy", "fastapi", "apprise"} & set(loaded)


def test_the_list_of_commands_says_what_each_command_says_of_itself() -> None:
    found: Any = get_command(cli)

    for name, listed in COMMANDS.items():
        command = found.commands[name]
        assert command.name == name
        assert command.help.split("\n\n")[0].replace("\n", " ") == listed.help


def test_a_file_of_commands_holds_none_that_is_not_listed() -> None:
    rooms = {listed.room for listed in COMMANDS.values()}

    held = {name for room in rooms for name in get_group(late(f"{room}:group")).commands}

    assert held == set(COMMANDS)


def test_the_version_is_said_and_nothing_else_is_loaded() -> None:
    printed, [(_, loaded)] = typed(["--version"])

    assert printed == f"livingreview {VERSION}\n"
    assert not ENGINE & set(loaded)
