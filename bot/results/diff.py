"""What changed between two versions, outcome by outcome."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.results.model import AnalysisResult, ShownEffect, StudyRow

# Two computations of the same numbers may differ in their last bits; no reader ever could see it.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """One analysis that is not what it was; None on a side: it was not there."""

    analysis: str
    outcome_label: str
    comparison_label: str
    measure: str
    old: AnalysisResult | None
    new: AnalysisResult | None
    studies_added: tuple[str, ...]
    studies_removed: tuple[str, ...]
    studies_corrected: tuple[str, ...]

    @property
    def estimate_moved(self) -> bool:
        old, new = (None if each is None else each.effect for each in (self.old, self.new))
        return not same_interval(old, new)


def changes(old: Sequence[AnalysisResult], new: Sequence[AnalysisResult]) -> tuple[Change, ...]:
    """Compare two sets of results; return the analyses that differ, in the order of the new set."""
    before = {each.id: each for each in old}
    after = {each.id: each for each in new}
    order = [*after, *(key for key in before if key not in after)]
    pairs = [(before.get(key), after.get(key)) for key in order]
    return tuple(_change(left, right) for left, right in pairs if not _same(left, right))


def added_studies(old: AnalysisResult | None, new: AnalysisResult) -> frozenset[str]:
    """Name the studies (by id) that an analysis has now and had not before."""
    before, after = ({row.study for row in each.rows} if each else set() for each in (old, new))
    return frozenset() if old is None else frozenset(after - before)


def same_interval(old: ShownEffect | None, new: ShownEffect | None) -> bool:
    """Tell whether two effects are the same for every reader, or both not there."""
    if old is None or new is None:
        return old is new
    pairs = (
        (old.estimate, new.estimate),
        (old.ci_lower, new.ci_lower),
        (old.ci_upper, new.ci_upper),
    )
    return all(math.isclose(a, b, rel_tol=_SAME, abs_tol=_SAME) for a, b in pairs)


def _change(old: AnalysisResult | None, new: AnalysisResult | None) -> Change:
    shown = new or old
    assert shown is not None
    before, after = _rows(old), _rows(new)
    return Change(
        analysis=shown.id,
        outcome_label=shown.outcome_label,
        comparison_label=shown.comparison_label,
        measure=shown.measure,
        old=old,
        new=new,
        studies_added=tuple(row.label for key, row in after.items() if key not in before),
        studies_removed=tuple(row.label for key, row in before.items() if key not in after),
        studies_corrected=tuple(
            row.label
            for key, row in after.items()
            if key in before and not _same_numbers(before[key], row)
        ),
    )


def _rows(result: AnalysisResult | None) -> dict[tuple[str, str, str], StudyRow]:
    return {} if result is None else {row.key: row for row in result.rows}


def _same(old: AnalysisResult | None, new: AnalysisResult | None) -> bool:
    if old is None or new is None:
        return False
    before, after = _rows(old), _rows(new)
    return (
        before.keys() == after.keys()
        and all(_same_numbers(before[key], after[key]) for key in before)
        and same_interval(old.effect, new.effect)
        and (old.not_estimable, old.participants) == (new.not_estimable, new.participants)
    )


def _same_numbers(old: StudyRow, new: StudyRow) -> bool:
    left, right = (replace(each, effect=None, weight=None) for each in (old, new))
    return left == right and same_interval(old.effect, new.effect)
