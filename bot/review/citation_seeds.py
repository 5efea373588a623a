"""The documents from which citations are chased and on which notices are watched. Pure.

A strategy of such a source lists identifiers, one a line, and may say `included reports`:

    # the review's own versions
    doi:10.1002/14651858.CD004429.pub3
    pmid:15846714
    # every report of every included study that is known by a confirmed identifier
    included reports
    # of the documents that cite them, those published on or after this day
    citing since 2020-04-20
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.errors import StrategyFault
from bot.review.strategy_text import to_paste
from extraction import identifiers
from extraction.model import RecordIds, Study

INCLUDED_REPORTS = "included reports"
_SINCE = re.compile(r"citing since (\S+)")
_EXPECTED = "'doi:…', 'pmid:…', 'included reports' or 'citing since YYYY-MM-DD'"


@dataclass(frozen=True, slots=True)
class SeedPlan:
    """named: identifiers in normal form, as "doi:…" or "pmid:…"; citing_since: a day, if given."""

    named: tuple[str, ...]
    included_reports: bool
    citing_since: date | None


def parse_seeds(strategy: str) -> SeedPlan:
    """Read a strategy of identifiers; raise StrategyFault where a line is none."""
    named: dict[str, None] = {}
    included, since = False, None
    for place, line in enumerate(strategy.splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text == INCLUDED_REPORTS:
            included = True
        elif (said := _SINCE.fullmatch(text)) is not None:
            since = _day(place, said[1])
        else:
            named[_identifier(place, text)] = None
    if not named and not included:
        raise StrategyFault(1, "no document to start from", _EXPECTED)
    return SeedPlan(tuple(named), included, since)


def seeds_text(strategy: str) -> str:
    """Return a strategy of identifiers without its remarks; raise StrategyFault as above."""
    parse_seeds(strategy)
    return to_paste(strategy)


def seeds(plan: SeedPlan, studies: Iterable[Study], records: Iterable[RecordIds]) -> list[str]:
    """Return the identifiers to start from: those named, and those of included reports.

    records: the identifiers of the records that are linked to included studies.
    """
    found = dict.fromkeys(plan.named)
    if plan.included_reports:
        reported = (each.ids for study in studies for each in study.reports if not each.unconfirmed)
        for ids in (*reported, *records):
            found |= dict.fromkeys(_named(ids))
    return list(found)


def _named(ids: RecordIds) -> list[str]:
    """Return the one name under which services know a document best, if it has any."""
    if ids.doi is not None:
        return [f"doi:{ids.doi}"]
    return [f"pmid:{ids.pmid}"] if ids.pmid is not None else []


def _identifier(place: int, text: str) -> str:
    kind, _, name = text.partition(":")
    read = {"doi": identifiers.doi, "pmid": identifiers.pmid}.get(kind)
    found = read(name) if read is not None else None
    if found is None:
        raise StrategyFault(place, f"'{text}'", _EXPECTED)
    return f"{kind}:{found}"


def _day(place: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise StrategyFault(place, f"'{text}'", "a day as YYYY-MM-DD") from error
