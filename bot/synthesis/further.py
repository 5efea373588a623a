"""What a protocol asks for beside an analysis: changes of its plan, and other looks at its studies.

Nothing here stands in the place of the planned analysis. What the data do not allow says why. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.errors import AnalysisError, NotEstimable
from analysis.inputs import TwoByTwo
from analysis.planned_analysis import meta_analysis
from analysis.planned_effects import planned_effects
from analysis.regression import Moderators, design, factor, meta_regression, numeric
from analysis.results import Estimate, StudyEffects
from analysis.robustness import fragility, influence
from analysis.scales import Scale
from analysis.sequential import (
    ErrorRates,
    diversity,
    evidence_over_time,
    order_by,
    required_size_for_risks,
    risk_with_odds_ratio,
    risk_with_ratio,
)
from analysis.small_study import ADVISED, egger, peters, rank_test
from analysis.trim_and_fill import trim_and_fill
from bot.results.format import counted, decimal, level_in_words, limits, p_value, percent
from bot.results.model import Beside, ShownEffect
from bot.review.planned import (
    SHORT_INTERVALS,
    BiasTest,
    CovariateKind,
    OutcomeKind,
)
from bot.review.protocol import PLAN_WORDS, AnalysisPlan, Covariate, SequentialPlan
from bot.synthesis.engine_inputs import engine_model, engine_plan, studies_of
from bot.synthesis.pooled import engine_row, pool
from bot.synthesis.study_numbers import StudyNumbers
from extraction.model import EntersInto

# Below ten studies for each covariate a regression finds what is not there (Handbook 10.11.5.1).
FEWEST_FOR_A_COVARIATE = 10


@dataclass(frozen=True, slots=True)
class Looked:
    """An analysis and its rows that have numbers, with what the protocol's covariates are."""

    plan: AnalysisPlan
    kind: OutcomeKind
    rows: Sequence[StudyNumbers]
    covariates: Mapping[str, Covariate]

    @property
    def effects(self) -> StudyEffects:
        """The effect of each row that has one."""
        asked = engine_plan(self.plan, self.kind)
        numbers = [engine_row(each) for each in self.rows]
        return planned_effects(studies_of(self.kind, self.plan.measure, numbers, asked), asked)

    @property
    def tables(self) -> TwoByTwo:
        """The tables of the rows, where they are of events."""
        if self.kind is not OutcomeKind.EVENTS:
            raise NotEstimable("the studies report no events of two arms")
        asked = engine_plan(self.plan, self.kind)
        found = studies_of(self.kind, self.plan.measure, [engine_row(r) for r in self.rows], asked)
        assert isinstance(found, TwoByTwo)
        return found

    @property
    def scale(self) -> Scale:
        """The scale on which effects are pooled."""
        return self.effects.scale

    def of_each(self, effects: StudyEffects, covariate: str) -> list[str]:
        """Return what a covariate is of each study with an effect; raise where one lacks it."""
        found = []
        for at in effects.rows:
            row = self.rows[at]
            value = row.study.covariate(covariate)
            if value is None:
                raise NotEstimable(f"'{covariate}' is not stated of {row.study.label}")
            found.append(value)
        return found


def looked(
    plan: AnalysisPlan,
    kind: OutcomeKind,
    rows: Sequence[StudyNumbers],
    covariates: Sequence[Covariate],
) -> Looked:
    """Return what the looks beside an analysis need: its rows that enter the overall result."""
    entering = [each for each in rows if each.enters is not EntersInto.SUBGROUP]
    return Looked(plan, kind, entering, {each.id: each for each in covariates})


# ---- changes of the plan ----------------------------------------------------------------------


def sensitivity(asked: Looked) -> tuple[Beside, ...]:
    """Pool again with each change that the plan names."""
    return tuple(_changed(asked, said) for said in asked.plan.sensitivity)


