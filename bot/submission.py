"""An extraction as handed in (a form or a JSON file) to checked values. Pure.

docs/commands.md has the JSON. What the protocol does not know (an outcome, an arm) is kept and
named in `Submission.lacking`, so that an amendment can be proposed; what cannot be is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.review.outcome_fields import FIELDS_OF_A_PAIR, NEEDED_OF_AN_ARM
from bot.review.protocol import Outcome, ReviewProtocol
from extraction.checks import impossible
from extraction.model import Basis, Cell, Design, Field, Provenance, Study, Value
from state.errors import BadInput
from state.extractions import Handed

# What a person hands in is JSON: the one place where its shape is open.
Json = Mapping[str, Any]

KNOWN_KEYS = frozenset({"study", "design", "arms", "participants", "values", "labels"})
VALUE_KEYS = frozenset(
    {"outcome", "time_point", "arm", "arms", "unit", "source", "locator", "quote"}
    | {field.value for field in Field}
)
WORDS = frozenset({"time_point", "arm", "unit", "locator", "quote"})


class SubmissionFaults(BadInput):
    """The extraction cannot be taken; each fault names the place, what was found and expected."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Submission:
    """A checked extraction, and what of it the protocol does not know: (kind, id, label)."""

    handed: Handed
    lacking: tuple[tuple[str, str, str], ...]


def read_submission(data: Json, protocol: ReviewProtocol, study: str) -> Submission:
    """Read one person's extraction of a study; raise SubmissionFaults naming every fault."""
    reader = _Reader(protocol, study)
    design, arms, people = reader.description(data)
    values = reader.values(data.get("values", []))
    faults = [*reader.faults, *impossible(values, arms, people)]
    if not values and not faults:
        faults.append("no value is given")
    if faults or design is None:
        raise SubmissionFaults(faults)
    lacking = tuple(_lacking(protocol, arms, values, data.get("labels") or {}))
    return Submission(Handed(design, tuple(arms), people, values), lacking)


def _lacking(
    protocol: ReviewProtocol,
    arms: Sequence[str],
    values: Sequence[Value],
    labels: Mapping[str, str],
) -> Iterator[tuple[str, str, str]]:
    known_arms = {arm.id for arm in protocol.arms}
    known_outcomes = {outcome.id for outcome in protocol.outcomes}
    for arm in sorted(set(arms) - known_arms):
        yield "arm", arm, labels.get(arm, arm)
    for outcome in sorted({value.cell.outcome for value in values} - known_outcomes):
        yield "outcome", outcome, labels.get(outcome, outcome)
    planned = {(outcome.id, outcome.time_point) for outcome in protocol.outcomes}
    for outcome, at in sorted({(value.cell.outcome, value.cell.time_point) for value in values}):
        if outcome in known_outcomes and (outcome, at) not in planned:
            yield "time point", f"{outcome} {at}", f"{at}' of '{outcome}"
    compared = {frozenset(comparison.arms) for comparison in protocol.comparisons}
    if set(arms) <= known_arms and len(arms) == 2 and frozenset(arms) not in compared:
        yield "comparison", " v ".join(sorted(arms)), " v ".join(sorted(arms))


