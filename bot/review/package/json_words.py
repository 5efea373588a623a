"""The words of RevMan's study data (JSON) beside those of the tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.review.package.model import ConceptKind, StudyList

SCHEMA = "https://assets.cochrane.org/schema/v1/studies.schema.json"
ARM_LEVEL, CONTRAST_LEVEL = "Arm level", "Contrast level"
JUDGEMENTS: Mapping[str, str] = {
    "LOW_RISK": "Low risk",
    "HIGH_RISK": "High risk",
    "UNCLEAR_RISK": "Unclear risk",
    "SOME_CONCERNS": "Some concerns",
    "NOT_APPLICABLE": "Not applicable",
}
MEASURES_OF_JSON: Mapping[str, str] = {
    "LOG_RR": "Risk Ratio",
    "LOG_OR": "Odds Ratio",
    "LOG_PETO_OR": "Peto Odds Ratio",
    "LOG_HR": "Hazard Ratio",
    "LOG_RATE_RATIO": "Rate Ratio",
    "RD": "Risk Difference",
    "MD": "Mean Difference",
    "SMD": "Std. Mean Difference",
}
# The keys of a row and of its raw data, and the column that each fills.
NUMBERS: Mapping[str, str] = {
    "sample-size": "Sample size",
    "cases": "Cases",
    "mean": "Mean",
    "sd": "SD",
    "se": "SE",
    "variance": "Variance",
    "ci-level": "CI level",
    "ci-start": "CI start",
    "ci-end": "CI end",
    "exp-mean": "Exp mean",
    "exp-ci-start": "Exp CI start",
    "exp-ci-end": "Exp CI end",
    "t-test": "t-test",
    "z-test": "z-test",
    "p-value": "P value",
}
OF_DICHOTOMOUS = ("cases", "sample-size")
OF_CONTINUOUS = ("mean", "sd", "sample-size")
OF_CONTRAST = ("mean", "se", "sample-size")
DEFINITIONS: Mapping[str, ConceptKind] = {
    "characteristic-definitions": ConceptKind.CHARACTERISTIC,
    "covariate-definitions": ConceptKind.COVARIATE,
    "interventions": ConceptKind.INTERVENTION,
    "outcomes": ConceptKind.OUTCOME,
}
REFERENCE_KEYS = (
    *("authors", "title", "original-title", "source", "publication-date", "volume", "issue"),
    *("pages", "edition", "editors", "publisher", "city", "medium"),
)
# What the characteristics of each list are called.
FILE_OF: Mapping[StudyList, str] = {
    StudyList.INCLUDED: "study-data",
    StudyList.EXCLUDED: "excluded-study-data",
    StudyList.AWAITING: "awaiting-study-data",
    StudyList.ONGOING: "ongoing-study-data",
}
