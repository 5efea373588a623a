"""Compare what the program shows with what it showed before: `python -m tests.snapshot`.

Named plays (results, tour, demo) are played alone. `--record` keeps what is shown now as what is
right: after a change that was meant, with the difference read line by line.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.snapshot.played import the_demo, the_results, the_tour, words_for_what_differs

KEPT = Path(__file__).parent / "kept"
PLAYS = {"results": the_results, "tour": the_tour, "demo": the_demo}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.snapshot", description=__doc__)
    parser.add_argument("--record", action="store_true", help="keep what is shown now as right")
    parser.add_argument("play", nargs="*", choices=[*PLAYS, []], help="only these plays")
    asked = parser.parse_args()
    shown = played(asked.play or list(PLAYS))
    differing = [name for name, text in shown if not kept(name, text, record=asked.record)]
    said = f"{len(differing)} differ" if differing else "all as before"
    sys.stdout.write(f"{said}\n")
    return 1 if differing else 0


def played(names: list[str]) -> Iterator[tuple[str, str]]:
    for play in names:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder).resolve()
            for name, text in PLAYS[play](place):
                yield name, words_for_what_differs(text, place)


def kept(name: str, text: str, *, record: bool) -> bool:
    """Whether a text is as kept; where it is not, print the difference or keep it anew."""
    file = KEPT / name
    before = file.read_text("utf-8") if file.exists() else ""
    if record:
        file.write_text(text, encoding="utf-8")
        return True
    lines = difflib.unified_diff(
        before.splitlines(), text.splitlines(), f"kept/{name}", "now", lineterm="", n=1
    )
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return before == text


if __name__ == "__main__":
    sys.exit(main())
