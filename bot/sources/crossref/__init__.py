"""Crossref: notices on given documents."""

from __future__ import annotations

from bot.sources.source import Asks, Source, Upstream

SOURCE = Source(
    id="crossref",
    name="Crossref",
    asks=Asks.SEEDS,
    # Without a contact Crossref lets one list and five single requests through a second, one at a
    # time.
    upstream=Upstream("https://api.crossref.org/", interval_s=1.05),
)
