"""What a command loads: its own file, and the engine only where something is computed."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from ast import literal_eval
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command, get_group

from bot import VERSION
from bot.cli import cli
from bot.cli.main import COMMANDS
from bot.work.jobs import compute
from state import likeness
from state.late import late
from state.screening import StudyStatus
from state.tasks import TaskKind, raise_task
from tests.bot.builders import NOWHERE, SERVICES, a_trial, add_team, an_app, found, include, sign
from tests.bot.protocols import AMENDED
from tests.bot.review.package.made_up import of_2026

ROOT = Path(__file__).parents[3]
TOUR = ROOT / "docs" / "tour"
ENGINE = frozenset({"numpy", "pandas", "scipy"})
# Whatever a command does, these are drawn with, asked with, or needed by the first start alone.
HEAVY = ENGINE | {"alembic", "apprise", "fastapi"}
ASKS = frozenset({"httpx"})
# What they do needs the engine: to pool, or to draw a version. `run` is looked at by itself.
COMPUTE = frozenset({"coverage", "demo", "publish", "run", "sign"})
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
ONE = a_trial(1)
TWO = replace(a_trial(2), source="embase", source_id="L2")
TRIAL, STUDY, ONGOING, TASK = "central:10.5555/made-up.2026.1", "example2026", "doe2026", "a-task"
CELL = f"{STUDY}|strength_improved|after induction|ivig|events"
# Typed one after the other, each does something; none of them accepts a value or a version.
QUIET = (
    "analyse",
    "analyse --as-of 3.0",
    "export {to}/export",
    "export {to}/cochrane --format cochrane",
    "new {to}/tea --from {to}/tea-package",
    "compare {to}/tea --with {to}/tea-package",
    f"import {TOUR / 'trial.ris'} --source central",
    "alerts",
    "queue --as ada",
    f"screen {TRIAL} include --as ada",
    f"screen {TRIAL} exclude --criterion E2 --as ben",
    f"adjudicate {TRIAL} include --note allocated --as cy",
    f"screen {TRIAL} include --as ada",
    f"screen {TRIAL} include --as ben",
    f"extract {STUDY} --form",
    f"extract {STUDY} --file {TOUR / 'ada.json'} --as ada",
    f"extract {STUDY} --file {TOUR / 'ben.json'} --as ben",
    "duplicates",
    f"same {TWO.key} {ONE.key} --as ada",
    f"different {TWO.key} {ONE.key} --as ada",
    "amend {to}/amended.toml --as ada",
    "tasks",
    f"settle {TASK} --note looked-at --as dora",
    f"reopen {TASK} --note they-answered --as ada",
    f"place {ONGOING} awaiting --note later --as dora",
    "reject move-1 --note not-yet --as ada",
    f"place {ONGOING} awaiting --note later --as dora",
    "withdraw move-2 --note not-yet --as dora",
    f"screen {ONE.key} exclude --as ada",
    f"screen {ONE.key} exclude --as ben",
    f"reopen {ONE.key} --note look-again --as dora",
    "corrections",
    "records",
    "status",
    "log",
    "people add Eve --role screener",
    "people list",
    "people link ada",
    "people retire eve",
    "backup {to}/backup",
    "verify",
    "restore {to}/backup --data {to}/restored",
    "what-if central",
    "strategy central",
    "probe crossref",
    "history NCT00666263",
    f"locations {TRIAL}",
    "watchdog {data}/status/status.json",
)


NO_DATA = ("watchdog", "new", "compare")  # they work on no data folder


def typed(*commands: list[str]) -> tuple[str, list[tuple[list[str], set[str]]]]:
    """Type commands in a process of their own; return what was printed and what each had loaded."""
    nowhere = {f"LIVINGREVIEW_{each}_URL": NOWHERE for each in SERVICES}
    nowhere |= {f"LIVINGREVIEW_{each}_ATTEMPTS": "1" for each in SERVICES}
    done = subprocess.run(
        [sys.executable, "-c", LOADED, json.dumps(commands)],
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = (json.loads(line) for line in done.stderr.splitlines() if line.startswith("["))
    return done.stdout, [(command, set(loaded)) for command, loaded in seen]


def every_command() -> Iterator[list[str]]:
    """Yield the words of every command, those within a group of their own as well."""
    found: Any = get_command(cli)
    for name in COMMANDS:
        within = getattr(found.commands[name], "commands", None)
        yield from ([name, each] for each in within) if within else [[name]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in which each command has something to do."""
    app = an_app(tmp_path / "data")
    add_team(app)
    found(app, ONE, TWO)
    (candidate,) = found(app, a_trial(3))
    include(app, candidate, place=StudyStatus.ONGOING)
    with app.ledger() as ledger:
        likeness.find_likeness(
            ledger, TWO.key, ONE.key, likeness.MAYBE, rule="M4", reasons=["one and the same title"]
        )
        raise_task(ledger, TASK, TaskKind.CORRECTION, subject=ONE.key, text="Look", study=None)
    compute(app)
    for person in ("dora", "ada"):  # the ongoing study is published: nothing is drafted
        sign(app, person, "3.0.1")
    compute(app)
    app.close()
    (tmp_path / "amended.toml").write_text(AMENDED, encoding="utf-8")
    for path, body in of_2026().items():
        (tmp_path / "tea-package" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tea-package" / path).write_bytes(body)
    return tmp_path / "data"


def in_folder(data: Path, *commands: str) -> list[list[str]]:
    """Return the words of commands that work on a data folder, unless they name another."""
    named = [each.format(data=data, to=data.parent) for each in commands]
    whole = [
        each if "--data" in each or each.startswith(NO_DATA) else f"{each} --data {data}"
        for each in named
    ]
    return [shlex.split(each) for each in whole]


def test_every_command_is_known_to_compute_or_is_seen_not_to() -> None:
    quiet = {each.split()[0] for each in (*QUIET, "search")}

    assert quiet | COMPUTE == set(COMMANDS)
    assert not quiet & COMPUTE


@pytest.mark.sqlite  # a backup of a server makes its file anew, and migrates it
def test_the_engine_is_loaded_by_the_command_that_accepts_data_and_by_none_before(
    data: Path,
) -> None:
    ruling = f"adjudicate {STUDY} --cell '{CELL}' --number 9 --note counted --as cy"

    _, seen = typed(*in_folder(data, *QUIET, "search --source pubmed", ruling))

    heavy = [(command, loaded & HEAVY) for command, loaded in seen if loaded & HEAVY]
    assert heavy == [(seen[-1][0], {"numpy", "scipy"})]
    asking = [command[0] for command, loaded in seen if loaded & ASKS]
    assert asking == [
        "strategy",
        "probe",
        "history",
        "locations",
        "watchdog",
        "search",
        "adjudicate",
    ]
    assert len(seen) == len(QUIET) + 2


def test_the_page_and_the_worker_begin_without_the_engine() -> None:
    began = "import sys, bot.cli.running; print(sorted(sys.modules))"

    done = subprocess.run([sys.executable, "-c", began], capture_output=True, text=True, check=True)

    loaded = set(literal_eval(done.stdout))
    assert "fastapi" in loaded
    assert not ENGINE & loaded


def test_help_on_a_command_loads_no_engine_and_no_database_of_migrations() -> None:
    asked = [[*words, "--help"] for words in every_command()]

    _, seen = typed(*asked)

    assert [command for command, _ in seen] == asked
    assert len(seen) > len(COMMANDS)
    for command, loaded in seen:
        assert not ENGINE & loaded, command
        assert command[0] in {"run", "demo"} or not {"alembic", "apprise"} & loaded, command


def test_help_loads_neither_the_engine_nor_the_database_nor_the_page() -> None:
    printed, [(_, loaded)] = typed(["--help"])

    assert all(f"  {name} " in printed for name in COMMANDS)
    assert not {*HEAVY, *ASKS, "sqlalchemy", "pydantic"} & loaded


def test_the_watchdog_loads_no_database() -> None:
    _, [(_, loaded)] = typed(["watchdog", "--help"])

    assert not {*HEAVY, "sqlalchemy"} & loaded


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
    assert not {*HEAVY, *ASKS} & loaded
