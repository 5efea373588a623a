"""The studies of a list as RevMan's study data (JSON). Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from bot.review.package.json_words import (
    DEFINITIONS,
    JUDGEMENTS,
    MEASURES_OF_JSON,
    NUMBERS,
    OF_CONTINUOUS,
    OF_CONTRAST,
    OF_DICHOTOMOUS,
    REFERENCE_KEYS,
    SCHEMA,
)
from bot.review.package.model import (
    BiasJudgement,
    BiasTool,
    Concept,
    ConceptKind,
    Package,
    PackagedResult,
    PackagedStudy,
    Pairs,
    StudyList,
    StudyReference,
)
from bot.review.package.package_table import number

Object = dict[str, Any]

_MEASURES = {words: key for key, words in MEASURES_OF_JSON.items()}
_JUDGEMENTS = {words: key for key, words in JUDGEMENTS.items()}
_OTHER: Mapping[str, str] = {
    "mean": "Other mean",
    "se": "Other SE",
    "variance": "Other variance",
    "ci-level": "Other CI level",
    "ci-start": "Other CI start",
    "ci-end": "Other CI end",
    "exp-mean": "Other exp mean",
    "exp-ci-start": "Other exp CI start",
    "exp-ci-end": "Other exp CI end",
    "t-test": "Other t-test",
    "z-test": "Other z-test",
    "p-value": "Other P value",
}


def study_data_text(package: Package, held: StudyList) -> str:
    """Write the studies of one list; those included with their arms, results and risk of bias."""
    included = held is StudyList.INCLUDED
    whole = {
        "$schema": SCHEMA,
        "risk-of-bias-method": package.bias.tool.value,
        "review-level-concepts": _concepts(package) if included else _characters(package, held),
        "studies": [_study(package, each, whole=included) for each in package.of(held)],
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _characters(package: Package, held: StudyList) -> Object:
    names = dict.fromkeys(name for each in package.of(held) for name, _ in each.characteristics)
    return {"characteristic-definitions": [{"name": name} for name in names]}


def _concepts(package: Package) -> Object:
    found: Object = {
        key: [_concept(each) for each in package.concepts if each.kind is kind]
        for key, kind in DEFINITIONS.items()
    }
    found["risk-of-bias-domains"] = _domains(package)
    return found


def _concept(concept: Concept) -> Object:
    """Write a word of the review's list; a characteristic has its name alone."""
    if concept.kind is ConceptKind.CHARACTERISTIC and not concept.description:
        return {"name": concept.name}
    found: Object = {"name": concept.name, "description": concept.description}
    if concept.type:
        found["type"] = concept.type
    if concept.kind is ConceptKind.COVARIATE:
        found["values"] = list(concept.values)
    return found


def _domains(package: Package) -> list[Object]:
    """Write the domains; those of study results that differ by group once, with their groups."""
    if package.bias.tool is BiasTool.TWO:
        return [{"name": each, "study-level": False} for each in package.bias.domains]
    groups: dict[str, list[str]] = {}
    for each in package.bias.domains:
        name, _, group = each.rpartition(": ")
        groups.setdefault(name or group, []).extend([group] if name else [])
    return [
        {"name": name, "study-level": False, "groups": found}
        if found
        else {"name": name, "study-level": True}
        for name, found in groups.items()
    ]


def _study(package: Package, study: PackagedStudy, *, whole: bool) -> Object:
    found: Object = {
        "name": study.name,
        "year": study.year,
        "data-source": study.data_source,
        "identifiers": _pairs(study.ids),
        "references": [_reference(each) for each in study.references],
        "characteristics": _pairs(study.characteristics),
    }
    if not whole:
        return found
    judged = [each for each in package.bias.judgements if each.study == study.name]
    found["covariates"] = _pairs(study.covariates)
    found["arms"] = [
        {"name": each.arm, "description": each.description, "intervention": each.intervention}
        for each in package.arms
        if each.study == study.name
    ]
    found["results"] = _results([each for each in package.results if each.study == study.name])
    if package.bias.tool is BiasTool.ONE:
        found["risk-of-bias"] = [_judgement(each) for each in judged]
    return found


def _pairs(pairs: Pairs) -> list[Object]:
    return [{"name": name, "value": value} for name, value in pairs]


