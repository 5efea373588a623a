"""Results posted on ClinicalTrials.gov → proposed arms, outcomes and numbers, for a person.

The register posts its numbers as text. What is plainly a number in a field of ours is proposed; all
else is shown as posted, with the reason why it is not. A standard error is never an SD, an adjusted
mean is never a mean, a percentage is never a count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from extraction.errors import UnclearNumber, unreadable
from extraction.model import Field
from extraction.numbers import read_number

_PEOPLE = frozenset({"participants", "subjects", "patients", "people", "persons", "individuals"})


@dataclass(frozen=True, slots=True)
class ProposedArm:
    """A group as the results name it."""

    title: str
    description: str | None


@dataclass(frozen=True, slots=True)
class ProposedNumber:
    """A number with the field it would fill."""

    field: Field
    number: float


@dataclass(frozen=True, slots=True)
class ProposedResult:
    """What was posted for one group: the text as it stands, and the numbers read from it.

    `category` is the row within the outcome; `note` says why a number that one would want is not
    proposed; `locator` is the place in the posted results.
    """

    arm: str
    category: str | None
    text: str
    numbers: tuple[ProposedNumber, ...]
    note: str | None
    locator: str


@dataclass(frozen=True, slots=True)
class ProposedOutcome:
    """An outcome as posted: `kind` is PRIMARY, SECONDARY, … or ADVERSE."""

    title: str
    kind: str
    time_frame: str | None
    unit: str | None
    measured_as: str | None
    results: tuple[ProposedResult, ...]


@dataclass(frozen=True, slots=True)
class PostedResults:
    """Everything proposed from one study's posted results."""

    arms: tuple[ProposedArm, ...]
    outcomes: tuple[ProposedOutcome, ...]


Json = dict[str, Any]


def read_results(study: Json) -> PostedResults | None:
    """Read a study's results, None where it has posted none; raise UnreadablePayload if odd."""
    results = study.get("resultsSection")
    if results is None:
        return None
    try:
        return _results(results)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        found = f"{type(error).__name__} at {error}"
        raise unreadable("resultsSection", found=found, expected="that of API v2") from error


def _results(results: Json) -> PostedResults:
    measures = results.get("outcomeMeasuresModule", {}).get("outcomeMeasures", [])
    adverse = results.get("adverseEventsModule", {})
    groups = [group for measure in measures for group in measure.get("groups", [])]
    arms = {
        group["title"]: ProposedArm(group["title"], group.get("description")) for group in groups
    }
    outcomes = [_outcome(number, measure) for number, measure in enumerate(measures)]
    return PostedResults(tuple(arms.values()), (*outcomes, *_adverse(adverse)))


# ---- outcome measures ---------------------------------------------------------------------------


def _outcome(number: int, measure: Json) -> ProposedOutcome:
    measured = [each for each in (measure.get("paramType"), measure.get("dispersionType")) if each]
    return ProposedOutcome(
        title=measure["title"],
        kind=measure.get("type", ""),
        time_frame=measure.get("timeFrame"),
        unit=measure.get("unitOfMeasure"),
        measured_as=", ".join(measured) or None,
        results=tuple(_rows(number, measure)),
    )


def _rows(number: int, measure: Json) -> Iterator[ProposedResult]:
    titles = {group["id"]: group["title"] for group in measure.get("groups", [])}
    for row in measure.get("classes", []):
        people = _people(row.get("denoms") or measure.get("denoms", []))
        for category in row.get("categories", []):
            named = [each["title"] for each in (row, category) if each.get("title")]
            for posted in category.get("measurements", []):
                group = posted["groupId"]
                numbers, note = _read(measure, posted, people.get(group))
                yield ProposedResult(
                    arm=titles.get(group, group),
                    category=": ".join(named) or None,
                    text=_text(measure, posted),
                    numbers=numbers,
                    note=note,
                    locator=f"outcomeMeasures[{number}] {group}",
                )


def _people(denoms: Iterable[Json]) -> dict[str, str]:
    """Return the number of people of each group; other units (eyes, teeth) are not people."""
    return {
        count["groupId"]: count["value"]
        for denom in denoms
        if denom.get("units", "").lower() in _PEOPLE
        for count in denom.get("counts", [])
    }


def _text(measure: Json, posted: Json) -> str:
    """Write what was posted in one line, in the register's own words."""
    parts = [posted.get("value", "")]
    if posted.get("spread"):
        parts.append(f"({measure.get('dispersionType', 'spread')} {posted['spread']})")
    if posted.get("lowerLimit") or posted.get("upperLimit"):
        limits = f"{posted.get('lowerLimit', '')} to {posted.get('upperLimit', '')}"
        parts.append(f"({measure.get('dispersionType', 'limits')} {limits})")
    return " ".join([*parts, *([posted["comment"]] if posted.get("comment") else [])])


def _read(
    measure: Json, posted: Json, people: str | None
) -> tuple[tuple[ProposedNumber, ...], str | None]:
    wanted, note = _wanted(measure, posted, people)
    try:
        return tuple(ProposedNumber(field, read_number(text)) for field, text in wanted), note
    except UnclearNumber as error:
        return (), str(error)


def _wanted(
    measure: Json, posted: Json, people: str | None
) -> tuple[list[tuple[Field, str]], str | None]:
    """Say which posted texts belong in which fields, and why others do not."""
    kind, value = measure.get("paramType"), posted.get("value", "")
    counted = kind == "NUMBER" and str(measure.get("unitOfMeasure", "")).lower() in _PEOPLE
    if people is None:
        return [], "the number of people is not posted"
    if kind == "COUNT_OF_PARTICIPANTS" or counted:
        return [(Field.EVENTS, value), (Field.TOTAL, people)], None
    if kind != "MEAN":
        return [], f"posted as {kind or 'nothing'}, which is neither a count of people nor a mean"
    if measure.get("dispersionType") == "Standard Deviation" and posted.get("spread"):
        return [(Field.MEAN, value), (Field.SD, posted["spread"]), (Field.N, people)], None
    dispersion = measure.get("dispersionType") or "no spread"
    return [(Field.MEAN, value), (Field.N, people)], f"no standard deviation, but {dispersion}"


# ---- adverse events -----------------------------------------------------------------------------

_ADVERSE = (
    ("deaths", "Deaths from any cause"),
    ("serious", "People with serious adverse events"),
    ("other", "People with other adverse events"),
)


def _adverse(module: Json) -> Iterator[ProposedOutcome]:
    """Propose the people affected among those at risk, by group; ids here differ from outcomes'."""
    groups = module.get("eventGroups", [])
    for name, title in _ADVERSE:
        posted = [each for each in groups if f"{name}NumAffected" in each]
        if posted:
            yield ProposedOutcome(
                title=title,
                kind="ADVERSE",
                time_frame=module.get("timeFrame"),
                unit="Participants",
                measured_as="COUNT_OF_PARTICIPANTS",
                results=tuple(_affected(name, group) for group in posted),
            )


def _affected(name: str, group: Json) -> ProposedResult:
    affected, at_risk = group[f"{name}NumAffected"], group.get(f"{name}NumAtRisk")
    numbers = (
        (ProposedNumber(Field.EVENTS, float(affected)), ProposedNumber(Field.TOTAL, float(at_risk)))
        if at_risk is not None
        else ()
    )
    return ProposedResult(
        arm=group["title"],
        category=None,
        text=f"{affected} of {at_risk if at_risk is not None else 'an unposted number'}",
        numbers=numbers,
        note=None if numbers else "the number of people at risk is not posted",
        locator=f"adverseEvents {group['id']}",
    )
