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
from analysis.conclusions import MethodTable, PairedEvidence, method_table
from analysis.errors import InsufficientStudies, NotEstimable
from analysis.inputs import Floats, TwoByTwo
from analysis.planned_analysis import meta_analysis
from analysis.planned_effects import Studies, planned_effects
from analysis.results import Estimate, Limits, Measure, StudyEffects
from analysis.scales import Scale
from analysis.signals import OutcomeState, Rule, RuleSetting, firing_rules
from analysis.what_would_change import (
    ChangeMap,
    counts_tried,
    likely_counts,
    what_would_change,
)
from bot.results.model import AnalysisResult, Refit, ShownEffect, StudyRow
from bot.review.planned import OutcomeKind, PlannedConvention, PlannedMethod, PlannedModel
from bot.review.protocol import SignalRule
from bot.synthesis.engine_inputs import has_all, kind_of, on_scale, plan_of, studies_of
from bot.synthesis.raised_signals import outcome_state
from extraction.model import EntersInto

_HANDBOOK = PlannedConvention.HANDBOOK
_REPORT = {
    OutcomeKind.CONTINUOUS: "means",
    OutcomeKind.GENERIC: "effects",
    OutcomeKind.O_E: "observed minus expected events",
    OutcomeKind.RATES: "rates",
    OutcomeKind.PROPORTION: "proportions of one arm",
}
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Rules that a trial's events can fire; the others look at certainty, comparisons or heterogeneity.
_OF_EFFECTS = frozenset(
    {Rule.INTERVAL_CROSSES, Rule.EFFECT_CHANGES, Rule.DIRECTION_FLIPS, Rule.FIRST_RESULT}
)
# A cell is a few units wide on a page, and each is a whole analysis: more would show no more.
_CELLS_A_SIDE = 12


def effects_in(result: AnalysisResult) -> StudyEffects:
    """Return the effect of each row of an analysis, on the scale on which they are pooled."""
    return planned_effects(_studies(result, _pooled_rows(result)), plan_of(result))


def tables_in(result: AnalysisResult) -> TwoByTwo:
    """Return the tables of the studies that report both arms."""
    if kind_of(result) is not OutcomeKind.EVENTS:
        raise NotEstimable(f"the studies report {_REPORT[kind_of(result)]}, not events")
    rows = [each for each in result.rows if has_all(OutcomeKind.EVENTS, each) and _people(each)]
    if not rows:
        raise NotEstimable("no study reports both arms", studies=0)
    found = studies_of(OutcomeKind.EVENTS, result.measure, rows, plan_of(result))
    assert isinstance(found, TwoByTwo)
    return found


def _people(row: StudyRow) -> bool:
    return bool(row.arm_1.total) and bool(row.arm_2.total)


def _pooled_rows(result: AnalysisResult) -> list[StudyRow]:
    """Return the rows that went into the overall result, or could not but have their numbers."""
    kind = kind_of(result)
    rows = [
        each
        for each in result.rows
        if has_all(kind, each) and each.enters is not EntersInto.SUBGROUP and not _set_aside(each)
    ]
    if not rows:
        raise NotEstimable("no study reports both arms", studies=0)
    return rows


def _set_aside(row: StudyRow) -> bool:
    """Tell whether a row of means was set aside before pooling (a single person in an arm)."""
    return row.effect is None and row.arm_1.mean is not None


def _studies(result: AnalysisResult, rows: Sequence[StudyRow]) -> Studies:
    return studies_of(kind_of(result), result.measure, rows, plan_of(result))


def by_every_method(result: AnalysisResult) -> MethodTable:
    """Pool an analysis by every method that is valid for its numbers, the planned one first."""
    found = _studies(result, _pooled_rows(result))
    return method_table(found, valid_only=True, planned=plan_of(result), paired=_by_pairs(result))


