"""The second reader at length: many seeds of mutations, the demo, data folders of other histories.

    python -m tests.second_reader_check --seeds 20 --demo --data FOLDER …

Printed are the seed, what differs, and which mutation was not seen as it should be; exit status 1
unless nothing was.
"""

from __future__ import annotations

import argparse
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from bot.demo.play import play
from tests.mutations import MUTATIONS, Log, Mutation
from tests.second_reader import differences
from tests.years import a_year, log_of, version_of


def read_folder(data: Path) -> list[str]:
    """Read a data folder as a stranger would: by the command and the published files."""
    words = [sys.executable, "-m", "bot", "log", "--json", "--data", str(data)]
    return read_log(subprocess.run(words, capture_output=True, text=True, check=True).stdout, data)


def read_log(said: str, data: Path) -> list[str]:
    """Read what `log --json` printed beside the versions that it says were published."""
    log = [json.loads(line) for line in said.splitlines()]
    published = [each["subject"] for each in log if each["kind"] == "version_published"]
    files = [data / "versions" / number / "results.json" for number in published]
    return read(log, [json.loads(each.read_text("utf-8")) for each in files])


def read(log: Log, versions: Sequence[dict[str, Any]]) -> list[str]:
    """Return every line in which versions differ from a log."""
    return [line for each in versions for line in differences(log, each)]


def names_of(lines: Sequence[str]) -> list[str]:
    """Return the names of lines that differ: '3.1 acts.all: printed …' is 'acts.all'."""
    return [each.split(" ", 1)[1].split(": printed", 1)[0] for each in lines]


def amiss(
    log: Log,
    versions: Sequence[dict[str, Any]],
    seed: int,
    mutations: Sequence[Mutation] = MUTATIONS,
) -> Iterator[str]:
    """Say which mutations turn other lines false than theirs."""
    for place, each in enumerate(mutations):
        mutated, struck = each.apply(log, Random(f"{seed}:{place}"))
        for said in each.unexpected(names_of(read(mutated, versions))):
            yield f"{each.name} (event {struck}, seed {seed}): {said}"


def played(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Play the year; return its log and its published versions."""
    with a_year(folder) as world:
        numbers = sorted(each.name for each in world.app.files.iterdir())
        return log_of(world.app), [version_of(world.app, each) for each in numbers]


def main(words: Sequence[str] | None = None) -> int:
    """Check all that is asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    asked.add_argument("--demo", action="store_true")
    asked.add_argument("--data", type=Path, nargs="*", default=[])
    given = asked.parse_args(words)
    said = [f"{each}: {line}" for each in given.data for line in read_folder(each)]
    with TemporaryDirectory() as folder:
        log, versions = played(Path(folder) / "year")
        said += read(log, versions)
        for seed in range(given.seed, given.seed + given.seeds):
            said += amiss(log, versions, seed)
        if given.demo:
            play(Path(folder) / "demo", lambda _: None)
            said += read_folder(Path(folder) / "demo" / "data")
    total = len(MUTATIONS) * given.seeds
    said.append(f"seed {given.seed}: {len(said)} amiss, {total} mutations, {len(log)} events")
    sys.stdout.write("\n".join(said) + "\n")
    return int(len(said) > 1)


if __name__ == "__main__":
    sys.exit(main())
