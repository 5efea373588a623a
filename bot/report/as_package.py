"""The review of now as a package: what it was moved in with, and what has changed since. Pure.

An analysis whose rows and plan are as they were imported is written as it was imported, printed
results and all. Any other is written with the numbers of now, and what is computed from them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.figures.forest_lines import has_events
from bot.results.model import AnalysisResult, ArmNumbers, Heterogeneity, ShownEffect, StudyRow
from bot.review.package.from_results import with_planned
from bot.review.package.model import (
    DataType,
    NotHeld,
    Package,
    PackagedAnalysis,
    PackagedRow,
    PackagedStudy,
    Printed,
    StudyList,
    StudyReference,
    Weighing,
    with_figures,
)
from bot.review.package.moved import COUNTED, FIELDS, NEEDED, MovedAnalysis, MovedRow, moved
from bot.review.package.read_package import with_concepts
from bot.review.planned import (
    OutcomeKind,
    PlannedConvention,
    PlannedInterval,
    PlannedMeasure,
    PlannedMethod,
    PlannedModel,
    PlannedTau2,
)
from bot.review.protocol import AnalysisPlan, ReviewProtocol
from extraction.model import Report, Study

KINDS_OF_PACKAGE: Mapping[OutcomeKind, DataType] = {
    OutcomeKind.EVENTS: DataType.DICHOTOMOUS,
    OutcomeKind.CONTINUOUS: DataType.CONTINUOUS,
    OutcomeKind.GENERIC: DataType.CONTRAST,
    OutcomeKind.O_E: DataType.O_E,
}
MEASURE_NAMES: Mapping[PlannedMeasure, str] = {
    PlannedMeasure.RISK_RATIO: "Risk Ratio",
    PlannedMeasure.ODDS_RATIO: "Odds Ratio",
    PlannedMeasure.RISK_DIFFERENCE: "Risk Difference",
    PlannedMeasure.PETO_ODDS_RATIO: "Peto Odds Ratio",
    PlannedMeasure.MEAN_DIFFERENCE: "Mean Difference",
    PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE: "Std. Mean Difference",
    PlannedMeasure.HAZARD_RATIO: "Hazard Ratio",
    PlannedMeasure.RATE_RATIO: "Rate Ratio",
    PlannedMeasure.RATIO_OF_MEANS: "Ratio of Means",
    PlannedMeasure.RATIO: "Ratio",
    PlannedMeasure.GENERIC: "Effect",
    PlannedMeasure.RATE_DIFFERENCE: "Rate Difference",
}
# Of contrasts any measure is an effect with its standard error; of arms RevMan computes these.
MEASURES_OF_ARMS: Mapping[DataType, frozenset[PlannedMeasure]] = {
    DataType.DICHOTOMOUS: frozenset(
        {
            *(PlannedMeasure.RISK_RATIO, PlannedMeasure.ODDS_RATIO),
            *(PlannedMeasure.RISK_DIFFERENCE, PlannedMeasure.PETO_ODDS_RATIO),
        }
    ),
    DataType.CONTINUOUS: frozenset(
        {PlannedMeasure.MEAN_DIFFERENCE, PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE}
    ),
}
RATIO_MEASURES = frozenset(
    {
        *(PlannedMeasure.RISK_RATIO, PlannedMeasure.ODDS_RATIO, PlannedMeasure.PETO_ODDS_RATIO),
        *(PlannedMeasure.HAZARD_RATIO, PlannedMeasure.RATE_RATIO, PlannedMeasure.RATIO_OF_MEANS),
        PlannedMeasure.RATIO,
    }
)


Figures = dict[str, float | None]  # by their names in a row of a package

DERIVED = "† rests on derived numbers, not on published ones"


HARTUNG_KNAPPS = (PlannedInterval.HARTUNG_KNAPP, PlannedInterval.HARTUNG_KNAPP_FLOORED)


@dataclass(frozen=True, slots=True)
class ReviewNow:
    """The review as it stands: its protocol, its studies with their lists, numbers and results.

    values: by the key of their cell. facts: the package that it was moved in with, if any.
    """

    protocol: ReviewProtocol
    studies: Sequence[tuple[Study, StudyList]]
    values: Mapping[str, float]
    results: Mapping[str, AnalysisResult]
    facts: Package | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A row of an analysis with the study and the part of it that it is about."""

    study: str
    stratum: str
    row: PackagedRow


