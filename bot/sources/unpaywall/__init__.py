"""Unpaywall: where a full text lies. It is asked about one DOI, and nobody searches it."""

from __future__ import annotations

from bot.sources.source import Locator, Upstream

LOCATOR = Locator(
    id="unpaywall",
    name="Unpaywall",
    # 100,000 a day, and an address of whoever asks.
    upstream=Upstream("https://api.unpaywall.org/v2/", interval_s=0.2),
    needs_email=True,
)
