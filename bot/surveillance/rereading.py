"""Read what a source once answered by today's readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.review.protocol import MANUAL, SourcePlan
from bot.sources.catalogue import SOURCES
from bot.sources.reread import Reread, read_each
from extraction.readers.export import read_export
from extraction.readers.odd import FoundRecord


def read_again(plan: SourcePlan, bodies: Mapping[str, bytes]) -> Reread:
    """Read the answers of one run, by their hashes."""
    if plan.kind == MANUAL:
        return read_each(bodies, lambda body: _exported(plan, body))
    read: Reread = SOURCES[plan.kind].part("read:read_again")(bodies)
    return read


def _exported(plan: SourcePlan, body: bytes) -> Iterable[FoundRecord]:
    export = read_export(body, plan.id, source=plan.id)
    return (*export.records, *export.odd)