def _by_pairs(result: AnalysisResult) -> PairedEvidence | None:
    """Return what cross-over trials say by pairs, where they tell enough."""
    effect = result.paired.effect
    if effect is None or not result.paired.trials:
        return None
    estimate = on_scale(effect, result.measure)
    paired = result.paired
    return PairedEvidence(Measure(result.measure), estimate, paired.trials, paired.exact_p)


def without_each(result: AnalysisResult) -> tuple[Refit, ...]:
    """Pool as planned, without each study in turn."""
    rows = _pooled_rows(result)
    _require_two(len(rows))
    return tuple(
        _refitted(result, row.label, [each for each in rows if each is not row]) for row in rows
    )


def as_it_grew(result: AnalysisResult) -> tuple[Refit, ...]:
    """Pool as planned the first study, the first two and so on, by the years of the studies."""
    rows = _pooled_rows(result)
    _require_two(len(rows))
    by_year = sorted(zip(_years(rows), rows, strict=True), key=lambda pair: pair[0])
    grown = [row for _, row in by_year]
    return tuple(_refitted(result, row.label, grown[: at + 1]) for at, row in enumerate(grown))


def _refitted(result: AnalysisResult, label: str, rows: Sequence[StudyRow]) -> Refit:
    """Pool some of the rows as planned."""
    found = meta_analysis(_studies(result, rows), plan_of(result))
    if found.overall is None or found.overall.estimate is None:
        return Refit(label, None, found.overall.why if found.overall is not None else None)
    return Refit(label, shown(found.overall.estimate, found.scale))


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
    states = _states_with_one_more(
        old, tables, Measure(result.measure), (n_1, n_2), counts, level=result.level
    )

    firing = dict(zip(states, firing_rules(old, states.values(), settings), strict=True))

    def fires(grown: TwoByTwo) -> frozenset[str]:
        return frozenset(map(str, firing[int(grown.events_1[-1]), int(grown.events_2[-1])]))

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
    states = _states_with_one_more(
        old, tables, Measure(result.measure), (n_1, n_2), counts, level=result.level
    )
    any_rule = changing = 0.0
    for (one, two), firing in zip(
        states, firing_rules(old, states.values(), settings), strict=True
    ):
        chance = chances[0][one] * chances[1][two]
        any_rule += chance * bool(firing)
        changing += chance * any(firing.values())
    return AlarmRate(n_1, n_2, risk_1, risk_2, any_rule, changing)


def _mean(totals: Floats) -> int:
    return max(1, round(float(totals.mean())))


def _states_with_one_more(
    old: OutcomeState,
    tables: TwoByTwo,
    measure: Measure,
    n: tuple[int, int],
    counts: Sequence[Sequence[int]],
    *,
    level: float,
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
        level=level,
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


def _is_mantel_haenszel(result: AnalysisResult) -> bool:
    how = result.how
    return (
        result.method is PlannedMethod.MANTEL_HAENSZEL
        and result.model is PlannedModel.COMMON
        and kind_of(result) is OutcomeKind.EVENTS
        and (how is None or (how.zero_cells is None and how.convention is _HANDBOOK))
    )


def _require_two(found: int) -> None:
    if found < 2:
        raise InsufficientStudies(needed=2, found=found)


def _years(rows: Sequence[StudyRow]) -> list[float]:
    """Return each study's own year, or the last in its label, such as 'Azulay 1994'."""
    found = [each.year or _year_in(each.label) for each in rows]
    for row, year in zip(rows, found, strict=True):
        if year is None:
            raise NotEstimable(f"the label of {row.label} has no year to order the studies by")
    return [float(year) for year in found if year is not None]


def _year_in(label: str) -> int | None:
    found = _YEAR.findall(label)
    return int(found[-1]) if found else None


def shown(estimate: Estimate, scale: Scale) -> ShownEffect:
    """Take an estimate to the scale a reader knows."""
    limits = (estimate.value, estimate.ci_lower, estimate.ci_upper)
    return ShownEffect(*(scale.shown(each) for each in limits))
