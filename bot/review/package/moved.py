"""What the rows of a package are in a review folder: arms, comparisons, outcomes, cells. Pure.

A cell of the folder has one number. Analyses of one name share an outcome as long as their numbers
agree; where they do not, the later analysis gets an outcome of its own and that is said.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from bot.review.package.favours import Favoured, favoured
from bot.review.package.measures import GENERIC, engine_measure
from bot.review.package.model import (
    DataType,
    Package,
    PackagedAnalysis,
    PackagedRow,
    StudyList,
    plain,
)
from bot.review.package.naming import id_of
from bot.review.planned import OutcomeKind, PlannedMeasure

TIME_POINT = "as published"
KIND_OF: Mapping[DataType, OutcomeKind] = {
    DataType.DICHOTOMOUS: OutcomeKind.EVENTS,
    DataType.CONTINUOUS: OutcomeKind.CONTINUOUS,
    DataType.CONTRAST: OutcomeKind.GENERIC,
    DataType.O_E: OutcomeKind.O_E,
}
# The figures of a row by the field and the arms that they stand at: 1, 2 or both.
FIELDS: Mapping[DataType, tuple[tuple[str, str, str], ...]] = {
    DataType.DICHOTOMOUS: (
        *(("cases_1", "events", "1"), ("n_1", "total", "1")),
        *(("cases_2", "events", "2"), ("n_2", "total", "2")),
    ),
    DataType.CONTINUOUS: (
        *(("mean_1", "mean", "1"), ("sd_1", "sd", "1"), ("n_1", "n", "1")),
        *(("mean_2", "mean", "2"), ("sd_2", "sd", "2"), ("n_2", "n", "2")),
    ),
    DataType.CONTRAST: (
        *(("giv_mean", "estimate", "12"), ("giv_se", "se", "12")),
        *(("n_1", "total", "1"), ("n_2", "total", "2")),
    ),
    DataType.O_E: (
        *(("o_e", "o_minus_e", "12"), ("variance", "variance", "12")),
        *(("cases_1", "events", "1"), ("n_1", "total", "1")),
        *(("cases_2", "events", "2"), ("n_2", "total", "2")),
    ),
}
NEEDED: Mapping[DataType, tuple[str, ...]] = {
    DataType.DICHOTOMOUS: ("cases_1", "n_1", "cases_2", "n_2"),
    DataType.CONTINUOUS: ("mean_1", "sd_1", "n_1", "mean_2", "sd_2", "n_2"),
    DataType.CONTRAST: ("giv_mean", "giv_se"),
    DataType.O_E: ("o_e", "variance"),
}
ABOVE_0 = ("sd_1", "sd_2", "giv_se", "variance", "n_1", "n_2")
_NO_NUMBERS = "the row has no numbers here"
COUNTED = ("cases_1", "n_1", "cases_2", "n_2")
# Names of effects given with their standard errors, where they are ratios on the log scale.
_RATIOS: Mapping[str, PlannedMeasure] = {
    "risk ratio": PlannedMeasure.RISK_RATIO,
    "odds ratio": PlannedMeasure.ODDS_RATIO,
    "rate ratio": PlannedMeasure.RATE_RATIO,
    "hazard ratio": PlannedMeasure.HAZARD_RATIO,
    "ratio of means": PlannedMeasure.RATIO_OF_MEANS,
}
_DIFFERENCES: Mapping[str, PlannedMeasure] = {
    "risk difference": PlannedMeasure.RISK_DIFFERENCE,
    "mean difference": PlannedMeasure.MEAN_DIFFERENCE,
    "std. mean difference": PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE,
    "rate difference": PlannedMeasure.RATE_DIFFERENCE,
}

CellKey = tuple[str, str, str, str, str]  # study, outcome, arms, field, stratum


@dataclass(frozen=True, slots=True)
class MovedOutcome:
    """An outcome of the folder: what more of it means is read off the graph, or guessed."""

    id: str
    label: str
    kind: OutcomeKind
    unit: str
    more_is_good: bool
    guessed: bool


@dataclass(frozen=True, slots=True)
class MovedRow:
    """A row with its study's id, its stratum, and its cells, or why it has none.

    absent: the cells in which a row of its kind may have a number, and it has none
    """

    row: PackagedRow
    study: str
    stratum: str
    cells: Mapping[CellKey, float]
    why: str = ""
    absent: frozenset[CellKey] = frozenset()


@dataclass(frozen=True, slots=True)
class MovedAnalysis:
    """An analysis with the ids that it has in the folder."""

    packaged: PackagedAnalysis
    outcome: str
    comparison: str
    arms: tuple[str, str]
    measure: PlannedMeasure
    rows: tuple[MovedRow, ...]


@dataclass(slots=True)
class Moved:
    """Everything that a package becomes, gathered analysis by analysis."""

    arms: dict[str, str] = field(default_factory=dict)  # id -> label
    comparisons: dict[str, tuple[str, tuple[str, str]]] = field(default_factory=dict)
    outcomes: dict[str, MovedOutcome] = field(default_factory=dict)
    studies: dict[str, str] = field(default_factory=dict)  # name -> id
    analyses: list[MovedAnalysis] = field(default_factory=list)
    cells: dict[CellKey, tuple[float, str]] = field(default_factory=dict)  # and its analysis
    absent: set[CellKey] = field(default_factory=set)  # where a row has no number
    remarks: list[str] = field(default_factory=list)


def moved(package: Package) -> Moved:
    """Give every study, arm, outcome and row of a package its place in a review folder."""
    found = Moved()
    for study in package.of(StudyList.INCLUDED):
        found.studies[study.name] = id_of(study.name, found.studies.values(), "study")
    for analysis in package.analyses:
        _move(found, analysis)
    return found


def planned_measure(analysis: PackagedAnalysis) -> PlannedMeasure:
    """Return the measure of a protocol; a given effect of no name is a ratio or a difference."""
    if analysis.data_type is not DataType.CONTRAST:
        return PlannedMeasure(_of_arms(analysis))
    named = plain(analysis.measure).casefold().replace("standardized", "std.")
    if analysis.log_scale:
        return _RATIOS.get(named, PlannedMeasure.RATIO)
    return _DIFFERENCES.get(named, PlannedMeasure.GENERIC)


def _of_arms(analysis: PackagedAnalysis) -> str:
    """Return the measure; where the file names none of its kind, that of RevMan's first choice."""
    first = {DataType.DICHOTOMOUS: "RR", DataType.CONTINUOUS: "MD"}
    found = engine_measure(analysis)
    return first.get(analysis.data_type, found) if found == GENERIC else found


