"""What a source is asked, with all that asking takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.sources.answer import Progress, silent
from bot.sources.upstream.client import UpstreamClient


@dataclass(frozen=True, slots=True)
class Question:
    """A query, or documents to start from ("doi:…", "pmid:…"); whom to ask, and in whose name.

    citing_since: of the documents that cite the seeds, the earliest day of publication.
    """

    client: UpstreamClient
    url: str
    now: datetime
    query: str = ""
    seeds: tuple[str, ...] = ()
    citing_since: date | None = None
    email: str | None = None
    api_key: str | None = None
    progress: Progress = silent
