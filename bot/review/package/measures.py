"""What a package's effect measure is called here. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.review.package.model import DataType, PackagedAnalysis, Weighing, plain

# In the words of the settings file; the names here are metafor's.
MEASURES_BY_NAME: Mapping[str, str] = {
    "risk ratio": "RR",
    "odds ratio": "OR",
    "peto odds ratio": "PETO",
    "risk difference": "RD",
    "mean difference": "MD",
    "std. mean difference": "SMD",
    "standardized mean difference": "SMD",
    "standardised mean difference": "SMD",
    "std mean difference": "SMD",
    "hazard ratio": "HR",
}
_OF_KIND: Mapping[DataType, tuple[str, ...]] = {
    DataType.DICHOTOMOUS: ("RR", "OR", "PETO", "RD"),
    DataType.CONTINUOUS: ("MD", "SMD"),
    DataType.CONTRAST: ("HR",),
    DataType.O_E: ("PETO", "HR"),
}
GENERIC = "GEN"


def named_measure(analysis: PackagedAnalysis) -> str | None:
    """Return our name of an analysis's measure; None where no measure of its kind has it."""
    found = MEASURES_BY_NAME.get(plain(analysis.measure).casefold())
    return found if found in _OF_KIND[analysis.data_type] else None


def engine_measure(analysis: PackagedAnalysis) -> str:
    """Return the measure by which the rows are pooled; an effect of another name is generic.

    O - E and variance give the log of a ratio, whatever it is called: Peto's odds ratio where the
    file says nothing else. A hazard ratio that is no logarithm is an effect like another.
    """
    named = named_measure(analysis)
    if analysis.weighing is Weighing.PETO and analysis.data_type is DataType.DICHOTOMOUS:
        return "PETO"
    if analysis.data_type is DataType.O_E:
        return named or "PETO"
    if named is None or (named == "HR" and not analysis.log_scale):
        return GENERIC
    return named
