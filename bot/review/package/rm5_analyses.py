"""The comparisons of a RevMan 5 file: settings, rows and results of each outcome. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from bot.review.package.model import (
    Applicability,
    DataType,
    NotHeld,
    PackagedAnalysis,
    PackagedRow,
    PackagedSubgroup,
    Printed,
    Weighing,
)
from bot.review.package.package_table import number, refuse
from bot.review.package.rm5_text import line_of, shown_text
from bot.review.package.settings_words import not_computed

KINDS: Mapping[str, DataType] = {
    "DICH": DataType.DICHOTOMOUS,
    "CONT": DataType.CONTINUOUS,
    "IV": DataType.CONTRAST,
    "IPD": DataType.O_E,
}
MEASURE_WORDS: Mapping[str, str] = {
    "RR": "Risk Ratio",
    "OR": "Odds Ratio",
    "RD": "Risk Difference",
    "PETO_OR": "Peto Odds Ratio",
    "MD": "Mean Difference",
    "SMD": "Std. Mean Difference",
    "HR": "Hazard Ratio",
}
RATIOS = frozenset({"RR", "OR", "PETO_OR", "HR"})
OF_RESULT: Mapping[str, str] = {
    "cases_1": "EVENTS_1",
    "n_1": "TOTAL_1",
    "cases_2": "EVENTS_2",
    "n_2": "TOTAL_2",
    "estimate": "EFFECT_SIZE",
    "lower": "CI_START",
    "upper": "CI_END",
    "tau2": "TAU2",
    "chi2": "CHI2",
    "df": "DF",
    "p": "P_CHI2",
    "i2": "I2",
    "z": "Z",
    "p_effect": "P_Z",
}
# Named as if they were of the heterogeneity: they are of the test between subgroups.
BETWEEN: Mapping[str, str] = {"between_chi2": "Q", "between_p": "P_Q", "between_i2": "I2_Q"}
COUNTED = ("cases_1", "n_1", "cases_2", "n_2")
OF_ROW: Mapping[DataType, Mapping[str, str]] = {
    DataType.DICHOTOMOUS: {
        **{"cases_1": "EVENTS_1", "n_1": "TOTAL_1", "cases_2": "EVENTS_2", "n_2": "TOTAL_2"},
    },
    DataType.CONTINUOUS: {
        **{"mean_1": "MEAN_1", "sd_1": "SD_1", "n_1": "TOTAL_1"},
        **{"mean_2": "MEAN_2", "sd_2": "SD_2", "n_2": "TOTAL_2"},
    },
    DataType.CONTRAST: {"giv_se": "SE", "n_1": "TOTAL_1", "n_2": "TOTAL_2"},
    DataType.O_E: {
        **{"o_e": "O_E", "variance": "VAR"},
        **{"cases_1": "EVENTS_1", "n_1": "TOTAL_1", "cases_2": "EVENTS_2", "n_2": "TOTAL_2"},
    },
}
OF_EFFECT: Mapping[str, str] = {
    "weight": "WEIGHT",
    "estimate": "EFFECT_SIZE",
    "lower": "CI_START",
    "upper": "CI_END",
}


@dataclass(frozen=True, slots=True)
class ReadComparisons:
    """The analyses of a RevMan 5 file, and what of its comparisons is not held."""

    analyses: tuple[PackagedAnalysis, ...]
    not_held: tuple[NotHeld, ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads attributes; an id of a study is followed by the name that readers know."""

    file: str
    names: Mapping[str, str]
    left: Counter[str] = field(default_factory=Counter)

    def number(self, element: etree._Element, name: str) -> float | None:
        text = (element.get(name) or "").strip()
        try:
            found = number(text)
        except ValueError as error:
            place = f"<{element.tag}> {name}"
            expected = "a number such as 0.25 or 3.59E-4"
            raise self.wrong(element, place, f"'{text}'", expected) from error
        return found if found is None or math.isfinite(found) else None

    def numbers(self, element: etree._Element, named: Mapping[str, str]) -> dict[str, float | None]:
        return {name: self.number(element, attribute) for name, attribute in named.items()}

    def wrong(self, element: etree._Element, place: str, found: str, expected: str) -> Exception:
        return refuse(self.file, line_of(element), place, found, expected)


