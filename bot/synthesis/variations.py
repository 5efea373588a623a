"""One analysis again: by other methods, without a study, as it grew, with one more trial.

Everything here stands beside the planned analysis and never in its place. Pure: numbers in, numbers
out, every one of them from `analysis`. What the data do not allow raises NotEstimable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.batch_tables import mantel_haenszel_batch
from analysis.conclusions import MethodTable, method_table
from analysis.errors import InsufficientStudies, NotEstimable
from analysis.inputs import Floats, TwoByTwo, TwoMeans
from analysis.results import Estimate, Limits, Measure, StudyEffects
from analysis.robustness import (
    WithoutTable,
    cumulative,
    cumulative_tables,
    leave_one_out,
    leave_one_table_out,
)
from analysis.signals import OutcomeState, Rule, RuleSetting, fired
from analysis.what_would_change import (
    ChangeMap,
    counts_tried,
    likely_counts,
    what_would_change,
)
from bot.results.model import AnalysisResult, ArmNumbers, Refit, ShownEffect, StudyRow
from bot.review.planned import PlannedMethod, PlannedModel
from bot.review.protocol import SignalRule
from bot.synthesis.pooled import LEVEL, MEANS, mean_effects, model_named, table_effects
from bot.synthesis.raised_signals import outcome_state

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Rules that a trial's events can fire; the others look at certainty, comparisons or heterogeneity.
_OF_EFFECTS = frozenset(
    {Rule.INTERVAL_CROSSES, Rule.EFFECT_CHANGES, Rule.DIRECTION_FLIPS, Rule.FIRST_RESULT}
)
# A cell is a few units wide on a page, and each is a whole analysis: more would show no more.
_CELLS_A_SIDE = 12

TableRow = tuple[str, float, float, float, float]
MeansRow = tuple[str, float, float, float, float, float, float]


def effects_in(result: AnalysisResult) -> StudyEffects:
    """Return the effect of each study of an analysis, on the scale on which they are pooled."""
    measure = Measure(result.measure)
    if measure in MEANS:
        return mean_effects(measure, _means(result))
    return table_effects(measure, tables_in(result))


def tables_in(result: AnalysisResult) -> TwoByTwo:
    """Return the tables of the studies that report both arms."""
    return TwoByTwo.of(_table_rows(result))


def by_every_method(result: AnalysisResult) -> MethodTable:
    """Pool the tables of an analysis by every method that is valid for them."""
    return method_table(tables_in(result), level=LEVEL, valid_only=True)


def without_each(result: AnalysisResult) -> tuple[Refit, ...]:
    """Pool as planned, without each study in turn."""
    if _is_mantel_haenszel(result):
        tables = tables_in(result)
        _require_two(len(tables.labels))
        found = leave_one_table_out(tables, Measure(result.measure), level=LEVEL)
        return tuple(_of_tables(each, result) for each in found)
    pooled = leave_one_out(effects_in(result), model_named(result.model))
    return tuple(_refit(each.label, each.pooled.estimate, result) for each in pooled)


def as_it_grew(result: AnalysisResult) -> tuple[Refit, ...]:
    """Pool as planned the first study, the first two and so on, by the year in their labels."""
    if _is_mantel_haenszel(result):
        tables = tables_in(result)
        _require_two(len(tables.labels))
        years = _years(tables.labels)
        found = cumulative_tables(tables, years, Measure(result.measure), level=LEVEL)
        return tuple(_of_tables(each, result) for each in found)
    studies = effects_in(result)
    _require_two(len(studies))
    steps = cumulative(studies, _years(studies.labels), model_named(result.model))
    return tuple(_refit(each.label, each.pooled.estimate, result) for each in steps)


def people_so_far(result: AnalysisResult) -> tuple[int, int]:
    """Return the people on the two arms of the studies that report both."""
    tables = tables_in(result)
    return int(tables.total_1.sum()), int(tables.total_2.sum())


def what_one_more_would_change(
    result: AnalysisResult,
    rules: Sequence[SignalRule],
    n_1: int,
    n_2: int,
    thresholds: Sequence[float] = (),
) -> ChangeMap:
    """Try the results of one more trial of n_1 and n_2 people: which rules of the protocol fire?

    Asks the rules that look at effects (S1, S2, S3, S5). Of large trials not every count is tried.
    """
    settings = _asked(result, rules)
    tables, step = tables_in(result), math.ceil(max(n_1, n_2) / _CELLS_A_SIDE)
    old = outcome_state(result, set(), frozenset(), thresholds)
    counts = tuple(counts_tried(each, step).tolist() for each in (n_1, n_2))
    states = _states_with_one_more(old, tables, Measure(result.measure), (n_1, n_2), counts)

    def fires(grown: TwoByTwo) -> frozenset[str]:
        new = states[int(grown.events_1[-1]), int(grown.events_2[-1])]
        return frozenset(str(each.rule) for each in fired([old], [new], settings))

    return what_would_change(tables, n_1, n_2, fires, step=step)


def _asked(result: AnalysisResult, rules: Sequence[SignalRule]) -> tuple[RuleSetting, ...]:
    """Return the rules that one more trial can fire."""
    if not _is_mantel_haenszel(result):
        raise NotEstimable("what would change it is asked of Mantel-Haenszel analyses only")
    settings = _settings(rules)
    if not settings:
        raise NotEstimable("the protocol has no rule that looks at effects")
    return settings


@dataclass(frozen=True, slots=True)
class AlarmRate:
    """How often one more trial with the truth of the trials so far calls for people.

    n_1, n_2: its people, risk_1, risk_2: the risks on its arms; any_rule, changing: the share of
    its results on which some rule fires, and one that changes conclusions
    """

    n_1: int
    n_2: int
    risk_1: float
    risk_2: float
    any_rule: float
    changing: float


def alarm_rate(
    result: AnalysisResult,
    rules: Sequence[SignalRule],
    thresholds: Sequence[float] = (),
    *,
    people: tuple[int, int] | None = None,
) -> AlarmRate:
    """Weigh every result of one more trial by its chance, and ask which rules it fires.

    people: on the two arms of that trial; left out, as many as the trials so far had on average
    """
    settings, tables = _asked(result, rules), tables_in(result)
    n_1, n_2 = people or (_mean(tables.total_1), _mean(tables.total_2))
    risk_1 = float(tables.events_1.sum() / tables.total_1.sum())
    risk_2 = float(tables.events_2.sum() / tables.total_2.sum())
    chances = likely_counts(n_1, risk_1), likely_counts(n_2, risk_2)
    old = outcome_state(result, set(), frozenset(), thresholds)
    counts = tuple(list(each) for each in chances)
    states = _states_with_one_more(old, tables, Measure(result.measure), (n_1, n_2), counts)
    any_rule = changing = 0.0
    for (one, two), new in states.items():
        found = fired([old], [new], settings)
        chance = chances[0][one] * chances[1][two]
        any_rule += chance * bool(found)
        changing += chance * any(each.changes_conclusions for each in found)
    return AlarmRate(n_1, n_2, risk_1, risk_2, any_rule, changing)


def _mean(totals: Floats) -> int:
    return max(1, round(float(totals.mean())))


def _states_with_one_more(
    old: OutcomeState,
    tables: TwoByTwo,
    measure: Measure,
    n: tuple[int, int],
    counts: Sequence[Sequence[int]],
) -> dict[tuple[int, int], OutcomeState]:
    """Pool with each result of one more trial, in one call; some have no effect."""
    ones, twos = counts
    cells = [(one, two) for one in ones for two in twos]
    events_1, events_2 = np.array(cells, dtype=np.float64).T
    pooled = mantel_haenszel_batch(
        _with_last(tables.events_1, events_1),
        _with_last(tables.total_1, np.full(len(cells), n[0])),
        _with_last(tables.events_2, events_2),
        _with_last(tables.total_2, np.full(len(cells), n[1])),
        measure,
        level=LEVEL,
    )
    states = dict.fromkeys(cells, replace(old, estimate=None, ci=None))
    found = zip(
        *(each.tolist() for each in (pooled.rows, pooled.estimate)),
        *(each.tolist() for each in (pooled.ci_lower, pooled.ci_upper)),
        strict=True,
    )
    for row, estimate, lower, upper in found:
        states[cells[row]] = replace(old, estimate=estimate, ci=Limits(lower, upper))
    return states


def _with_last(column: Floats, last: Floats) -> Floats:
    """Return the studies' column once for each new trial, with that trial's number last."""
    return np.column_stack([np.tile(column, (last.size, 1)), last])


def _settings(rules: Sequence[SignalRule]) -> tuple[RuleSetting, ...]:
    known = [RuleSetting(Rule(each.id), each.changes_conclusions, each.parameter) for each in rules]
    return tuple(each for each in known if each.rule in _OF_EFFECTS)


def _table_rows(result: AnalysisResult) -> tuple[TableRow, ...]:
    if Measure(result.measure) in MEANS:
        raise NotEstimable("the studies report means, not events")
    rows = tuple(_table_row(each) for each in result.rows)
    found = tuple(each for each in rows if each is not None)
    if not found:
        raise NotEstimable("no study reports both arms", studies=0)
    return found


def _table_row(row: StudyRow) -> TableRow | None:
    one, two = row.arm_1, row.arm_2
    if one.events is None or not one.total or two.events is None or not two.total:
        return None
    return row.label, one.events, one.total, two.events, two.total


def _means(result: AnalysisResult) -> TwoMeans:
    rows = (_means_row(each) for each in result.rows)
    found = [each for each in rows if each is not None]
    if not found:
        raise NotEstimable("no study reports both arms", studies=0)
    return TwoMeans.of(found)


def _means_row(row: StudyRow) -> MeansRow | None:
    # A row without an effect was set aside before pooling, as one with a single person in an arm.
    one, two = _mean_of(row.arm_1), _mean_of(row.arm_2)
    return None if row.effect is None or one is None or two is None else (row.label, *one, *two)


def _mean_of(arm: ArmNumbers) -> tuple[float, float, float] | None:
    if arm.mean is None or arm.sd is None or arm.total is None:
        return None
    return arm.mean, arm.sd, arm.total


def _is_mantel_haenszel(result: AnalysisResult) -> bool:
    return result.method is PlannedMethod.MANTEL_HAENSZEL and result.model is PlannedModel.COMMON


def _require_two(found: int) -> None:
    if found < 2:
        raise InsufficientStudies(needed=2, found=found)


def _years(labels: Sequence[str]) -> list[float]:
    """Return the last year in each label, such as 'Azulay 1994'."""
    found = {label: _YEAR.findall(label) for label in labels}
    for label, years in found.items():
        if not years:
            raise NotEstimable(f"the label of {label} has no year to order the studies by")
    return [float(found[label][-1]) for label in labels]


def _of_tables(found: WithoutTable, result: AnalysisResult) -> Refit:
    if found.pooled is None:
        return Refit(found.label, None, found.why)
    return _refit(found.label, found.pooled.estimate, result)


def _refit(label: str, estimate: Estimate, result: AnalysisResult) -> Refit:
    return Refit(label, shown(estimate, Measure(result.measure)))


def shown(estimate: Estimate, measure: Measure) -> ShownEffect:
    """Take an estimate to the scale a reader knows."""
    limits = (estimate.value, estimate.ci_lower, estimate.ci_upper)
    return ShownEffect(*(measure.scale.shown(each) for each in limits))
