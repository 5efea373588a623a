"""Answers of Crossref, read anew."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sources.reread import Reread, read_each
from extraction.model import Record
from extraction.readers.crossref import read_work, read_work_list, with_notices


def read_again(bodies: Mapping[str, bytes]) -> Reread:
    """Read the answers of one run, by their hashes.

    Crossref gives a work and the notices on it in answers of their own.
    """
    works = read_each(bodies, lambda body: (read_work(body),))
    listed = read_each(
        {digest: bodies[digest] for digest in works.unread},
        lambda body: read_work_list(body).found,
    )
    for key, work in works.records.items():
        if isinstance(work, Record):
            listed.records[key] = with_notices(work, listed.records)
    return listed
