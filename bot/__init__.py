"""The shell: everything that meets the outside, and the wiring.

>>> from bot import open_review
>>> open_review("livingreview-data").frames.results  # doctest: +SKIP

docs/library.md has the columns of the frames.
"""

from __future__ import annotations

from typing import Any

from state.late import late

# A test keeps it equal to pyproject.toml.
VERSION = "0.2.0"
_LOADED_WHEN_ASKED = {"open_review": "bot.report.opened_review:open_review"}


def __getattr__(name: str) -> Any:
    if name not in _LOADED_WHEN_ASKED:
        raise AttributeError(
            f"bot has no {name!r}; it has VERSION, {', '.join(_LOADED_WHEN_ASKED)}"
        )
    return late(_LOADED_WHEN_ASKED[name])


def __dir__() -> list[str]:
    return [*_LOADED_WHEN_ASKED, "VERSION"]
