"""How studies stand for one person: what is sealed from them is not looked at."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from state import extractions, people
from state.agreement import Agreement, Difference, Submission
from state.extractions import ADJUDICATOR, EXTRACTOR, StoredStudy
from state.screening import Place


@dataclass(frozen=True, slots=True)
class StudyStanding:
    """A study as one person may see it.

    state: the same for everybody: 'due', 'differences', 'settled', 'baseline' or the place of a
    study that is not included yet. handed_in: whether this person's own extraction waits for the
    second one; nothing here tells whether somebody else has handed in before both have.
    """

    stored: StoredStudy
    state: str
    accepted: int
    differences: tuple[Difference, ...]
    extracted_by: tuple[str, ...]
    mine: Submission | None
    handed_in: bool
    may_extract: bool
    may_settle: bool

    @property
    def to_do(self) -> str | None:
        """What is to be done by this person: 'settle', 'extract' or nothing."""
        if self.may_settle:
            return "settle"
        due = self.state == "due" and self.may_extract and not self.handed_in
        return "extract" if due else None


def study_standing(connection: Connection, study: StoredStudy, person: str) -> StudyStanding:
    """Return how a study stands for a person."""
    agreement = extractions.agreement(connection, study.study.id)
    two = tuple({who: None for each in agreement.rounds if each.complete for who in each.people})
    own_round = agreement.open_round
    return StudyStanding(
        stored=study,
        state=_state(study, agreement, extracted=bool(two)),
        accepted=len(agreement.accepted),
        differences=agreement.differences,
        extracted_by=two,
        mine=extractions.own_submission(connection, study.study.id, person),
        handed_in=own_round is not None and person in own_round.people,
        may_extract=_holds(connection, person, EXTRACTOR) and study.place is Place.INCLUDED,
        may_settle=bool(agreement.differences)
        and person not in two
        and _holds(connection, person, ADJUDICATOR),
    )


def study_standings(connection: Connection, person: str) -> tuple[StudyStanding, ...]:
    """Return how every study stands for a person."""
    return tuple(
        study_standing(connection, study, person) for study in extractions.studies(connection)
    )


def _state(study: StoredStudy, agreement: Agreement, *, extracted: bool) -> str:
    if study.place is not Place.INCLUDED:
        return study.place.value
    if agreement.differences:
        return "differences"
    if extracted:
        return "settled"
    return "baseline" if study.baseline else "due"


def _holds(connection: Connection, person: str, role: str) -> bool:
    return person in {holder.id for holder in people.holders(connection, role)}
