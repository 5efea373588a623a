"""A cell's key in words: the outcome, when, in whom, which number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.review.protocol import ReviewProtocol
from extraction.model import Reporting

_FIELDS = {
    "events": "events",
    "total": "people",
    "mean": "mean",
    "sd": "SD",
    "n": "people",
    "both": "people with it on both",
    "first_only": "people with it on the first only",
    "second_only": "people with it on the second only",
    "neither": "people with it on neither",
    "sd_difference": "SD of the differences",
    "correlation": "correlation of the two periods",
}
REPORTING_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Reporting.REPORTED: "reported, without numbers that can be pooled",
        Reporting.NOT_REPORTED: "measured, no result is reported",
        Reporting.NOT_MEASURED: "not measured",
        Reporting.UNCLEAR: "no result, and not told whether it was measured",
    }
)
_NONE: Mapping[str, str] = MappingProxyType({})


def cell_writer(
    protocol: ReviewProtocol, labels: Mapping[str, str] = _NONE
) -> Callable[[str], str]:
    """Return how a cell's key is written in the protocol's own words.

    labels: what extractors call the arms and outcomes that the protocol lacks.
    """
    outcomes = {**labels, **{outcome.id: outcome.label for outcome in protocol.outcomes}}
    arms = {**labels, **{arm.id: arm.label for arm in protocol.arms}}

    def written(key: str) -> str:
        parts = key.split("|")
        if len(parts) == 3:
            return f"{outcomes.get(parts[2], parts[2])}: what the reports make of it"
        if len(parts) < 5:
            return parts[-1].replace("_", " ").capitalize()
        _, outcome, time_point, of_arms, field, *stratum = parts
        when = ", ".join([time_point, *stratum])
        who = " and ".join(arms.get(arm, arm) for arm in of_arms.split("+"))
        said = _FIELDS.get(field, field.replace("_", " "))
        return f"{outcomes.get(outcome, outcome)}, {when}, {who}: {said}"

    return written