def _move(found: Moved, analysis: PackagedAnalysis) -> None:
    arms = _arms(found, analysis)
    comparison = _comparison(found, analysis, arms)
    strata = _strata(analysis)
    outcome, rows = _outcome(found, analysis, arms, strata)
    for each in rows:
        found.cells |= {
            key: (n, analysis.key) for key, n in each.cells.items() if key not in found.cells
        }
        found.absent |= each.absent
        if each.why:
            found.remarks.append(f"analysis {analysis.key}, {each.row.study}: {each.why}")
    measure = planned_measure(analysis)
    found.analyses.append(MovedAnalysis(analysis, outcome, comparison, arms, measure, tuple(rows)))


def _arms(found: Moved, analysis: PackagedAnalysis) -> tuple[str, str]:
    """Return the arms of an analysis by their labels; without labels they bear RevMan's own."""
    labels = [plain(analysis.label_1) or "Experimental", plain(analysis.label_2) or "Control"]
    if labels[0].casefold() == labels[1].casefold():
        found.remarks.append(
            f"analysis {analysis.key}: both arms are called '{labels[0]}'; they are told apart as "
            "first and second"
        )
        labels = [f"{labels[0]} (first)", f"{labels[1]} (second)"]
    first, second = (_arm(found, label) for label in labels)
    return first, second


def _arm(found: Moved, label: str) -> str:
    known = {each.casefold(): own for own, each in found.arms.items()}
    own = known.get(label.casefold()) or id_of(label, found.arms, "arm")
    found.arms.setdefault(own, label)
    return own


def _comparison(found: Moved, analysis: PackagedAnalysis, arms: tuple[str, str]) -> str:
    """Return the comparison of these two arms in this group of analyses, whichever is first."""
    label = plain(analysis.group_name) or " v ".join(found.arms[each] for each in arms)
    for own, (known, pair) in found.comparisons.items():
        if own.partition("-")[0] == f"c{_plain_id(analysis.group)}" and set(pair) == set(arms):
            return own
        if known == label and set(pair) == set(arms):
            return own
    own = id_of(f"c{_plain_id(analysis.group)}", found.comparisons, "comparison")
    found.comparisons[own] = (label, arms)
    return own


def _plain_id(text: str) -> str:
    return id_of(text, (), "0")


def _strata(analysis: PackagedAnalysis) -> list[str]:
    """Name the parts of a study that stands several times in an analysis, each differently."""
    times = Counter(row.study for row in analysis.rows)
    subgroups = {each.number: plain(each.name) for each in analysis.subgroups}
    named: list[str] = []
    taken: set[tuple[str, str]] = set()
    for row in analysis.rows:
        stratum = ""
        if times[row.study] > 1:
            said = subgroups.get(row.subgroup, "") or plain(row.footnote)[:60]
            stratum = _different(said.replace("|", "/").strip(), row.study, taken)
        taken.add((row.study, stratum))
        named.append(stratum)
    return named


