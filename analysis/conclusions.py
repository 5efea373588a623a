"""Does the conclusion survive the method? The planned method, and every other, side by side.

The planned method stays the headline. This table shows whether another defensible choice would
have concluded otherwise; a method that is not valid for these data is shown with the reason, and
does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np

from analysis.compared_methods import (
    TABLE_METHODS,
    ComparedMethod,
    Computed,
    computed_by,
    effect_methods,
    not_for_studies_that_differ,
    same_plan,
)
from analysis.errors import InvalidOption, NotConverged, NotEstimable
from analysis.inputs import Floats, OneProportion, TwoByTwo
from analysis.plan import Plan, PoolingModel
from analysis.planned_effects import Studies, planned_effects
from analysis.results import Estimate, Limits, Measure


class Conclusion(StrEnum):
    """What an interval says about no effect."""

    ABOVE = "above no effect"
    BELOW = "below no effect"
    OPEN = "no effect inside"


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One method's result on the scale of its measure (logarithms for ratios).

    value, limits: None where there is none, and `why_none` says why; infinite
                   where the data do not bound them
    not_valid:     why the method does not suit these data; it then does not count
    caution:       what to know of a result that counts
    exact_p:       of McNemar's test, where the row is of pairs
    """

    method: str
    measure: Measure
    value: float | None
    limits: Limits | None
    conclusion: Conclusion | None
    why_none: str | None = None
    not_valid: str | None = None
    caution: str | None = None
    exact_p: float | None = None

    @property
    def counts(self) -> bool:
        return self.conclusion is not None and self.not_valid is None


@dataclass(frozen=True, slots=True)
class MethodTable:
    """All methods' results; the first is the planned one where `planned` says so."""

    rows: tuple[MethodRow, ...]
    planned: bool = False

    @property
    def reference(self) -> MethodRow | None:
        """The row that the others are held against: the planned one, or the first that counts."""
        if self.planned and self.rows[0].conclusion is not None:
            return self.rows[0]
        return next((row for row in self.rows if row.counts), None)

    @property
    def survives(self) -> bool | None:
        """Whether all methods that count conclude as the reference; None where none counts."""
        if not any(row.counts for row in self.rows):
            return None
        return not self.dissenting

    @property
    def dissenting(self) -> tuple[MethodRow, ...]:
        """Return the methods that count and conclude otherwise than the reference."""
        reference = self.reference
        if reference is None:
            return ()
        counted = (row for row in self.rows if row.counts)
        return tuple(row for row in counted if row.conclusion is not reference.conclusion)


@dataclass(frozen=True, slots=True)
class PairedEvidence:
    """What a cross-over trial says by pairs: the same people on both arms.

    measure:  of the estimate, which is on its pooled scale
    trials:   cross-over trials in the analysis
    exact_p:  two-sided, of McNemar's test, where the joint table is known
    """

    measure: Measure
    estimate: Estimate
    trials: int
    exact_p: float | None = None


def method_table(
    studies: Studies,
    *,
    level: float | None = None,
    valid_only: bool = False,
    planned: Plan | None = None,
    paired: PairedEvidence | None = None,
) -> MethodTable:
    """Pool the studies by every method, arm 1 against arm 2.

    level:      of the others' intervals; None: the planned one's, or 0.95
    valid_only: give the reason in place of the result of a method that is not valid here
    planned:    its result comes first, at its own level, and is what the others are held against;
                for numbers that are not events of two arms it is needed, and says the measure
    paired:     comes before all methods that take the people of a cross-over trial for two groups,
                and those do not count
    A common effect, and an exact one, do not count where the studies differ: Cochran's P below
    0.10 (Cochrane Handbook 10.10.2). Of the same numbers, whatever was planned, methods are
    computed once. Raises NotEstimable without a study, for a single group, and for one study that
    is no table; and InvalidOption without a plan for numbers that are no tables.
    """
    asked = level or (0.95 if planned is None else planned.level)
    others = _others(studies, asked, valid_only, planned)
    rows = [row for method, row in others if planned is None or not same_plan(method, planned)]
    first = [] if planned is None else [_planned_row(studies, planned)]
    if paired is not None:
        first = [*_beside_pairs(first, paired), _by_pairs(paired)]
        rows = _beside_pairs(rows, paired)
    return MethodTable((*first, *rows), planned is not None)


