"""`livingreview log`, and what every command says of a log that it cannot read."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.cli import main
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


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = an_app(tmp_path)
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
    statement: str,
    words: str,
) -> None:
    with app.database.writer.begin() as connection:
        drop_guards(connection)
        connection.exec_driver_sql(statement)

    for command in ("status", "verify", "queue", "log", "records", "tasks"):
        assert typed(monkeypatch, app, command) == 1, command
        said = capsys.readouterr().err
        assert "livingreview: event 3 (" in said
        assert words in said
        assert "Traceback" not in said
