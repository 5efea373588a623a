"""Deduplicate one labelled file in a process of its own, so that its memory can be measured.

Prints JSON: clusters and maybe pairs by places in the file, seconds, megabytes at the most.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from extraction.duplicates import find_duplicates
from tests.benchmarks.dedup_sets import read_set


def main(file: str) -> None:
    """Deduplicate a file; reading it is not part of the time."""
    records = read_set(Path(file)).records
    begun = time.perf_counter()
    found = find_duplicates(records)
    seconds = time.perf_counter() - begun
    answer = {
        "clusters": found.clusters,
        "maybe": [(pair.one, pair.other) for pair in found.maybe],
        "seconds": seconds,
        "peak_mb": peak_mb(),
    }
    sys.stdout.write(json.dumps(answer) + "\n")


def peak_mb() -> float:
    """Return the most memory held since this program began (ru_maxrss counts its parent's too)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found is not None else 0.0


if __name__ == "__main__":
    main(sys.argv[1])
