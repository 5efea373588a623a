"""OpenAlex: citations in both directions."""

from __future__ import annotations

from bot.sources.source import ApiKey, Asks, Source, Upstream

SOURCE = Source(
    id="openalex",
    name="OpenAlex",
    asks=Asks.SEEDS,
    upstream=Upstream("https://api.openalex.org/", interval_s=0.2),
    api_key=ApiKey("openalex_api_key"),
)
