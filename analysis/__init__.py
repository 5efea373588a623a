"""MetaResult-analysis: numbers in, numbers out, every estimator pinned to metafor.

>>> import analysis as ma
>>> result = ma.meta(ma.data.bcg(), "RR", tau2="REML", interval="HK")
>>> print(result)  # doctest: +ELLIPSIS
Risk ratio (RR) of 13 studies, random effects...

Names are loaded when they are asked for, so that what needs one loads one.
docs/library.md shows the way through them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis import data as data
    from analysis.face import MetaResult as MetaResult
    from analysis.face import meta as meta
    from analysis.face import study_effects as study_effects

# The names of the library by the module that each is at home in.
_MODULES = {
    "face": ("MetaResult", "meta", "study_effects"),
    "planned_analysis": ("Enters", "Group", "MetaAnalysis", "MetaRow", "meta_analysis"),
    "plan": ("Convention", "Method", "Plan", "PoolingModel", "PredictionConvention"),
    "inputs": ("GivenEffects", "LogRank", "OneProportion", "TwoByTwo", "TwoMeans", "TwoRates"),
    "results": ("Estimate", "HeterogeneityTest", "Limits", "Measure", "Scale", "StudyEffects"),
    "errors": (
        *("AnalysisError", "InsufficientStudies", "InvalidInput", "InvalidOption"),
        *("NotConverged", "NotEstimable"),
    ),
    "tau2": ("Tau2Method",),
    "pooling": ("Interval", "revman_random_effects"),
    "effects": ("log_rank_effects", "proportion_of_freeman_tukey"),
    "conversions": (
        *("Converted", "EstimatedMean", "Quantiles", "effects_from_limits", "effects_from_p"),
        *("effects_from_standard_errors", "mean_by_luo_wan", "mean_by_mcgrath", "sd_from_ci"),
        *("sd_from_difference_ci", "sd_from_difference_se", "sd_from_p", "sd_from_se", "sd_from_t"),
    ),
    "merging": ("MeanOfGroup", "merge_means"),
    "units": (
        *("effective_errors", "effective_means", "effective_tables", "shared_out"),
        *("shared_out_means", "turned_scales"),
    ),
    "crossover": (
        *("McNemar", "PairedMeans", "PairedTables", "conditional_odds_ratio", "mcnemar"),
        *("paired_peto_odds_ratio", "standardised_mean_change", "standardised_mean_change_raw"),
    ),
    "batch": ("BatchFits", "fit_batch"),
    "batch_tables": ("peto_batch",),
    "exact": ("MantelHaenszelTest", "mantel_haenszel_test"),
    "mantel_haenszel": (
        *("TableTest", "cochran_mantel_haenszel", "mantel_haenszel_rate_test", "tarone"),
    ),
    "glmm": ("logit_proportion_glmm", "rate_ratio_glmm"),
    "grade": (
        *("AbsoluteEffect", "AgainstThreshold", "Information", "Position", "absolute_effect"),
        *("against_thresholds", "information_for_means", "information_for_risks"),
        "ratio_of_limits",
    ),
    "regression": (
        *("MetaRegression", "Moderators", "Predicted", "design", "factor", "meta_regression"),
        *("numeric", "predict"),
    ),
    "resampling": ("Bootstrap", "bootstrap", "permutation_p"),
    "robustness": ("cumulative",),
    "small_study": ("mixed_effects_test",),
    "sequential": ("required_size_for_means",),
    "spending": ("Spending", "conditional_power", "spending_boundaries"),
    "what_would_change": ("EffectChanges", "what_effect_would_change"),
}
_AT_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "data":
        return import_module("analysis.data")
    if name not in _AT_HOME:
        raise AttributeError(f"analysis has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"analysis.{_AT_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = ["data", *_AT_HOME]
