"""How well and how fast duplicates are found, against bib-dedupe in the same run.

With files as arguments these are measured; without, the shared labelled sets and traps. Scores are
by record and cluster-aware: a false merge is a distinct report that a merge swallowed, a duplicate
left is one that stands beside its like. Each side runs in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.dedup_sets import LabelledSet, Score, confirmed, read_set, score
from tests.benchmarks.figures import Figure

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".peers" / "bin" / "python"
PEER = Path(__file__).with_name("dedup_peer.py")
SHARED = ROOT.parent / "shared" / "dedup"
BIOMEDICAL = ("stroke", "cytology", "diabetes", "tafenoquine")
OFF_DOMAIN, TRAPS = "digital_work", "traps"
SENSITIVITY, WITH_QUEUE = 0.984, 0.995
RECORDS_A_SECOND, TIMES_THE_PEER = 2_000, 50
OF_THE_PEERS_QUEUE = 0.1
MOST_MB = 100
LONGEST_S = 3_600


@dataclass(frozen=True, slots=True)
class Run:
    """What one side made of one set."""

    labelled: LabelledSet
    automatic: Score
    with_queue: Score
    queued: int
    seconds: float
    peak_mb: float

    @property
    def speed(self) -> float:
        """Records a second."""
        return len(self.labelled.records) / self.seconds


def figures(*files: Path) -> Iterator[Figure]:
    """Yield the figures of each file, then those of all together."""
    named = files or tuple(SHARED / f"{name}.csv" for name in (*BIOMEDICAL, OFF_DOMAIN, TRAPS))
    ours, theirs = [], []
    for file in named:
        labelled = read_set(file)
        mine, peer = _ours(file, labelled), _peer(file, labelled)
        yield from _of_one(mine, peer)
        if files or file.stem in BIOMEDICAL:
            ours.append(mine)
            theirs.append(peer)
    yield from _of_all(ours, [each for each in theirs if each is not None], len(theirs))


def _ours(file: Path, labelled: LabelledSet) -> Run:
    command = [sys.executable, "-m", "tests.benchmarks.dedup_ours", str(file.resolve())]
    return _run(command, labelled, cwd=ROOT)


def _peer(file: Path, labelled: LabelledSet) -> Run | None:
    """Run the peer; None where it is not installed or fails on the file, which is said."""
    if not PEERS.exists():
        return None
    try:
        return _run([str(PEERS), str(PEER), str(file.resolve())], labelled, cwd=PEER.parent)
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()[-1:] or ["no reason given"]
        sys.stderr.write(f"bib-dedupe failed on {file.name}: {reason[0]}\n")
        return None


def _run(command: list[str], labelled: LabelledSet, *, cwd: Path) -> Run:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=LONGEST_S, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    pairs = [(one, other) for one, other in found["maybe"]]
    clusters = found["clusters"]
    return Run(
        labelled,
        score(labelled.gold, clusters),
        score(labelled.gold, confirmed(labelled.gold, clusters, pairs)),
        len(pairs),
        found["seconds"],
        found["peak_mb"],
    )


def _of_one(ours: Run, peer: Run | None) -> Iterator[Figure]:
    """Yield what one set came to: ours with its goals, the peer's to compare."""
    name, found = ours.labelled.name, ours.automatic
    size, duplicates = len(ours.labelled.records), found.duplicates
    yield Figure(f"dedup {name}: false merges", found.false_merges, size, "records", goal=0)
    for cluster in found.swallowed:
        ids = ", ".join(ours.labelled.rows[place].get("id", str(place)) for place in cluster)
        sys.stderr.write(f"{name}: false merge of {ids}\n")
    yield Figure(
        f"dedup {name}: duplicates found", duplicates - found.left, duplicates, "records", None
    )
    left = ours.with_queue.left
    yield Figure(
        f"dedup {name}: found with the queue confirmed",
        duplicates - left,
        duplicates,
        "records",
        None,
    )
    yield _against(f"dedup {name}: pairs queued", ours, peer, lambda run: run.queued, "pairs")
    yield _against(
        f"dedup {name}: records a second", ours, peer, lambda run: run.speed, "records/s"
    )
    yield Figure(f"dedup {name}: memory", ours.peak_mb, MOST_MB, "MB", goal=1)
    if peer is not None:
        theirs = peer.automatic
        yield Figure(
            f"dedup {name}: bib-dedupe's false merges", theirs.false_merges, size, "records", None
        )
        yield Figure(
            f"dedup {name}: bib-dedupe's duplicates found",
            duplicates - theirs.left,
            duplicates,
            "records",
            None,
        )
        yield Figure(f"dedup {name}: bib-dedupe's memory", peer.peak_mb, MOST_MB, "MB", None)


def _of_all(ours: Sequence[Run], peers: Sequence[Run], wanted: int) -> Iterator[Figure]:
    """Yield the pooled figures, with the goals."""
    duplicates = sum(run.automatic.duplicates for run in ours)
    found = duplicates - sum(run.automatic.left for run in ours)
    yield Figure(
        "dedup, pooled: duplicates found", found, duplicates, "records", SENSITIVITY, at_least=True
    )
    queued = duplicates - sum(run.with_queue.left for run in ours)
    yield Figure(
        "dedup, pooled: found with the queue confirmed",
        queued,
        duplicates,
        "records",
        WITH_QUEUE,
        at_least=True,
    )
    records, seconds = _totals(ours)
    yield Figure(
        "dedup, pooled: records a second",
        records / seconds,
        RECORDS_A_SECOND,
        "records/s",
        goal=1,
        at_least=True,
    )
    if not peers or len(peers) < wanted:
        yield Figure(
            "dedup, pooled: against the peer",
            records / seconds,
            None,
            "records/s",
            None,
            "bib-dedupe",
        )
        return
    theirs, slower = _totals(peers)
    yield Figure(
        "dedup, pooled: records a second against bib-dedupe",
        records / seconds,
        theirs / slower,
        "records/s",
        TIMES_THE_PEER,
        at_least=True,
    )
    pairs = sum(run.queued for run in ours), sum(run.queued for run in peers)
    yield Figure(
        "dedup, pooled: pairs queued against bib-dedupe", *pairs, "pairs", OF_THE_PEERS_QUEUE
    )
    left = sum(run.automatic.left for run in peers)
    theirs_found = duplicates - left
    yield Figure(
        "dedup, pooled: duplicates found against bib-dedupe",
        found,
        theirs_found,
        "records",
        goal=1,
        at_least=True,
    )
    yield Figure(
        "dedup, pooled: bib-dedupe's duplicates found", theirs_found, duplicates, "records", None
    )


def _totals(runs: Sequence[Run]) -> tuple[int, float]:
    return sum(len(run.labelled.records) for run in runs), sum(run.seconds for run in runs)


def _against(
    name: str, ours: Run, peer: Run | None, measure: Callable[[Run], float], unit: str
) -> Figure:
    theirs = measure(peer) if peer is not None else None
    missing = None if peer is not None else "bib-dedupe"
    return Figure(name, measure(ours), theirs, unit, None, missing)