def read_comparisons(file: str, root: etree._Element, names: Mapping[str, str]) -> ReadComparisons:
    """Read every outcome of every comparison; a table of texts has nothing to pool and is named."""
    read = _Reader(file, names)
    analyses = tuple(
        analysis
        for comparison in root.iterfind("ANALYSES_AND_DATA/COMPARISON")
        for analysis in _analyses(read, comparison)
    )
    left = tuple(NotHeld(file, what, count) for what, count in read.left.items())
    return ReadComparisons(analyses, left)


def _analyses(read: _Reader, comparison: etree._Element) -> Iterator[PackagedAnalysis]:
    for outcome in comparison:
        kind, _, rest = str(outcome.tag).partition("_")
        if rest == "OUTCOME" and kind in KINDS:
            yield _analysis(read, comparison, outcome, KINDS[kind])
        elif rest == "OUTCOME":
            entries = sum(1 for each in outcome.iter(f"{kind}_DATA"))
            named = shown_text(outcome.find("NAME"))
            read.left[f"<{outcome.tag}> '{named}' (a table of texts)"] += entries or 1
        elif outcome.tag != "NAME":
            read.left[f"<COMPARISON>/<{outcome.tag}>"] += 1


def _analysis(
    read: _Reader, comparison: etree._Element, outcome: etree._Element, kind: DataType
) -> PackagedAnalysis:
    given = outcome.get("EFFECT_MEASURE", "")
    random = outcome.get("RANDOM") == "YES"
    log_scale = given in RATIOS or outcome.get("LOG_DATA") == "YES"
    totals = outcome.get("TOTALS", "YES")
    subgroups, rows = _subgroups_and_rows(read, outcome, kind, log_scale=log_scale)
    return PackagedAnalysis(
        group=_numbered(read, comparison, 0),
        number=_numbered(read, outcome, 1),
        name=shown_text(outcome.find("NAME")),
        group_name=shown_text(comparison.find("NAME")),
        data_type=kind,
        weighing=_weighing(read, outcome, given),
        measure=MEASURE_WORDS.get(given, given or "Effect"),
        log_scale=log_scale,
        random=random,
        tau2="DL" if random else "",
        level=_level(read, outcome, "CI_TOTAL"),
        row_level=_level(read, outcome, "CI_STUDY"),
        overall=totals == "YES",
        subgroup_estimates=totals in ("YES", "SUB"),
        subgroup_test=outcome.get("SUBGROUP_TEST") == "YES",
        swap_events=outcome.get("SWAP_EVENTS") == "YES",
        label_1=shown_text(outcome.find("GROUP_LABEL_1")),
        label_2=shown_text(outcome.find("GROUP_LABEL_2")),
        graph_1=shown_text(outcome.find("GRAPH_LABEL_1")),
        graph_2=shown_text(outcome.find("GRAPH_LABEL_2")),
        unit=outcome.get("UNITS", "").strip(),
        more=tuple(_more(outcome)),
        rows=rows,
        subgroups=subgroups,
        printed=_printed(read, outcome, {**OF_RESULT, **BETWEEN}),
    )


def _numbered(read: _Reader, element: etree._Element, place: int) -> str:
    """Return the number of a comparison or an outcome: its NO, else what its id ends with."""
    own = (element.get("NO") or "").strip()
    if own:
        return own
    parts = (element.get("ID") or "").removeprefix("CMP-").split(".")
    if len(parts) <= place or not parts[place].isdigit():
        found = f"'{element.get('ID')}'" if element.get("ID") else "nothing"
        raise read.wrong(element, f"<{element.tag}> ID", found, "an id such as CMP-001.02")
    return str(int(parts[place]))


