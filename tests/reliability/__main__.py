"""Kill the commands of a living update at random instants, run each again, and compare.

`python -m tests.reliability --kills 50` prints one JSON object: what was killed, what of a run
without kills is missing (lost) or too much (doubled), and what `verify` found. Exit status 1
unless all are zero. Run records and the notices that a repeated search writes are left out of the
comparison: the same search twice is two searches.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from bot.demo.fiction import (
    NEW_PMID,
    fictional_entry,
    fictional_trial,
)
from bot.demo.sources import stand_ins
from state import tables as t
from state.database import open_database, sqlite_url
from tests.end_to_end.programs import Program

CANDIDATE = f"pubmed:{NEW_PMID}"
STUDY = "fictional2026"
CELL = f"{STUDY}|strength_improved|after induction|ivig|events"
COMPARED = (
    t.person,
    t.study,
    t.record,
    t.candidate,
    t.decision,
    t.ruling,
    t.submission,
    t.adjudicated_value,
    t.version,
    t.signal,
    t.signature,
)
# Instants, and what is made of them: numbers of the log, runs, hashes.
LEFT_OUT = {"seq", "at", "run_id", "hash", "prev_hash", "result_id", "manifest_sha256"}
REPEATED = {"new_candidates", "nothing_new", "source_due"}


def extraction(events: int) -> dict[str, object]:
    """Return what an extractor hands in."""
    place = {"outcome": "strength_improved", "source": f"pmid:{NEW_PMID}", "locator": "abstract"}
    return {
        "design": "parallel",
        "arms": ["ivig", "placebo"],
        "values": [
            {**place, "arm": "ivig", "events": events, "total": 12},
            {**place, "arm": "placebo", "events": 2, "total": 12},
        ],
    }


Step = tuple[tuple[str, ...], object]


def the_update() -> list[Step]:
    """Return the commands of one living update, in order."""
    people: list[Step] = [
        (("people", "add", name, "--role", role, "--role", other), None)
        for name, role, other in (
            ("ada", "screener", "extractor"),
            ("ben", "screener", "extractor"),
            ("cy", "adjudicator", "lead"),
        )
    ]
    rule = ("adjudicate", CANDIDATE, "include", "--as", "cy", "--note", "randomised")
    settle = ("adjudicate", STUDY, "--cell", CELL, "--number", "9", "--as", "cy", "--note", "p. 3")
    full = ("--stage", "full_text")
    return [
        *people,
        (("search",), None),
        (("screen", CANDIDATE, "include", "--as", "ada", "--stage", "title_abstract"), None),
        (("screen", CANDIDATE, "exclude", "--as", "ben", "--stage", "title_abstract"), None),
        (rule, None),
        (("screen", CANDIDATE, "include", "--as", "ada", *full), None),
        (("screen", CANDIDATE, "include", "--as", "ben", *full), None),
        (("extract", STUDY, "--as", "ada", "--file", "-"), extraction(9)),
        (("extract", STUDY, "--as", "ben", "--file", "-"), extraction(8)),
        (settle, None),
        (("sign", "3.1", "accept", "--as", "cy"), None),
        (("publish", "3.1"), None),
    ]


def play(program: Program, before: Callable[[Step], None]) -> None:
    """Run the whole update; `before` may do something to each command first."""
    for step in the_update():
        before(step)
        words, given = step
        program.do(*words, given=given)


def kill_once(program: Program, step: Step, chance: random.Random) -> bool:
    """Start a command and kill it at a random instant; return whether it was still running."""
    words, given = step
    process = subprocess.Popen(
        program.words(*words),
        env=program.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(given) if given is not None else "")
    process.stdin.close()
    time.sleep(chance.uniform(0.5, 4.0))
    running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return running


def state_of(data: Path) -> Counter[str]:
    """Return what is known, without instants, run ids and hashes."""
    database = open_database(sqlite_url(data / "review.sqlite"))
    rows: Counter[str] = Counter()
    with database.reading() as connection:
        for table in COMPARED:
            kept = [c for c in table.c if c.name not in LEFT_OUT and not c.name.endswith("_at")]
            rows.update(f"{table.name} {tuple(row)}" for row in connection.execute(select(*kept)))
        told = select(t.notice.c.kind, t.delivery.c.recipient, t.delivery.c.channel)
        told = told.join(t.delivery, t.delivery.c.notice_key == t.notice.c.key)
        rows.update(
            f"notice {tuple(row)}" for row in connection.execute(told) if row.kind not in REPEATED
        )
    database.close()
    return rows


def main(arguments: list[str]) -> int:
    """Play the update with and without kills; print the figures; return the exit status."""
    parser = argparse.ArgumentParser(prog="tests.reliability", description=__doc__)
    parser.add_argument("--kills", type=int, default=14)
    parser.add_argument("--engine", choices=["sqlite"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    chance, killed = random.Random(options.seed), 0
    lost: Counter[str] = Counter()
    doubled: Counter[str] = Counter()
    faults: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="livingreview-reliability-"))
    with stand_ins() as sources:
        sources.pubmed.add(fictional_trial())
        sources.ctgov.add(fictional_entry())
        settings = sources.settings
        calm = Program(folder / "calm", settings)
        play(calm, lambda step: None)
        expected, attempt = state_of(calm.data), 0
        while killed < options.kills:
            attempt += 1
            program = Program(folder / f"killed-{attempt}", settings)
            struck: list[bool] = []
            play(program, lambda step: struck.append(kill_once(program, step, chance)))  # noqa: B023
            killed += sum(struck)
            found = state_of(program.data)
            lost += expected - found
            doubled += found - expected
            faults += program.ask("verify")["faults"]
    figures = {
        "kills": killed,
        "updates": attempt,
        "lost": sorted(lost),
        "doubled": sorted(doubled),
        "faults": faults,
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return int(bool(lost or doubled or faults))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
