"""`python -m bot` is the command line; the watchdog starts without the rest of the program."""

from __future__ import annotations

import sys

if sys.argv[1:2] == ["watchdog"]:
    from bot.watchdog_command import main
else:
    from bot.cli import main

if __name__ == "__main__":
    main()
