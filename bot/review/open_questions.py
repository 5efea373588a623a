"""Which studies an open decision of the protocol concerns: by any id of theirs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot.review.protocol import OpenDecision
from extraction.model import RecordIds, Study


def concerning(
    decisions: Sequence[OpenDecision], names: Collection[str]
) -> Iterator[tuple[int, OpenDecision]]:
    """Yield the decisions that concern whoever bears these names, each with its place."""
    folded = {name.casefold() for name in names}
    for place, each in enumerate(decisions):
        if not folded.isdisjoint(name.casefold() for name in each.concerns):
            yield place, each


def names_of(study: Study) -> Iterator[str]:
    """Yield every id by which a decision may name a study: its own and those of its reports."""
    yield study.id
    yield from study.register_ids
    for report in study.reports:
        yield from _ids(report.ids)


def _ids(ids: RecordIds) -> Iterator[str]:
    named = {"pmid": ids.pmid, "pmcid": ids.pmcid, "doi": ids.doi}
    yield from (f"{kind}:{name}" for kind, name in named.items() if name is not None)
    yield from ids.register
