"""What PubMed answers with status 200 and is no answer: rows of the table of faults."""

from __future__ import annotations

BODIES = {
    "a rate limit in words": b'{"error": "API rate limit exceeded", "count": "11"}',
    "an error of esearch": b'{"esearchresult": {"ERROR": "Search Backend failed: not available"}}',
    "an error of efetch": b"<eFetchResult><ERROR>Cannot process the request</ERROR></eFetchResult>",
    "a set without an article": b"<PubmedArticleSet></PubmedArticleSet>",
}
