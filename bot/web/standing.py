"""How studies stand for one person: what is sealed from them is not looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from state import extractions, people
from state.agreement import Agreement, Difference, Submission, TwoPlaces
from state.extractions import ADJUDICATOR, EXTRACTOR
from state.facts.words import RoleId
from state.screening import StudyStatus
from state.values import StoredStudy


class StudyState(StrEnum):
    """What a study waits for; of one that is not included yet, its place."""

    DUE = "due"
    DIFFERENCES = "differences"
    SETTLED = "settled"
    BASELINE = "baseline"
    ONGOING = "ongoing"
    AWAITING = "awaiting"
    EXCLUDED = "excluded"


class StudyToDo(StrEnum):
    """What a person can do for a study."""

    SETTLE = "settle"
    CHOOSE = "choose"  # of two places in which a number was read
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class StudyView:
    """A study as one person may see it.

    state: the same for everybody. handed_in: whether this person's own extraction waits for the
    second one; nothing here tells whether somebody else has handed in before both have.
    """

    stored: StoredStudy
    state: StudyState
    accepted: int
    agreed: tuple[str, ...]  # the cells that hold a number or a word
    differences: tuple[Difference, ...]
    extracted_by: tuple[str, ...]
    mine: Submission | None
    handed_in: bool
    may_extract: bool
    may_settle: bool
    places: tuple[TwoPlaces, ...]
    may_choose: bool
    labels: Mapping[str, str]  # of arms and outcomes that the protocol lacks

    @property
    def to_do(self) -> StudyToDo | None:
        """What is to be done by this person, if anything."""
        if self.may_settle:
            return StudyToDo.SETTLE
        if self.may_choose:
            return StudyToDo.CHOOSE
        due = self.state is StudyState.DUE and self.may_extract and not self.handed_in
        return StudyToDo.EXTRACT if due else None


def study_standing(connection: Connection, study: StoredStudy, person: str) -> StudyView:
    """Return how a study stands for a person."""
    agreement = extractions.agreement(connection, study.study.id)
    two = tuple({who: None for each in agreement.rounds if each.complete for who in each.people})
    own_round = agreement.open_round
    return StudyView(
        stored=study,
        state=_state(study, agreement, extracted=bool(two)),
        accepted=len(agreement.accepted),
        agreed=tuple(agreement.accepted),
        differences=agreement.differences,
        extracted_by=two,
        mine=extractions.own_submission(connection, study.study.id, person),
        handed_in=own_round is not None and person in own_round.people,
        may_extract=_holds(connection, person, EXTRACTOR) and study.place is StudyStatus.INCLUDED,
        may_settle=bool(agreement.differences)
        and person not in two
        and _holds(connection, person, ADJUDICATOR),
        places=agreement.places,
        may_choose=bool(agreement.places) and _may_choose(connection, person, two),
        labels=agreement.labels,
    )


def _may_choose(connection: Connection, person: str, two: tuple[str, ...]) -> bool:
    """Whether a person may say which of two places counts: one of the two, or a third."""
    return _holds(connection, person, EXTRACTOR if person in two else ADJUDICATOR)


def study_standings(connection: Connection, person: str) -> tuple[StudyView, ...]:
    """Return how every study stands for a person."""
    return tuple(
        study_standing(connection, study, person) for study in extractions.studies(connection)
    )


def _state(study: StoredStudy, agreement: Agreement, *, extracted: bool) -> StudyState:
    if study.place is not StudyStatus.INCLUDED:
        return StudyState(study.place.value)
    if agreement.differences:
        return StudyState.DIFFERENCES
    if extracted:
        return StudyState.SETTLED
    return StudyState.BASELINE if study.baseline else StudyState.DUE


def _holds(connection: Connection, person: str, role: RoleId) -> bool:
    return person in {holder.id for holder in people.holders(connection, role)}
