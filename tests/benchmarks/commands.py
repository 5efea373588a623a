"""What a command costs a processor, beside `import typer` in the same minutes of one machine.

The machine's own pace falls out of a ratio. The demo has a limit in seconds as well: who waits for
it waits in seconds.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure

ROOT = Path(__file__).parents[2]
TIMES = 10
FLOOR = (sys.executable, "-c", "import typer")
PROGRAM = (sys.executable, "-P", "-m", "bot")
HELP = ("--help",)
# Only looked at: what they may cost is nobody's promise.
SHOWN = (
    ("status",),
    ("queue",),
    ("search", "--help"),
    ("screen", "nothing", "include", "--as", "nobody"),
)
LARGEST_RATIO = 3.0
DEMO_AT_MOST_S = 60.0


def figures() -> Iterator[Figure]:
    """Measure the processor time of commands that compute nothing, and of the demo."""
    with tempfile.TemporaryDirectory() as folder:
        words = {"LIVINGREVIEW_DATA": f"{folder}/data", "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
        around = {**os.environ, **words, "PYTHONPATH": str(ROOT)}
        around.pop("PYTHONDONTWRITEBYTECODE", None)  # else each command compiles the program anew
        asked = {each: (*PROGRAM, *each) for each in (HELP, *SHOWN)}
        used_s(asked["status",], around)  # the first start computes
        used: dict[tuple[str, ...], list[float]] = {each: [] for each in asked}
        floor = []
        for _ in range(TIMES):
            floor.append(used_s(FLOOR, around))
            for name, command in asked.items():
                used[name].append(used_s(command, around))
        least = median(floor)
        for name in asked:
            goal = LARGEST_RATIO if name == HELP else None
            yield Figure(f"livingreview {' '.join(name)}", median(used[name]), least, "s", goal)
        demo = used_s((*PROGRAM, "demo", "--keep", f"{folder}/demo"), around)
    yield Figure("livingreview demo, in whole", demo, DEMO_AT_MOST_S, "s", 1.0)
    yield Figure("livingreview demo, beside import typer", demo, least, "s", None)


def used_s(
    command: tuple[str, ...], around: Mapping[str, str], *, must_end_well: bool = False
) -> float:
    """Run a command; return the processor time that it and all that it began have used."""
    before = _children_s()
    subprocess.run(
        command,
        env=around,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=must_end_well,
    )
    return _children_s() - before


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
