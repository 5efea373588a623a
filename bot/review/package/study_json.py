"""RevMan's study data (JSON): studies with references, arms, results and risk of bias. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.review.package.json_words import (
    ARM_LEVEL,
    CONTRAST_LEVEL,
    DEFINITIONS,
    JUDGEMENTS,
    MEASURES_OF_JSON,
    NUMBERS,
    REFERENCE_KEYS,
)
from bot.review.package.model import (
    BiasJudgement,
    BiasTool,
    Concept,
    NotHeld,
    PackagedArm,
    PackagedBias,
    PackagedResult,
    PackagedStudy,
    Pairs,
    StudyList,
    StudyReference,
)
from bot.review.package.package_table import decoded, refuse
from bot.review.package.study_tables import RESULT_COLUMNS

Read = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StudyData:
    """What one file of study data says."""

    studies: tuple[PackagedStudy, ...]
    arms: tuple[PackagedArm, ...]
    results: tuple[PackagedResult, ...]
    bias: PackagedBias
    concepts: tuple[Concept, ...]
    not_held: tuple[NotHeld, ...]


@dataclass(slots=True)
class _Json:
    """Takes values out of objects; notes every key that nobody asked for."""

    file: str
    left: Counter[str] = field(default_factory=Counter)

    def object(self, found: object, place: str) -> Read:
        if not isinstance(found, dict):
            raise refuse(self.file, 1, place, _shown(found), "an object")
        return dict(found)

    def items(self, given: Read, key: str) -> list[Read]:
        found = given.pop(key, None)
        if found is None:
            return []
        if not isinstance(found, list):
            raise refuse(self.file, 1, key, _shown(found), "a list")
        return [self.object(each, key) for each in found]

    def text(self, given: Read, key: str) -> str:
        found = given.pop(key, None)
        if isinstance(found, dict | list):
            raise refuse(self.file, 1, key, _shown(found), "a text")
        if isinstance(found, float):
            return repr(found)
        return "" if found is None else str(found)

    def done(self, given: Read, place: str) -> None:
        self.left.update(f"'{key}' of {place}" for key, value in given.items() if value)


def _shown(found: object) -> str:
    text = json.dumps(found, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."


def read_study_data(file: str, content: bytes, held: StudyList) -> StudyData:
    """Read a file of study data; raise PackageFaults where it is not one."""
    take = _Json(file)
    whole = take.object(_parsed(file, decoded(file, content)), "file")
    if "studies" not in whole:
        raise refuse(file, 1, "file", "no key 'studies'", "RevMan's study data")
    whole.pop("$schema", None)
    tool = take.text(whole, "risk-of-bias-method")
    concepts = take.object(whole.pop("review-level-concepts", {}), "review-level-concepts")
    studies, arms, results = [], list[PackagedArm](), list[PackagedResult]()
    judged: list[BiasJudgement] = []
    for each in take.items(whole, "studies"):
        name = take.text(each, "name")
        arms += _arms(take, name, each)
        results += _results(take, name, each)
        judged += _judged(take, name, each)
        studies.append(_study(take, name, each, held))
    named = tuple(_concepts(take, concepts))
    domains = tuple(_domains(take, concepts)) or tuple(dict.fromkeys(j.domain for j in judged))
    take.done(concepts, "the review's concepts")
    take.done(whole, "the file")
    bias = PackagedBias(BiasTool(tool) if tool in set(BiasTool) else BiasTool.ONE, domains)
    left = tuple(NotHeld(file, what, count) for what, count in take.left.items())
    return StudyData(
        tuple(studies),
        tuple(arms),
        tuple(results),
        PackagedBias(bias.tool, domains, tuple(judged)),
        named,
        left,
    )


def _parsed(file: str, text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise refuse(file, error.lineno, "syntax", f"'{error.msg}'", "JSON") from error
    except RecursionError as error:
        raise refuse(file, 1, "syntax", "lists nested too deeply", "study data") from error


def _study(take: _Json, name: str, given: Read, held: StudyList) -> PackagedStudy:
    study = PackagedStudy(
        name=name,
        list=held,
        year=take.text(given, "year"),
        data_source=take.text(given, "data-source"),
        ids=_pairs(take, given, "identifiers"),
        references=tuple(_reference(take, each) for each in take.items(given, "references")),
        characteristics=_pairs(take, given, "characteristics"),
        covariates=_pairs(take, given, "covariates"),
    )
    take.done(given, "a study")
    return study


def _pairs(take: _Json, given: Read, key: str) -> Pairs:
    """Return what has a name and a value, where the value says something."""
    found = []
    for each in take.items(given, key):
        name, value = take.text(each, "name"), take.text(each, "value")
        take.done(each, key)
        if value.strip():
            found.append((name, value))
    return tuple(found)


def _reference(take: _Json, given: Read) -> StudyReference:
    kind = take.text(given, "reference-type") or "OTHER"
    primary = given.pop("primary", False) is True
    ids = _pairs(take, given, "identifiers")
    parts = [(key, take.text(given, key)) for key in REFERENCE_KEYS]
    take.done(given, "a reference")
    return StudyReference(kind, primary, tuple(each for each in parts if each[1]), ids)


def _arms(take: _Json, study: str, given: Read) -> Iterator[PackagedArm]:
    for each in take.items(given, "arms"):
        texts = (take.text(each, key) for key in ("name", "description", "intervention"))
        yield PackagedArm(study, *texts)
        take.done(each, "an arm")


def _results(take: _Json, study: str, given: Read) -> Iterator[PackagedResult]:
    for each in take.items(given, "results"):
        outcome = take.text(each, "outcome")
        of_arms = take.object(each.pop("arm-level-result", {}), "arm-level-result")
        footnote = take.text(of_arms, "footnote")
        for key in ("dichotomous-data-rows", "continuous-data-rows"):
            for row in take.items(of_arms, key):
                cells = {"Data type": ARM_LEVEL, "Footnotes": footnote}
                yield _result(take, study, outcome, {**cells, **_cells(take, row)})
        take.done(of_arms, "a result of arms")
        for contrast in take.items(each, "contrast-level-results"):
            yield from _contrasts(take, study, outcome, contrast)
        take.done(each, "a result")


def _contrasts(take: _Json, study: str, outcome: str, given: Read) -> Iterator[PackagedResult]:
    measure = take.text(given, "effect-measure")
    shared = {
        "Data type": CONTRAST_LEVEL,
        "Effect measure": MEASURES_OF_JSON.get(measure, measure),
        "Reference arm": take.text(given, "reference-arm"),
        "Footnotes": take.text(given, "footnote"),
        **_covariance(take, take.object(given.pop("covariance", {}), "covariance")),
    }
    for row in take.items(given, "contrast-data-rows"):
        yield _result(take, study, outcome, {**shared, **_cells(take, row)})
    take.done(given, "a contrast")


def _covariance(take: _Json, given: Read) -> dict[str, str]:
    raw = take.object(given.pop("raw-data", {}), "raw-data")
    cells = {
        "Covariance method": take.text(given, "method"),
        "Covariance": take.text(given, "value"),
    }
    found = take.object(raw.pop("data-on-another-contrast", {}), "another contrast")
    cells |= {"Other arm 1": take.text(found, "arm-1"), "Other arm 2": take.text(found, "arm-2")}
    numbers = take.object(found.pop("raw-data", {}), "raw-data")
    cells |= {_other(column): take.text(numbers, key) for key, column in NUMBERS.items()}
    correlated = take.object(raw.pop("data-on-correlation", {}), "correlation")
    second = take.object(correlated.pop("contrast-2", {}), "contrast-2")
    correlated.pop("contrast-1", None)  # the contrast of the row itself
    cells |= {
        "Correlation": take.text(correlated, "correlation"),
        "Correlation arm 1": take.text(second, "arm-1"),
        "Correlation arm 2": take.text(second, "arm-2"),
    }
    raw.pop("approximation", None)  # said by the method
    take.done(given, "a covariance")
    return {column: text for column, text in cells.items() if text}


def _other(column: str) -> str:
    return f"Other {column if column.isupper() or column[:2] == 'CI' else _small(column)}"


def _small(column: str) -> str:
    return column if column == "P value" else column[0].lower() + column[1:]


def _cells(take: _Json, row: Read) -> dict[str, str]:
    raw = take.object(row.pop("raw-data", {}), "raw-data")
    cells = {"Arm": take.text(row, "arm")}
    for key, column in NUMBERS.items():
        cells[column] = take.text(row, key) or take.text(raw, key)
        raw.pop(key, None)
    take.done(row, "a row of results")
    take.done(raw, "a row's raw data")
    return cells


def _result(take: _Json, study: str, outcome: str, cells: Mapping[str, str]) -> PackagedResult:
    unknown = [column for column in cells if column not in RESULT_COLUMNS]
    take.left.update(f"'{column}' of a result" for column in unknown if cells[column])
    given = tuple((name, cells[name]) for name in RESULT_COLUMNS[2:] if cells.get(name))
    return PackagedResult(study, outcome, given)


def _judged(take: _Json, study: str, given: Read) -> Iterator[BiasJudgement]:
    for each in take.items(given, "risk-of-bias"):
        domain, group = take.text(each, "domain"), take.text(each, "group")
        judged = take.text(each, "judgement")
        support = take.text(each, "support-for-judgement")
        take.done(each, "a judgement")
        if judged or support:
            whole = f"{domain}: {group}" if group else domain
            yield BiasJudgement(study, whole, JUDGEMENTS.get(judged, judged), support)


def _concepts(take: _Json, given: Read) -> Iterator[Concept]:
    for key, kind in DEFINITIONS.items():
        for each in take.items(given, key):
            values = each.pop("values", None) or []
            yield Concept(
                kind,
                take.text(each, "name"),
                take.text(each, "description"),
                take.text(each, "type"),
                tuple(str(value) for value in values),
            )
            take.done(each, key)


def _domains(take: _Json, given: Read) -> Iterator[str]:
    """Give the domains as the table heads them, a domain in groups once for each group."""
    for each in take.items(given, "risk-of-bias-domains"):
        name, groups = take.text(each, "name"), each.pop("groups", None) or []
        each.pop("study-level", None)
        take.done(each, "a domain")
        yield from (f"{name}: {group}" for group in groups) if groups else (name,)
