"""What the database holds, as values: a row becomes one where it is read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from extraction.model import Record, Study, Value
from state.facts.surveillance import AlertTaken, HandSearchTold, SearchRun
from state.facts.words import CandidateKind, CandidateOutcome, HowAccepted, NoticeKind
from state.screening import (
    Answer,
    Decision,
    Ruling,
    ScreeningStatus,
    Stage,
    StageResult,
    StudyStatus,
    status,
)


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record with the places it belongs to."""

    record: Record
    candidate: str | None
    study: str | None
    known_report: bool
    found_at: str
    payload_sha256: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record or a group of records of one unknown study, waiting to be screened."""

    id: str
    kind: CandidateKind
    opened_at: str
    score: int
    lane: str
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    study: str | None
    link_reason: str | None
    link_settled: bool
    closed: bool
    outcome: CandidateOutcome | None


@dataclass(frozen=True, slots=True)
class StageLog:
    """All that was said at one stage."""

    stage: Stage
    decisions: tuple[Decision, ...]
    rulings: tuple[Ruling, ...]

    @property
    def result(self) -> StageResult:
        """How the stage stands."""
        return status(self.stage, self.decisions, self.rulings)


@dataclass(frozen=True, slots=True)
class Reading:
    """A verdict that was not taken back: the event that has it, of what, and by whom."""

    seq: int
    candidate: str
    stage: Stage
    person: str


@dataclass(frozen=True, slots=True)
class ConflictEnded:
    """A conflict that was settled: the event that did it. by_a_third: by the adjudicator."""

    seq: int
    by_a_third: bool


@dataclass(frozen=True, slots=True)
class ScreeningState:
    """A candidate with both stages' logs; `stage` is the one that is open (or was the last)."""

    candidate: Candidate
    title_abstract: StageLog
    full_text: StageLog

    @property
    def stage(self) -> Stage:
        """The stage at which the candidate is."""
        reached = self.title_abstract.result.status is ScreeningStatus.TO_FULL_TEXT
        return Stage.FULL_TEXT if reached else Stage.TITLE_ABSTRACT

    @property
    def log(self) -> StageLog:
        """What was said at the open stage."""
        return self.at(self.stage)

    def at(self, stage: Stage) -> StageLog:
        """Return what was said at a stage."""
        return self.full_text if stage is Stage.FULL_TEXT else self.title_abstract


class PublicStatus(StrEnum):
    """How a candidate stands, as anybody may know it."""

    LINK = "link"  # a proposed link to confirm or refuse
    WAITING = "waiting"
    CONFLICT = "conflict"
    INCLUDED = "included"
    EXCLUDED = "excluded"
    REPORT_OF = "report_of"
    DUPLICATE = "duplicate"
    IMPORT_WITHDRAWN = "import_withdrawn"


class WorkKind(StrEnum):
    """What the worker has to do; the key of a piece of work says of what."""

    SEARCH = "search"
    SLOT = "slot"  # a time of the schedule that was taken: never waits
    COMPARE = "compare strategy"
    MAILBOX = "mailbox"
    MESSAGE = "alert message"
    LOOK = "look at registers"
    RECOMPUTE = "recompute"
    RENDER = "render"
    PUBLISH = "publish"
    REMIND = "remind"
    HOOK = "hook"
    STEP = "step"


class ToDo(StrEnum):
    """What a candidate asks of one person."""

    LINK = "link"
    DECIDE = "decide"
    AGREE = "agree"
    ADJUDICATE = "adjudicate"


@dataclass(frozen=True, slots=True)
class QueueEntryView:
    """What one person may see of a candidate.

    mine: the person's own answer at the open stage. revealed: what both said, once both have
    decided.
    """

    candidate: Candidate
    records: tuple[StoredRecord, ...]
    stage: Stage
    status: PublicStatus
    mine: Decision | None
    to_do: ToDo | None
    revealed: tuple[Decision, ...]
    rulings: tuple[Ruling, ...]
    earlier: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A verdict that counts no more, and of which candidate it was given."""

    stage: Stage
    candidate: str
    person: str
    answer: Answer
    note: str | None
    at: str


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A study with the place it has in the review."""

    study: Study
    place: StudyStatus
    next_look_on: str | None
    candidate: str | None
    baseline: bool
    added_at: str


@dataclass(frozen=True, slots=True)
class AcceptedValue:
    """A value that counts now, and how it came to count."""

    value: Value
    how: HowAccepted
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell: `key` names the thing, so that it is told once."""

    key: str
    kind: NoticeKind
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class MadeSearch:
    """A search by hand that stands. told: None where an older program stored it."""

    run: SearchRun
    told: HandSearchTold | None


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert, and when it was taken in."""

    taken_at: str
    alert: AlertTaken
