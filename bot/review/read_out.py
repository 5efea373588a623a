"""What a study reports, and what of it the protocol does not have. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.review.protocol import Comparison, ReviewProtocol
from extraction.model import Cell, Study


class LackingKind(StrEnum):
    """What a protocol can lack."""

    ARM = "arm"
    OUTCOME = "outcome"
    TIME_POINT = "time point"
    COMPARISON = "comparison"


@dataclass(frozen=True, slots=True)
class Lacking:
    """Something that a study reports and the protocol does not have."""

    kind: LackingKind
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class ReadOut:
    """What was accepted of a study. labels: names for arms and outcomes that the protocol lacks;
    units: of outcomes, as they were given."""

    study: Study
    cells: tuple[Cell, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def label(self, own: str) -> str:
        """Return what an arm or an outcome was called, or its id."""
        return self.labels.get(own, "").strip() or own


def lacking(protocol: ReviewProtocol, found: ReadOut) -> tuple[Lacking, ...]:
    """Name what a study reports and the protocol does not have."""
    arms, outcomes = new_arms(protocol, found), new_outcomes(protocol, found)
    named = [Lacking(LackingKind.ARM, each, found.label(each)) for each in arms]
    named += [Lacking(LackingKind.OUTCOME, each, found.label(each)) for each in outcomes]
    named += _other_times(protocol, found)
    if not arms and len(found.study.arms) == 2 and not compared(protocol, found.study.arms):
        versus = " v ".join(sorted(found.study.arms))
        named.append(Lacking(LackingKind.COMPARISON, versus, versus))
    return tuple(named)


def lacking_in_words(found: ReadOut, what: Lacking) -> str:
    """Ask for what the protocol lacks."""
    return (
        f"{found.study.label} reports the {what.kind} '{what.label}', which the protocol does not"
        " have. Add it?"
    )


def new_arms(protocol: ReviewProtocol, found: ReadOut) -> list[str]:
    """Return the arms of a study that the protocol does not name."""
    return sorted(set(found.study.arms) - {arm.id for arm in protocol.arms})


def new_outcomes(protocol: ReviewProtocol, found: ReadOut) -> list[str]:
    """Return the outcomes of a study that the protocol does not name."""
    return sorted({cell.outcome for cell in found.cells} - {each.id for each in protocol.outcomes})


def _other_times(protocol: ReviewProtocol, found: ReadOut) -> Iterator[Lacking]:
    planned = {each.id: each.time_point for each in protocol.outcomes}
    for outcome, at in sorted({(cell.outcome, cell.time_point) for cell in found.cells}):
        if planned.get(outcome, at) != at:
            yield Lacking(LackingKind.TIME_POINT, f"{outcome} {at}", f"{at}' of '{outcome}")


def compared(protocol: ReviewProtocol, arms: Sequence[str]) -> list[Comparison]:
    """Return the protocol's comparisons of two arms, in either order."""
    return [each for each in protocol.comparisons if set(each.arms) == set(arms)]
