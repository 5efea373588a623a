"""Which files of the review as published were changed since they were loaded: none is taken."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.app import App
from bot.review.baseline import LOADED_ONCE
from state import extractions


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that is not taken. found: the SHA-256 of what is there, None where nothing is."""

    name: str
    found: str | None

    def sentence(self) -> str:
        """Say so, and what to do about it."""
        return (
            f"{self.name} was changed after the review as published was loaded from it and is not"
            " taken: put it back as it was; values are corrected by extracting the study anew"
        )


def changed_files(app: App, connection: Connection) -> tuple[ChangedFile, ...]:
    """Compare the folder with what was loaded."""
    taken, found = extractions.baseline_files(connection), app.review.file_hashes
    return tuple(
        ChangedFile(name, found.get(name))
        for name in LOADED_ONCE
        if taken.get(name) != found.get(name)
    )
