"""The parts of a new review's protocol that no package holds: roles, sources, how it lives. Pure.

What is written here is a beginning that people change: each text says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.review.citation_seeds import INCLUDED_REPORTS
from bot.review.package.toml_writing import toml_table
from bot.review.protocol import MANUAL
from bot.sources.catalogue import SOURCES
from bot.sources.source import Asks, Source

BY_HAND = "by-hand"
_ROLES = (
    ("screener", 2, "Reads titles, abstracts and full texts; two people judge each record."),
    ("extractor", 2, "Takes the numbers out of included studies; two people, each alone."),
    ("adjudicator", 1, "Rules where two people differ."),
    ("lead", 1, "Answers for the review; signs versions and amendments."),
    ("information_specialist", 1, "Keeps the search strategies; searches by hand where needed."),
    ("operator", 1, "Runs the program: settings, backups, mail."),
)
_SIGNALS = (
    ("S1", "The confidence interval newly excludes, or newly includes, no effect.", True, None),
    ("S2", "The effect changed by the given share or more.", False, 0.5),
    ("S3", "The effect points the other way.", True, None),
    ("S5", "A first result where there was none.", True, None),
    ("S7", "A report of an included study was retracted or corrected.", False, None),
)
_BY_HAND = """# A beginning: paste here the search strategy of the review, as it is run by hand.
(the strategy of the review)
"""
_TO_WRITE = "To be written by the authors"


@dataclass(frozen=True, slots=True)
class NewReview:
    """What people say of a new review.

    queries: by the id of the source that is asked by it. cited: included reports have identifiers,
    from which the sources that start from documents can look.
    """

    id: str
    title: str
    question: str = ""
    time_zone: str = "UTC"
    queries: Mapping[str, str] = field(default_factory=dict)
    cited: bool = False
    preceding_doi: str = ""


def head(review: NewReview) -> str:
    """Write the tables before arms and outcomes: the review, criteria, roles, sources."""
    question = review.question or f"{_TO_WRITE}: the question of '{review.title}'."
    asked = {
        "id": review.id,
        "version": "1",
        "title": review.title,
        "short_title": review.title,
        "question": question,
        "time_zone": review.time_zone,
    }
    text = f"{_TO_WRITE}: who may enter (population, intervention, comparison, design)."
    tables = [
        "# A new review. docs/protocol.md says what each key means.\n",
        toml_table("review", asked, of_list=False),
        toml_table("criteria", {"id": "E1", "text": text}),
        *(toml_table("roles", {"id": r, "seats": n, "text": t}) for r, n, t in _ROLES),
        *(toml_table("sources", dict(zip(_SOURCE_KEYS, s, strict=True))) for s in _sources(review)),
    ]
    return "\n".join(tables)


_SOURCE_KEYS = ("id", "kind", "name", "schedule", "strategy")


def _sources(review: NewReview) -> Iterator[tuple[str, str, str, str, str]]:
    """Give the sources in use, each on a Monday at a time of its own, and the search by hand."""
    for place, each in enumerate(_used(review)):
        yield each.id, each.id, each.name, f"{5 * place + 10} 6 * * mon", f"{each.id}.txt"
    name = "The databases of the review, searched by hand"
    yield BY_HAND, MANUAL, name, "0 9 1 3,9 *", f"{BY_HAND}.txt"


def _used(review: NewReview) -> list[Source]:
    asked = [each for each in SOURCES.values() if review.queries.get(each.id)]
    seeded = [each for each in SOURCES.values() if each.asks is Asks.SEEDS and review.cited]
    return [*asked, *seeded]


def query_sources() -> list[Source]:
    """Return the sources that are asked a query."""
    return [each for each in SOURCES.values() if each.asks is Asks.QUERY]


def strategies(review: NewReview) -> dict[str, str]:
    """Return the strategy files of the sources, by their names."""
    files = {
        f"{each.id}.txt": f"{review.queries.get(each.id, INCLUDED_REPORTS).strip()}\n"
        for each in _used(review)
    }
    return {**files, f"{BY_HAND}.txt": _BY_HAND}


def tail(review: NewReview) -> str:
    """Write the tables after the analyses: signal rules, and how the review lives."""
    living = {
        "mode": "trigger",
        "rationale": f"{_TO_WRITE}: why this review is kept alive.",
        "preceding_doi": review.preceding_doi or None,
        "retirement": f"{_TO_WRITE}: when the review leaves living mode.",
        "updating_policy": f"{_TO_WRITE}: when it is searched, screened, extracted, published.",
    }
    rules = [
        toml_table(
            "signal_rules",
            {"id": id, "text": text, "changes_conclusions": changes, "parameter": parameter},
        )
        for id, text, changes, parameter in _SIGNALS
    ]
    return "\n".join([*rules, toml_table("living", living, of_list=False)])
