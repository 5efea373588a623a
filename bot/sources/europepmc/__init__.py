"""Europe PMC, by its REST service."""

from __future__ import annotations

from bot.sources.source import Asks, Source, Upstream

SOURCE = Source(
    id="europepmc",
    name="Europe PMC",
    asks=Asks.QUERY,
    # Five requests a second are what Europe PMC asks its users to keep to.
    upstream=Upstream("https://www.ebi.ac.uk/europepmc/webservices/rest/", interval_s=0.25),
)
