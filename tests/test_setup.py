"""`./run` and the lock: what a person with a fresh clone meets. No test here uses the network.

The set-ups are real ones, in a checkout of two files and an empty lock; most are made by a small
stand-in of uv, since Python's own venv takes seconds to put pip into each.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.safety import SAFETY_S

ROOT = Path(__file__).parents[1]
LOCKS = (ROOT / "requirements.lock", ROOT / "tests" / "benchmarks" / "peers.lock")
# All that ./run needs besides a Python.
TOOLS = ("cat", "chmod", "dirname", "env", "mkdir", "readlink", "rm", "sh")
ENTRY = "import sys\nprint('bot was told', *sys.argv[1:])\n"
# Makes the environment that its last argument names; notes what it was asked for.
UV = """\
echo "uv $*, downloads: ${UV_PYTHON_DOWNLOADS-as set}" >>"$HOME/asked"
case $1 in
    python) exit 1 ;;
    venv) shift $(($# - 1)) && exec python3 -m venv --without-pip "$1" ;;
esac
"""
KILLED_UV = 'case $1 in venv) shift $(($# - 1)) && mkdir "$1" && kill -9 $PPID ;; esac'
BROKEN_ENSUREPIP = "def version():\n    raise FileNotFoundError('no wheels')\n"
PIP = "import sys\nif __name__ == '__main__':\n    print('pip', *sys.argv[1:])\n"


@dataclass(frozen=True)
class Checkout:
    """A clone with nothing but ./run, an empty lock and a program that tells what it was given."""

    folder: Path
    path: Path  # the one folder that PATH names

    @classmethod
    def at(cls, folder: Path) -> Checkout:
        (folder / "bot").mkdir(parents=True)
        (folder / "bot" / "__init__.py").touch()
        (folder / "bot" / "__main__.py").write_text(ENTRY)
        (folder / "requirements.lock").touch()
        shutil.copy(ROOT / "run", folder / "run")
        path = folder.parent / "the path"
        path.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None, tool
            (path / tool).symlink_to(found)
        return cls(folder, path)

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    def offer(self, name: str, script: str) -> None:
        """Put a program on the PATH."""
        (self.path / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.path / name).chmod(0o755)

    def offer_python(self, name: str = "python3") -> None:
        self.offer(name, f'exec "{sys._base_executable}" "$@"')  # type: ignore[attr-defined]

    def start(self, *words: str, extra: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        home = self.folder.parent / "home"
        home.mkdir(exist_ok=True)
        return subprocess.Popen(
            [self.folder / "run", *words],
            cwd=home,
            env={"PATH": str(self.path), "HOME": str(home), **(extra or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, extra: Mapping[str, str] | None = None) -> Said:
        process = self.start(*words, extra=extra)
        out, err = process.communicate(timeout=SAFETY_S)
        return Said(process.returncode, out, err)


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    if sys.platform == "win32":
        pytest.skip("./run is a shell script")
    return Checkout.at(tmp_path / "a clone")


def test_an_unknown_word_is_answered_with_the_usage(checkout: Checkout) -> None:
    said = checkout.run("lunch")

    assert said.status == 2
    assert "'lunch' is not known here" in said.err
    assert "./run setup" in said.err


def test_help_sets_nothing_up(checkout: Checkout) -> None:
    said = checkout.run("help")

    assert said.status == 0
    assert "./run test" in said.out
    assert not checkout.venv.exists()


def test_without_a_python_one_line_says_what_to_install(checkout: Checkout) -> None:
    said = checkout.run()

    assert said.status == 1
    assert said.err.count("\n") == 1
    assert "no Python 3.11 or newer found" in said.err
    assert "apt install python3-venv" in said.err


def test_a_python_that_can_install_nothing_is_named(checkout: Checkout, tmp_path: Path) -> None:
    checkout.offer_python()
    (tmp_path / "lacks").mkdir()
    (tmp_path / "lacks" / "ensurepip.py").write_text(BROKEN_ENSUREPIP)
    (tmp_path / "lacks" / "pip.py").write_text("raise ImportError\n")

    said = checkout.run("setup", extra={"PYTHONPATH": str(tmp_path / "lacks")})

    assert said.status == 1
    assert said.err.count("\n") == 1
    assert "has neither venv nor pip, and there is no uv" in said.err


def test_the_options_reach_the_main_job_from_any_folder(checkout: Checkout) -> None:
    checkout.offer_python()
    checkout.offer("uv", UV)

    said = checkout.run("--port", "8123", "--data", "two words")

    assert said.status == 0, said.err
    assert said.out == "bot was told run --port 8123 --data two words\n"


def test_shims_that_fail_hide_no_python_behind_them(checkout: Checkout) -> None:
    checkout.offer_python("python3.11")
    for shim in ("python3", "python3.13", "uv"):
        checkout.offer(shim, f"echo '{shim}: command not found' >&2; exit 127")

    said = checkout.run("setup")

    assert said.status == 0, said.err
    assert (checkout.venv / "bin" / "livingreview").exists()


def test_debians_python_without_venv_installs_by_its_own_pip(
    checkout: Checkout, tmp_path: Path
) -> None:
    checkout.offer_python()
    (tmp_path / "lacks").mkdir()
    (tmp_path / "lacks" / "ensurepip.py").write_text(BROKEN_ENSUREPIP)
    (tmp_path / "lacks" / "pip.py").write_text(PIP)

    said = checkout.run("setup", extra={"PYTHONPATH": str(tmp_path / "lacks")})

    assert said.status == 0, said.err
    assert f"pip --python {checkout.venv}/bin/python install" in said.out
    assert "--only-binary :all: --require-hashes" in said.out
    assert not (checkout.venv / "bin" / "pip").exists()


def test_uv_is_used_where_it_works_and_fetches_no_python(checkout: Checkout) -> None:
    checkout.offer_python()
    checkout.offer("uv", UV)

    said = checkout.run("setup")

    asked = (checkout.folder.parent / "home" / "asked").read_text()
    assert said.status == 0, said.err
    assert "uv python find >=3.11, downloads: never" in asked
    assert "--only-binary :all: --require-hashes" in asked


def test_a_set_up_that_is_current_is_left_alone(checkout: Checkout) -> None:
    checkout.offer_python()
    checkout.offer("uv", UV)
    checkout.run("setup")
    (checkout.path / "python3").unlink()

    said = checkout.run()

    assert (said.status, said.err) == (0, "")
    assert said.out == "bot was told run\n"


def test_a_set_up_says_step_by_step_what_it_is_doing(checkout: Checkout) -> None:
    checkout.offer_python()
    checkout.offer("uv", UV)
    (checkout.folder / "requirements.lock").write_text("# two\na==1 \\\n    --hash=x\nb==2\n")

    said = checkout.run("setup")

    steps = [line.partition(" s  ")[2] for line in said.err.splitlines() if " s  " in line]
    assert steps == [
        "making an empty environment",
        "installing 2 packages (a minute or two)",
        "compiling what the program uses",
    ]
    assert "Set up in " in said.err


def test_another_lock_is_set_up_anew(checkout: Checkout) -> None:
    checkout.offer_python()
    checkout.offer("uv", UV)
    checkout.run("setup")
    (checkout.folder / "requirements.lock").write_text("# nothing, in other words\n")

    said = checkout.run("setup")

    assert said.status == 0, said.err
    assert "Setting up" in said.err


def test_a_set_up_that_was_killed_is_done_again(checkout: Checkout) -> None:
    checkout.offer_python()
    checkout.offer("uv", KILLED_UV)
    assert checkout.run("setup").status == -9
    assert checkout.venv.is_dir()
    checkout.offer("uv", UV)

    said = checkout.run()

    assert said.status == 0, said.err
    assert said.out == "bot was told run\n"


def test_two_at_once_set_up_once(checkout: Checkout) -> None:
    checkout.offer_python()
    checkout.offer("uv", UV)

    both = [checkout.start("setup") for _ in range(2)]
    heard = "".join(process.communicate(timeout=SAFETY_S)[1] for process in both)

    assert [process.returncode for process in both] == [0, 0]
    assert heard.count("Setting up") == 1


def test_a_checkout_can_be_moved_without_being_set_up_again(
    checkout: Checkout, tmp_path: Path
) -> None:
    checkout.offer_python()
    checkout.offer("uv", UV)
    checkout.run("setup")
    moved = Checkout(tmp_path / "elsewhere", checkout.path)
    checkout.folder.rename(moved.folder)

    said = moved.run()

    assert (said.status, said.out, said.err) == (0, "bot was told run\n", "")


def test_the_command_is_ours_where_a_folder_bears_the_same_name(
    checkout: Checkout, tmp_path: Path
) -> None:
    checkout.offer_python()
    checkout.offer("uv", UV)
    checkout.run("setup")
    (tmp_path / "work" / "bot").mkdir(parents=True)
    (tmp_path / "work" / "bot" / "__main__.py").write_text("print('not ours')\n")
    (tmp_path / "work" / "livingreview").symlink_to(checkout.venv / "bin" / "livingreview")

    said = subprocess.run(
        ["./livingreview", "status"],
        cwd=tmp_path / "work",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == "bot was told status\n"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_host_and_hashes_every_package(lock: Path) -> None:
    text = lock.read_text()
    packages = re.split(r"\n(?=[a-z])", text)

    assert not re.search(r"://|--index|--extra-index|--find-links|--trusted-host", text)
    for package in packages:
        assert re.match(r"[a-z0-9.-]+==[^ ]+( ; [^\\]+)? \\\n +--hash=sha256:[0-9a-f]{64}", package)
