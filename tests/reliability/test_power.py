"""The model of the power cut loses what was not made durable, and nothing else."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability import power

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not power.can_be_cut(), reason="this Python hides its SQLite: no power can be cut here"
)


def cut_after(folder: Path, script: str) -> None:
    """Run a script in a process whose power is cut at its end."""
    whole = (
        "import os, sqlite3, sys\nfrom pathlib import Path\nfrom tests.reliability import power\n"
        f"folder = Path({str(folder)!r})\npower.watch(folder)\n{script}\npower.cut()\n"
    )
    done = subprocess.run([sys.executable, "-c", whole], cwd=REPOSITORY, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
@pytest.mark.parametrize(("synchronous", "kept"), [("FULL", [1, 2]), ("OFF", [1])])
def test_a_commit_survives_only_where_it_was_synced(
    tmp_path: Path, synchronous: str, kept: list[int], journal: str
) -> None:
    file = tmp_path / "a.sqlite"
    begun = sqlite3.connect(file, isolation_level=None)
    begun.execute(f"PRAGMA journal_mode={journal}")
    begun.execute("CREATE TABLE a (b INTEGER)")
    begun.execute("INSERT INTO a VALUES (1)")
    begun.close()

    lines = (
        "c = sqlite3.connect(folder / 'a.sqlite', isolation_level=None)",
        f"c.execute('PRAGMA synchronous={synchronous}')",
        "c.execute('INSERT INTO a VALUES (2)')",
    )
    cut_after(tmp_path, "\n".join(lines))

    after = sqlite3.connect(file)
    assert [row[0] for row in after.execute("SELECT b FROM a")] == kept
    assert after.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    after.close()


def test_a_file_that_was_never_synced_is_empty(tmp_path: Path) -> None:
    cut_after(tmp_path, "with open(folder / 'a', 'w') as file:\n    file.write('text')\n")

    assert (tmp_path / "a").read_bytes() == b""


def test_a_file_in_a_folder_that_was_never_synced_keeps_its_old_name(tmp_path: Path) -> None:
    cut_after(
        tmp_path,
        "from state.files import write_new\n"
        "write_new(folder / 'a.part', b'text')\n"
        "os.replace(folder / 'a.part', folder / 'a')\n",
    )

    assert [each.name for each in tmp_path.iterdir()] == ["a.part"]


def test_what_the_program_writes_whole_is_there_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")

    cut_after(tmp_path, "from state.files import write_whole\nwrite_whole(folder / 'a', b'text')\n")

    assert (tmp_path / "a").read_bytes() == b"text"


def test_a_folder_that_the_program_writes_whole_is_there_under_its_name(tmp_path: Path) -> None:
    cut_after(
        tmp_path, "from state.files import write_folder\nwrite_folder(folder / 'a', {'b': b'c'})\n"
    )

    assert (tmp_path / "a" / "b").read_bytes() == b"c"
