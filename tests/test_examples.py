"""The notebooks of docs/examples run from their first cell to their last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bot.builders import an_app

SAID = {
    "bcg": "Risk ratio (RR) of 13 studies",
    "review": "estimate    11.00 (95% CI 2.86 to 42.25)",
}
EXAMPLES = sorted((Path(__file__).parents[1] / "docs" / "examples").glob("*.ipynb"))


def code(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return ["".join(each["source"]) for each in cells if each["cell_type"] == "code"]


@pytest.mark.parametrize("notebook", EXAMPLES, ids=lambda each: each.stem)
def test_a_notebook_runs(
    notebook: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    an_app(tmp_path / "livingreview-data").close()
    names: dict[str, Any] = {}

    for number, cell in enumerate(code(notebook)):
        exec(compile(cell, f"{notebook.name}, cell {number}", "exec"), names)

    assert SAID[notebook.stem] in capsys.readouterr().out


@pytest.mark.parametrize("notebook", EXAMPLES, ids=lambda each: each.stem)
def test_a_notebook_is_kept_without_what_it_printed(notebook: Path) -> None:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]

    assert [each for each in cells if each.get("outputs") or each.get("execution_count")] == []


def test_there_are_notebooks() -> None:
    assert EXAMPLES
