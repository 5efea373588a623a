"""Answers of CTIS, read anew."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sources.reread import Reread, read_each
from extraction.readers.ctis import read_list, read_trial


def read_again(bodies: Mapping[str, bytes]) -> Reread:
    """Read the answers of one run, by their hashes.

    A trial is read in its own entry; in a list only where its entry could not be had.
    """
    trials = read_each(bodies, lambda body: (read_trial(body),))
    listed = read_each(
        {digest: bodies[digest] for digest in trials.unread}, lambda body: read_list(body).found
    )
    listed.records |= trials.records
    return listed