def _changed(asked: Looked, said: str) -> Beside:
    key, _, value = said.partition(" = ")
    rows, plan = asked.rows, asked.plan
    choice, _, covariate = key.partition(" ")
    if covariate:
        only = choice == "only"
        rows = [each for each in rows if (each.study.covariate(covariate) == value) is only]
    else:
        word = PLAN_WORDS[key](SHORT_INTERVALS.get(value, value))
        plan = plan.model_copy(update={key: word})
    try:
        found = pool(plan, asked.kind, rows)
    except AnalysisError as error:
        return Beside(said, None, str(error))
    if found.headline is None:
        return Beside(said, None, found.why or "")
    return Beside(said, _shown(found.headline, found.scale), studies=_studies(rows))


def _studies(rows: Sequence[StudyNumbers]) -> int:
    return len({each.study.id for each in rows})


def _shown(estimate: Estimate, scale: Scale) -> ShownEffect:
    ends = (estimate.value, estimate.ci_lower, estimate.ci_upper)
    return ShownEffect(*(scale.shown(each) for each in ends))


# ---- other looks ------------------------------------------------------------------------------


def further(asked: Looked) -> tuple[Beside, ...]:
    """Return every other look that the plan asks for; what cannot be had says why."""
    return tuple(each for look in _looks(asked.plan) for each in _tried(look, asked))


Look = tuple[str, Callable[[Looked], Iterator[Beside]]]


def _looks(plan: AnalysisPlan) -> Iterator[Look]:
    if plan.regression:
        yield "Meta-regression", _regression
    for test in plan.bias_tests:
        yield _BIAS_TESTS[test]
    if plan.influence:
        yield "Influence", _influence
    if plan.fragility:
        yield "Fragility", _fragility
    if plan.sequential is not None:
        yield "Sequential panel", _sequential


def _tried(look: Look, asked: Looked) -> Iterator[Beside]:
    name, found = look
    try:
        yield from found(asked)
    except AnalysisError as error:
        yield Beside(name, None, f"not done: {error}")


def _regression(asked: Looked) -> Iterator[Beside]:
    """Fit the effects on the covariates together, one line a coefficient."""
    effects = asked.effects
    needed = FEWEST_FOR_A_COVARIATE * len(asked.plan.regression)
    moderators = [_moderator(asked, effects, each) for each in asked.plan.regression]
    fit = meta_regression(effects, design(*moderators), engine_model(asked.plan))
    few = "" if len(effects) >= needed else f"; fewer than the {needed} studies that are advised"
    for name, estimate in list(zip(fit.names, fit.coefficients, strict=True))[1:]:
        what = "ratio of effects" if asked.scale is Scale.LOG else "difference of effects"
        told = f"{what} for each step, {_p(estimate)}{few}"
        yield Beside(f"Meta-regression, {name}", _shown(estimate, asked.scale), told, len(effects))
    yield Beside(
        "Meta-regression, what is left",
        None,
        f"I² {percent(fit.i2)}, {percent(fit.r2)} of the variance between studies explained{few}",
        len(effects),
    )


def _moderator(asked: Looked, effects: StudyEffects, covariate: str) -> Moderators:
    known, values = asked.covariates[covariate], asked.of_each(effects, covariate)
    if known.kind is CovariateKind.NUMBER:
        return numeric(known.label, [float(each) for each in values])
    return factor(known.label, values)


def _p(estimate: Estimate) -> str:
    return "p not computed" if estimate.p is None else p_value(estimate.p)


def _enough(found: int) -> str:
    return "" if found >= ADVISED else f"; {found} studies, {ADVISED} are advised"


def _egger(asked: Looked) -> Iterator[Beside]:
    effects = asked.effects
    found = egger(effects, level=asked.plan.level).slope
    statistic = "" if found.statistic is None else f"t = {decimal(found.statistic)}, "
    told = f"{statistic}{_p(found)}{_enough(len(effects))}"
    yield Beside("Small studies, Egger's test", None, told, len(effects))


def _peters(asked: Looked) -> Iterator[Beside]:
    found = peters(asked.tables, level=asked.plan.level)
    statistic = "" if found.slope.statistic is None else f"t = {decimal(found.slope.statistic)}, "
    told = f"{statistic}{_p(found.slope)}{_enough(found.studies)}"
    yield Beside("Small studies, Peters' test", None, told, found.studies)


