"""Analyses for a package that has none: of its study results, or a beginning to be written. Pure.

Study data alone say what was found in each arm, and not what the review compares: each outcome
that two interventions report gets one analysis by RevMan's own first choices, to be looked at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from bot.review.package.model import (
    Concept,
    ConceptKind,
    DataType,
    Package,
    PackagedAnalysis,
    PackagedResult,
    PackagedRow,
    Weighing,
    plain,
    with_figures,
)
from bot.review.package.package_table import number

_CONTROL = re.compile(r"placebo|control|usual|standard|no |none|sham|water", re.IGNORECASE)
_RATIO = re.compile(r"ratio", re.IGNORECASE)
_COLUMNS: Mapping[DataType, tuple[tuple[str, str], ...]] = {
    DataType.DICHOTOMOUS: (("cases", "Cases"), ("n", "Sample size")),
    DataType.CONTINUOUS: (("mean", "Mean"), ("sd", "SD"), ("n", "Sample size")),
}

_MEASURES: Mapping[DataType, str] = {
    DataType.DICHOTOMOUS: "Risk Ratio",
    DataType.CONTINUOUS: "Mean Difference",
}

Pair = tuple[str, str]


def with_planned(package: Package) -> Package:
    """Return a package that has analyses: its own, else those that its results allow."""
    if package.analyses:
        return package
    planned = tuple(_planned(package)) or (_to_be_written(package),)
    return replace(package, analyses=planned)


def without_effect(package: Package) -> int:
    """Count the contrasts that give no effect with its standard error, and so enter no analysis."""
    contrasts = [each for each in package.results if each.is_contrast]
    return sum(1 for each in contrasts if not (each.of("Mean") and each.of("SE")))


def _planned(package: Package) -> Iterator[PackagedAnalysis]:
    interventions = {(each.study, each.arm): each.intervention for each in package.arms}
    rows: dict[tuple[Pair, str, DataType, str], list[PackagedRow]] = defaultdict(list)
    for (study, outcome), results in _by_place(package.results).items():
        for pair, kind, measure, row in _rows(study, results, interventions):
            rows[pair, outcome, kind, measure].append(row)
    pairs = list(dict.fromkeys(pair for pair, *_ in rows))
    numbers: dict[Pair, int] = defaultdict(int)
    for (pair, outcome, kind, measure), own in rows.items():
        numbers[pair] += 1
        place = (str(pairs.index(pair) + 1), str(numbers[pair]))
        yield _analysis(place, outcome, pair, (kind, measure), own)


def _by_place(results: Sequence[PackagedResult]) -> dict[tuple[str, str], list[PackagedResult]]:
    found: dict[tuple[str, str], list[PackagedResult]] = defaultdict(list)
    for each in results:
        found[each.study, each.outcome].append(each)
    return found


def _rows(
    study: str, results: Sequence[PackagedResult], interventions: Mapping[tuple[str, str], str]
) -> Iterator[tuple[Pair, DataType, str, PackagedRow]]:
    """Give what a study says of an outcome: each pair of its arms, and each contrast."""
    arms_named = [each.of(arm) for each in results for arm in ("Arm", "Reference arm")]
    named = {arm: _named(study, arm, interventions) for arm in arms_named}
    yield from _pairs(study, results, named)
    for each in results:
        mean, se = _number(each.of("Mean")), _number(each.of("SE"))
        if each.is_contrast and mean is not None and se is not None:
            pair = (named[each.of("Arm")], named[each.of("Reference arm")])
            row = PackagedRow(study, giv_mean=mean, giv_se=se, footnote=each.of("Footnotes"))
            yield pair, DataType.CONTRAST, each.of("Effect measure"), row


def _pairs(
    study: str, results: Sequence[PackagedResult], named: Mapping[str, str]
) -> Iterator[tuple[Pair, DataType, str, PackagedRow]]:
    arms = [each for each in results if not each.is_contrast]
    for one, other in combinations(arms, 2):
        first, second = sorted((one, other), key=lambda each: _order(named[each.of("Arm")]))
        kind = DataType.DICHOTOMOUS if one.of("Cases") else DataType.CONTINUOUS
        row = _row(study, kind, first, second)
        pair = (named[first.of("Arm")], named[second.of("Arm")])
        if row is not None and pair[0] != pair[1]:
            yield pair, kind, _MEASURES[kind], row


def _order(intervention: str) -> tuple[bool, str]:
    """What reads like a control stands second, else the alphabet decides, the same everywhere."""
    return bool(_CONTROL.match(intervention)), intervention


def _named(study: str, arm: str, interventions: Mapping[tuple[str, str], str]) -> str:
    return plain(interventions.get((study, arm), "") or arm)


def _row(
    study: str, kind: DataType, first: PackagedResult, second: PackagedResult
) -> PackagedRow | None:
    figures = {
        f"{name}_{side}": _number(result.of(column))
        for side, result in (("1", first), ("2", second))
        for name, column in _COLUMNS[kind]
    }
    if any(each is None for each in figures.values()):
        return None
    return with_figures(PackagedRow(study, footnote=first.of("Footnotes")), figures)


def _number(text: str) -> float | None:
    try:
        return number(text.strip())
    except ValueError:
        return None


def _analysis(
    place: Pair, outcome: str, arms: Pair, what: tuple[DataType, str], rows: Sequence[PackagedRow]
) -> PackagedAnalysis:
    kind, measure = what
    return PackagedAnalysis(
        group=place[0],
        number=place[1],
        name=outcome,
        group_name=" v ".join(arms),
        data_type=kind,
        weighing=Weighing.IV,
        measure=measure or "Mean Difference",
        log_scale=bool(_RATIO.search(measure)),
        random=True,
        tau2="REML",
        interval="HKSJ",
        label_1=arms[0],
        label_2=arms[1],
        rows=tuple(rows),
    )


def _to_be_written(package: Package) -> PackagedAnalysis:
    """Return an analysis without a row, of the words that the package has."""
    named = [plain(each.name) for each in _of(package.concepts, ConceptKind.INTERVENTION)]
    outcomes = [plain(each.name) for each in _of(package.concepts, ConceptKind.OUTCOME)]
    first = (named + ["Experimental", "Control"])[0]
    second = next(each for each in [*named, "Control", "Experimental"] if each != first)
    outcome = outcomes[0] if outcomes else "To be written: the first outcome"
    return _analysis(("1", "1"), outcome, (first, second), (DataType.DICHOTOMOUS, "Risk Ratio"), ())


def _of(concepts: Sequence[Concept], kind: ConceptKind) -> Iterator[Concept]:
    return (each for each in concepts if each.kind is kind)
