"""Studies and the numbers people took from their reports: submitted, compared, accepted.

Values are superseded, never edited: an accepted value of a later round takes the place of the
baseline's, and everything that was ever said stays in the log.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Row, select

from extraction.checks import contradictions
from extraction.model import Basis, Design, Study, Value
from state import tables as t
from state.agreement import (
    Accepted,
    Adjudication,
    Agreement,
    Described,
    Entry,
    Submission,
    agree,
)
from state.codec import loaded
from state.errors import BadInput, NotAllowed, NotFound
from state.events import Ledger
from state.facts import (
    BaselineFilesTaken,
    BaselineLoaded,
    KnownStudy,
    StudyAdded,
    StudyDescribed,
    StudyMoved,
    ValueAdjudicated,
    ValuesSubmitted,
)
from state.facts.extraction import Handed as Handed  # known to the rest by this room
from state.facts.words import HowAccepted
from state.people import ReviewRole
from state.screening import StudyStatus
from state.values import AcceptedValue, StoredStudy

EXTRACTOR, ADJUDICATOR = ReviewRole.EXTRACTOR, ReviewRole.ADJUDICATOR


def load_baseline(
    ledger: Ledger,
    review: str,
    studies: Sequence[tuple[Study, Sequence[str]]],
    values: Sequence[Value],
) -> None:
    """Store the review as published: studies with the identifiers they are known by, and values."""
    ledger.record(
        BaselineLoaded(
            review=review,
            studies=tuple(KnownStudy(study, tuple(identifiers)) for study, identifiers in studies),
            values=tuple(values),
        )
    )


def take_baseline_files(ledger: Ledger, review: str, files: Mapping[str, str]) -> None:
    """Keep the hashes of the files that the review as published was loaded from."""
    ledger.record(BaselineFilesTaken(review=review, files=dict(files)))


def baseline_files(connection: Connection) -> dict[str, str]:
    """Return the files that the review as published was loaded from, with their SHA-256."""
    query = select(t.baseline_file.c.name, t.baseline_file.c.sha256).order_by("name")
    return {row.name: row.sha256 for row in connection.execute(query)}


def add_study(
    ledger: Ledger,
    study: Study,
    *,
    identifiers: Sequence[str],
    place: StudyStatus,
    next_look_on: str | None,
    candidate: str,
) -> None:
    """Add a study that screening found eligible; its candidate's records become its reports."""
    ledger.record(
        StudyAdded(
            study=study,
            identifiers=tuple(identifiers),
            place=place,
            next_look_on=next_look_on,
            candidate=candidate,
        )
    )


def move_study(ledger: Ledger, study_id: str, place: StudyStatus, next_look_on: str | None) -> None:
    """Say where an eligible study stands: included, ongoing or awaiting classification."""
    find_study(ledger.connection, study_id)
    ledger.record(StudyMoved(study=study_id, place=place, next_look_on=next_look_on))


def studies(connection: Connection) -> tuple[StoredStudy, ...]:
    """Return every study of the review: the baseline's first, then in the order of inclusion."""
    query = select(t.study).order_by(t.study.c.baseline.desc(), t.study.c.added_at, t.study.c.id)
    return tuple(_stored(row) for row in connection.execute(query))


def find_study(connection: Connection, study_id: str) -> StoredStudy:
    """Return one study or raise NotFound."""
    row = connection.execute(select(t.study).where(t.study.c.id == study_id)).first()
    if row is None:
        raise NotFound("study", study_id)
    return _stored(row)


def agreement(connection: Connection, study_id: str) -> Agreement:
    """Return how the extraction of a study stands."""
    return agree(_submissions(connection, study_id), _adjudications(connection, study_id))


def own_submission(connection: Connection, study_id: str, person_id: str) -> Submission | None:
    """Return what a person last handed in for a study: the only part of an open round they see."""
    mine = [each for each in _submissions(connection, study_id) if each.person == person_id]
    return mine[-1] if mine else None


