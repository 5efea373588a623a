"""Kill the programs at named points and at random, begin them again, and count what was promised.

`python -m tests.reliability --kills 200` plays the steps of one living update, and the service; it
strikes each at a commit, a statement, a file, an fsync, a mail, a hook, or at a random time; has it
done again as a person or the system would; and counts what is lost, doubled, half done, stuck or
broken. `--concurrent` has two processes at once. `--first` strikes the first command only and plays
the whole story to its end each time. `--sabotage` plants faults, each of which must be seen. Exit
status 1 where anything failed, or an engine that was asked for cannot be had.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from tests.reliability import kills, sabotage
from tests.reliability.counts import Kind
from tests.reliability.engines import (
    POSTGRESQL,
    PROCRASTINATE,
    SQLITE,
    EngineMissing,
    an_engine,
)
from tests.reliability.kills import Chosen
from tests.reliability.outside import the_outside
from tests.reliability.playing import Blown, NothingToMeasure, Stage
from tests.reliability.programs import Programs
from tests.reliability.story import STEPS

ENGINES = (SQLITE, POSTGRESQL, PROCRASTINATE)
# A blow at a random time, or beside another program, does not always strike: others are chosen.
MOST_MISSES = 3
SHORT_OF_THE_STORY = ("first start", "search", "screen second", "sign", "service sends")


@contextmanager
def a_stage(engine: str) -> Iterator[Stage]:
    """Have everything ready to play."""
    folder = Path(tempfile.mkdtemp(prefix="living-"))
    try:
        with (
            an_engine(engine) as kept,
            Programs(str(folder / "programs")) as programs,
            the_outside() as outside,
        ):
            yield Stage(programs, outside, kept, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Do what is asked; print a table or JSON; return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.sabotage and options.engine != SQLITE:
        parser.error("faults are planted on sqlite")
    try:
        with a_stage(options.engine) as stage:
            found = _sabotaged(stage, options) if options.sabotage else _struck(stage, options)
    except EngineMissing as missing:
        sys.stderr.write(f"{options.engine}: {missing}\n")
        return 1
    except NothingToMeasure as failed:
        sys.stderr.write(f"on {options.engine} it failed already undisturbed: {failed}\n")
        return 1
    sys.stdout.write(json.dumps(found, indent=2) + "\n" if options.json else _table(found))
    return int(not found["ok"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.reliability", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--engine", choices=ENGINES, default=SQLITE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step", action="append", choices=list(STEPS), help="only this step")
    parser.add_argument("--concurrent", action="store_true", help="two processes at once")
    parser.add_argument("--first", action="store_true", help="only the first command, then all")
    parser.add_argument("--sabotage", action="store_true", help="is every planted fault seen?")
    parser.add_argument("--short", action="store_true", help="a few steps, a few faults")
    parser.add_argument("--json", action="store_true")
    return parser


def _struck(stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    """Deal blows until so many have struck."""
    deal = kills.deal_and_play_on if options.first else kills.deal
    rows: list[tuple[Chosen, Blown]] = []
    missed = 0
    for each in islice(_blows(stage, options), options.kills * MOST_MISSES):
        blown = deal(stage, each)
        missed += not blown.struck
        if blown.struck:
            rows.append((each, blown))
            _tell(f"{len(rows)}/{options.kills}", each, blown)
        if len(rows) == options.kills:
            break
    counts = Counter(failure.kind for _, blown in rows for failure in blown.failures)
    return {
        "seed": options.seed,
        "engine": options.engine,
        "kills": len(rows),
        "missed": missed,
        "rows": [_row(each, blown) for each, blown in rows],
        **{kind.value: counts[kind] for kind in Kind},
        "ok": not counts and len(rows) == options.kills,
    }


def _blows(stage: Stage, options: argparse.Namespace) -> Iterator[Chosen]:
    if options.first:
        return kills.first_commands(stage, options.seed)
    names = options.step or (SHORT_OF_THE_STORY if options.short else STEPS)
    steps = [STEPS[name] for name in names]
    return kills.chosen(stage, steps, options.seed, concurrent=options.concurrent)


def _row(each: Chosen, blown: Blown) -> dict[str, Any]:
    return {
        "door": each.kind,
        "step": each.step.name,
        "plan": str(each.plan),
        "beside": str(each.second) if each.second is not None else None,
        "failures": [{"kind": one.kind.value, "what": one.what} for one in blown.failures],
    }


def _tell(number: str, each: Chosen, blown: Blown) -> None:
    row = _row(each, blown)
    beside = f", beside {row['beside']}" if row["beside"] else ""
    sys.stderr.write(f"{number} {row['step']}: {row['plan']}{beside}\n")
    for one in blown.failures:
        sys.stderr.write(f"    {one.kind}: {one.what}\n")


def _sabotaged(stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    found = []
    for each in sabotage.PLAYED[: sabotage.SHORT] if options.short else sabotage.PLAYED:
        seen = sabotage.play(stage, each)
        found.append(seen)
        sys.stderr.write(f"{each.fault}: {'seen' if seen['ok'] else 'NOT SEEN'}\n")
        if not seen["ok"]:
            sys.stderr.write(f"    with: {seen['failures']}\n    without: {seen['control']}\n")
    return {"seed": options.seed, "faults": found, "ok": all(each["ok"] for each in found)}


def _table(found: dict[str, Any]) -> str:
    return "".join(f"{line}\n" for line in (_faults(found) if "faults" in found else _kinds(found)))


def _faults(found: dict[str, Any]) -> Iterator[str]:
    yield f"{'planted fault':42}{'expected':>10}{'seen':>6}{'without':>9}  what was seen"
    for each in found["faults"]:
        seen, clean = ("yes" if each["seen"] else "NO"), ("clean" if each["clean"] else "NOT")
        first = each["failures"][0]["what"] if each["failures"] else ""
        yield f"{each['fault']:42}{each['expected']:>10}{seen:>6}{clean:>9}  {first[:70]}"
    yield f"{'every fault seen' if found['ok'] else 'NOT every fault was seen'}"


def _kinds(found: dict[str, Any]) -> Iterator[str]:
    kinds = [kind.value for kind in Kind]
    yield f"{'door':16}{'kills':>6}" + "".join(f"{kind:>11}" for kind in kinds)
    doors: dict[str, list[dict[str, Any]]] = {}
    for row in found["rows"]:
        doors.setdefault(row["door"], []).append(row)
    for door, rows in sorted(doors.items()):
        counts = Counter(one["kind"] for row in rows for one in row["failures"])
        yield f"{door:16}{len(rows):6}" + "".join(f"{counts[kind]:11}" for kind in kinds)
    yield f"{'all':16}{found['kills']:6}" + "".join(f"{found[kind]:11}" for kind in kinds)
    yield f"seed {found['seed']}, engine {found['engine']}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
