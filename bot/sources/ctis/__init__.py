"""CTIS, the register of clinical trials of the European Union, by its public portal's interface."""

from __future__ import annotations

from bot.sources.source import Asks, Source, Upstream

SOURCE = Source(
    id="ctis",
    name="CTIS",
    asks=Asks.WORDS,
    register=True,
    by_hand=True,
    # Nobody says what is allowed; public clients are turned away at 100 requests in 20 s, and run
    # without trouble at one in half a second.
    upstream=Upstream("https://euclinicaltrials.eu/ctis-public-api/", interval_s=0.5),
    holds=r"register:20\d\d-5\d{5}-\d\d(-\d\d)?",
)
