"""From facts to the tables of studies and their values."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select, update

from extraction.model import Study
from state import tables as t
from state.codec import canonical, dumped, text_of
from state.facts import (
    BaselineLoaded,
    PlaceChosen,
    Stored,
    StudyAdded,
    StudyDescribed,
    StudyMoved,
    ValueAdjudicated,
    ValuesSubmitted,
)
from state.projections.rows import add, identify, projects, taken
from state.screening import StudyStatus

BESIDES = ("not_reported", "reports")  # what has a column of its own
LATER_SAID = ("typed", "reporting", "unpooled")  # kept only where somebody said something


@projects(BaselineLoaded)
def _baseline_loaded(connection: Connection, event: Stored[BaselineLoaded]) -> None:
    for known in event.fact.studies:
        _put_study(connection, known.study, event.at, place=StudyStatus.INCLUDED, baseline=1)
        _identify_study(connection, known.study.id, known.identifiers)
    for value in event.fact.values:
        add(
            connection,
            t.baseline_value,
            cell=value.cell.key,
            study_id=value.cell.study,
            data=text_of(value),
        )


def _put_study(
    connection: Connection,
    study: Study,
    at: str,
    *,
    place: StudyStatus,
    baseline: int,
    candidate: str | None = None,
    next_look_on: str | None = None,
) -> None:
    add(
        connection,
        t.study,
        id=study.id,
        label=study.label,
        data=text_of(study),
        place=place,
        next_look_on=next_look_on,
        candidate_id=candidate,
        baseline=baseline,
        added_at=at,
    )


def _identify_study(connection: Connection, study: str, identifiers: Iterable[str]) -> None:
    identify(connection, t.study_identifier, "study_id", study, identifiers)


@projects(StudyAdded)
def _study_added(connection: Connection, event: Stored[StudyAdded]) -> None:
    fact = event.fact
    _put_study(
        connection,
        fact.study,
        event.at,
        place=fact.place,
        baseline=0,
        candidate=fact.candidate,
        next_look_on=fact.next_look_on,
    )
    _identify_study(connection, fact.study.id, fact.identifiers)
    give_records_to_study(connection, fact.candidate, fact.study.id)


def give_records_to_study(connection: Connection, candidate: str, study: str) -> None:
    """Make a candidate's records reports of a study, which is then known by their identifiers."""
    mine = t.record.c.candidate_id == candidate
    connection.execute(update(t.record).where(mine).values(study_id=study))
    owned = (
        select(t.record_identifier.c.identifier)
        .join(t.record, t.record.c.key == t.record_identifier.c.record_key)
        .where(mine)
        .distinct()
        .order_by(t.record_identifier.c.identifier)
    )
    _identify_study(connection, study, list(connection.execute(owned).scalars()))


def take_identifiers_back(connection: Connection, key: str, study: str) -> None:
    """A study that was found by us keeps no identifier that only a record taken off it bore."""
    baseline = select(t.study.c.baseline).where(t.study.c.id == study)
    if connection.execute(baseline).scalar_one():
        return
    names = t.record_identifier.c
    shared = (
        select(names.identifier)
        .join(t.record, t.record.c.key == names.record_key)
        .where(t.record.c.study_id == study)
    )
    lone = select(names.identifier).where(names.record_key == key, names.identifier.not_in(shared))
    column = t.study_identifier.c
    connection.execute(
        delete(t.study_identifier).where(column.study_id == study, column.identifier.in_(lone))
    )


@projects(StudyMoved)
def _study_moved(connection: Connection, event: Stored[StudyMoved]) -> None:
    connection.execute(
        update(t.study)
        .where(t.study.c.id == event.fact.study)
        .values(**taken(event.fact, "place", "next_look_on"))
    )


@projects(StudyDescribed)
def _study_described(connection: Connection, event: Stored[StudyDescribed]) -> None:
    study = event.fact.study
    connection.execute(
        update(t.study)
        .where(t.study.c.id == study.id)
        .values(label=study.label, data=text_of(study))
    )


@projects(ValuesSubmitted)
def _values_submitted(connection: Connection, event: Stored[ValuesSubmitted]) -> None:
    fact, said = event.fact, dumped(event.fact.handed)
    besides = {name: said.pop(name) for name in BESIDES}
    for name in LATER_SAID:  # as rows were before there were these
        if not said[name]:
            del said[name]
    add(
        connection,
        t.submission,
        seq=event.seq,
        study_id=fact.study,
        person_id=fact.person,
        data=canonical(said),
        protocol_version=fact.protocol_version,
        at=event.at,
        **{name: canonical(given) if given else None for name, given in besides.items()},
    )


@projects(ValueAdjudicated)
def _value_adjudicated(connection: Connection, event: Stored[ValueAdjudicated]) -> None:
    fact = event.fact
    add(
        connection,
        t.adjudicated_value,
        seq=event.seq,
        study_id=fact.subject,
        person_id=fact.person,
        at=event.at,
        **taken(fact, "cell", "number", "text", "note"),
    )


@projects(PlaceChosen)
def _place_chosen(connection: Connection, event: Stored[PlaceChosen]) -> None:
    fact = event.fact
    for cell in fact.cells:
        add(
            connection,
            t.chosen_place,
            seq=event.seq,
            cell=cell,
            study_id=fact.subject,
            person_id=fact.person,
            at=event.at,
            **taken(fact, "said_by", "note"),
        )