def _different(said: str, study: str, taken: set[tuple[str, str]]) -> str:
    """Return what a part of a study is called, numbered where another part is called so."""
    names = (
        (f"{said} {place}" if place > 1 else said) if said else f"row {place}" for place in count(1)
    )
    return next(name for name in names if (study, name) not in taken)


def _outcome(
    found: Moved, analysis: PackagedAnalysis, arms: tuple[str, str], strata: Sequence[str]
) -> tuple[str, list[MovedRow]]:
    """Return an outcome in which the numbers of an analysis have their places."""
    told = favoured(analysis)
    label = plain(analysis.name) or f"Outcome {analysis.key}"
    kind, unit = KIND_OF[analysis.data_type], plain(analysis.unit)
    for each in found.outcomes.values():
        if _same(each, label, kind, unit, told):
            rows = _rows(found, analysis, each.id, arms, strata)
            if not any(_clashes(found, row) for row in rows):
                return each.id, rows
            found.remarks.append(
                f"analysis {analysis.key}: other numbers than an earlier analysis of "
                f"'{each.label}' has for the same study; it has an outcome of its own"
            )
    own = id_of(label, found.outcomes, "outcome")
    found.outcomes[own] = MovedOutcome(own, label, kind, unit, told.more_is_good, told.guessed)
    return own, _rows(found, analysis, own, arms, strata)


def _same(one: MovedOutcome, label: str, kind: OutcomeKind, unit: str, told: Favoured) -> bool:
    alike = one.label.casefold() == label.casefold() and one.kind is kind and one.unit == unit
    return alike and one.more_is_good is told.more_is_good


def _clashes(found: Moved, row: MovedRow) -> bool:
    """Tell whether a row has another number, or none, where an earlier one has its own."""
    other = any(found.cells.get(key, (n, ""))[0] != n for key, n in row.cells.items())
    filled = any(key in found.cells for key in row.absent)
    return other or filled or any(key in found.absent for key in row.cells)


def _rows(
    found: Moved,
    analysis: PackagedAnalysis,
    outcome: str,
    arms: tuple[str, str],
    strata: Sequence[str],
) -> list[MovedRow]:
    rows = []
    for row, stratum in zip(analysis.rows, strata, strict=True):
        study = found.studies[row.study]
        why = _why_not(analysis, row)
        every = dict(_cells(analysis, row, (study, outcome, stratum), arms))
        cells = {} if why else {key: n for key, n in every.items() if n is not None}
        absent = frozenset(every.keys() - cells.keys())
        rows.append(MovedRow(row, study, stratum, cells, why, absent))
    return rows


def _cells(
    analysis: PackagedAnalysis,
    row: PackagedRow,
    place: tuple[str, str, str],
    arms: tuple[str, str],
) -> Iterator[tuple[CellKey, float | None]]:
    """Yield each cell of a row with its number, None where it has none."""
    study, outcome, stratum = place
    at = {"1": arms[0], "2": arms[1], "12": "+".join(arms)}
    told = analysis.data_type in (DataType.CONTRAST, DataType.O_E)
    for name, field_name, side in FIELDS[analysis.data_type]:
        number = getattr(row, name)
        unsaid = told and name in COUNTED and not number and name[0] == "n"
        yield (study, outcome, at[side], field_name, stratum), None if unsaid else number


def _why_not(analysis: PackagedAnalysis, row: PackagedRow) -> str:
    """Say why a row's numbers cannot be held: what is lacking, or what cannot be."""
    given = {name: getattr(row, name) for name in NEEDED[analysis.data_type]}
    missing = [name for name, number in given.items() if number is None]
    if missing:
        return f"no {_words(missing[0])}: {_NO_NUMBERS}"
    return next((f"{what}: {_NO_NUMBERS}" for what in _impossible(given)), "")


def _impossible(given: Mapping[str, float]) -> Iterator[str]:
    """Say which numbers of a row cannot be: below what they count, or more events than people."""
    for name, number in given.items():
        if not math.isfinite(number):
            yield f"{_words(name)} {number:g}"
        if (name in ABOVE_0 and number <= 0) or (name in ("cases_1", "cases_2") and number < 0):
            yield f"{_words(name)} {number:g}"
    for cases, people in (("cases_1", "n_1"), ("cases_2", "n_2")):
        if cases in given and given[cases] > given[people]:
            yield f"{given[cases]:g} events among {given[people]:g} people"


def _words(name: str) -> str:
    words = {"giv_mean": "effect", "giv_se": "standard error", "o_e": "O - E"}
    kind, _, arm = name.partition("_")
    said = {"cases": "events", "n": "people", "sd": "standard deviation"}.get(kind, kind)
    return words.get(name) or (f"{said} of arm {arm}" if arm in ("1", "2") else said)
