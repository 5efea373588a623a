"""Deduplicate one labelled file with bib-dedupe, in the environment of the peers.

Prints the same JSON as dedup_ours. Runs as a file: the product is not in that environment.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import time
from pathlib import Path

import pandas as pd
from bib_dedupe.bib_dedupe import (  # type: ignore[import-not-found]
    block,
    cluster,
    match,
    prep,
)

COLUMNS = ("title", "author", "year", "journal", "volume", "number", "pages", "doi", "abstract")


def main(file: str) -> None:
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    frame["ID"] = [str(place) for place in range(len(frame))]
    for column in (*COLUMNS, "ENTRYTYPE"):
        if column not in frame:
            frame[column] = frame.get(column.lower(), "")
    frame["ENTRYTYPE"] = frame["ENTRYTYPE"].replace("", "article")
    begun = time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):
        matched = match(block(prep(frame, cpu=1), cpu=1), cpu=1)
        clusters = cluster(matched)
    seconds = time.perf_counter() - begun
    maybe = matched[matched["duplicate_label"] == "maybe"]
    answer = {
        "clusters": [[int(each) for each in members] for members in clusters],
        "maybe": [
            (int(one), int(other)) for one, other in zip(maybe["ID_1"], maybe["ID_2"], strict=True)
        ],
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
