"""What a notebook uses: one call from a table to a result to read, to draw and to compute with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from analysis.columns import Columns, names_of, studies_of
from analysis.drawing import Drawing, forest_drawing, funnel_drawing, number
from analysis.errors import InvalidInput, InvalidOption
from analysis.plan import (
    INTERVAL_WORDS,
    Convention,
    Method,
    Plan,
    PoolingModel,
    PredictionConvention,
    interval_named,
    zero_cells_named,
)
from analysis.planned_analysis import Group, MetaAnalysis, MetaRow, meta_analysis
from analysis.planned_effects import planned_effects
from analysis.results import Limits, Measure, StudyEffects
from analysis.tau2 import Tau2Method

if TYPE_CHECKING:
    import pandas as pd

WORDS = {
    Measure.RISK_RATIO: "risk ratio",
    Measure.ODDS_RATIO: "odds ratio",
    Measure.PETO_ODDS_RATIO: "Peto odds ratio",
    Measure.RISK_DIFFERENCE: "risk difference",
    Measure.ARCSINE_DIFFERENCE: "arcsine difference",
    Measure.MEAN_DIFFERENCE: "mean difference",
    Measure.STANDARDISED_MEAN_DIFFERENCE: "standardised mean difference",
    Measure.STANDARDISED_MEAN_DIFFERENCE_UNEQUAL: "standardised mean difference, unequal variances",
    Measure.GLASS_DELTA: "Glass's delta",
    Measure.RATIO_OF_MEANS: "ratio of means",
    Measure.VARIABILITY_RATIO: "variability ratio",
    Measure.RATE_RATIO: "rate ratio",
    Measure.RATE_DIFFERENCE: "rate difference",
    Measure.ROOT_RATE_DIFFERENCE: "difference of root rates",
    Measure.PROPORTION: "proportion",
    Measure.LOG_PROPORTION: "proportion, pooled as logarithm",
    Measure.LOGIT_PROPORTION: "proportion, pooled as logit",
    Measure.ARCSINE_PROPORTION: "arcsine of the root proportion",
    Measure.FREEMAN_TUKEY_PROPORTION: "double arcsine of the proportion",
    Measure.HAZARD_RATIO: "hazard ratio",
    Measure.GENERIC: "effect",
}
_METHODS = {
    Method.INVERSE_VARIANCE: "inverse variance",
    Method.MANTEL_HAENSZEL: "Mantel-Haenszel",
    Method.PETO: "Peto",
}


def meta(
    data: Columns,
    measure: str,
    *,
    method: str = "IV",
    model: str | None = None,
    tau2: str | None = None,
    interval: str | None = None,
    prediction: str | None = None,
    level: float = 0.95,
    zero_cells: str | None = None,
    convention: str = "handbook",
    subgroup: str | Sequence[str] | None = None,
) -> MetaResult:
    """Pool the studies of a table.

    Parameters
    ----------
    data : mapping, pandas.DataFrame or structured array
        One row a study, names in `study`; docs/library.md has the columns of each measure. Of a
        ratio `estimate` and `se` are those of its logarithm.
    measure : str
        metafor's name: RR, OR, PETO, RD, AS, MD, SMD, SMDH, SMD1, ROM, VR, IRR, IRD, IRSD, PR,
        PLN, PLO, PAS, PFT, HR, GEN.
    method, model : {"IV", "MH", "PETO"}, {"random", "common"}
        Effects are random where nothing is said, but for Peto.
    tau2 : {"REML", "DL", "PM", "ML", "EB", "SJ", "HE", "HS"}
    interval : {"HK", "hartung-knapp-floored", "t", "wald"}
    prediction : {"as-tested", "t-k-1", "t-k-2", "none"}
    level : float
        Of all intervals, a share of 1.
    zero_cells : {"revman", "metafor", "none", "all", "all-if-any"}
    convention : {"handbook", "revman"}
        Whose rules fill what is left open.
    subgroup : str or sequence of str
        The name of a column, or one label a study.

    Raises
    ------
    InvalidInput
        A column is missing, or a number cannot be: the study is named.
    InvalidOption
        A word that is none of these, or options that do not go together.

    Notes
    -----
    metafor: ``rma(escalc(measure, ...), method = tau2, test = interval)``, ``rma.mh``,
    ``rma.peto``. docs/methods.md has the papers.
    """
    words = Words(method, model, tau2, interval, prediction, zero_cells, convention)
    studies = studies_of(data, _word("measure", measure, Measure))
    if not studies.labels:
        raise InvalidInput("data", "no row", "one row a study")
    labels = _subgroups(data, subgroup, len(studies.labels))
    return MetaResult(meta_analysis(studies, words.plan(measure, level), subgroups=labels))


@dataclass(frozen=True, slots=True)
class Words:
    """The options of `meta` as they are typed."""

    method: str = "IV"
    model: str | None = None
    tau2: str | None = None
    interval: str | None = None
    prediction: str | None = None
    zero_cells: str | None = None
    convention: str = "handbook"

    def plan(self, measure: str, level: float = 0.95) -> Plan:
        """Return the plan that the words ask for; raises InvalidOption for one that is none."""
        method = _word("method", self.method, Method)
        usual = PoolingModel.COMMON if method is Method.PETO else PoolingModel.RANDOM
        return Plan(
            measure=_word("measure", measure, Measure),
            method=method,
            model=_asked("model", self.model, PoolingModel) or usual,
            tau2=_asked("tau2", self.tau2, Tau2Method),
            interval=None if self.interval is None else interval_named(self.interval),
            prediction=_asked("prediction", self.prediction, PredictionConvention),
            level=level,
            zero_cells=None if self.zero_cells is None else zero_cells_named(self.zero_cells),
            convention=_word("convention", self.convention, Convention),
        )


def study_effects(
    data: Columns, measure: str, *, zero_cells: str | None = None, convention: str = "handbook"
) -> StudyEffects:
    """Return one effect and its variance a study: what meta-regression and the tests take.

    Parameters
    ----------
    data, measure, zero_cells, convention
        As of `meta`.

    Returns
    -------
    StudyEffects
        On the pooled scale (logarithms of ratios); studies without an effect are named with the
        reason.

    Raises
    ------
    InvalidInput, InvalidOption
        As `meta`.

    Notes
    -----
    metafor: ``escalc(measure, ...)``.
    """
    words = Words(zero_cells=zero_cells, convention=convention)
    studies = studies_of(data, _word("measure", measure, Measure))
    return planned_effects(studies, words.plan(measure))


_Word = TypeVar("_Word", bound=StrEnum)


def _word(name: str, said: str, words: type[_Word]) -> _Word:
    try:
        return words(said)
    except ValueError as error:
        allowed = ", ".join(words)
        raise InvalidOption(f"{name}: found {said!r}, expected one of {allowed}") from error


def _asked(name: str, said: str | None, words: type[_Word]) -> _Word | None:
    return None if said is None else _word(name, said, words)


def _subgroups(data: Columns, asked: str | Sequence[str] | None, k: int) -> list[str] | None:
    if asked is None:
        return None
    if isinstance(asked, str) and asked not in names_of(data):
        known = ", ".join(names_of(data))
        raise InvalidInput("subgroup", f"no column {asked!r}", f"one of {known}")
    labels = data[asked] if isinstance(asked, str) else asked
    found = [str(each) for each in labels]
    if len(found) != k:
        raise InvalidInput("subgroup", f"{len(found)} labels", f"one for each of {k} studies")
    return found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MetaResult:
    """A pooled result, with every study and subgroup behind it.

    `str` prints six lines, a notebook a table. `estimate`, `ci_lower`, `ci_upper` and `prediction`
    are on the scale that a reader knows (a ratio as a ratio); `analysis` has everything on the
    scale that is pooled (a ratio as its logarithm).

    Attributes
    ----------
    analysis : MetaAnalysis
        Rows, subgroups, their test, the plan.
    """

    analysis: MetaAnalysis

    @property
    def estimate(self) -> float | None:
        """The pooled effect on the reader's scale; None where there is none."""
        found = self._overall.estimate
        return None if found is None else self.analysis.scale.shown(found.value)

    @property
    def ci_lower(self) -> float | None:
        """Its lower confidence limit on the reader's scale; None where there is none."""
        found = self._overall.estimate
        return None if found is None else self.analysis.scale.shown(found.ci_lower)

    @property
    def ci_upper(self) -> float | None:
        """Its upper confidence limit on the reader's scale; None where there is none."""
        found = self._overall.estimate
        return None if found is None else self.analysis.scale.shown(found.ci_upper)

    @property
    def p(self) -> float | None:
        """The two-sided p of no effect; None where there is no estimate."""
        found = self._overall.estimate
        return None if found is None else found.p

    @property
    def tau2(self) -> float | None:
        """The variance between studies on the pooled scale; None for a common effect."""
        return self._overall.tau2

    @property
    def i2(self) -> float | None:
        """The share (0 to 1) of the variation that is between studies; None at one study."""
        return self._overall.i2

    @property
    def prediction(self) -> tuple[float, float] | None:
        """The limits for the effect of a new study on the reader's scale; None where not asked."""
        limits, shown = self._overall.prediction, self.analysis.scale.shown
        return None if limits is None else (shown(limits.lower), shown(limits.upper))

    @property
    def k(self) -> int:
        """How many studies are pooled."""
        return self._overall.studies

    @property
    def _overall(self) -> Group:
        found = self.analysis.overall
        assert found is not None  # every row enters it here
        return found

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    def _repr_html_(self) -> str:
        return _table(self)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a study: `study`, `subgroup`, `estimate`, `ci_lower`, `ci_upper` on the
        reader's scale, `effect` and `se` on the pooled one, `weight` (share of 1), `left_out`.

        pandas is loaded here and nowhere else.
        """
        frame: pd.DataFrame = import_module("analysis.frames").frame_of(self.analysis)
        return frame

    def forest(self) -> Drawing:
        """Return the forest plot as SVG: a text, which a notebook shows as a picture."""
        return forest_drawing(self.analysis, WORDS[self.analysis.plan.measure])

    def funnel(self) -> Drawing:
        """Return the funnel plot as SVG: a text, which a notebook shows as a picture.

        Raises
        ------
        NotEstimable
            No study has an effect.
        """
        return funnel_drawing(self.analysis, WORDS[self.analysis.plan.measure])


def _lines(result: MetaResult) -> list[str]:
    """Say the result in six lines, and each subgroup in one more."""
    found, overall = result.analysis, result._overall
    plan, model = found.plan, found.plan.model
    head = f"{WORDS[plan.measure].capitalize()} ({plan.measure}) of {_studies(overall.studies)}"
    lines = [
        f"{head}, {'one common effect' if model is PoolingModel.COMMON else 'random effects'}",
        f"  estimate    {_estimate(found, overall)}",
        f"  prediction  {_prediction(found, overall)}",
        f"  tau²        {_tau2(overall)}",
        f"  I²          {_i2(overall)}",
        f"  method      {_method(found, overall)}",
    ]
    groups = [f"  {each.label}: {_estimate(found, each)}" for each in found.subgroups]
    if found.between is not None:
        between = found.between
        groups.append(f"  between subgroups: Q {between.q:.2f}, df {between.df}, p {_p(between.p)}")
    return [*lines, *groups]


def _studies(k: int) -> str:
    return f"{k} {'study' if k == 1 else 'studies'}"


def _estimate(found: MetaAnalysis, group: Group) -> str:
    if group.estimate is None:
        return f"none: {group.why}"
    shown, each = found.scale.shown, group.estimate
    limits = f"{number(shown(each.ci_lower))} to {number(shown(each.ci_upper))}"
    return f"{number(shown(each.value))} ({100 * found.plan.level:g}% CI {limits}), p {_p(each.p)}"


def _prediction(found: MetaAnalysis, group: Group) -> str:
    if group.prediction is None:
        return "none"
    shown = found.scale.shown
    return f"{number(shown(group.prediction.lower))} to {number(shown(group.prediction.upper))}"


def _tau2(group: Group) -> str:
    if group.tau2 is None:
        return "none" if group.estimate is None else "none: one common effect"
    return f"{group.tau2:.4g}{_between(group.tau2_limits, '{:.4g}')}"


def _i2(group: Group) -> str:
    share = "none" if group.i2 is None else f"{group.i2:.1%}{_between(group.i2_limits, '{:.1%}')}"
    test = group.heterogeneity
    return f"{share}, Q {test.q:.2f}, df {test.df}, p {_p(test.p)}" if test is not None else share


def _between(limits: Limits | None, form: str) -> str:
    if limits is None:
        return ""
    return f" ({form.format(limits.lower)} to {form.format(limits.upper)})"


def _method(found: MetaAnalysis, group: Group) -> str:
    plan = found.plan
    limits = "newcombe (score)" if group.score_limits else INTERVAL_WORDS[group.interval]
    parts = [_METHODS[plan.method], plan.estimator, limits]
    return ", ".join(str(each) for each in parts if each is not None)


def _p(p: float | None) -> str:
    return "none" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def _table(result: MetaResult) -> str:
    found = result.analysis
    rows = "".join(
        f"<tr><td>{escape(row.label)}</td><td>{_row_effect(found, row)}</td>"
        f"<td>{'' if row.weight is None else f'{row.weight:.1%}'}</td></tr>"
        for row in found.rows
    )
    lines = str(result).split("\n")
    foot = "".join(f"<tr><td colspan=3>{escape(each.strip())}</td></tr>" for each in lines[1:])
    level = f"{100 * found.plan.level:g}% CI"
    return (
        f"<table><caption>{escape(lines[0])}</caption><thead><tr><th>study</th>"
        f"<th>{escape(WORDS[found.plan.measure])} ({level})</th><th>weight</th></tr></thead>"
        f"<tbody>{rows}</tbody><tfoot>{foot}</tfoot></table>"
    )


def _row_effect(found: MetaAnalysis, row: MetaRow) -> str:
    if row.estimate is None:
        return escape(f"none: {row.left_out}")
    shown, each = found.scale.shown, row.estimate
    limits = f"{number(shown(each.ci_lower))} to {number(shown(each.ci_upper))}"
    return f"{number(shown(each.value))} ({limits})"
