"""Play random histories of a review, and look at rest whether every promise holds.

`python -m tests.histories --n 1000 --events 200` draws a team and events for each history,
plays them through what people and the loop use, and names what is wrong with what they leave. A
history that fails is made small and printed. Exit status 1 where anything failed, where a kind of
event never came about, or where a planted fault (`--sabotage`) was not seen.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from typing import Any, TypeVar

from tests.engines import ENGINES, SQLITE, engines
from tests.histories import faults
from tests.histories.events import KINDS
from tests.histories.invariants import EVERY, Failure
from tests.histories.playing import History, Outcome, Played, a_history, play
from tests.histories.shrink import Events, shrunk

SHRINKING_S = 120.0  # for each way in which something failed
MOST_SHRUNK = 12
SEEDS = 2**31

Given = TypeVar("Given")
Done = TypeVar("Done")


def main(arguments: Sequence[str]) -> int:
    """Play what is asked for; print what was found; return the exit status."""
    options = _parser().parse_args(arguments)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(SEEDS)
    engines.chosen = options.engine
    try:
        found = faults.seen() if options.sabotage else _played(options, seed)
    finally:
        engines.close()
    sys.stdout.write(json.dumps(found, indent=2) + "\n" if options.json else _table(found))
    return int(not found["ok"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.histories", description=__doc__)
    parser.add_argument("--n", type=int, default=60, help="how many histories")
    parser.add_argument("--events", type=int, default=120, help="how many events in each")
    parser.add_argument("--seed", type=int, help="play the same histories again")
    parser.add_argument("--engine", choices=ENGINES, default=SQLITE)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", action="append", choices=EVERY, help="look at this promise only")
    parser.add_argument("--shrink", type=float, default=SHRINKING_S, help="seconds; 0: not at all")
    parser.add_argument("--sabotage", action="store_true", help="is every planted fault seen?")
    parser.add_argument("--json", action="store_true")
    return parser


def _played(options: argparse.Namespace, seed: int) -> dict[str, Any]:
    """Play all histories over the processes; shrink the first of each way of failing."""
    sys.stderr.write(f"seed {seed}\n")
    watched = options.only or EVERY
    histories = [a_history(seed + place, options.events) for place in range(options.n)]
    outcomes: Counter[tuple[str, Outcome]] = Counter()
    failed: dict[str, tuple[History, Failure]] = {}
    broken: Counter[str] = Counter()
    seconds = []
    for played in _worked(partial(play, watched=tuple(watched)), histories, options):
        outcomes.update((told.event.kind, told.outcome) for told in played.told)
        broken.update({failure.invariant for failure in played.failures})
        seconds.append(played.seconds)
        for failure in played.failures:
            failed.setdefault(failure.invariant, (played.history, failure))
        _tell(len(seconds), options.n, played)
    never = sorted(kind for kind in KINDS if not outcomes[kind, Outcome.DONE])
    small = list(failed.values())[: MOST_SHRUNK if options.shrink > 0 else 0]
    return {
        "seed": seed,
        "engine": options.engine,
        "histories": options.n,
        "events": options.events,
        "seconds_each": round(sum(seconds) / len(seconds), 1),
        "kinds": {kind: _counts(outcomes, kind) for kind in KINDS},
        "never": never,
        "broken": dict(broken.most_common()),
        "shrunk": list(_worked(partial(_small, options.shrink), small, options)),
        "ok": not broken and not never,
    }


def _worked(
    work: Callable[[Given], Done], given: Sequence[Given], options: argparse.Namespace
) -> Iterator[Done]:
    """Do all pieces in as many processes as asked; beside a server, in the one that started it."""
    if options.processes < 2 or options.engine != SQLITE:
        yield from map(work, given)
        return
    with ProcessPoolExecutor(options.processes) as pool:
        for done in as_completed([pool.submit(work, each) for each in given]):
            yield done.result()


def _counts(outcomes: Counter[tuple[str, Outcome]], kind: str) -> dict[str, int]:
    return {outcome.value: outcomes[kind, outcome] for outcome in Outcome}


def _small(longest_s: float, failed: tuple[History, Failure]) -> dict[str, Any]:
    """Make a failing history small, and tell it as it goes then."""
    history, failure = failed
    watched = (failure.invariant,)

    def fails(events: Events) -> bool:
        return bool(play(History(history.seed, events), watched).failures)

    happened = tuple(
        each.event for each in play(history, ()).told if each.outcome is not Outcome.IDLE
    )
    begin = happened if fails(happened) else history.events
    events = shrunk(begin, fails, longest_s)
    again = play(History(history.seed, events), watched)
    return {
        "seed": history.seed,
        "invariant": failure.invariant,
        "what": [each.what for each in again.failures] or [failure.what],
        "events": [str(each) for each in again.told],
    }


def _tell(done: int, of: int, played: Played) -> None:
    broken = Counter(failure.invariant for failure in played.failures)
    said = "; ".join(f"{name} ({times})" for name, times in broken.items()) or "holds"
    sys.stderr.write(f"{done}/{of} seed {played.history.seed} {played.seconds:.0f} s: {said}\n")


def _table(found: dict[str, Any]) -> str:
    lines = _fault_lines(found) if "faults" in found else _history_lines(found)
    return "".join(f"{line}\n" for line in lines)


def _history_lines(found: dict[str, Any]) -> Iterator[str]:
    yield f"{'kind of event':42}" + "".join(f"{outcome:>9}" for outcome in Outcome)
    for kind, counts in found["kinds"].items():
        yield f"{kind:42}" + "".join(f"{counts[outcome]:9}" for outcome in Outcome)
    yield from (f"never came about: {kind}" for kind in found["never"])
    for invariant, times in found["broken"].items():
        yield f"broken in {times} of {found['histories']} histories: {invariant}"
    for each in found["shrunk"]:
        yield f"\n{each['invariant']} (seed {each['seed']}, {len(each['events'])} events left)"
        yield from (f"  {event}" for event in each["events"])
        yield from (f"  -> {what}" for what in each["what"][:10])
    yield f"seed {found['seed']}, engine {found['engine']}, {found['seconds_each']} s a history"
    yield "every promise held" if found["ok"] else "NOT every promise held"


def _fault_lines(found: dict[str, Any]) -> Iterator[str]:
    yield f"{'planted fault':42}{'seen':>6}{'without':>9}  what was seen"
    for each in found["faults"]:
        seen, clean = ("yes" if each["seen"] else "NO"), ("clean" if each["clean"] else "NOT")
        yield f"{each['fault']:42}{seen:>6}{clean:>9}  {each['what'][:80]}"
    yield "every fault seen" if found["ok"] else "NOT every fault was seen"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