def package_of_review(now: ReviewNow) -> Package:
    """Return the review as a package; what a package has no place for is named in `not_held`."""
    facts = now.facts or Package(now.protocol.id, now.protocol.title, _doi(now.protocol))
    planned = with_planned(facts) if now.facts else facts
    moved_in = {each.packaged.key: each for each in moved(planned).analyses}
    made_here = set(moved_in) - {each.key for each in facts.analyses}
    names = _names(now, facts)
    analyses, left = list[PackagedAnalysis](), list[NotHeld]()
    for plan in now.protocol.analyses:
        found = _analysis(now, plan, moved_in.get(plan.id), names)
        if plan.id in made_here and found is moved_in[plan.id].packaged:
            continue  # made of the study results, which are written as they came
        if isinstance(found, PackagedAnalysis):
            analyses.append(found)
            left += _beyond_revman(now, plan, found)
        else:
            left.append(found)
    left += _beside_numbers(now)
    ordered = _in_their_order(analyses, facts)
    package = replace(
        facts,
        studies=tuple(_studies(now, facts, names)),
        analyses=ordered,
        not_held=tuple(left),
    )
    return with_concepts(package)


def _beside_numbers(now: ReviewNow) -> Iterator[NotHeld]:
    """Name what studies tell beside their numbers: a package has no place for it."""
    included = [study for study, held in now.studies if held is StudyList.INCLUDED]
    said = {
        "what reports make of outcomes without numbers": sum(len(s.reporting) for s in included),
        "results reported and not pooled": sum(len(each.unpooled) for each in included),
    }
    yield from (NotHeld("the review", what, count) for what, count in said.items() if count)


def _doi(protocol: ReviewProtocol) -> str:
    return protocol.living.preceding_doi or ""


def _in_their_order(
    analyses: Sequence[PackagedAnalysis], facts: Package
) -> tuple[PackagedAnalysis, ...]:
    places = {each.key: place for place, each in enumerate(facts.analyses)}
    return tuple(sorted(analyses, key=lambda each: places.get(each.key, len(places))))


def _names(now: ReviewNow, facts: Package) -> dict[str, str]:
    """Return what a package calls each study: as it was moved in, else by its label."""
    own = {own: name for name, own in moved(facts).studies.items()}
    return {study.id: own.get(study.id, study.label) for study, _ in now.studies}


def _studies(now: ReviewNow, facts: Package, names: Mapping[str, str]) -> Iterator[PackagedStudy]:
    """Give the studies list by list: those moved in, as they stand now, then those found since."""
    places = {names[study.id]: held for study, held in now.studies}
    known = {each.name for each in facts.of(StudyList.INCLUDED)}
    every = [
        replace(each, list=places.get(each.name, each.list))
        if each.list is StudyList.INCLUDED
        else each
        for each in facts.studies
    ]
    every += [
        _found_since(study, held, names[study.id])
        for study, held in now.studies
        if names[study.id] not in known
    ]
    for held in StudyList:
        yield from (each for each in every if each.list is held)


def _found_since(study: Study, held: StudyList, name: str) -> PackagedStudy:
    return PackagedStudy(
        name=name,
        list=held,
        year=str(study.year) if study.year else "",
        data_source="PUB",
        references=tuple(_reference(each) for each in study.reports),
        covariates=tuple(study.covariates),
    )


def _reference(report: Report) -> StudyReference:
    ids = [("DOI", report.ids.doi), ("PUBMED", report.ids.pmid), ("PMCID", report.ids.pmcid)]
    ids += [("REGISTER", each) for each in report.ids.register]
    title = report.citation.strip()
    return StudyReference(
        "JOURNAL_ARTICLE" if report.ids.pmid or report.ids.doi else "OTHER",
        parts=(("title", title),),
        ids=tuple((name, value) for name, value in ids if value),
    )


def _analysis(
    now: ReviewNow, plan: AnalysisPlan, known: MovedAnalysis | None, names: Mapping[str, str]
) -> PackagedAnalysis | NotHeld:
    outcome = next(each for each in now.protocol.outcomes if each.id == plan.outcome)
    kind = KINDS_OF_PACKAGE.get(outcome.kind)
    if kind is None or plan.measure not in _measures(kind):
        what = f"analysis {plan.id}: {plan.measure} of {outcome.kind}"
        return NotHeld("the review", what, 1)
    if known is not None and known.packaged.data_type is kind and _planned_as(plan, known):
        parts = _rows_now(now, plan, known, names)
        if tuple(each.row for each in parts) == known.packaged.rows:
            return known.packaged
        return _computed(now, plan, known.packaged, parts)
    begun = _from_plan(now, plan, kind, known.packaged if known else None)
    parts = tuple(_found_rows(now, plan, kind, names, ()))
    return _computed(now, plan, replace(begun, subgroups=()), parts)


