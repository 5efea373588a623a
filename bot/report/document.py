"""What a version of the review shows: the frozen input of every page, picture and export."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.figures.flow_counts import FlowCounts
from bot.results.model import AnalysisResult
from bot.review.protocol import PrintedCertainty, ReviewProtocol, SourceKind
from bot.review.published import PublishedReview
from bot.synthesis.impact import Impact
from extraction.model import Basis, Provenance, Reporting
from state.facts.words import RunStatus, SignatureVerdict, VersionKind

if (
    TYPE_CHECKING
):  # it holds what the engine estimates, which pages that show no version do not load
    from bot.surveillance.source_coverage import SourceCoverage


class ShownStatus(StrEnum):
    """The place a study has in this version."""

    INCLUDED = "included"
    ONGOING = "ongoing"
    AWAITING = "awaiting"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class PreviousVersion:
    """The version that this one follows, as it was published."""

    number: str
    published_at: str | None
    protocol_version: str
    results: tuple[AnalysisResult, ...]


@dataclass(frozen=True, slots=True)
class CertaintyLine:
    """The authors' rating of one analysis, and the version they rated it in."""

    analysis: str
    level: PrintedCertainty
    rated_in: str


@dataclass(frozen=True, slots=True)
class SignalLine:
    """A rule of the protocol that fired, and what the person who signed said of it."""

    rule: str
    analysis: str
    text: str
    changes_conclusions: bool
    signed_by: str | None = None
    verdict: SignatureVerdict | None = None  # None: not signed yet
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """A notice about a report of a study, with who tells of it.

    happened: the words for it, after "A report of …"; is_new: seen since the last version
    """

    kind: str
    happened: str
    grave: bool
    cited: str
    told_by: str
    seen_at: str
    judged: str | None = None  # what a person concluded; None: it still waits
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class StudyCorrections:
    """The notices about a study's reports; `impact` where one of them puts the study in doubt."""

    study_id: str
    study: str
    notices: tuple[CorrectionLine, ...]
    impact: Impact | None = None


@dataclass(frozen=True, slots=True)
class StudyLine:
    """One study; `not_yet_incorporated` is included and in no analysis yet.

    open_decision: the id of the one that keeps it apart from pooling.
    """

    id: str
    label: str
    status: ShownStatus
    design: str
    participants: int | None = None
    participants_basis: Basis | None = None
    reports: tuple[str, ...] = ()
    register_ids: tuple[str, ...] = ()
    not_yet_incorporated: bool = False
    note: str | None = None
    open_decision: str | None = None


@dataclass(frozen=True, slots=True)
class ExcludedLine:
    """A report or a study that is not in the review, though it was read whole, and why.

    decided_by: the names of those who decided; how: how they came to it
    """

    cited: str
    criterion: str | None
    reason: str
    decided_by: tuple[str, ...]
    how: str
    decided_on: str | None


@dataclass(frozen=True, slots=True)
class SinceLast:
    """What came since the version before: searches, and studies that entered or were taken out.

    searches: that were whole; taken_out: of each study its label and where it stands now
    """

    searches: int
    failed: int
    sources: int
    found: int
    new: int
    included: tuple[str, ...] = ()
    taken_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HandSearchLine:
    """What a person told of a search by hand (PRISMA-S); None: it was not told.

    search: the words that were searched; platform: that the database was searched on; coverage:
    the time that it covers; shown: how many records it showed; difference: why others were read
    """

    search: str
    part: int
    parts: int
    platform: str | None = None
    coverage: str | None = None
    shown: int | None = None
    difference: str | None = None
    searched_by: str | None = None


