"""Which files of the review as published were changed since they were loaded: none is taken."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.app import App
from bot.review.baseline import STUDIES, VALUES
from state import extractions

LOADED_ONCE = (STUDIES, VALUES)


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that is not taken. taken: the SHA-256 of what was loaded, where it is known."""

    name: str
    taken: str | None
    found: str

    def sentence(self) -> str:
        """Say so, and what to do about it."""
        return (
            f"{self.name} was changed after the review as published was loaded from it and is not"
            " taken: put it back as it was, and correct values by extracting the study anew"
        )


def changed_files(app: App, connection: Connection) -> tuple[ChangedFile, ...]:
    """Compare the folder with what was loaded."""
    taken, found = extractions.baseline_files(connection), app.review.file_hashes
    return tuple(
        ChangedFile(name, taken.get(name), found[name])
        for name in LOADED_ONCE
        if name in found and taken.get(name) != found[name]
    )
