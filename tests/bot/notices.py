"""Notices on the baseline's reports as the sources bring them, and what became of them."""

from __future__ import annotations

from dataclasses import replace

from bot.demo.fiction import BASELINE, Facts, article
from bot.sources.crossref.stand_in import a_work, an_update
from bot.sources.pubmed.stand_in import Article
from bot.synthesis.known_corrections import KnownCorrection, known_corrections
from state.tasks import Task, open_tasks
from state.values import Notice
from tests.bot.world import World

HARBO_DOI = "10.1111/j.1468-1331.2009.02568.x"
AZULAY = next(facts for facts in BASELINE if facts.pmid == "8145910")
HARBO = next(facts for facts in BASELINE if facts.doi == HARBO_DOI)
NOTICE_DOI, NOTICE_PMID = "10.5555/notice", "99000077"
SOURCE = "J Made-up Neurol. 2026;1:1"


def with_notice(
    facts: Facts, kind: str, pmid: str | None = NOTICE_PMID, cited: str = SOURCE
) -> Article:
    """Write an article as PubMed has it once a notice on it is indexed."""
    number = f'<PMID Version="1">{pmid}</PMID>' if pmid else ""
    link = (
        f'<CommentsCorrectionsList><CommentsCorrections RefType="{kind}">'
        f"<RefSource>{cited}</RefSource>{number}</CommentsCorrections>"
        "</CommentsCorrectionsList></MedlineCitation>"
    )
    found = article(facts)
    return replace(found, xml=found.xml.replace(b"</MedlineCitation>", link.encode()))


def a_notice(
    kind: str, about: str | None, *, pmid: str = NOTICE_PMID, doi: str | None = None
) -> Article:
    """Write a notice that PubMed has as a record of its own."""
    facts = Facts(pmid, "A notice.", (), "J Made-up Neurol", 2026, types=("Letter",), doi=doi)
    return with_notice(facts, kind, about)


def in_crossref(world: World, kind: str, about: str = HARBO_DOI, doi: str = NOTICE_DOI) -> None:
    """Let Crossref gain a notice."""
    world.crossref.add(a_work(doi, "A notice", **{"update-to": [an_update(kind, about)]}))


def search(world: World, source: str = "pubmed") -> None:
    """Search a source a week later."""
    world.clock.advance(days=7)
    world.search(source)


def told(world: World, kind: str = "corrected") -> list[Notice]:
    """Return the notices of a kind, each once, oldest first."""
    written = sorted(world.notices(kind), key=lambda each: each.written_at)
    return list({each.notice.key: each.notice for each in written}.values())


def kept(world: World) -> tuple[KnownCorrection, ...]:
    """Return what is known of notices on reports."""
    with world.app.database.reading() as connection:
        return known_corrections(connection)


def tasks(world: World) -> list[Task]:
    """Return what waits to be judged."""
    with world.app.database.reading() as connection:
        return list(open_tasks(connection))
