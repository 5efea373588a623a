"""The vocabulary read from the world: records, register entries, and the numbers of a study."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum


class RecordKind(StrEnum):
    """What a record describes, as far as its source says."""

    ARTICLE = "article"
    BOOK = "book"
    REGISTER_ENTRY = "register_entry"


class CorrectionKind(StrEnum):
    """What a notice about another document says of it."""

    RETRACTION = "retraction"
    PARTIAL_RETRACTION = "partial_retraction"
    REPUBLICATION = "republication"  # retracted, and a mended version published in its place
    ERRATUM = "erratum"
    CONCERN = "concern"
    COMMENT = "comment"
    UPDATE = "update"
    UNKNOWN = "unknown_kind"  # a notice that its source names by a word that is not known here


class Direction(StrEnum):
    """Which end of a correction the record is."""

    OF_THIS = "of_this"  # the other document corrects this record
    THIS_IS_OF = "this_is_of"  # this record is the notice about the other document


@dataclass(frozen=True, slots=True)
class Correction:
    """One link between a record and a notice (PubMed's CommentsCorrections)."""

    kind: CorrectionKind
    direction: Direction
    pmid: str | None = None
    doi: str | None = None
    citation: str | None = None


@dataclass(frozen=True, slots=True)
class RecordIds:
    """Identifiers in normal form.

    `register` holds the ids a record is itself known by (a register entry) or declares in its
    databank fields or its text (an article): upper case, without country suffix.
    """

    pmid: str | None = None
    pmcid: str | None = None
    doi: str | None = None
    register: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """The watched fields of a trial register entry, as text in the register's own words.

    Dates keep the precision they came with ("2026-12" or "2026-12-15").
    """

    overall_status: str | None = None
    start_on: str | None = None
    primary_completion_on: str | None = None
    completion_on: str | None = None
    results_posted_on: str | None = None
    last_update_on: str | None = None
    enrolment: int | None = None
    has_results: bool = False
    allocation: str | None = None
    intervention_model: str | None = None
    conditions: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A title/abstract entry of a database or register, as found.

    `published_on` keeps the precision of the source: "1994", "1994-03", "1994-03-15", or the
    source's own words for a season or a free-text date ("2000 Spring", "1998 Dec-1999 Jan").
    `None` is "not reported", never "".
    """

    source: str
    source_id: str
    title: str
    kind: RecordKind = RecordKind.ARTICLE
    abstract: str | None = None
    vernacular_title: str | None = None
    authors: tuple[str, ...] = ()
    journal: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    year: int | None = None
    published_on: str | None = None
    languages: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    mesh: tuple[str, ...] = ()  # "Descriptor" or "Descriptor/qualifier"
    ids: RecordIds = RecordIds()
    corrections: tuple[Correction, ...] = ()
    entry: RegisterEntry | None = None

    @property
    def key(self) -> str:
        """The record's name in this product: its source and the source's own id."""
        return f"{self.source}:{self.source_id}"


@dataclass(frozen=True, slots=True)
class HistoryChange:
    """A field that a version of an entry changed. late: after which turn of the trial, if any."""

    field: str
    old: str | None
    new: str | None
    late: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """A version of an entry, or an application about it; on: the day it was handed in."""

    version: str
    on: str
    what: str
    changes: tuple[HistoryChange, ...] = ()


@dataclass(frozen=True, slots=True)
class FullTextLocation:
    """Where a full text of a document lies. is_open: to everybody, not to subscribers alone."""

    url: str
    is_pdf: bool
    is_open: bool
    version: str | None = None
    licence: str | None = None


class Field(StrEnum):
    """A number that an arm or a pair of arms can report."""

    EVENTS = "events"
    TOTAL = "total"
    MEAN = "mean"
    SD = "sd"
    N = "n"
    BOTH = "both"  # paired cells: people with the event on both arms,
    FIRST_ONLY = "first_only"  # on the first-named arm only,
    SECOND_ONLY = "second_only"  # on the second only,
    NEITHER = "neither"  # on neither
    SD_DIFFERENCE = "sd_difference"  # SD of the within-person differences
    CORRELATION = "correlation"  # within-person correlation of the two periods
    TIME = "time"  # person-time at risk
    ESTIMATE = "estimate"  # a contrast, first-named arm to second: a ratio as its logarithm,
    SE = "se"  # its standard error,
    CI_LOWER = "ci_lower"  # its 95 % limits, on the scale of the estimate,
    CI_UPPER = "ci_upper"
    P = "p"  # and its two-sided p-value
    O_MINUS_E = "o_minus_e"  # observed minus expected events on the first-named arm
    VARIANCE = "variance"  # of o_minus_e


# A field that its class got after logs held the class: it is stored only where it says something,
# so that what was stored before stays as it was, sign for sign.
LATER = {"later": True}


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """The place of one number: study, outcome, time point, the arm (or pair of arms), the field.

    stratum: the part of the study that is reported apart (a dose, a sex); "" is the whole study.
    """

    study: str
    outcome: str
    time_point: str
    arms: tuple[str, ...]
    field: Field
    stratum: str = dataclasses.field(default="", metadata=LATER)

    @property
    def key(self) -> str:
        """A stable name: study|outcome|time point|arm+arm|field, |stratum where there is one."""
        arms = "+".join(self.arms)
        key = f"{self.study}|{self.outcome}|{self.time_point}|{arms}|{self.field}"
        return f"{key}|{self.stratum}" if self.stratum else key


def beside(key: str, of_field: str) -> str:
    """Return the key of another number of the same place: the same but for the field."""
    parts = key.split("|")
    return "|".join([*parts[:4], of_field, *parts[5:]])


class Basis(StrEnum):
    """How a value is known."""

    PUBLISHED = "published"
    DERIVED = "derived"
    EXTRACTED = "extracted"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value came from: document, place in it, words, and for a derived value how."""

    basis: Basis
    source: str
    locator: str | None = None
    quote: str | None = None
    how: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One number in its cell, with its unit and provenance."""

    cell: Cell
    number: float
    provenance: Provenance
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A document about a study: what it is cited as, and the ids it is known by."""

    citation: str
    ids: RecordIds = RecordIds()
    unconfirmed: bool = False


class Design(StrEnum):
    """How people were allocated over time."""

    PARALLEL = "parallel"
    CROSSOVER = "crossover"
    OTHER = "other"


class EntersInto(StrEnum):
    """Into which results a row of an analysis goes."""

    BOTH = "both"
    SUBGROUP = "subgroup"
    OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class StudyEntry:
    """A row that a study has in an analysis of the published review; `place` orders all rows."""

    analysis: str
    place: int
    stratum: str = ""
    subgroup: str = ""
    enters: EntersInto = EntersInto.BOTH
    footnote: str = ""


class Reporting(StrEnum):
    """What the reports of a study make of an outcome, as somebody said who read them."""

    REPORTED = "reported"
    NOT_REPORTED = "not_reported"  # it was measured, and no result of it is given
    NOT_MEASURED = "not_measured"
    UNCLEAR = "unclear"  # no result is given, and whether it was measured is not told


@dataclass(frozen=True, slots=True)
class OutcomeReporting:
    """What somebody said of one outcome in one study, and where they have it from."""

    outcome: str
    state: Reporting
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class UnpooledResult:
    """A result that a report tells and no analysis can pool, such as an adverse event in words.

    outcome: of the protocol, where it belongs to one; arms: none where it is not told by arm;
    number: of `unit` (people, events), where one is told; read_by: who of the extractors has it
    """

    what: str
    provenance: Provenance
    outcome: str | None = None
    arms: tuple[str, ...] = ()
    number: float | None = None
    unit: str | None = None
    read_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clusters:
    """How much people of one cluster resemble each other.

    design_effect, where it is given; else it is made from the intracluster correlation and the mean
    size of the clusters
    """

    design_effect: float | None = None
    icc: float | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """An investigation with its reports, as the baseline or an inclusion describes it.

    entries: the rows that it has in the published analyses; None where its values speak for
    themselves. clusters: of a trial that allocated groups. turned, changes: outcomes whose scale
    points the other way than the review's, and those measured as changes from baseline.
    reporting: what was said of outcomes without numbers; unpooled: results beside the numbers.
    """

    id: str
    label: str
    design: Design
    arms: tuple[str, ...]
    reports: tuple[Report, ...] = ()
    register_ids: tuple[str, ...] = ()
    participants: int | None = None
    participants_basis: Basis | None = None
    notes: tuple[str, ...] = ()
    year: int | None = dataclasses.field(default=None, metadata=LATER)
    covariates: tuple[tuple[str, str], ...] = dataclasses.field(default=(), metadata=LATER)
    entries: tuple[StudyEntry, ...] | None = dataclasses.field(default=None, metadata=LATER)
    clusters: Clusters | None = dataclasses.field(default=None, metadata=LATER)
    turned: tuple[str, ...] = dataclasses.field(default=(), metadata=LATER)
    changes: tuple[str, ...] = dataclasses.field(default=(), metadata=LATER)
    reporting: tuple[OutcomeReporting, ...] = dataclasses.field(default=(), metadata=LATER)
    unpooled: tuple[UnpooledResult, ...] = dataclasses.field(default=(), metadata=LATER)

    def covariate(self, named: str) -> str | None:
        """Return what a covariate is of this study; None where nobody said."""
        return dict(self.covariates).get(named)
