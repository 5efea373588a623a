"""The analysis engine against its peers, in one run on one core."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tests.benchmarks.figures import Figure

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".peers" / "bin" / "python"
# -P keeps this folder off the path, where a file bears the name of the package.
FITS = ("-P", str(Path(__file__).with_name("fits.py")))
SIZES = (10, 100, 1000)
# Goals of the engine: ten times faster than the first and the last, no slower than the other.
GOALS = {"pymare": 0.1, "statsmodels": 1.0, "metafor": 0.1}
BATCH_GOAL = 2.0
# One core for everybody: numerical libraries would otherwise start a thread for each.
ONE_CORE = {
    **os.environ,
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONPATH": str(ROOT),
}
IMPORTS_GOAL = 1.5


def figures() -> Iterator[Figure]:
    """Measure fits of three sizes against each peer, then the import."""
    data = [_studies(k) for k in SIZES]
    ours = _timed([sys.executable, *FITS, "ours"], data)
    for peer, goal in GOALS.items():
        theirs = _metafor(data) if peer == "metafor" else _peer(peer, data)
        for at, k in enumerate(SIZES):
            yield Figure(
                f"REML + Hartung-Knapp with its full result, k = {k}, against {peer}",
                1000 * ours[at],
                None if theirs is None else 1000 * theirs[at],
                "ms",
                goal,
                missing=peer if theirs is None else None,
            )
    yield _batch()
    yield _imports()


def _batch() -> Figure:
    ours, floor = _timed([sys.executable, "-m", "tests.benchmarks.batches"], None)
    name = "10,000 REML + Hartung-Knapp fits, k = 10, in one call, against a hand-written batch"
    return Figure(name, 1000 * ours, 1000 * floor, "ms", BATCH_GOAL)


def _studies(k: int) -> tuple[list[float], list[float]]:
    random = np.random.default_rng(20260101 + k)
    variances = random.uniform(0.01, 0.5, k)
    return random.normal(0.3, np.sqrt(variances + 0.1)).tolist(), variances.tolist()


def _peer(name: str, data: object) -> Sequence[float] | None:
    if not PEERS.exists():
        return None
    installed = subprocess.run(
        [str(PEERS), "-c", f"import {name}"], capture_output=True, check=False
    )
    if installed.returncode != 0:
        return None
    return _timed([str(PEERS), *FITS, name], data)


def _timed(command: list[str], data: object) -> list[float]:
    done = subprocess.run(
        command,
        input=json.dumps(data),
        capture_output=True,
        text=True,
        check=True,
        env=ONE_CORE,
        cwd=ROOT,
    )
    times: list[float] = json.loads(done.stdout)
    return times


METAFOR = """
suppressMessages(library(metafor))
one <- function(y, v, n) {
  t <- system.time(for (i in seq_len(n)) {
    r <- rma(y, v, method = "REML", test = "knha", control = list(maxiter = 1000))
    confint(r); predict(r)
  })[["elapsed"]]
  t / n
}
"""


def _metafor(data: Sequence[tuple[list[float], list[float]]]) -> Sequence[float] | None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    calls = [
        f"cat(one(c({_listed(y)}), c({_listed(v)}), {max(2, 2000 // len(y))}), '')" for y, v in data
    ]
    done = subprocess.run(
        [rscript, "-"],
        input=METAFOR + "\n".join(calls),
        capture_output=True,
        text=True,
        check=False,
        env=ONE_CORE,
    )
    return [float(each) for each in done.stdout.split()] if done.returncode == 0 else None


def _listed(values: Sequence[float]) -> str:
    return ",".join(map(repr, values))


NEEDED = "import numpy, scipy.special"
EVERYTHING = (
    NEEDED
    + ", "
    + ", ".join(
        f"analysis.{path.stem}"
        for path in sorted((ROOT / "analysis").glob("[a-z]*"))
        if path.suffix in ("", ".py")
    )
)


def _imports() -> Figure:
    ours, floor = (
        min(_start_up(code) for _ in range(7)) - min(_start_up("pass") for _ in range(7))
        for code in (EVERYTHING, NEEDED)
    )
    name = "import of all of analysis, against numpy and scipy.special"
    return Figure(name, 1000 * ours, 1000 * floor, "ms", IMPORTS_GOAL)


TIMER = "import time; started = time.perf_counter(); {}; print(time.perf_counter() - started)"


def _start_up(code: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", TIMER.format(code)],
        capture_output=True,
        text=True,
        check=True,
        env=ONE_CORE,
    )
    return float(done.stdout)
