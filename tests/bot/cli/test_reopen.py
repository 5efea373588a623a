"""What is closed is judged again, whether a candidate or a task bears the name that was typed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bot.cli import main
from state import tasks
from state.facts.words import TaskKind
from tests.bot.builders import ADA, add_team, an_app


def test_a_settled_task_is_opened_again_by_its_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = an_app(tmp_path)
    add_team(app)
    with app.ledger() as ledger:
        tasks.raise_task(ledger, "late:1", TaskKind.CORRECTION, subject="x", text="y", study=None)
        tasks.settle_task(ledger, "late:1", ADA, "nothing to it")
    typed = ["reopen", "late:1", "--note", "they answered", "--as", ADA, "--json"]
    monkeypatch.setattr(sys, "argv", ["livingreview", *typed, "--data", str(tmp_path)])

    with pytest.raises(SystemExit) as left:
        main()

    assert not left.value.code
    assert json.loads(capsys.readouterr().out) == {"task": "late:1", "status": "open"}
    with app.database.reading() as connection:
        assert [each.id for each in tasks.open_tasks(connection)] == ["late:1"]
    app.close()
