"""What is handed in beside the numbers: outcomes without any, and results that cannot be pooled."""

from __future__ import annotations

from collections.abc import Iterator

from bot.acts.said import HandIn, ToldResult
from bot.errors import FaultAt
from bot.review.protocol import ReviewProtocol
from bot.review.wanted import is_one_of
from extraction.model import Basis, Provenance, Reporting, UnpooledResult


def unpooled_of(act: HandIn) -> tuple[UnpooledResult, ...]:
    """Return the results that are told beside the numbers, as they are stored."""
    return tuple(_unpooled(each) for each in act.unpooled)


def _unpooled(told: ToldResult) -> UnpooledResult:
    origin = Provenance(
        Basis.EXTRACTED, told.source, _given(told.locator), _given(told.quote), None
    )
    return UnpooledResult(
        told.what, origin, told.outcome or None, told.arms, told.number, _given(told.unit)
    )


def _given(text: str | None) -> str | None:
    return (text or "").strip() or None


def faults_beside(act: HandIn, protocol: ReviewProtocol) -> Iterator[FaultAt]:
    """Yield what cannot be of that which is said beside the numbers."""
    yield from _of_reporting(act, protocol)
    for place, told in enumerate(act.unpooled):
        for text in _of_told(act, told, protocol):
            yield FaultAt(("unpooled", place), f"result {place + 1} beside the numbers: {text}")


def _of_reporting(act: HandIn, protocol: ReviewProtocol) -> Iterator[FaultAt]:
    known = [each.id for each in protocol.outcomes]
    given = {each.outcome for each in act.values if each.numbers}
    given |= {each.outcome for each in act.unpooled if each.outcome is not None}
    for outcome, state in act.reporting.items():
        at = ("reporting", outcome)
        if outcome not in known:
            yield FaultAt(at, f"reporting: found '{outcome}', expected {is_one_of(known)}")
        elif outcome in given and state is not Reporting.REPORTED:
            found = f"found '{state}' and a result of it"
            yield FaultAt(at, f"reporting of '{outcome}': {found}, expected one of the two")


def _of_told(act: HandIn, told: ToldResult, protocol: ReviewProtocol) -> Iterator[str]:
    known = [each.id for each in protocol.outcomes]
    if told.outcome and told.outcome not in known:
        yield f"outcome: found '{told.outcome}', expected {is_one_of(known)}, or none"
    for arm in told.arms:
        if arm not in act.arms:
            yield f"arm: found '{arm}', expected {is_one_of(act.arms)}"
    if told.number is not None and not _given(told.unit):
        yield "unit: found none, expected what the number counts, such as people or events"
    if not told.source.strip():
        yield "source: expected the report it was read in"
    if not _given(told.locator) and not _given(told.quote):
        yield "expected a 'locator' (page, table) or a 'quote'"
