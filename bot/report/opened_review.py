"""A review for a notebook or a script: looked at as it stands, beside the program that keeps it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.app import App, open_app_to_look
from bot.config import Config, read_config
from state.late import late

if TYPE_CHECKING:  # pandas is loaded with the first frame
    from bot.report.review_frames import ReviewFrames

FRAMES = "bot.report.review_frames:review_frames"


@dataclass(frozen=True)
class OpenedReview:
    """A review as it stood when its frames were first asked for; open it again to look again."""

    id: str
    title: str
    config: Config

    @cached_property
    def frames(self) -> ReviewFrames:
        """What is known and decided, as data frames of one moment."""
        with _looked_at(self.config) as app, app.database.reading() as connection:
            found: ReviewFrames = late(FRAMES)(app, connection)
        return found


def open_review(data: str | Path) -> OpenedReview:
    """Open a data folder to read it; nothing in it is made, mended or written.

    Settings are those of the program: the environment and the folder's settings.toml, which name a
    PostgreSQL server where the review lies on one, and the review folder.
    Raises ConfigFaults, ProtocolFaults, and DataFolderFault where no review of this version is.
    """
    config = read_config(os.environ, Path(data))
    with _looked_at(config) as app:
        return OpenedReview(app.protocol.id, app.protocol.title, config)


@contextmanager
def _looked_at(config: Config) -> Iterator[App]:
    with closing(open_app_to_look(config)) as app:
        yield app