@dataclass(frozen=True, slots=True)
class SearchLine:
    """One run of one source: what was asked, and what came back or failed."""

    source: str
    searched_at: str
    query: str
    status: RunStatus
    found: int | None = None
    new: int | None = None
    error: str | None = None
    known_items_missing: tuple[str, ...] = ()
    withdrawn: bool = False  # taken back by who made it: no search of its source
    by_hand: HandSearchLine | None = None  # None: the program made it, or nothing was told of it


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """When a source is searched; `overdue` says its last search is older than its schedule."""

    source: str
    kind: SourceKind
    schedule: str
    last_searched_at: str | None
    next_at: str | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class ByTwo:
    """Of `done` pieces of work, how many the log proves were done by two people independently."""

    done: int
    by_two: int

    def __post_init__(self) -> None:
        if not 0 <= self.by_two <= self.done:
            raise ValueError(f"done by two people: found {self.by_two}, expected 0 to {self.done}")


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """What the log proves of the work for this version.

    sealed: what one of two has said so far; conflicts: settled; in_all: what all did together
    """

    title_abstract: ByTwo
    full_text: ByTwo
    extraction: ByTwo
    sealed: int = 0
    in_all: str = ""
    conflicts: int = 0
    adjudicated: int = 0
    acts: int = 0
    unauthenticated: int = 0  # of the acts: entered by command line, where nobody signs in


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Who accepted the version, and whether as a lead."""

    name: str
    at: str
    lead: bool


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A person, the role they hold, and what the log has of them for this version."""

    role: str
    name: str
    did: str


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One accepted number with its provenance: a row of data.csv."""

    study: str
    outcome: str
    time_point: str
    arm: str
    field: str
    number: float
    unit: str | None
    basis: Basis
    source: str
    locator: str | None = None
    quote: str | None = None
    how: str | None = None
    extracted_by: tuple[str, ...] = ()
    accepted_by: str | None = None
    stratum: str = ""  # the part of the study that it is about


@dataclass(frozen=True, slots=True)
class StatedLine:
    """What somebody said of an outcome of which a study gives no result, and where it is told."""

    study: str
    state: Reporting
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class ReportingLine:
    """What the included studies make of one outcome: the ids of those that do each.

    not_reported: measured, and no result is given; unclear: no result is given, and whether it was
    measured is not told; not_said: nobody said anything
    """

    outcome: str
    label: str
    key: bool
    reported: tuple[str, ...] = ()
    not_reported: tuple[str, ...] = ()
    not_measured: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    not_said: tuple[str, ...] = ()
    stated: tuple[StatedLine, ...] = ()


@dataclass(frozen=True, slots=True)
class UnpooledLine:
    """Something a study reports and no analysis shows; told: its number in words, if there is one.

    outcome: None where it belongs to none of the protocol; arm: as ids, "" where it is not told
    """

    study: str
    outcome: str | None
    what: str
    arm: str
    told: str
    provenance: Provenance
    number: float | None = None
    unit: str | None = None
    read_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RateLine:
    """How often one more trial would call for people, for one analysis, or why nobody knows."""

    analysis: str
    outcome: str
    changing: str | None = None
    any_rule: str | None = None
    trial: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class InputHash:
    """The name and SHA-256 of something this version was made from."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ReviewDocument:
    """One version of the review, with all that its report and exports say."""

    protocol: ReviewProtocol
    number: str
    kind: VersionKind
    cause: str
    drafted_at: str | None
    published_at: str | None  # None: a draft
    engine: str
    results: tuple[AnalysisResult, ...]
    flow: FlowCounts
    flow_cumulative: FlowCounts
    facts: ProcessFacts
    previous: PreviousVersion | None = None
    certainty: tuple[CertaintyLine, ...] = ()
    signals: tuple[SignalLine, ...] = ()
    studies: tuple[StudyLine, ...] = ()
    excluded: tuple[ExcludedLine, ...] = ()
    since_last: SinceLast | None = None  # None: there is no version before
    notices: tuple[StudyCorrections, ...] = ()
    searches: tuple[SearchLine, ...] = ()
    schedules: tuple[ScheduleLine, ...] = ()
    roster: tuple[RosterLine, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    values: tuple[ValueLine, ...] = ()
    inputs: tuple[InputHash, ...] = ()
    alarm_rates: tuple[RateLine, ...] = ()
    published: PublishedReview | None = None  # what this review goes on from
    reporting: tuple[ReportingLine, ...] = ()
    unpooled: tuple[UnpooledLine, ...] = ()
    coverage: SourceCoverage | None = None

    @property
    def is_draft(self) -> bool:
        return self.published_at is None
