"""What the sources can hold, and the lines of their strategies as the model reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from bot.config import SHIPPED_REVIEW
from bot.review.folder import read_review
from bot.review.searches_alone import searches
from bot.review.strategy_text import query
from tests.strategies.syntax import Line, Platform, read_line

OF_PLATFORM: Mapping[str, Platform] = {
    "pubmed": Platform.PUBMED,
    "europepmc": Platform.EUROPEPMC,
    "central": Platform.COCHRANE,
    "neuromuscular": Platform.COCHRANE,
    "embase": Platform.EMBASE,
    "ctgov": Platform.CTGOV,
    "ictrp": Platform.PORTAL,
    "euctr": Platform.CTGOV,
    "ctis": Platform.WORDS,
}
NUMBERED = re.compile(r"#(\d+)\s+\S")


def known_titles() -> dict[str, str]:
    """Return the titles of the known items, by study or number; those that nobody read left out."""
    items = read_review(SHIPPED_REVIEW).known_items
    return {
        item.study if item.study and item.id.startswith("pmid:") else item.id: item.title
        for item in items
        if not item.title.startswith("[")
    }


ARTICLES = {name: title for name, title in known_titles().items() if "register:" not in name}
# What a register says of a trial: title, conditions and interventions, as far as they are known.
ENTRIES = {
    "NCT00666263": known_titles()["register:NCT00666263"],
    "NCT01951924": "LIME Study (LFB IVIg MMN Efficacy Study). Motor Neuron Disease. Immunoglobulin",
    "NCT06742190": "Empasiprubart versus intravenous immunoglobulin in adults with multifocal motor"
    " neuropathy",
}
_TITLED = {name: text for name, text in ENTRIES.items() if name != "NCT01951924"}
_PORTAL = {**_TITLED, "NCT01951924": "LIME Study (LFB IVIg MMN Efficacy Study)"}
HELD: Mapping[str, Mapping[str, str]] = {
    "pubmed": {**ARTICLES, "NCT06742190": ENTRIES["NCT06742190"]},
    "europepmc": {**ARTICLES, "NCT06742190": ENTRIES["NCT06742190"]},
    "central": {**ARTICLES, **_TITLED},
    "neuromuscular": {**ARTICLES, **_TITLED},
    "embase": {**ARTICLES, "NCT06742190": ENTRIES["NCT06742190"]},
    "ctgov": ENTRIES,
    "ictrp": _PORTAL,
    "euctr": {
        **ENTRIES,
        "2015-003453-18": "HyQvia, human normal immunoglobulin. Polyneuropathy chronic",
    },
    "ctis": {"NCT06742190": ENTRIES["NCT06742190"]},
}
NOT_OF_THE_DISEASE = {
    "mismatch": "Mismatch negativity in schizophrenia: an auditory study",
    "migraine": "Immunoglobulin for migraine: a randomised trial",
    "focal": "Multifocal lenses and motor skills of drivers",
}


@cache
def strategies() -> dict[str, str]:
    return dict(read_review(SHIPPED_REVIEW).strategies)


@cache
def lines_of(source: str) -> tuple[Line, ...]:
    """Return the lines of a strategy, each with the lines it names in it; the last is the whole."""
    platform, text = OF_PLATFORM[source], strategies()[source]
    numbered = [line for line in text.splitlines() if NUMBERED.match(line.strip())]
    if numbered:
        heads = ["\n".join(numbered[: n + 1]) for n in range(len(numbered))]
        return tuple(read_line(query(head), platform) for head in heads)
    plain = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    alone = [read_line(each, platform) for each in searches("\n".join(plain))]
    return (*alone, Line(lambda words: frozenset().union(*(each.found(words) for each in alone))))
