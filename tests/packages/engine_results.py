"""What the engine makes of a package's rows, called directly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.errors import AnalysisError
from analysis.inputs import Floats, GivenEffects, LogRank, MeansAsPrinted, TablesAsPrinted
from analysis.plan import Convention, Method, Plan, PoolingModel, PredictionConvention
from analysis.planned_analysis import Enters, Group, meta_analysis
from analysis.planned_effects import Studies
from analysis.pooling import Interval
from analysis.results import HeterogeneityTest, Measure, Scale
from analysis.tau2 import Tau2Method
from bot.review.package.measures import engine_measure
from bot.review.package.model import (
    Applicability,
    DataType,
    Package,
    PackagedAnalysis,
    PackagedRow,
    Printed,
    Weighing,
)
from tests.packages.results import Ours

METHODS = {
    Weighing.MH: Method.MANTEL_HAENSZEL,
    Weighing.IV: Method.INVERSE_VARIANCE,
    Weighing.PETO: Method.PETO,
}
ENTERS = {
    Applicability.BOTH: Enters.BOTH,
    Applicability.SUBGROUP: Enters.SUBGROUP,
    Applicability.OVERALL: Enters.OVERALL,
}
TAU2 = {"DL": Tau2Method.DERSIMONIAN_LAIRD, "REML": Tau2Method.REML}


def engine_results(package: Package) -> dict[tuple[str, str], Ours]:
    """Return ours by the analysis and the number of the subgroup, "" for overall."""
    found: dict[tuple[str, str], Ours] = {}
    for analysis in package.analyses:
        found |= _results(analysis)
    return found


def _results(analysis: PackagedAnalysis) -> dict[tuple[str, str], Ours]:
    rows = [row for row in analysis.rows if _complete(analysis, row)]
    if not rows:
        return {(analysis.key, ""): Ours(Printed(), "no row has numbers")}
    try:
        meta = meta_analysis(
            _studies(analysis, rows),
            _plan(analysis),
            subgroups=[row.subgroup for row in rows],
            enters=[ENTERS[row.applicability] for row in rows],
        )
    except AnalysisError as error:
        return {(analysis.key, ""): Ours(Printed(), str(error))}
    overall = _ours(meta.overall, meta.scale) if meta.overall else Ours(Printed(), "no row")
    found = {(analysis.key, ""): _with_between(overall, meta.between)}
    for group in meta.subgroups:
        found[analysis.key, group.label or "-"] = _ours(group, meta.scale)
    return found


def _plan(analysis: PackagedAnalysis) -> Plan:
    return Plan(
        Measure(engine_measure(analysis)),
        _method(analysis),
        PoolingModel.RANDOM if analysis.random else PoolingModel.COMMON,
        tau2=TAU2.get(analysis.tau2),
        interval=Interval.HARTUNG_KNAPP if analysis.interval == "HKSJ" else Interval.NORMAL,
        prediction=PredictionConvention.AS_TESTED if analysis.prediction else None,
        level=analysis.level,
        convention=Convention.REVMAN,
    )


def _method(analysis: PackagedAnalysis) -> Method:
    """Return the method; O - E with random effects is inverse variance."""
    if analysis.weighing is Weighing.PETO and analysis.random:
        return Method.INVERSE_VARIANCE
    return METHODS[analysis.weighing]


def _complete(analysis: PackagedAnalysis, row: PackagedRow) -> bool:
    return all(getattr(row, name) is not None for name in NEEDED[analysis.data_type])


NEEDED: Mapping[DataType, Sequence[str]] = {
    DataType.DICHOTOMOUS: ("cases_1", "n_1", "cases_2", "n_2"),
    DataType.CONTINUOUS: ("mean_1", "sd_1", "n_1", "mean_2", "sd_2", "n_2"),
    DataType.CONTRAST: ("giv_mean", "giv_se"),
    DataType.O_E: ("o_e", "variance"),
}


def _studies(analysis: PackagedAnalysis, rows: Sequence[PackagedRow]) -> Studies:
    labels = tuple(row.study for row in rows)

    def columns() -> list[Floats]:
        names = NEEDED[analysis.data_type]
        return [np.array([getattr(row, name) for row in rows], dtype=float) for name in names]

    build: Mapping[DataType, Callable[[], Studies]] = {
        DataType.DICHOTOMOUS: lambda: TablesAsPrinted(labels, *_swapped(analysis, columns())),
        DataType.CONTINUOUS: lambda: MeansAsPrinted(labels, *columns()),
        DataType.CONTRAST: lambda: _given(labels, columns(), log_scale=analysis.log_scale),
        DataType.O_E: lambda: LogRank(labels, *columns()),
    }
    return build[analysis.data_type]()


def _given(labels: tuple[str, ...], columns: list[Floats], *, log_scale: bool) -> GivenEffects:
    estimate, se = columns
    return GivenEffects(labels, estimate, se, Scale.LOG if log_scale else Scale.NATURAL)


def _swapped(analysis: PackagedAnalysis, columns: list[Floats]) -> list[Floats]:
    cases_1, n_1, cases_2, n_2 = columns
    if not analysis.swap_events:
        return columns
    return [n_1 - cases_1, n_1, n_2 - cases_2, n_2]


def _ours(group: Group, scale: Scale) -> Ours:
    if group.estimate is None:
        return Ours(Printed(), group.why or "no estimate")
    prediction, tau2 = group.prediction, group.tau2_limits
    return Ours(
        Printed(
            estimate=scale.shown(group.estimate.value),
            lower=scale.shown(group.estimate.ci_lower),
            upper=scale.shown(group.estimate.ci_upper),
            tau2=group.tau2,
            chi2=group.heterogeneity.q if group.heterogeneity else None,
            df=group.heterogeneity.df if group.heterogeneity else None,
            i2=None if group.i2 is None else 100 * group.i2,
            prediction_lower=None if prediction is None else scale.shown(prediction.lower),
            prediction_upper=None if prediction is None else scale.shown(prediction.upper),
            tau2_lower=None if tau2 is None else tau2.lower,
            tau2_upper=None if tau2 is None else tau2.upper,
        )
    )


def _with_between(ours: Ours, between: HeterogeneityTest | None) -> Ours:
    if between is None:
        return ours
    return replace(
        ours, printed=replace(ours.printed, between_chi2=between.q, between_df=between.df)
    )
