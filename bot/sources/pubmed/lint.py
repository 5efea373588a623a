"""What is odd in a line of a strategy for PubMed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.sources.finding import Weight

_TAG = re.compile(r"\[([^\[\]]*)\]")
# PubMed User Guide, "Search field tags".
_PUBMED_TAGS = frozenset(
    {"ad", "affiliation", "aid", "all", "all fields", "au", "author", "auid", "cn", "crdt", "dcom"}
    | {"dp", "pdat", "edat", "ed", "mdat", "lr", "mhda", "filter", "sb", "fau", "1au", "fir", "ir"}
    | {"gr", "grant number", "ip", "issue", "isbn", "ta", "journal", "jid", "la", "language"}
    | {"lastau", "lid", "mh", "mesh", "mesh terms", "majr", "mesh major topic", "sh", "nm"}
    | {"mesh:noexp", "mh:noexp", "majr:noexp", "mesh terms:noexp", "ot", "other term", "owner"}
    | {"pg", "pagination", "pa", "ps", "pl", "pmid", "uid", "pubn", "pt", "ptyp", "vi", "volume"}
    | {"publication type", "publication date", "create date", "entry date", "rn", "si", "tt"}
    | {"supplementary concept", "tw", "text word", "ti", "title", "tiab", "title/abstract"}
    | {"secondary source id", "subset", "place of publication", "corporate author"}
)
_PROXIMITY = re.compile(r"(?:title/abstract|tiab|ti|title|ad):~\d+")
_SHORT_STEM = re.compile(r"(?<![\w*])([A-Za-z]{1,3})\*")
_STAR_INSIDE = re.compile(r'"[^"]*\*\s+[^"]*"')
_DATES = re.compile(r"\[(?:dp|pdat|crdt|edat|mdat|publication date)\]|\b\d{4}\s*:\s*\d{4}\b", re.I)
_LANGUAGES = re.compile(r"\[(?:la|language)\]", re.I)


def odd_in_line(text: str) -> Iterator[tuple[Weight, str]]:
    """Yield what PubMed would refuse, or take otherwise than it is meant."""
    for tag in _TAG.findall(text):
        name = tag.strip().lower()
        if name not in _PUBMED_TAGS and not _PROXIMITY.fullmatch(name):
            yield Weight.ERROR, f"[{tag}] is no field of PubMed"
    for stem in _SHORT_STEM.findall(text):
        yield Weight.ERROR, f"'{stem}*': PubMed cuts no word after fewer than four letters"
    if _STAR_INSIDE.search(text):
        yield Weight.DOUBT, "a star inside a phrase: PubMed takes it at the end of a phrase only"
    if _DATES.search(text):
        yield Weight.DOUBT, "a limit to dates: records that are indexed late will be missed"
    if _LANGUAGES.search(text):
        yield Weight.DOUBT, "a limit to languages"