def _measures(kind: DataType) -> Collection[PlannedMeasure]:
    """Return the measures that RevMan has for a kind of data."""
    return MEASURES_OF_ARMS.get(kind, MEASURE_NAMES)


def _planned_as(plan: AnalysisPlan, known: MovedAnalysis) -> bool:
    """Say whether the plan in force is the one that the package was moved in with."""
    was = known.packaged
    hksj = plan.interval is PlannedInterval.HARTUNG_KNAPP
    return (
        plan.measure is known.measure
        and (plan.model is PlannedModel.RANDOM) is was.random
        and (plan.tau2.value if plan.tau2 else "") == was.tau2
        and hksj is (was.interval == "HKSJ")
        and plan.level == was.level
        and (plan.arm_1, plan.arm_2) == known.arms
        and plan.swap_events is was.swap_events
    )


def _rows_now(
    now: ReviewNow, plan: AnalysisPlan, known: MovedAnalysis, names: Mapping[str, str]
) -> tuple[_Part, ...]:
    """Return the rows that were moved in with the numbers of now, and those found since.

    Of the studies that were moved in, exactly the rows that were moved in enter an analysis.
    """
    included = {study.id for study, held in now.studies if held is StudyList.INCLUDED}
    facts = {each.name for each in now.facts.studies} if now.facts else set[str]()
    moved_in = {own for own, name in names.items() if name in facts}
    kind = known.packaged.data_type
    return (
        *(_row_now(now, plan, kind, each) for each in known.rows if each.study in included),
        *_found_rows(now, plan, kind, names, moved_in),
    )


def _row_now(now: ReviewNow, plan: AnalysisPlan, kind: DataType, moved_row: MovedRow) -> _Part:
    """Return a row with the numbers of now; a changed one has no printed effect any more."""
    row = moved_row.row
    changed = {
        name: number
        for name, number in _figures(now, plan, kind, (moved_row.study, moved_row.stratum)).items()
        if number is not None and number != getattr(row, name)
    }
    if changed:
        cleared = replace(row, weight=None, estimate=None, lower=None, upper=None)
        row = with_figures(cleared, changed)
    return _Part(moved_row.study, moved_row.stratum, row)


def _figures(now: ReviewNow, plan: AnalysisPlan, kind: DataType, part: tuple[str, str]) -> Figures:
    """Return the figures of a part of a study, by their names in a row."""
    return {
        name: now.values.get(_key(plan, part[0], field_name, side, part[1]))
        for name, field_name, side in FIELDS[kind]
    }


def _key(plan: AnalysisPlan, study: str, field_name: str, side: str, stratum: str) -> str:
    arms = {"1": plan.arm_1, "2": plan.arm_2, "12": f"{plan.arm_1}+{plan.arm_2}"}
    key = f"{study}|{plan.outcome}|{plan.time_point}|{arms[side]}|{field_name}"
    return f"{key}|{stratum}" if stratum else key


def _found_rows(
    now: ReviewNow,
    plan: AnalysisPlan,
    kind: DataType,
    names: Mapping[str, str],
    seen: Collection[str],
) -> Iterator[_Part]:
    """Give a row to each included study, or part of one, with numbers; `seen` have theirs."""
    for study, held in now.studies:
        if held is not StudyList.INCLUDED or study.id in seen:
            continue
        for stratum, footnote, figures in _found_figures(now, plan, kind, study.id):
            if all(figures.get(name) is not None for name in NEEDED[kind]):
                year = str(study.year) if study.year else ""
                row = PackagedRow(names[study.id], year, footnote=footnote)
                yield _Part(study.id, stratum, with_figures(row, figures))


def _found_figures(
    now: ReviewNow, plan: AnalysisPlan, kind: DataType, study: str
) -> Iterator[tuple[str, str, Figures]]:
    """Give each part of a study with its footnote and figures: what was pooled, else the values.

    What was pooled is turned, divided by a design effect, shared out, or converted from limits.
    """
    result = now.results.get(plan.id)
    pooled = [each for each in result.rows if each.study == study] if result else []
    for row in pooled:
        footnote = "; ".join(filter(None, [row.stratum, *row.notes]))
        yield row.stratum, footnote, _pooled_figures(plan, kind, row)
    if not pooled:
        for stratum in _strata_of(now.values).get((study, plan.outcome), ("",)):
            yield stratum, stratum, _figures(now, plan, kind, (study, stratum))


