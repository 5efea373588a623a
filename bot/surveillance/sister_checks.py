"""Which reports that other reviews include a search has found, of those it could. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace

from bot.review.protocol import SourcePlan
from bot.sources.catalogue import SOURCES
from bot.sources.source import Asks
from extraction.linkage import same_title
from extraction.model import Record
from extraction.record_keys import own_ids
from state.codec import Json
from state.facts import (
    ElsewhereItem,
    KnownItemMissing,
    SearchRun,
    SisterCheck,
    SisterListTaken,
)
from state.facts.words import RunStatus


def sister_checks(
    plan: SourcePlan, sisters: Iterable[SisterListTaken], found: Sequence[Record]
) -> tuple[SisterCheck, ...]:
    """Hold what a search found against each list; a source that is asked of known documents alone
    has no words of its own that could miss one."""
    if plan.kind in SOURCES and SOURCES[plan.kind].asks is Asks.SEEDS:
        return ()
    known = {name: each for each in found for name in own_ids(each)}
    return tuple(_check(plan, sister, known, found) for sister in sisters)


def _check(
    plan: SourcePlan,
    sister: SisterListTaken,
    known: Mapping[str, Record],
    found: Sequence[Record],
) -> SisterCheck:
    asked = [each for each in sister.items if can_hold(plan, each)]
    had = {each.name for each in asked if _is_found(each, known, found)}
    missing = [each for each in asked if each.name not in had]
    return SisterCheck(
        sister.sister,
        len(sister.items),
        tuple(each.name for each in asked if each.name in had),
        tuple(KnownItemMissing(each.name, each.title) for each in missing),
    )


def can_hold(plan: SourcePlan, item: ElsewhereItem) -> bool:
    """Whether a source is known to hold such a report: else it is not counted against it.

    Of a register that people search nobody knows which entries of others it has.
    """
    if plan.is_register != item.register_entry:
        return False
    source = SOURCES.get(plan.kind)
    if source is None:
        return not plan.is_register
    return source.holds is None or any(re.fullmatch(source.holds, each) for each in item.ids)


def _is_found(item: ElsewhereItem, known: Mapping[str, Record], found: Sequence[Record]) -> bool:
    if any(each in known for each in item.ids):
        return True
    return not item.register_entry and any(same_title(each, item.title) for each in found)


def of_all_parts(check: SisterCheck, others: Iterable[SisterCheck], *, whole: bool) -> SisterCheck:
    """Return a check with what other searches, or parts, of the same source have found.

    whole: all of them were made; else nothing can be said to be missing yet.
    """
    if not whole:
        return replace(check, missing=())
    had = {name for each in others if each.sister == check.sister for name in each.found}
    return replace(
        check,
        found=(*check.found, *(each.id for each in check.missing if each.id in had)),
        missing=tuple(each for each in check.missing if each.id not in had),
    )


def checks_json(run: SearchRun) -> list[Json]:
    """Say of each list how many a search could find, and which it missed; of a failed one nothing.

    Of a search by hand that is not whole nothing is missing yet.
    """
    if run.status is not RunStatus.OK:
        return []
    return [
        {
            "sister": each.sister,
            "items": each.items,
            "asked": each.asked,
            "found": len(each.found),
            "missing": [asdict(item) for item in each.missing],
        }
        for each in run.elsewhere
    ]


def check_lines(run: SearchRun) -> list[str]:
    """Say which reports that other reviews include a search has missed, with the denominator."""
    checks = run.elsewhere if run.status is RunStatus.OK else ()
    lines = []
    for each in checks:
        missed = f"  {each.sister} includes {each.items}: {each.asked} could be found here"
        lines.append(f"{missed}, {len(each.missing)} of them were not")
        lines += [f"    not found: {item.id} {item.title}" for item in each.missing]
    return lines
