"""`livingreview log`, and what every command says of a log that it cannot read."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.cli import main
from bot.cli.main import COMMANDS
from state.facts import VerdictGiven
from state.screening import Verdict
from tests.bot.builders import ADA, a_trial, add_team, an_app, found, say
from tests.state.helpers import drop_guards
from tests.test_docs import documented

TRIAL = a_trial(1)
SHOWN = {"seq", "at", "sealed", "hash"}
NEWER = "UPDATE event SET version = 99 WHERE seq = 3"
UNKNOWN = "UPDATE event SET kind = 'tea_drunk' WHERE seq = 3"
BROKEN = "UPDATE event SET payload = '{}' WHERE seq = 3"
WHY = "--note because --as ada"
# Every command that works on the log of a data folder, with all that it asks for.
COMMANDS_ON_A_LOG = (
    "run",
    "search",
    "import {file} --source central",
    "alerts",
    "queue",
    "screen a:1 include --as ada",
    "duplicates",
    "same a:1 b:2 --as ada",
    "different a:1 b:2 --as ada",
    "strategy pubmed",
    "coverage",
    "probe pubmed",
    "history NCT00666263",
    "locations a:1",
    "what-if pubmed",
    "tasks",
    "corrections",
    f"settle a-task {WHY}",
    f"reopen a:1 {WHY}",
    f"withdraw a:1 {WHY}",
    f"reject move-1 {WHY}",
    f"place hahn2013 awaiting {WHY}",
    "extract hahn2013 --form",
    f"adjudicate a:1 include {WHY}",
    "analyse",
    "amend {file} --as ada",
    "sign 3.1 accept --as ada",
    "publish 3.1",
    "records",
    "status",
    "verify",
    "log",
    "backup {to}",
    "export {to}",
    "people add Eve --role screener",
    "people list",
    "people retire ada",
    "people link ada",
)
ON_NO_LOG = {"watchdog", "restore", "new", "compare", "demo"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = an_app(tmp_path / "data")
    add_team(app)
    found(app, TRIAL)
    say(app, ADA, TRIAL.key, Verdict.EXCLUDE, criterion="E2")
    yield app
    app.close()


def typed(monkeypatch: pytest.MonkeyPatch, app: App, *words: str) -> int:
    """Type a command as a person does; return its exit status."""
    monkeypatch.setattr(sys, "argv", ["livingreview", *words, "--data", str(app.config.data)])
    try:
        main()
    except SystemExit as done:
        return int(done.code or 0)
    return 0


def test_the_log_is_printed_in_sentences_with_sealed_ones_withheld(
    app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, app, "log") == 0

    said = capsys.readouterr().out
    assert said.splitlines()[-1].endswith("  sealed until both have said it")
    assert "E2" not in said
    assert ADA not in said.splitlines()[-1]


def test_the_json_of_log_is_as_documented(
    app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, app, "log", "--json", "--after", "1") == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (example,) = documented("The JSON of log")
    assert lines[0]["seq"] == 2
    assert all(set(line) == set(example) for line in lines)
    (verdict,) = (line for line in lines if line["sealed"])
    assert {each for name, each in verdict.items() if name not in SHOWN} == {None}
    assert set(example["fact"]) == set(VerdictGiven.model_fields)


@pytest.mark.parametrize(
    ("statement", "words"),
    [(NEWER, "found version 99"), (UNKNOWN, "does not know this kind"), (BROKEN, "Field required")],
    ids=["newer version", "unknown kind", "missing field"],
)
def test_a_log_that_cannot_be_read_is_refused_in_words_by_every_command(
    app: App,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    statement: str,
    words: str,
) -> None:
    with app.database.writer.begin() as connection:
        drop_guards(connection)
        connection.exec_driver_sql(statement)

    file, to = tmp_path / "given.ris", tmp_path / "written"
    file.write_text("TY  - JOUR\nER  - \n", encoding="utf-8")
    for command in COMMANDS_ON_A_LOG:
        assert typed(monkeypatch, app, *command.format(file=file, to=to).split()) == 1, command
        said = capsys.readouterr().err
        assert "livingreview: event 3 (" in said, command
        assert words in said, command
        assert "Traceback" not in said, command
    assert not to.exists()


def test_every_command_that_works_on_a_log_is_tried_on_one_that_cannot_be_read() -> None:
    assert {each.split()[0] for each in COMMANDS_ON_A_LOG} | ON_NO_LOG == set(COMMANDS)