def _reference(reference: StudyReference) -> Object:
    return {
        "reference-type": reference.kind,
        "primary": reference.primary,
        **{key: reference.part(key) for key in REFERENCE_KEYS},
        "identifiers": _pairs(reference.ids),
    }


def _judgement(judgement: BiasJudgement) -> Object:
    name, _, group = judgement.domain.rpartition(": ")
    named = {"domain": name, "group": group} if name else {"domain": group}
    judged = _JUDGEMENTS.get(judgement.judgement, judgement.judgement)
    return {**named, "judgement": judged, "support-for-judgement": judgement.support}


def _results(results: Sequence[PackagedResult]) -> list[Object]:
    found = []
    for outcome, rows in groupby(sorted(results, key=_outcome), key=_outcome):
        listed = list(rows)
        of_arms = [each for each in listed if not each.is_contrast]
        result: Object = {"outcome": outcome}
        if of_arms:
            result["arm-level-result"] = _of_arms(of_arms)
        contrasts = [each for each in listed if each.is_contrast]
        if contrasts:
            result["contrast-level-results"] = _contrasts(contrasts)
        found.append(result)
    return found


def _outcome(result: PackagedResult) -> str:
    return result.outcome


def _of_arms(results: Sequence[PackagedResult]) -> Object:
    events = any(each.of("Cases") for each in results)
    key = "dichotomous-data-rows" if events else "continuous-data-rows"
    named = OF_DICHOTOMOUS if events else OF_CONTINUOUS
    found: Object = {key: [_numbers(each, named) for each in results]}
    return _with_footnote(found, results)


def _with_footnote(found: Object, results: Sequence[PackagedResult]) -> Object:
    footnote = next((each.of("Footnotes") for each in results if each.of("Footnotes")), "")
    return {**found, "footnote": footnote} if footnote else found


def _numbers(result: PackagedResult, named: Sequence[str]) -> Object:
    """Write a row: what is pooled by its names, what it was found from as raw data."""
    given = {key: _number(result.of(column)) for key, column in NUMBERS.items()}
    raw = {key: each for key, each in given.items() if key not in named and each is not None}
    row = {key: given[key] for key in named if given[key] is not None}
    return {"arm": result.of("Arm"), **row, **({"raw-data": raw} if raw else {})}


def _number(text: str) -> float | int | str | None:
    try:
        found = number(text.strip())
    except ValueError:
        return text
    return int(found) if found is not None and found.is_integer() else found


def _contrasts(results: Sequence[PackagedResult]) -> list[Object]:
    found = []

    def shared(each: PackagedResult) -> tuple[str, str]:
        return each.of("Effect measure"), each.of("Reference arm")

    for (measure, reference), rows in groupby(sorted(results, key=shared), key=shared):
        listed = list(rows)
        one: Object = {
            "effect-measure": _MEASURES.get(measure, measure),
            "reference-arm": reference,
            "contrast-data-rows": [_numbers(each, OF_CONTRAST) for each in listed],
        }
        covariance = _covariance(listed[0])
        if covariance:
            one["covariance"] = covariance
        found.append(_with_footnote(one, listed))
    return found


def _covariance(result: PackagedResult) -> Object:
    found: Object = {}
    if result.of("Covariance method"):
        found["method"] = result.of("Covariance method")
    if result.of("Covariance"):
        found["value"] = _number(result.of("Covariance"))
    raw: Object = {}
    if result.of("Other arm 1"):
        numbers = {key: _number(result.of(column)) for key, column in _OTHER.items()}
        raw["data-on-another-contrast"] = {
            "arm-1": result.of("Other arm 1"),
            "arm-2": result.of("Other arm 2"),
            "raw-data": {key: each for key, each in numbers.items() if each is not None},
        }
    if result.of("Correlation"):
        raw["data-on-correlation"] = {
            "contrast-1": {"arm-1": result.of("Arm"), "arm-2": result.of("Reference arm")},
            "contrast-2": {
                "arm-1": result.of("Correlation arm 1"),
                "arm-2": result.of("Correlation arm 2"),
            },
            "correlation": _number(result.of("Correlation")),
        }
    return {**found, "raw-data": raw} if raw else found
