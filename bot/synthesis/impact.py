"""What rests on a study: every result as it is, and as it would be without it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING_RESTS = "no pooled result rests on it"


@dataclass(frozen=True, slots=True)
class WithoutLine:
    """One analysis as it is and as it would be without a study: 'RR 2.43 (1.13 to 5.24)'."""

    analysis: str
    outcome: str
    comparison: str
    now: str
    then: str
    studies: int  # with a result in it, now
    studies_left: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What rests on a study. rules: which rules of the protocol would fire without it.

    failed: why it could not be computed; then nothing else is there.
    """

    without: tuple[WithoutLine, ...] = ()
    rules: tuple[str, ...] = ()
    failed: str | None = None


def impact_lines(found: Impact) -> list[str]:
    """Say in lines of a notice what rests on a study."""
    if found.failed is not None:
        return [f"  it could not be computed: {found.failed}"]
    lines = [
        f"  {each.analysis} {each.outcome} ({each.comparison}): {each.now} → {each.then}"
        f" [{each.studies} → {each.studies_left} studies]"
        for each in found.without
    ]
    rules = [f"  would fire: {rule}" for rule in found.rules]
    return [*lines, *rules] or [f"  {NOTHING_RESTS}"]