def submit(
    ledger: Ledger, study_id: str, person_id: str, handed: Handed, *, protocol_version: str
) -> Agreement:
    """Store one person's extraction; return how the study stands with it.

    The same submission handed in again while the round is open changes nothing.
    """
    stored = find_study(ledger.connection, study_id)
    if stored.place is not StudyStatus.INCLUDED:
        raise NotAllowed(f"'{study_id}' is {stored.place}: nothing is to be extracted yet")
    if _repeats(ledger.connection, study_id, person_id, handed):
        return agreement(ledger.connection, study_id)
    ledger.record(
        ValuesSubmitted(
            study=study_id,
            person=person_id,
            design=handed.design,
            arms=handed.arms,
            participants=handed.participants,
            labels=dict(handed.labels),
            values=handed.values,
            protocol_version=protocol_version,
        )
    )
    after = agreement(ledger.connection, study_id)
    _describe(ledger, stored, after)
    return after


def adjudicate(
    ledger: Ledger,
    study_id: str,
    person_id: str,
    cell: str,
    *,
    number: float | None,
    text: str | None,
    note: str,
) -> Agreement:
    """Store a third person's answer for a cell on which the two extractors differ.

    The same answer again changes nothing; an answer that cannot be true is refused, and one given
    before may be replaced while other differences of the study wait.
    """
    stored = find_study(ledger.connection, study_id)
    before = agreement(ledger.connection, study_id)
    said = [each for each in _adjudications(ledger.connection, study_id) if each.cell == cell]
    if said and said[-1] == Adjudication(said[-1].seq, person_id, cell, number, text, note):
        return before
    _may_adjudicate(before, person_id, cell)
    if cell in _describing(study_id):
        _check_description(cell, _describing(study_id)[cell], text)
    elif text is not None:
        raise BadInput(f"'{cell}' takes a number, not a text")
    elif number is not None and not math.isfinite(number):  # JSON has no word for it: it would drop
        raise BadInput(f"'{cell}': found {number:g}, expected a number")
    ledger.record(
        ValueAdjudicated(
            subject=study_id,
            person=person_id,
            cell=cell,
            number=number,
            text=text,
            drop=number is None and text is None,
            note=note,
        )
    )
    after = agreement(ledger.connection, study_id)
    _check_together(stored.study, after)
    _describe(ledger, stored, after)
    return after


def accepted_values(connection: Connection) -> tuple[AcceptedValue, ...]:
    """Return the values that count now, in the order of their cells.

    A study's own values count once its extraction is settled; until then, and while a later round
    has differences, what was accepted before stays.
    """
    current = {
        row.cell: AcceptedValue(loaded(Value, row.data), HowAccepted.BASELINE, ())
        for row in connection.execute(select(t.baseline_value))
    }
    extracted = connection.execute(select(t.submission.c.study_id).distinct()).scalars()
    for study_id in extracted:
        state = agreement(connection, study_id)
        current |= {
            cell: AcceptedValue(_as_value(entry), entry.how, entry.people)
            for cell, entry in state.standing.items()
            if entry.entry.value is not None
        }
    return tuple(current[cell] for cell in sorted(current))


def _as_value(accepted: Accepted) -> Value:
    value, number = accepted.entry.value, accepted.entry.number
    if value is None or number is None:
        raise BadInput(f"'{accepted.cell}' holds no number")
    return replace(value, number=number)


def _describe(ledger: Ledger, stored: StoredStudy, state: Agreement) -> None:
    """Bring the study's design, arms and participants to what is accepted of them."""
    described = stored.study
    for cell, name in _describing(stored.study.id).items():
        text = state.accepted[cell].entry.text if cell in state.accepted else None
        if text is not None:
            described = _with(described, name, text)
    if described != stored.study:
        ledger.record(StudyDescribed(study=described))


def _with(study: Study, name: Described, text: str) -> Study:
    if name is Described.DESIGN:
        return replace(study, design=Design(text))
    if name is Described.ARMS:
        return replace(study, arms=tuple(text.split(", ")))
    return replace(study, participants=int(text), participants_basis=Basis.EXTRACTED)


