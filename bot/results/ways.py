"""How a result was computed, in words: the method, the estimator, the kind of interval. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.results.format import counted, interval, level_in_words, limits, p_value, percent
from bot.results.model import DIVIDED, AnalysisResult, How, ShownEffect
from bot.review.planned import (
    PlannedConvention,
    PlannedInterval,
    PlannedMeasure,
    PlannedMethod,
    PlannedModel,
    PlannedPrediction,
    PlannedTau2,
)

# Explained in every report, whether or not an analysis of this version has them.
USUAL = frozenset(
    {
        PlannedMeasure.RISK_RATIO,
        PlannedMeasure.ODDS_RATIO,
        PlannedMeasure.RISK_DIFFERENCE,
        PlannedMeasure.MEAN_DIFFERENCE,
        PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE,
    }
)
# What readers call a measure whose name in a protocol is a code.
MEASURE_NAMES = {
    PlannedMeasure.PETO_ODDS_RATIO: "Peto OR",
    PlannedMeasure.ARCSINE_DIFFERENCE: "Arcsine difference",
    PlannedMeasure.GLASS_DELTA: "Glass's \N{GREEK CAPITAL LETTER DELTA}",
    PlannedMeasure.GENERIC: "Effect",
    PlannedMeasure.RATIO: "Ratio",
    PlannedMeasure.PROPORTION: "Proportion",
    PlannedMeasure.LOGIT_PROPORTION: "Proportion (logit)",
    PlannedMeasure.LOG_PROPORTION: "Proportion (log)",
    PlannedMeasure.ARCSINE_PROPORTION: "Proportion (arcsine)",
    PlannedMeasure.FREEMAN_TUKEY_PROPORTION: "Proportion (double arcsine)",
}
# What the short names stand for.
SHORT_NAMES = {
    PlannedMeasure.RISK_RATIO: "risk ratio",
    PlannedMeasure.ODDS_RATIO: "odds ratio",
    PlannedMeasure.RISK_DIFFERENCE: "risk difference",
    PlannedMeasure.MEAN_DIFFERENCE: "mean difference",
    PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE: "standardised mean difference",
    PlannedMeasure.RATIO_OF_MEANS: "ratio of means",
    PlannedMeasure.HAZARD_RATIO: "hazard ratio",
    PlannedMeasure.RATE_RATIO: "rate ratio (incidence)",
    PlannedMeasure.RATE_DIFFERENCE: "rate difference (incidence)",
}
METHODS = {
    PlannedMethod.MANTEL_HAENSZEL: "Mantel-Haenszel",
    PlannedMethod.INVERSE_VARIANCE: "inverse variance",
    PlannedMethod.PETO: "Peto",
}
MODELS = {PlannedModel.COMMON: "common effect", PlannedModel.RANDOM: "random effects"}
ESTIMATORS = {
    PlannedTau2.REML: "REML",
    PlannedTau2.DL: "DerSimonian-Laird",
    PlannedTau2.PM: "Paule-Mandel",
    PlannedTau2.ML: "maximum likelihood",
    PlannedTau2.EB: "empirical Bayes",
    PlannedTau2.SJ: "Sidik-Jonkman",
    PlannedTau2.HE: "Hedges",
    PlannedTau2.HS: "Hunter-Schmidt",
}
INTERVALS = {
    PlannedInterval.WALD: "Wald",
    PlannedInterval.T: "t",
    PlannedInterval.HARTUNG_KNAPP: "Hartung-Knapp",
    PlannedInterval.HARTUNG_KNAPP_FLOORED: "Hartung-Knapp, never narrower than Wald's",
}
SCORE_LIMITS = "limits by Newcombe's score method: the ordinary ones are impossible here"
PREDICTIONS = {
    PlannedPrediction.NONE: "none",
    PlannedPrediction.AS_TESTED: "by the distribution of the confidence interval",
    PlannedPrediction.T_K_1: "t with k \N{MINUS SIGN} 1 degrees of freedom",
    PlannedPrediction.T_K_2: "t with k \N{MINUS SIGN} 2 degrees of freedom",
}


def measure_name(measure: PlannedMeasure) -> str:
    """Return what readers call a measure: its code, where that is the usual short name."""
    return MEASURE_NAMES.get(measure, str(measure))


def how_of(result: AnalysisResult) -> How:
    """Return how a result was computed; what older programs stored does not say it."""
    if result.how is not None:
        return result.how
    random = result.model is PlannedModel.RANDOM
    return How(PlannedTau2.DL if random else None, PlannedInterval.WALD)


def method_in_words(result: AnalysisResult) -> str:
    """Name method, model, estimator and interval: 'Mantel-Haenszel, common effect'.

    Of a common effect with ordinary limits there is nothing to add.
    """
    how = how_of(result)
    said = [METHODS[result.method], MODELS[result.model]]
    if how.tau2 is not None:
        said.append(f"\N{GREEK SMALL LETTER TAU}\N{SUPERSCRIPT TWO} by {ESTIMATORS[how.tau2]}")
    scored = SCORE_LIMITS in result.cautions  # which stand for those that were asked for
    named = how.tau2 is not None or how.interval is not PlannedInterval.WALD
    if named and not scored:
        said.append(f"{level_in_words(how.level)} CI by {INTERVALS[how.interval]}")
    if result.measure is PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE and result.how is not None:
        exact = how.convention is PlannedConvention.HANDBOOK
        said.append(f"Hedges' g with the {'exact' if exact else 'approximate'} small-sample factor")
    if how.convention is PlannedConvention.REVMAN:
        said.append("by the rules of RevMan")
    return ", ".join(said)


def counts_in_words(result: AnalysisResult) -> str:
    """Count the studies, and those that were pooled where some were not: '3 studies, 2 pooled'."""
    studies = counted(result.studies, "study", "studies")
    if result.pooled is None or result.pooled == result.studies:
        return studies
    return f"{studies}, {result.pooled} pooled"


def people_told(studies: int, people: int) -> int | None:
    """Return how many people are in the studies; None where none of them tells it."""
    return None if studies and not people else people


def effective_people(result: AnalysisResult) -> bool:
    """Whether people are counted as fewer than they were, as trials that allocated groups are."""
    return any(note.startswith(DIVIDED) for row in result.rows for note in row.notes)


def people_in_words(result: AnalysisResult, singular: str = "person") -> str:
    """Count the people: '27 people', or that nobody told; effective numbers are called so."""
    people = people_told(result.studies, result.participants)
    if people is None:
        return "people not reported"
    plural = "people" if singular == "person" else None
    said = counted(people, singular, plural)
    if not effective_people(result):
        return said
    return f"{said} (effective: divided by the design effect where groups were allocated)"


def prediction_in_words(result: AnalysisResult) -> str | None:
    """Say where the effect of a new study is expected, and by which distribution."""
    found = result.prediction
    if found is None or result.effect is None:
        return None
    span = ShownEffect(result.effect.estimate, found.lower, found.upper)
    level, said = level_in_words(result.level), limits(span, result.measure)
    return f"{level} prediction interval {said} ({PREDICTIONS[found.convention]})"


def more_in_words(result: AnalysisResult) -> Iterator[str]:
    """Say how a result was made where that is not the plain way, and what stands beside it."""
    if result.model is PlannedModel.RANDOM:
        yield method_in_words(result)
    prediction = prediction_in_words(result)
    if prediction is not None:
        yield prediction
    for group in result.subgroups:
        if group.effect is None:
            yield f"{group.label}: not estimable: {group.not_estimable}"
        else:
            studies = counted(group.studies, "study", "studies")
            yield f"{group.label}: {interval(group.effect, result.measure)}, {studies}"
    if result.between is not None:
        test = result.between
        yield f"subgroups against each other: {p_value(test.q_p)}, I² {percent(test.i2)}"
    yield from result.cautions


def short_names(results: Iterable[AnalysisResult]) -> str:
    """Say what the short names of the measures stand for, those always that every reader meets."""
    used = {each.measure for each in results} | USUAL
    named = (f"{code}: {words}." for code, words in SHORT_NAMES.items() if code in used)
    return " ".join(named)
