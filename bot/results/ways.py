"""How a result was computed, in words: the method, the estimator, the kind of interval. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.results.format import counted, interval, level_in_words, limits, percent
from bot.results.model import AnalysisResult, How, ShownEffect
from bot.review.planned import (
    PlannedConvention,
    PlannedInterval,
    PlannedMethod,
    PlannedModel,
    PlannedPrediction,
    PlannedTau2,
)

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
PREDICTIONS = {
    PlannedPrediction.NONE: "none",
    PlannedPrediction.AS_TESTED: "by the distribution of the confidence interval",
    PlannedPrediction.T_K_1: "t with k \N{MINUS SIGN} 1 degrees of freedom",
    PlannedPrediction.T_K_2: "t with k \N{MINUS SIGN} 2 degrees of freedom",
}


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
    if how.tau2 is not None or how.interval is not PlannedInterval.WALD:
        said.append(f"{level_in_words(how.level)} CI by {INTERVALS[how.interval]}")
    if how.convention is PlannedConvention.REVMAN:
        said.append("by the rules of RevMan")
    return ", ".join(said)


def counts_in_words(result: AnalysisResult) -> str:
    """Count the studies, and those that were pooled where some were not: '3 studies, 2 pooled'."""
    studies = counted(result.studies, "study", "studies")
    if result.pooled is None or result.pooled == result.studies:
        return studies
    return f"{studies}, {result.pooled} pooled"


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
        yield f"subgroups against each other: I² {percent(result.between.i2)}"
    yield from result.cautions