def _weighing(read: _Reader, outcome: etree._Element, measure: str) -> Weighing:
    """Return the method; of means, generic effects and O - E there is no choice to be named."""
    named = outcome.get("METHOD") or ("PETO" if measure == "PETO_OR" else "")
    if not named:
        return Weighing.PETO if outcome.tag == "IPD_OUTCOME" else Weighing.IV
    if named == "EXP_O_E_VAR":
        return Weighing.PETO
    if named not in set(Weighing):
        expected = f"one of {', '.join(Weighing)}"
        raise read.wrong(outcome, f"<{outcome.tag}> METHOD", f"'{named}'", expected)
    return Weighing(named)


def _level(read: _Reader, outcome: etree._Element, name: str) -> float:
    found = read.number(outcome, name)
    if found is None:
        return 0.95
    if not 0 < found < 100:
        raise read.wrong(outcome, f"<{outcome.tag}> {name}", f"'{found:g}'", "a level such as 95")
    return found / 100 if found > 1 else found


def _more(outcome: etree._Element) -> Iterator[tuple[str, str]]:
    for column, name in (("Sort studies by", "SORT_BY"), ("Graph scale", "SCALE")):
        if outcome.get(name):
            yield column, outcome.get(name, "")


def _printed(read: _Reader, element: etree._Element, named: Mapping[str, str]) -> Printed:
    """Return a result as printed: of one that is not estimable only the counts stand."""
    figures = read.numbers(element, named)
    counts = {name: figures[name] for name in COUNTED}
    if element.get("ESTIMABLE") == "NO" or figures["estimate"] is None or not_computed(figures):
        return Printed(**counts)
    return Printed(**figures)


def _subgroups_and_rows(
    read: _Reader, outcome: etree._Element, kind: DataType, *, log_scale: bool
) -> tuple[tuple[PackagedSubgroup, ...], tuple[PackagedRow, ...]]:
    prefix = str(outcome.tag).removesuffix("_OUTCOME")
    subgroups: list[PackagedSubgroup] = []
    rows = [
        _row(read, each, kind, "", log_scale=log_scale)
        for each in outcome.iterfind(f"{prefix}_DATA")
    ]
    for place, each in enumerate(outcome.iterfind(f"{prefix}_SUBGROUP"), 1):
        own = (each.get("NO") or "").strip() or str(place)
        name = shown_text(each.find("NAME"))
        printed = _printed(read, each, {**OF_RESULT, "weight": "WEIGHT"})
        subgroups.append(PackagedSubgroup(own, name, printed))
        rows += [
            _row(read, data, kind, own, log_scale=log_scale)
            for data in each.iterfind(f"{prefix}_DATA")
        ]
    return tuple(subgroups), tuple(rows)


def _row(
    read: _Reader, data: etree._Element, kind: DataType, subgroup: str, *, log_scale: bool
) -> PackagedRow:
    study = data.get("STUDY_ID", "")
    if not study:
        raise read.wrong(data, f"<{data.tag}> STUDY_ID", "nothing", "the id of a study")
    figures = read.numbers(data, OF_ROW[kind])
    effect = read.numbers(data, OF_EFFECT)
    if data.get("ESTIMABLE") == "NO" or not_computed(effect):
        effect = {}
    if kind is DataType.CONTRAST:
        figures["giv_mean"] = _generic(read, data, log_scale=log_scale)
    return PackagedRow(
        study=read.names.get(study, study),
        year="",
        subgroup=subgroup,
        applicability=Applicability.BOTH,
        bias=(),
        footnote=shown_text(data.find("FOOTNOTE")),
        **figures,
        **effect,
    )


def _generic(read: _Reader, data: etree._Element, *, log_scale: bool) -> float | None:
    """Return the effect that was typed in, on the scale that is pooled: the log of a ratio.

    ESTIMATE is it where the file has one; else it is EFFECT_SIZE, natural for a ratio.
    """
    typed = read.number(data, "ESTIMATE")
    shown = read.number(data, "EFFECT_SIZE")
    if typed is not None or shown is None or not log_scale:
        return typed if typed is not None else shown
    return math.log(shown) if shown > 0 else None
