"""Plays the program from outside, by its commands alone, and keeps what it printed and wrote.

Only commands are used, so that the inside of the program may be rebuilt from the ground and this
still tells whether what people and other programs see is the same. Instants, ids and hashes are
replaced by words: they differ between any two runs.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from bot.sources.catalogue import SOURCES

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
SERVICES = tuple(map(str.upper, SOURCES))
# Nothing listens on port 9: whoever asks is refused at once.
NOWHERE = "http://127.0.0.1:9/"
PROGRAM = (sys.executable, "-P", "-m", "bot")
AFTER_THE_TOUR = (
    "queue --json",
    "queue --as ben-example --json",
    "tasks --json",
    "duplicates --json",
    "corrections --json",
    "records --json",
    "people list --json",
    "analyse --json",
    "analyse --as-of 3.0 --json",
    "status --json",
    "extract example2026 --form",
    "export exported",
)

# Each command of a play begins a minute after the one before, so that a slow machine orders nothing
# anew; by the play's folder, so that a play shows the same alone and after others.
MINUTES: defaultdict[Path, Iterator[int]] = defaultdict(count)


def words_for_what_differs(text: str, folder: Path) -> str:
    """Replace instants, ids, hashes and the folder's own place by words."""
    for pattern, word in (
        (re.escape(str(folder)), "FOLDER"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", "INSTANT"),
        (r"\b1 December 2026,? \d\d:\d\d( UTC)?", "INSTANT"),
        (r"\b[0-9a-f]{64}\b", "HASH"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "ID"),
        (r"\b(?=[a-z]*[0-9])[0-9a-f]{12,40}\b", "ID"),
        (r"(?<=-20\d{6}T\d{6}Z-)[0-9a-f]{6}\b", "ID"),
        (r"sha256-[\w+/]{43}=", "sha256-HASH"),
        (r"living-review-bot \d+\.\d+\.\d+", "living-review-bot VERSION"),
        (r"(?<=sign-in/)[\w-]{20,}", "SECRET"),
        (r"\[\d+ s\]|(?<=Done in )\d+ s", "SECONDS"),
        (r"\b\d+ events\b", "N events"),
        (r"\b\d+ rows\b", "N rows"),
        (r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:PORT"),
    ):
        text = re.sub(pattern, word, text)
    return re.sub(r"<svg.*?</svg>", picture, text, flags=re.S)


def picture(found: re.Match[str]) -> str:
    """Stand for a drawing by its hash: it must be the same, and nobody reads it as text."""
    return f"<svg {hashlib.sha256(found.group().encode()).hexdigest()[:16]}>"


def run(words: list[str], folder: Path) -> str:
    """Run one command in a folder and return what it printed, with its exit status."""
    places = {f"LIVINGREVIEW_{each}_URL": NOWHERE for each in SERVICES}
    kept: Mapping[str, str] = {
        name: value for name, value in os.environ.items() if not name.startswith("LIVINGREVIEW_")
    }
    done = subprocess.run(
        [*PROGRAM, *words],
        cwd=folder,
        env={
            **kept,
            **places,
            "PYTHONPATH": str(ROOT),
            "LIVINGREVIEW_REVIEW": str(ROOT / "reviews" / "mmn"),
            "LIVINGREVIEW_DATA": str(folder / "data"),
            "LIVINGREVIEW_NOW": (START + timedelta(minutes=next(MINUTES[folder]))).isoformat(),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return f"$ livingreview {shlex.join(words)}\n{done.stdout}exit {done.returncode}\n"


def the_results(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what a fresh folder's analyses and its version 3.0 are."""
    yield "analyse.json", run(["analyse", "--json"], folder)
    yield from files_of(folder / "data" / "versions" / "3.0", "3.0")


def the_tour(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what the tour of the README prints, and what every command shows after it."""
    (folder / "docs").symlink_to(ROOT / "docs")
    printed = [run(words, folder) for words in commands_of_the_tour(folder)]
    yield "tour.txt", "".join(printed)
    after = [run(shlex.split(words), folder) for words in AFTER_THE_TOUR]
    yield "after_the_tour.txt", "".join(after)
    yield from files_of(folder / "data" / "versions" / "3.1", "3.1")
    exported = dict(files_of(folder / "exported", "exported"))
    # The versions in it are kept already; the manifest signs what differs between any two runs.
    again = ("exported_versions_", "exported_payloads_", "exported_export.json")
    yield from ((name, text) for name, text in exported.items() if not name.startswith(again))
    mails = sorted((folder / "data" / "mailbox").iterdir())
    yield "mails.txt", "\n".join(sorted(mail_text(each) for each in mails))


def the_demo(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what the demo prints."""
    yield "demo.txt", mails_sorted(run(["demo", "--keep", str(folder / "kept")], folder))


def mails_sorted(printed: str) -> str:
    """Put the mails that the demo lists in order: among those of one second it is chance."""
    lines = printed.splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if line.startswith("   to ")]
    for place, line in zip(places, sorted(lines[each] for each in places), strict=True):
        lines[place] = line
    return "".join(lines)


def commands_of_the_tour(folder: Path) -> list[list[str]]:
    """Return what the README says to type, with its throw-away folder moved into ours."""
    blocks = re.findall(r"```\w*\n(\$ .*?)\n```", README.read_text("utf-8"), re.S)
    typed = [line for block in blocks for line in block.splitlines()]
    return [
        shlex.split(line.replace("/tmp/", f"{folder}/"))[2:]
        for line in typed
        if line.startswith("$ livingreview ")
    ]


def files_of(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """Yield every file below a folder as text."""
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        relative = file.relative_to(folder).as_posix().replace("/", "_")
        yield f"{name}_{relative}", file.read_text("utf-8")


def mail_text(file: Path) -> str:
    """Return a mail without the headers that differ between any two runs."""
    varying = ("Message-ID:", "Date:")
    lines = file.read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith(varying)) + "\n"
