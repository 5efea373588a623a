"""ClinicalTrials.gov, by its API v2."""

from __future__ import annotations

from bot.sources.source import Asks, Source, Upstream

SOURCE = Source(
    id="ctgov",
    name="ClinicalTrials.gov",
    asks=Asks.QUERY,
    register=True,
    # robots.txt of ClinicalTrials.gov asks for one request a second.
    upstream=Upstream("https://clinicaltrials.gov/api/v2/", interval_s=1.0),
    holds=r"register:NCT\d{8}",
)
