"""Print what each line of each strategy finds of what its source can hold, and what it adds."""

from __future__ import annotations

import sys

from tests.strategies.held import HELD, OF_PLATFORM, lines_of


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main() -> None:
    for source in OF_PLATFORM:
        held, lines = HELD[source], lines_of(source)
        say(f"{source}: {len(held)} can be held")
        before: set[str] = set()
        for number, line in enumerate(lines, 1):
            found = {name for name, text in held.items() if line.finds(text)}
            added = ", ".join(sorted(found - before)) or "-"
            say(f"  line {number}: {len(found)} found; first found by it: {added}")
            before |= found


if __name__ == "__main__":
    main()
