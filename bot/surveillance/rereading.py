"""Read what a source once answered by today's readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.review.protocol import SourceKind, SourcePlan
from extraction.errors import ExtractionError
from extraction.model import Record
from extraction.readers.crossref import read_work, read_work_list, with_notices
from extraction.readers.ctgov import read_page
from extraction.readers.europepmc import read_results
from extraction.readers.export import read_export
from extraction.readers.odd import FoundRecord
from extraction.readers.openalex import read_works
from extraction.readers.pubmed import read_articles


@dataclass(slots=True)
class Reread:
    """What the answers of one run hold as they are read today.

    records: by key, what can be read and what is odd of it; unread: the hash of an answer that
    holds no record (a list of numbers, say) or cannot be read any more, and why.
    """

    records: dict[str, FoundRecord] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


def read_again(plan: SourcePlan, bodies: Mapping[str, bytes]) -> Reread:
    """Read the answers of one run, by their hashes."""
    if plan.kind is SourceKind.CROSSREF:
        return _works_with_notices(bodies)
    return _read_each(bodies, _READERS.get(plan.kind, lambda body: _exported(plan, body)))


def _read_each(
    bodies: Mapping[str, bytes], read: Callable[[bytes], Iterable[FoundRecord]]
) -> Reread:
    found = Reread()
    for digest, body in bodies.items():
        try:
            found.records |= {each.key: each for each in read(body)}
        except ExtractionError as error:
            found.unread[digest] = str(error)
    return found


def _works_with_notices(bodies: Mapping[str, bytes]) -> Reread:
    """Crossref gives a work and the notices on it in answers of their own."""
    works = _read_each(bodies, lambda body: (read_work(body),))
    listed = _read_each(
        {digest: bodies[digest] for digest in works.unread},
        lambda body: read_work_list(body).found,
    )
    for key, work in works.records.items():
        if isinstance(work, Record):
            listed.records[key] = with_notices(work, listed.records)
    return listed


def _exported(plan: SourcePlan, body: bytes) -> Iterable[FoundRecord]:
    export = read_export(body, plan.id, source=plan.id)
    return (*export.records, *export.odd)


_READERS: dict[SourceKind, Callable[[bytes], Iterable[FoundRecord]]] = {
    SourceKind.PUBMED: lambda body: read_articles(body).found,
    SourceKind.CTGOV: lambda body: read_page(body).found,
    SourceKind.EUROPEPMC: lambda body: read_results(body).found,
    SourceKind.OPENALEX: lambda body: read_works(body).found,
}
