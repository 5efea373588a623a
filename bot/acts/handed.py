"""An extraction as it was handed in, held against the protocol.

docs/commands.md has the JSON. What the protocol does not know (an outcome, an arm) is kept and
named, so that an amendment can be proposed; what cannot be is refused, all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bot.acts.said import HandIn, ReadValue
from bot.acts.typed_numbers import Given, read_typed
from bot.acts.unpooled import faults_beside, unpooled_of
from bot.errors import FaultAt, FaultsOfAct
from bot.review.faults import Written, wrong_in
from bot.review.outcome_fields import FIELDS_OF_A_PAIR, KNOWN_OF_A_PAIR, NEEDED_OF_AN_ARM
from bot.review.planned import OF_A_PAIR
from bot.review.protocol import Outcome, ReviewProtocol
from extraction.checks import impossible
from extraction.model import Basis, Cell, Field, Provenance, Study, Value
from state.extractions import Handed

# What a person hands in is JSON: the one place where its shape is open.
Json = Mapping[str, Any]

REPORTED = "reported"  # the time point of an outcome that the protocol does not have


def read_hand_in(data: object, protocol: ReviewProtocol, study: str) -> HandIn:
    """Read one person's extraction of a study; raise FaultsOfAct naming every fault at once."""
    given = {"study": study, **data} if isinstance(data, dict) else data
    try:
        act = HandIn.model_validate(given)
    except ValidationError as error:
        parts = {"values": "value", "unpooled": "result"}
        where = Written(model=HandIn, data=given, parts=parts)
        faults = [FaultAt(each.path, str(each)) for each in wrong_in(error, where)]
        raise FaultsOfAct([*faults, *_faults_of_the_rest(given, protocol, study)]) from error
    faults = _faults_of_all(act, protocol)
    if act.study != study:
        text = f"study: found '{act.study}', expected '{study}'"
        faults = [FaultAt(("study",), text), *faults]
    if faults:
        raise FaultsOfAct(faults)
    return act


def checked(act: HandIn, protocol: ReviewProtocol) -> Handed:
    """Return an act's values as they are stored."""
    faults = _faults_of_all(act, protocol)
    if faults:
        raise FaultsOfAct(faults)
    entries = dict(enumerate(act.values))
    read = _read_typed(entries, protocol)
    values = _values(act.study, entries, read, protocol)
    gone = tuple(_withdrawn(act.study, act.values, protocol))
    typed = dict(_typed(act.study, read))
    return Handed(
        act.design,
        act.arms,
        act.participants,
        values,
        act.labels,
        gone,
        typed=typed,
        reporting=act.reporting,
        unpooled=unpooled_of(act),
    )


def _faults_of_all(act: HandIn, protocol: ReviewProtocol) -> list[FaultAt]:
    entries = dict(enumerate(act.values))
    faults = _faults(act.study, entries, act.arms, act.participants, protocol)
    faults += faults_beside(act, protocol)
    if not faults and not (act.values or act.reporting or act.unpooled):
        faults.append(FaultAt(("values",), "no value is given"))
    return faults


def _faults_of_the_rest(given: Any, protocol: ReviewProtocol, study: str) -> list[FaultAt]:
    """Return what is wrong with the values that could be read, beside those that could not."""
    if not isinstance(given, dict) or not isinstance(given.get("values"), list):
        return []
    entries = {place: _read(entry) for place, entry in enumerate(given["values"])}
    read = {place: entry for place, entry in entries.items() if entry is not None}
    if not read:
        return []
    arms = _sound(given, "arms") or tuple({arm for each in read.values() for arm in each.of_arms})
    return _faults(study, read, arms, None, protocol)


def _read(entry: object) -> ReadValue | None:
    try:
        return ReadValue.model_validate(entry)
    except ValidationError:
        return None


def _sound(given: Json, name: str) -> Any:
    """Return one part of what was handed in, where that part by itself can be read."""
    try:
        alone = {"study": "any", "design": "other", "arms": ("a", "b"), name: given.get(name)}
        return getattr(HandIn.model_validate(alone), name)
    except ValidationError:
        return None


def _faults(
    study: str,
    entries: Mapping[int, ReadValue],
    arms: Sequence[str],
    people: int | None,
    protocol: ReviewProtocol,
) -> list[FaultAt]:
    """Return what cannot be, though it could be read. entries: by their places in the list."""
    known = {outcome.id: outcome for outcome in protocol.outcomes}
    read = _read_typed(entries, protocol)
    faults = [
        FaultAt(("values", place), f"value {place + 1}: {text}")
        for place, entry in entries.items()
        for text in (*_faults_of(entry, known.get(entry.outcome)), *read[place].faults)
    ]
    values = _values(study, entries, read, protocol)
    unread = {(*given.place, given.arms) for given in read.values() if given.faults}
    whole = [value for value in values if _group(value.cell) not in unread]
    faults += [FaultAt((), text) for text in impossible(whole, arms, people)]
    faults += [FaultAt((), text) for text in _given_and_gone(study, entries, values, protocol)]
    return faults


def _group(cell: Cell) -> tuple[str, str, str, tuple[str, ...]]:
    return cell.outcome, cell.time_point, cell.stratum, cell.arms


