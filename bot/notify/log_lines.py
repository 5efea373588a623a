"""Lines of the log: which review each is about, where a program holds several."""

from __future__ import annotations

import logging
from contextvars import ContextVar

FORMAT = "%(asctime)s %(review)s%(message)s"

_AT_WORK: ContextVar[str] = ContextVar("review at work", default="")


def sign_lines(review: str | None) -> None:
    """Have what this thread or request logs from now on begin with a review's name; None: none."""
    _AT_WORK.set(f"{review}: " if review is not None else "")


class OfItsReview(logging.Filter):
    """Gives each line, as `review`, the name of the review that it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass."""
        record.review = _AT_WORK.get()
        return True
