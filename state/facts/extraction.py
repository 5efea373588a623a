"""Facts of studies and of the numbers taken from their reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from extraction.model import Cell, Design, Report, Reporting, Study, UnpooledResult, Value
from state.codec import Json
from state.facts.fact import Fact
from state.facts.reading import upcast
from state.screening import EligiblePlace, StudyStatus


@dataclass(frozen=True, slots=True)
class Handed:
    """What an extractor hands in: the study's description and the values.

    labels: names for arms and outcomes that the protocol lacks. not_reported: cells that hold a
    number now and should not. reports: documents that the study was not known to have. typed: the
    phrases of the paper that were typed in place of numbers, by the cells of their fields.
    reporting: what the reports make of outcomes, by these; unpooled: results beside the numbers.
    """

    design: Design
    arms: tuple[str, ...]
    participants: int | None
    values: tuple[Value, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    not_reported: tuple[Cell, ...] = ()
    reports: tuple[Report, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    reporting: Mapping[str, Reporting] = field(default_factory=dict)
    unpooled: tuple[UnpooledResult, ...] = ()


class StudyAdded(Fact, kind="study_added", about="study.id", version=3):
    """Screening found a study eligible; its candidate's records are its reports."""

    study: Study
    identifiers: tuple[str, ...]
    place: EligiblePlace
    next_look_on: str | None
    candidate: str

    def sentence(self) -> str:
        return f"added the study {self.study.id} ({self.study.label}) as {self.place}"


@upcast(StudyAdded, since=1)
def _had_no_covariates(old: Json) -> Json:
    """Version 2 may say what a study is told apart by; without it, it reads as before."""
    return old


@upcast(StudyAdded, since=2)
def _was_added_with_numbers_alone(old: Json) -> Json:
    """Version 3 may say which outcomes a study measured, and results that are not pooled."""
    return old


class StudyMoved(Fact, kind="study_moved", about="study", version=2):
    """Where a study stands from now on. note: why; people: whose hands it took; cites: the notices
    (retraction, concern) that were known of its reports."""

    study: str
    place: StudyStatus
    next_look_on: str | None
    note: str | None
    people: tuple[str, ...]
    cites: tuple[str, ...]

    def sentence(self) -> str:
        look = f", to be looked at on {self.next_look_on}" if self.next_look_on else ""
        why = f": {self.note}" if self.note else ""
        return f"moved the study {self.study} to {self.place}{look}{why}"


@upcast(StudyMoved, since=1)
def _one_hand_gave_no_reason(old: Json) -> Json:
    return {**old, "note": None, "people": [], "cites": []}


class StudyDescribed(Fact, kind="study_described", about="study.id", version=3):
    """A study's design, arms, participants and reported outcomes as accepted."""

    study: Study

    def sentence(self) -> str:
        return f"described the study {self.study.id}: {self.study.design}"


@upcast(StudyDescribed, since=1)
def _was_described_without_covariates(old: Json) -> Json:
    return old


@upcast(StudyDescribed, since=2)
def _was_described_with_numbers_alone(old: Json) -> Json:
    """Version 3 may say which outcomes a study measured, and results that are not pooled."""
    return old


class ValuesSubmitted(Fact, kind="values_submitted", about="study", version=4, sealable=True):
    """One extractor's whole extraction; sealed until both have handed in.

    labels: names for arms and outcomes that the protocol lacks; values: one a number;
    not_reported: cells that hold a number until then; reports: those that the study lacked;
    typed: phrases of the paper in place of numbers, by the cells of their fields; reporting: what
    the reports make of outcomes; unpooled: results that are told beside the numbers.
    """

    study: str
    person: str
    design: Design
    arms: tuple[str, ...]
    participants: int | None
    labels: dict[str, str]
    values: tuple[Value, ...]
    not_reported: tuple[Cell, ...]
    reports: tuple[Report, ...]
    typed: dict[str, str]
    reporting: dict[str, Reporting]
    unpooled: tuple[UnpooledResult, ...]
    protocol_version: str

    @property
    def handed(self) -> Handed:
        """What was handed in."""
        return Handed(
            self.design,
            self.arms,
            self.participants,
            self.values,
            self.labels,
            self.not_reported,
            self.reports,
            self.typed,
            self.reporting,
            self.unpooled,
        )

    def sentence(self) -> str:
        return f"handed in the extraction of {self.study}: {len(self.values)} values"


@upcast(ValuesSubmitted, since=1)
def _nothing_was_withdrawn_and_no_report_added(old: Json) -> Json:
    return {**old, "not_reported": [], "reports": []}


@upcast(ValuesSubmitted, since=2)
def _only_numbers_of_whole_studies_were_typed(old: Json) -> Json:
    """Version 3 may name parts of a study, and has phrases beside numbers."""
    return {**old, "typed": {}}


@upcast(ValuesSubmitted, since=3)
def _numbers_alone_were_handed_in(old: Json) -> Json:
    """Version 4 may say which outcomes were measured, and results that cannot be pooled."""
    return {**old, "reporting": {}, "unpooled": []}


class ValueAdjudicated(Fact, kind="value_adjudicated", about="subject"):
    """A third person's answer for a cell of a study (`subject`): a number, a text, or drop it."""

    subject: str
    person: str
    cell: str
    number: float | None
    text: str | None
    drop: bool
    note: str

    def sentence(self) -> str:
        if self.drop:
            return f"dropped {self.cell}: {self.note}"
        return f"ruled {self.cell} to be {self.number if self.text is None else self.text}"


class PlaceChosen(Fact, kind="place_chosen", about="subject"):
    """Whose place counts for numbers of a study (`subject`) that two read in different places."""

    subject: str
    person: str
    cells: tuple[str, ...]
    said_by: str
    note: str | None

    def sentence(self) -> str:
        which = ", ".join(self.cells)
        return f"chose the place that {self.said_by} names, of two named for {which}"