def _faults_of(entry: ReadValue, known: Outcome | None) -> Iterator[str]:
    if len(entry.of_arms) not in (1, 2):
        yield "expected 'arm' with one arm, or 'arms' with a pair"
    expected = known.unit if known is not None else None
    if expected is not None and entry.unit not in (None, expected):
        yield f"unit: found '{entry.unit}', expected '{expected}'"
    if entry.not_reported:
        if entry.numbers:
            yield f"not_reported: found numbers ({', '.join(entry.numbers)}), expected none"
        return
    yield from _unplaced(entry)
    yield from _misplacements(entry)
    if not entry.numbers:
        yield "no number is given"


def _unplaced(entry: ReadValue) -> Iterator[str]:
    if not entry.source.strip():
        yield "source: expected the report the number was read in"
    if not _stripped(entry.locator) and not _stripped(entry.quote):
        yield "expected a 'locator' (page, table) or a 'quote'"


def _misplacements(entry: ReadValue) -> Iterator[str]:
    for field in entry.numbers:
        if _misplaced(field, entry.of_arms):
            belongs = "a pair in 'arms'" if field in FIELDS_OF_A_PAIR else "one arm"
            yield f"{field} belongs to {belongs}"


def _misplaced(field: Field, arms: tuple[str, ...]) -> bool:
    return (field in FIELDS_OF_A_PAIR) != (len(arms) == 2)


def _read_typed(entries: Mapping[int, ReadValue], protocol: ReviewProtocol) -> Mapping[int, Given]:
    places = {
        at: (each.outcome, _time_point(each, protocol), each.stratum)
        for at, each in entries.items()
    }
    return read_typed(entries, places)


def _time_point(entry: ReadValue, protocol: ReviewProtocol) -> str:
    """Return the time that an entry is about: its own, else that of the protocol's outcome."""
    known = next((each for each in protocol.outcomes if each.id == entry.outcome), None)
    return entry.time_point or (known.time_point if known is not None else REPORTED)


def _values(
    study: str,
    entries: Mapping[int, ReadValue],
    read: Mapping[int, Given],
    protocol: ReviewProtocol,
) -> tuple[Value, ...]:
    """Return one value a number, with the time point and the unit that the protocol adds."""
    units = {outcome.id: outcome.unit for outcome in protocol.outcomes}
    found = []
    for at, entry in entries.items():
        unit = entry.unit if entry.unit is not None else units.get(entry.outcome)
        given = read[at]
        for field, number in given.numbers.items():
            if not _misplaced(field, entry.of_arms):
                cell = _cell(study, given, field)
                found.append(Value(cell, number, _provenance(entry, given, field), unit))
    return tuple(found)


def _typed(study: str, read: Mapping[int, Given]) -> Iterator[tuple[str, str]]:
    """Yield the cell in whose field a phrase was typed, with the phrase."""
    for given in read.values():
        for field, text in given.typed.items():
            if not _misplaced(field, given.arms):
                yield _cell(study, given, field).key, text


def _cell(study: str, given: Given, field: Field) -> Cell:
    outcome, time_point, stratum = given.place
    return Cell(study, outcome, time_point, given.arms, field, stratum)


def _withdrawn(
    study: str, entries: Sequence[ReadValue], protocol: ReviewProtocol
) -> Iterator[Cell]:
    """Yield every cell of an arm or a pair that is said not to be reported: never half of them."""
    for entry in (each for each in entries if each.not_reported):
        time_point = _time_point(entry, protocol)
        of_pair = len(entry.of_arms) == 2
        for arms in {entry.of_arms, entry.of_arms[::-1]}:
            for field in Field:
                if (field in FIELDS_OF_A_PAIR) == of_pair:
                    yield Cell(study, entry.outcome, time_point, arms, field)


def _given_and_gone(
    study: str,
    entries: Mapping[int, ReadValue],
    values: Sequence[Value],
    protocol: ReviewProtocol,
) -> Iterator[str]:
    gone = set(_withdrawn(study, tuple(entries.values()), protocol))
    for value in values:
        if value.cell in gone:
            yield f"'{value.cell.key}' is given, and said not to be reported"


def _provenance(entry: ReadValue, given: Given, field: Field) -> Provenance:
    """Return where a number was read; one that was not printed is derived, and says how."""
    how = given.how.get(field)
    basis = Basis.EXTRACTED if how is None else Basis.DERIVED
    if how is None and field in given.printed_in:
        how = f"typed as “{given.printed_in[field].strip()}”"
    return Provenance(basis, entry.source, _stripped(entry.locator), _stripped(entry.quote), how)


def _stripped(text: str | None) -> str | None:
    return text.strip() or None if text is not None else None


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
            _blank_entry(outcome, of)
            for outcome in protocol.outcomes
            for of in ([arms[:2]] if outcome.kind in OF_A_PAIR else arms)
        ],
        "reporting": {},
        "unpooled": [],
    }


def _blank_entry(outcome: Outcome, of: str | list[str]) -> dict[str, Any]:
    return {
        "outcome": outcome.id,
        "time_point": outcome.time_point,
        **({"arm": of} if isinstance(of, str) else {"arms": of}),
        **dict.fromkeys(
            field.value for field in NEEDED_OF_AN_ARM[outcome.kind] or KNOWN_OF_A_PAIR[outcome.kind]
        ),
        "unit": outcome.unit,
        "source": "",
        "locator": "",
        "quote": "",
    }