def _pooled_figures(plan: AnalysisPlan, kind: DataType, row: StudyRow) -> Figures:
    """Return the figures of a row as they were pooled, by their names in a package."""
    figures: Figures = {}
    for side, arm in (("1", row.arm_1), ("2", row.arm_2)):
        figures |= {f"cases_{side}": _cases(plan, arm), f"n_{side}": arm.total}
        figures |= {f"mean_{side}": arm.mean, f"sd_{side}": arm.sd}
    if row.contrast is not None:
        figures |= {"giv_mean": row.contrast.estimate, "giv_se": row.contrast.se}
        figures |= {"o_e": row.contrast.o_minus_e, "variance": row.contrast.variance}
    taken = {name: figures.get(name) for name, *_ in FIELDS[kind]}
    return {name: None if each is None else float(each) for name, each in taken.items()}


def _cases(plan: AnalysisPlan, arm: ArmNumbers) -> float | None:
    """Return the events of an arm as they were counted: a swapped analysis shows the others."""
    if plan.swap_events and arm.events is not None and arm.total is not None:
        return arm.total - arm.events
    return arm.events


def _strata_of(values: Mapping[str, float]) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    for key in values:
        parts = key.split("|")
        stratum = parts[5] if len(parts) > 5 else ""
        found.setdefault((parts[0], parts[1]), {})[stratum] = None
    return {place: tuple(strata) for place, strata in found.items()}


def _from_plan(
    now: ReviewNow, plan: AnalysisPlan, kind: DataType, was: PackagedAnalysis | None
) -> PackagedAnalysis:
    """Return the settings of an analysis as the protocol in force has them."""
    arms = {each.id: each.label for each in now.protocol.arms}
    begun = was or _named(now.protocol, plan)
    return replace(
        begun,
        data_type=kind,
        weighing=Weighing(plan.method.value),
        measure=MEASURE_NAMES[plan.measure],
        log_scale=plan.measure in RATIO_MEASURES,
        random=plan.model is PlannedModel.RANDOM,
        tau2=_estimator(plan),
        interval="HKSJ" if _interval_of(now, plan) in HARTUNG_KNAPPS else "Wald",
        level=plan.level,
        row_level=plan.level,
        overall=plan.overall,
        subgroup_test=plan.subgroup_test,
        prediction=False,
        swap_events=plan.swap_events,
        label_1=plan.label_1 or arms.get(plan.arm_1, plan.arm_1),
        label_2=plan.label_2 or arms.get(plan.arm_2, plan.arm_2),
    )


def _beyond_revman(
    now: ReviewNow, plan: AnalysisPlan, written: PackagedAnalysis
) -> Iterator[NotHeld]:
    """Name the methods of an analysis that RevMan lacks: its own, nearest ones are written."""
    interval = _interval_of(now, plan)
    if interval in (PlannedInterval.T, PlannedInterval.HARTUNG_KNAPP_FLOORED):
        yield _instead(plan, f"limits by {interval}", written.interval)
    if written.random and plan.tau2 not in (None, PlannedTau2.DL, PlannedTau2.REML):
        yield _instead(plan, f"τ² by {plan.tau2}", written.tau2)
    for rule in _rules_of_its_own(now, plan):
        yield NotHeld("the review", f"analysis {plan.id}: RevMan computes with {rule}", 1)
    if plan.subgroup is not None and not written.subgroups:
        yield NotHeld("the review", f"analysis {plan.id}: subgroups by {plan.subgroup}", 1)


def _rules_of_its_own(now: ReviewNow, plan: AnalysisPlan) -> Iterator[str]:
    """Name the rules by which RevMan comes to other results from the same numbers."""
    result = now.results.get(plan.id)
    if plan.convention is PlannedConvention.REVMAN or result is None:
        return
    arms = [(row.arm_1, row.arm_2) for row in result.rows if has_events(row)]
    if plan.measure is PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE:
        yield "J = 1 − 3/(4N − 9) and N − 3.94 in the variance, not the exact factor"
    if plan.measure is PlannedMeasure.RISK_DIFFERENCE and any(map(_empty_cell, arms)):
        yield (
            "0.5 added to the variance of studies with an empty cell, and limits that may leave −1"
            " to 1, not with score limits"
        )
    if plan.measure is PlannedMeasure.RISK_RATIO and any(map(_everybody, arms)):
        yield "a risk ratio of 1 and a weight for studies in which everybody had the event"


def _empty_cell(arms: tuple[ArmNumbers, ArmNumbers]) -> bool:
    return any(arm.events in (0, arm.total) for arm in arms)