def _others(
    studies: Studies, level: float, valid_only: bool, planned: Plan | None
) -> Sequence[tuple[ComparedMethod, MethodRow]]:
    if isinstance(studies, TwoByTwo):
        peopled = np.flatnonzero((studies.total_1 > 0) & (studies.total_2 > 0)).tolist()
        if not peopled:
            raise NotEstimable("no study has people in both arms", studies=0)
        return _table_rows(_Numbers.of(studies.take(peopled)), level, valid_only)
    if planned is None:
        raise InvalidOption("no plan says in which measure these numbers are compared")
    if isinstance(studies, OneProportion):
        raise NotEstimable("a single group has no effect to conclude on")
    if len(studies.labels) < 2:
        raise NotEstimable("one study: every method gives the study itself", studies=1)
    plan = replace(planned, level=level)
    return [
        (method, _row(method, studies, plan.measure, level, valid_only))
        for method in effect_methods(plan)
    ]


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers of tables, which are equal where those of other tables are."""

    labels: tuple[str, ...]
    columns: tuple[bytes, ...]

    @classmethod
    def of(cls, tables: TwoByTwo) -> _Numbers:
        columns = (tables.events_1, tables.total_1, tables.events_2, tables.total_2)
        return cls(tables.labels, tuple(column.tobytes() for column in columns))

    @property
    def tables(self) -> TwoByTwo:
        columns: list[Floats] = [np.frombuffer(each, np.float64) for each in self.columns]
        return TwoByTwo(self.labels, *columns)


@lru_cache(maxsize=128)  # several measures of the same tables stand in one review
def _table_rows(
    numbers: _Numbers, level: float, valid_only: bool
) -> tuple[tuple[ComparedMethod, MethodRow], ...]:
    tables = numbers.tables
    return tuple(
        (method, _row(method, tables, method.measure, level, valid_only))
        for method in TABLE_METHODS
    )


def _row(
    method: ComparedMethod, studies: Studies, measure: Measure, level: float, valid_only: bool
) -> MethodRow:
    not_valid = method.not_valid(studies)
    if valid_only and not_valid is not None:
        return MethodRow(method.name, measure, None, None, None, not_valid, not_valid)
    try:
        found = method.result(studies, level)
    except (NotEstimable, NotConverged) as error:
        return MethodRow(method.name, measure, None, None, None, str(error), not_valid)
    return _of(found, measure, not_valid)


def _of(found: Computed, measure: Measure, not_valid: str | None) -> MethodRow:
    said = _concluded(found.limits)
    return MethodRow(
        found.method, measure, found.value, found.limits, said, None, not_valid, found.caution
    )


def _concluded(limits: Limits) -> Conclusion:
    if limits.lower > 0:
        return Conclusion.ABOVE
    return Conclusion.BELOW if limits.upper < 0 else Conclusion.OPEN


def _planned_row(studies: Studies, plan: Plan) -> MethodRow:
    not_valid = None
    if plan.model is PoolingModel.COMMON:
        not_valid = not_for_studies_that_differ(planned_effects(studies, plan))
    try:
        return _of(computed_by(plan, studies), plan.measure, not_valid)
    except (NotEstimable, NotConverged) as error:
        why = str(error)
        return MethodRow(plan.described(), plan.measure, None, None, None, why, not_valid)


def _by_pairs(paired: PairedEvidence) -> MethodRow:
    estimate = paired.estimate
    limits = Limits(estimate.ci_lower, estimate.ci_upper)
    return MethodRow(
        "by pairs, as a cross-over",
        paired.measure,
        estimate.value,
        limits,
        _concluded(limits),
        exact_p=paired.exact_p,
    )


def _beside_pairs(rows: Sequence[MethodRow], paired: PairedEvidence) -> list[MethodRow]:
    trials = "1 cross-over trial" if paired.trials == 1 else f"{paired.trials} cross-over trials"
    why = f"takes the people of {trials} for two groups"
    return [replace(row, not_valid=row.not_valid or why) for row in rows]