def _describing(study_id: str) -> dict[str, Described]:
    return {f"{study_id}|{name.value}": name for name in Described}


def _check_description(cell: str, name: Described, text: str | None) -> None:
    expected = {
        Described.DESIGN: ", ".join(design.value for design in Design),
        Described.ARMS: "two or more different arms such as 'ivig, placebo'",
        Described.PARTICIPANTS: "a whole number above 0",
    }[name]
    if text is None or not _describes(name, text):
        raise BadInput(f"'{cell}': found the text {text!r}, expected {expected}")


def _describes(name: Described, text: str) -> bool:
    if name is Described.DESIGN:
        return text in set(Design)
    if name is Described.ARMS:
        arms = text.split(", ")
        return all(arms) and len(set(arms)) == len(arms) > 1
    return text.isascii() and text.isdigit() and int(text) > 0


def _check_together(study: Study, state: Agreement) -> None:
    """Refuse a ruling that cannot be true beside what is accepted of the study."""
    said = {
        name: state.accepted[cell].entry.text if cell in state.accepted else None
        for cell, name in _describing(study.id).items()
    }
    values = [
        _as_value(entry) for entry in state.accepted.values() if entry.entry.value is not None
    ]
    arms, people = said[Described.ARMS], said[Described.PARTICIPANTS]
    known = arms.split(", ") if arms else sorted({arm for each in values for arm in each.cell.arms})
    faults = contradictions(values, known, int(people) if people else None)
    if faults:
        raise BadInput("\n".join(faults))


def _may_adjudicate(state: Agreement, person_id: str, cell: str) -> None:
    open_cells = {difference.cell for difference in state.differences}
    if open_cells:  # what was ruled may be ruled anew until all is settled
        open_cells |= {
            each.cell for each in state.accepted.values() if each.how is HowAccepted.ADJUDICATED
        }
    if cell not in open_cells:
        raise NotAllowed(f"there is no difference to settle at '{cell}'")
    two = {person for each in state.rounds if each.complete for person in each.people}
    if person_id in two:
        raise NotAllowed(f"{person_id} extracted this study; the adjudicator is a third person")


def _repeats(connection: Connection, study_id: str, person_id: str, handed: Handed) -> bool:
    last = own_submission(connection, study_id, person_id)
    return last is not None and last.entries == _entries(study_id, handed)


def _submissions(connection: Connection, study_id: str) -> tuple[Submission, ...]:
    query = select(t.submission).where(t.submission.c.study_id == study_id)
    return tuple(
        Submission(row.seq, row.person_id, _entries(study_id, loaded(Handed, row.data)))
        for row in connection.execute(query.order_by(t.submission.c.seq))
    )


def _entries(study_id: str, handed: Handed) -> dict[str, Entry]:
    people = handed.participants
    description = {
        Described.DESIGN: handed.design.value,
        Described.ARMS: ", ".join(sorted(handed.arms)),
        Described.PARTICIPANTS: str(people) if people is not None else None,
    }
    entries = {
        f"{study_id}|{name}": Entry(None, text)
        for name, text in description.items()
        if text is not None
    }
    for value in handed.values:
        entries[value.cell.key] = Entry(value.number, None, value.unit, value)
    return entries


def _adjudications(connection: Connection, study_id: str) -> tuple[Adjudication, ...]:
    query = select(t.adjudicated_value).where(t.adjudicated_value.c.study_id == study_id)
    return tuple(
        Adjudication(row.seq, row.person_id, row.cell, row.number, row.text, row.note)
        for row in connection.execute(query.order_by(t.adjudicated_value.c.seq))
    )


def _stored(row: Row[tuple[object, ...]]) -> StoredStudy:
    return StoredStudy(
        loaded(Study, row.data),
        StudyStatus(row.place),
        row.next_look_on,
        row.candidate_id,
        bool(row.baseline),
        row.added_at,
    )
