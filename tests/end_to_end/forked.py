"""The process that forks the commands of these tests, as the demonstration has one.

That the installed command starts by itself is tested beside (`tests/bot/cli/test_loading.py`, the
page's own start).
"""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from bot.demo.forked import Forked, forking
from tests.loaded_late import LOADED_LATE

REPOSITORY = Path(__file__).parent.parent.parent


@cache
def forked() -> Forked:
    """Return the one of this process; it ends with it."""
    held = ExitStack()
    atexit.register(held.close)
    of_here = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return held.enter_context(forking(of_here, LOADED_LATE))
