"""The ISRCTN registry, by its XML interface."""

from __future__ import annotations

from bot.sources.source import Asks, Source, Upstream

SOURCE = Source(
    id="isrctn",
    name="ISRCTN registry",
    asks=Asks.QUERY,
    register=True,
    by_hand=True,
    # No limit is documented; the one public client that runs weekly leaves as much time.
    upstream=Upstream("https://www.isrctn.com/api/", interval_s=1.0),
    holds=r"register:ISRCTN\d+",
)
