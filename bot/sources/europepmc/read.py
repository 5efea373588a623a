"""Answers of Europe PMC, read anew."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sources.reread import Reread, read_each
from extraction.readers.europepmc import read_results


def read_again(bodies: Mapping[str, bytes]) -> Reread:
    """Read the answers of one run, by their hashes."""
    return read_each(bodies, lambda body: read_results(body).found)