def _everybody(arms: tuple[ArmNumbers, ArmNumbers]) -> bool:
    return all(arm.events == arm.total for arm in arms)


def _instead(plan: AnalysisPlan, planned: str, written: str) -> NotHeld:
    return NotHeld("the review", f"analysis {plan.id}: {planned}, written as {written}", 1)


def _interval_of(now: ReviewNow, plan: AnalysisPlan) -> PlannedInterval | None:
    """Return how the limits are made: what is planned, else what the default came to."""
    result = now.results.get(plan.id)
    made = result.how.interval if result is not None and result.how is not None else None
    return plan.interval or made


def _estimator(plan: AnalysisPlan) -> str:
    """Return the estimator of RevMan's two that is planned, or comes nearest to what is."""
    if plan.model is not PlannedModel.RANDOM:
        return ""
    by_mh = plan.method is PlannedMethod.MANTEL_HAENSZEL
    return PlannedTau2.DL if plan.tau2 is PlannedTau2.DL or by_mh else PlannedTau2.REML


def _named(protocol: ReviewProtocol, plan: AnalysisPlan) -> PackagedAnalysis:
    """Begin an analysis with its numbers, its name and what the graph says."""
    outcome = next(each for each in protocol.outcomes if each.id == plan.outcome)
    compared = {each.id: each.label for each in protocol.comparisons}
    group, number = _numbers(protocol, plan)
    return PackagedAnalysis(
        group=group,
        number=number,
        name=outcome.label,
        group_name=compared.get(plan.comparison, ""),
        data_type=DataType.DICHOTOMOUS,
        weighing=Weighing.IV,
        measure="",
        log_scale=False,
        random=True,
        unit=outcome.unit or "",
    )


def _numbers(protocol: ReviewProtocol, plan: AnalysisPlan) -> tuple[str, str]:
    """Return the two numbers of an analysis: those of its id, else its place in its comparison."""
    group, _, number = plan.id.partition(".")
    if group.isdigit() and number.isdigit():
        return group, number
    comparisons = [each.id for each in protocol.comparisons]
    beside = [each.id for each in protocol.analyses if each.comparison == plan.comparison]
    place = comparisons.index(plan.comparison) if plan.comparison in comparisons else 0
    return str(900 + place), str(beside.index(plan.id) + 1)


def _computed(
    now: ReviewNow, plan: AnalysisPlan, analysis: PackagedAnalysis, parts: Sequence[_Part]
) -> PackagedAnalysis:
    """Give an analysis the results that are computed from its rows; printed ones are of before."""
    result = now.results.get(plan.id)
    drawn = {(each.study, each.stratum): each for each in result.rows} if result else {}
    rows = tuple(_drawn(each, drawn.get((each.study, each.stratum))) for each in parts)
    subgroups = tuple(replace(each, printed=Printed()) for each in analysis.subgroups)
    people = {name: _sum(rows, name) for name in COUNTED}
    printed = Printed(**people)
    if result is not None and result.effect is not None:
        printed = replace(_result(result.effect, result.heterogeneity), **people)
    return replace(analysis, rows=rows, printed=printed, subgroups=subgroups)


def _drawn(part: _Part, drawn: StudyRow | None) -> PackagedRow:
    """Return a row with its effect and weight of now, and a mark where its numbers were derived."""
    if drawn is None:
        return part.row
    footnote = part.row.footnote
    if drawn.derived and DERIVED not in footnote:
        footnote = f"{footnote}; {DERIVED}" if footnote else DERIVED
    row = replace(part.row, footnote=footnote)
    if drawn.effect is None:
        return row
    return replace(
        row,
        weight=None if drawn.weight is None else 100 * drawn.weight,
        estimate=drawn.effect.estimate,
        lower=drawn.effect.ci_lower,
        upper=drawn.effect.ci_upper,
    )


def _sum(rows: Sequence[PackagedRow], name: str) -> float | None:
    found = [number for row in rows if (number := getattr(row, name)) is not None]
    return sum(found) if found else None


def _result(effect: ShownEffect, heterogeneity: Heterogeneity | None) -> Printed:
    limits = {"estimate": effect.estimate, "lower": effect.ci_lower, "upper": effect.ci_upper}
    if heterogeneity is None:
        return Printed(**limits)
    return Printed(
        **limits,
        tau2=heterogeneity.tau2,
        chi2=heterogeneity.q,
        df=float(heterogeneity.q_df),
        p=heterogeneity.q_p,
        i2=100 * heterogeneity.i2,
    )