class _Reader:
    """Reads one extraction and collects what is wrong with it."""

    def __init__(self, protocol: ReviewProtocol, study: str) -> None:
        self.faults: list[str] = []
        self._outcomes = {outcome.id: outcome for outcome in protocol.outcomes}
        self._study = study

    def description(self, data: Json) -> tuple[Design | None, list[str], int | None]:
        """Read design, arms and participants."""
        for key in sorted(set(data) - KNOWN_KEYS):
            self.faults.append(
                f"'{key}' is not known here; expected {', '.join(sorted(KNOWN_KEYS))}"
            )
        if data.get("study", self._study) != self._study:
            self.faults.append(f"study: found '{data['study']}', expected '{self._study}'")
        self._check_labels(data.get("labels"))
        return self._design(data), self._arms(data), self._people(data)

    def _check_labels(self, found: object) -> None:
        if found is not None and not (
            isinstance(found, dict) and all(isinstance(each, str) for each in found.values())
        ):
            self.faults.append(f"labels: found {found!r}, expected an object of id and label")

    def _design(self, data: Json) -> Design | None:
        found = data.get("design")
        try:
            return Design(str(found))
        except ValueError:
            expected = ", ".join(design.value for design in Design)
            self.faults.append(f"design: found '{found}', expected one of {expected}")
            return None

    def _arms(self, data: Json) -> list[str]:
        found = data.get("arms")
        if (
            not isinstance(found, list)
            or len(found) < 2
            or not all(isinstance(arm, str) and arm and "," not in arm for arm in found)
            or len(set(found)) != len(found)
        ):
            self.faults.append(f"arms: found {found!r}, expected a list of two or more arm ids")
            return []
        return found

    def _people(self, data: Json) -> int | None:
        found = data.get("participants")
        if found is None:
            return None
        if not isinstance(found, int) or isinstance(found, bool) or found < 1:
            self.faults.append(f"participants: found {found!r}, expected a whole number above 0")
            return None
        return found

    def values(self, entries: object) -> tuple[Value, ...]:
        """Read the list of values."""
        if not isinstance(entries, list):
            self.faults.append(f"values: found {entries!r}, expected a list")
            return ()
        return tuple(
            value for number, entry in enumerate(entries, 1) for value in self._entry(number, entry)
        )

    def _entry(self, number: int, entry: object) -> list[Value]:
        place = f"value {number}"
        if not isinstance(entry, dict):
            self.faults.append(f"{place}: found {entry!r}, expected an object")
            return []
        for key in sorted(set(entry) - VALUE_KEYS):
            self.faults.append(f"{place}: '{key}' is not known here")
        for key in sorted(WORDS & set(entry)):
            if entry[key] is not None and not isinstance(entry[key], str):
                self.faults.append(f"{place}: {key}: found {entry[key]!r}, expected words")
        outcome, arms = entry.get("outcome"), self._entry_arms(place, entry)
        if not isinstance(outcome, str) or not outcome:
            self.faults.append(f"{place}: outcome: found {outcome!r}, expected an outcome id")
            return []
        return self._numbers(place, entry, outcome, arms)

    def _entry_arms(self, place: str, entry: Json) -> tuple[str, ...]:
        found = entry.get("arms", [entry["arm"]] if "arm" in entry else None)
        if (
            not isinstance(found, list)
            or len(found) not in (1, 2)
            or not all(isinstance(arm, str) for arm in found)
        ):
            self.faults.append(f"{place}: expected 'arm' with one arm, or 'arms' with a pair")
            return ()
        return tuple(found)

    def _numbers(self, place: str, entry: Json, outcome: str, arms: tuple[str, ...]) -> list[Value]:
        known = self._outcomes.get(outcome)
        time_point = str(entry.get("time_point") or (known.time_point if known else "reported"))
        unit = self._unit(place, entry, known)
        provenance = self._provenance(place, entry)
        values = []
        for field in Field:
            found = entry.get(field.value)
            if found is None:
                continue
            if not isinstance(found, int | float) or isinstance(found, bool):
                self.faults.append(f"{place}: {field}: found {found!r}, expected a number")
            elif (field in FIELDS_OF_A_PAIR) != (len(arms) == 2):
                expected = "a pair in 'arms'" if field in FIELDS_OF_A_PAIR else "one arm"
                self.faults.append(f"{place}: {field} belongs to {expected}")
            else:
                cell = Cell(self._study, outcome, time_point, arms, field)
                values.append(Value(cell, float(found), provenance, unit))
        if not values:
            self.faults.append(f"{place}: no number is given")
        return values

    def _unit(self, place: str, entry: Json, known: Outcome | None) -> str | None:
        expected = known.unit if known is not None else None
        found = entry.get("unit")
        if found is not None and expected is not None and found != expected:
            self.faults.append(f"{place}: unit: found '{found}', expected '{expected}'")
        return str(found) if found is not None else expected

    def _provenance(self, place: str, entry: Json) -> Provenance:
        source = entry.get("source")
        if not isinstance(source, str) or not source.strip():
            self.faults.append(f"{place}: source: expected the report the number was read in")
        if not entry.get("locator") and not entry.get("quote"):
            self.faults.append(f"{place}: expected a 'locator' (page, table) or a 'quote'")
        return Provenance(
            Basis.EXTRACTED,
            str(source or ""),
            _text(entry.get("locator")),
            _text(entry.get("quote")),
        )


def blank_form(protocol: ReviewProtocol, study: Study) -> dict[str, Any]:
    """Return an empty extraction of a study to fill in: every outcome of the protocol, every arm.

    Entries that are not reported are taken out before it is handed in.
    """
    arms = list(study.arms) or ["", ""]
    return {
        "study": study.id,
        "design": study.design.value,
        "arms": arms,
        "participants": None,
        "values": [
            {
                "outcome": outcome.id,
                "time_point": outcome.time_point,
                "arm": arm,
                **dict.fromkeys(field.value for field in NEEDED_OF_AN_ARM[outcome.kind]),
                "unit": outcome.unit,
                "source": "",
                "locator": "",
                "quote": "",
            }
            for outcome in protocol.outcomes
            for arm in arms
        ],
    }


def _text(found: object) -> str | None:
    return str(found).strip() or None if found is not None else None
