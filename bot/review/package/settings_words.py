"""How a package's settings are worded, read as closed words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bot.review.package.model import DataType, Printed, Weighing
from bot.review.package.package_table import Line

Word = TypeVar("Word")

DATA_TYPES: Mapping[str, DataType] = {
    "dichotomous": DataType.DICHOTOMOUS,
    "continuous": DataType.CONTINUOUS,
    "contrast level": DataType.CONTRAST,
    "generic inverse variance": DataType.CONTRAST,
    "o-e and variance": DataType.O_E,
    "o - e and variance": DataType.O_E,
}
WEIGHINGS: Mapping[str, Weighing] = {
    "mh": Weighing.MH,
    "mantel-haenszel": Weighing.MH,
    "iv": Weighing.IV,
    "inverse variance": Weighing.IV,
    "peto": Weighing.PETO,
}
RANDOM: Mapping[str, bool] = {
    "random effect": True,
    "random effects": True,
    "random": True,
    "fixed effect": False,
    "fixed effects": False,
    "fixed": False,
    "common effect": False,
}
INTERVALS: Mapping[str, str] = {"": "Wald", "wald": "Wald", "hksj": "HKSJ"}
ESTIMATORS: Mapping[str, str] = {"": "", "dl": "DL", "reml": "REML"}

# The columns of what is printed, overall and of subgroups.
PRINTED: Mapping[str, str] = {
    "cases_1": "Experimental cases",
    "n_1": "Experimental N",
    "cases_2": "Control cases",
    "n_2": "Control N",
    "weight": "Weight",
    "estimate": "Mean",
    "lower": "CI start",
    "upper": "CI end",
    "prediction_lower": "PI start",
    "prediction_upper": "PI end",
    "tau2": "Heterogeneity Tau²",
    "tau2_lower": "Tau² CI start",
    "tau2_upper": "Tau² CI end",
    "chi2": "Heterogeneity Chi²",
    "df": "Heterogeneity df",
    "p": "Heterogeneity P",
    "i2": "Heterogeneity I²",
    "z": "Effect Z",
    "t": "Effect T",
    "p_effect": "Effect P",
    "between_chi2": "Subgroup Chi²",
    "between_df": "Subgroup df",
    "between_p": "Subgroup P",
    "between_i2": "Subgroup I²",
}
# The columns of a row's figures.
FIGURES: Mapping[str, str] = {
    "giv_mean": "GIV Mean",
    "giv_se": "GIV SE",
    "mean_1": "Experimental mean",
    "sd_1": "Experimental SD",
    "cases_1": "Experimental cases",
    "n_1": "Experimental N",
    "mean_2": "Control mean",
    "sd_2": "Control SD",
    "cases_2": "Control cases",
    "n_2": "Control N",
    "o_e": "O-E",
    "variance": "Variance",
}
# What is printed of a row.
EFFECTS: Mapping[str, str] = {
    "weight": "Weight",
    "estimate": "Mean",
    "lower": "CI start",
    "upper": "CI end",
}
# The figures that belong to each kind: packages fill others too, with zeros or with what RevMan
# derived from these, and only the kind says which of them the analysis was made of.
OF_KIND: Mapping[DataType, frozenset[str]] = {
    DataType.DICHOTOMOUS: frozenset({"cases_1", "n_1", "cases_2", "n_2"}),
    DataType.CONTINUOUS: frozenset({"mean_1", "sd_1", "n_1", "mean_2", "sd_2", "n_2"}),
    DataType.CONTRAST: frozenset({"giv_mean", "giv_se", "n_1", "n_2"}),
    DataType.O_E: frozenset({"o_e", "variance", "cases_1", "n_1", "cases_2", "n_2"}),
}
# Texts of the settings that change no number.
KEPT_TEXTS = (
    *("Data source", "Data source eligibility", "Outcome", "Intervention grouping"),
    *("Experimental intervention", "Control intervention", "Subgroup by", "Filter criteria"),
    *("Sort studies by", "Graph scale", "Show risk of bias"),
)


def one_of(line: Line, column: str, words: Mapping[str, Word]) -> Word:
    """Return the closed word that a cell stands for."""
    found = line.word(column)
    if found.casefold() not in words:
        shown = f"'{found}'" if found else "nothing"
        raise line.wrong(column, shown, f"one of {', '.join(filter(None, words))}")
    return words[found.casefold()]


def share(line: Line, *columns: str) -> float | None:
    """Return a level as a share, of `95%`, `95` or `0.95`, from the first column that has one."""
    for column in columns:
        text = line.word(column)
        if text:
            return _level(line, column, text)
    return None


def _level(line: Line, column: str, text: str) -> float:
    try:
        found = float(text.removesuffix("%").strip())
    except ValueError:
        found = 0.0
    level = found / 100 if found > 1 else found
    if not 0 < level < 1:
        raise line.wrong(column, f"'{text}'", "a level such as 95%")
    return level


def printed(figures: Mapping[str, float | None]) -> Printed:
    """Return a result; one that was never computed is printed 0 (0 to 0) by version 1."""
    if not_computed(figures):
        kept = ("cases_1", "n_1", "cases_2", "n_2")
        return Printed(**{name: figures.get(name) for name in kept})
    return Printed(**figures)


def not_computed(figures: Mapping[str, float | None]) -> bool:
    """Say whether an effect is no result: no interval of a result has no width and stands at 0."""
    return all(figures.get(name) == 0 for name in ("estimate", "lower", "upper"))
