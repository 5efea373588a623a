"""How versions are numbered: computed, never typed. Pure.

An update (a search ran since the last version) counts up the second number; anything else is an
amendment and counts up the third (Cochrane Handbook, chapter IV).
"""

from __future__ import annotations

from bot.review.published import PublishedReview

UPDATE, AMENDMENT, BASELINE = "update", "amendment", "baseline"
OWN_FIRST = "1.0"  # of a review that goes on from no published one


def first_number(published: PublishedReview | None) -> str:
    """Return the number of a review's first version: that of the review it goes on from."""
    return published.number if published is not None else OWN_FIRST


def kind_of_next(*, searched: bool) -> str:
    """Return the kind of the next version; searched: whether a search ran since the last one."""
    return UPDATE if searched else AMENDMENT


def next_number(last: str, kind: str) -> str:
    """Return the number after the last published one: '3.0' → '3.1' or '3.0.1'."""
    major, minor, patch = ([int(part) for part in last.split(".")] + [0, 0])[:3]
    if kind == UPDATE:
        return f"{major}.{minor + 1}"
    return f"{major}.{minor}.{patch + 1}"
