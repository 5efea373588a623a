"""The published review that this one goes on from, as the log took it at the first start."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.review.published import PublishedReview
from state import extractions


def published_review(connection: Connection) -> PublishedReview | None:
    """Return what the world knows of it; None of a review that goes on from no published one."""
    told = extractions.published_facts(connection)
    return PublishedReview.model_validate(told) if told is not None else None