def _rank(asked: Looked) -> Iterator[Beside]:
    found = rank_test(asked.effects)
    told = f"Kendall's tau {decimal(found.tau)}, {p_value(found.p)}{_enough(found.studies)}"
    yield Beside("Small studies, rank test", None, told, found.studies)


def _filled(asked: Looked) -> Iterator[Beside]:
    effects = asked.effects
    found = trim_and_fill(effects, engine_model(asked.plan))
    told = (
        f"{counted(found.missing, 'study', 'studies')} filled in on the {found.side}"
        f"{_enough(len(effects))}"
    )
    effect = _shown(found.filled.estimate, asked.scale)
    yield Beside("Trim and fill", effect, told, len(effects))


_BIAS_TESTS: Mapping[BiasTest, Look] = {
    BiasTest.EGGER: ("Small studies, Egger's test", _egger),
    BiasTest.PETERS: ("Small studies, Peters' test", _peters),
    BiasTest.RANK: ("Small studies, rank test", _rank),
    BiasTest.TRIM_AND_FILL: ("Trim and fill", _filled),
}


def _influence(asked: Looked) -> Iterator[Beside]:
    """Name the study that moves the result most, by Cook's distance."""
    effects = asked.effects
    found = influence(effects, engine_model(asked.plan))
    most = max(found, key=lambda each: each.cook)
    told = f"moves the result most of all: Cook's distance {decimal(most.cook)}"
    yield Beside(f"Influence, {most.label}", None, told, len(effects))


def _fragility(asked: Looked) -> Iterator[Beside]:
    plan = engine_plan(asked.plan, asked.kind)

    def pooled(tables: TwoByTwo) -> Estimate:
        overall = meta_analysis(tables, plan).overall
        if overall is None or overall.estimate is None:
            raise NotEstimable("no pooled effect")
        return overall.estimate

    found = fragility(asked.tables, pooled)
    times = counted(found.index, "person", "people")
    yield Beside(
        "Fragility", None, f"other outcomes of {times} would turn whether no effect is excluded"
    )


def _sequential(asked: Looked) -> Iterator[Beside]:
    plan = asked.plan.sequential
    assert plan is not None
    effects = _by_year(asked)
    last = evidence_over_time(effects, alpha=plan.alpha)[-1]
    shown, level = asked.scale.shown, level_in_words(1 - plan.alpha)
    ends = ShownEffect(math.nan, shown(last.limits.lower), shown(last.limits.upper))
    told = f"{level} limits that hold at every look: {limits(ends, asked.plan.measure)}"
    yield Beside("Sequential panel, evidence", None, told, len(effects))
    yield from _information(asked, plan, effects)


def _by_year(asked: Looked) -> StudyEffects:
    effects = asked.effects
    years = [asked.rows[at].study.year for at in effects.rows]
    return order_by(effects, [year if year is not None else at for at, year in enumerate(years)])


def _information(asked: Looked, plan: SequentialPlan, effects: StudyEffects) -> Iterator[Beside]:
    """Say how many people one trial of the stated effect would need, and how many there are."""
    tables = asked.tables
    if asked.plan.measure not in _TREATED:
        raise NotEstimable(f"information is not worked out for {asked.plan.measure}")
    risk = float(tables.events_2.sum() / tables.total_2.sum())
    treated = _TREATED[asked.plan.measure](risk, plan.effect)
    errors = ErrorRates(plan.alpha, 1 - plan.power)
    wider = diversity(effects).factor if len(effects) > 1 else 1.0
    needed = required_size_for_risks(risk, treated, errors) * wider
    found = float(tables.total_1.sum() + tables.total_2.sum())
    told = (
        f"{decimal(found, 0)} of {decimal(needed, 0)} people that an effect of {plan.effect:g} at a"
        f" risk of {percent(risk)} asks for ({percent(found / needed)}), widened {decimal(wider)}"
        " times for diversity"
    )
    yield Beside("Sequential panel, information", None, told, len(effects))


_TREATED: Mapping[str, Callable[[float, float], float]] = {
    "RR": risk_with_ratio,
    "OR": risk_with_odds_ratio,
    "PETO": risk_with_odds_ratio,
    "RD": lambda risk, difference: risk + difference,
}
