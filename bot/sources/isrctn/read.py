"""Answers of ISRCTN, read anew."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sources.reread import Reread, read_each
from extraction.readers.isrctn import read_trials


def read_again(bodies: Mapping[str, bytes]) -> Reread:
    """Read the answers of one run, by their hashes."""
    return read_each(bodies, lambda body: read_trials(body).found)
