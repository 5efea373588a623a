"""PubMed, by NCBI's E-utilities."""

from __future__ import annotations

from bot.sources.source import ApiKey, Asks, Source, Upstream

SOURCE = Source(
    id="pubmed",
    name="PubMed",
    asks=Asks.QUERY,
    # NCBI blocks at exactly three requests a second (api_facts: 0.37 s is what clients settle on).
    upstream=Upstream("https://eutils.ncbi.nlm.nih.gov/entrez/eutils/", interval_s=0.37),
    api_key=ApiKey("ncbi_api_key", interval_s=0.11),
    holds=r"pmid:\d+",
)
