"""The review's protocol as frozen values: what is asked, searched, decided and computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from extraction.model import Study, Value


class OutcomeKind(StrEnum):
    EVENTS = "events"
    CONTINUOUS = "continuous"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One eligibility criterion; an exclusion names it by id."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Role:
    """A role people hold, and how many seats the review wants filled."""

    id: str  # screener, extractor, adjudicator, lead, information_specialist, operator
    seats: int
    text: str


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One source: how it is searched and when.

    kind: "pubmed" | "ctgov" | "europepmc" (a query), "openalex" | "crossref" (documents to start
    from, see bot.seeds), all automatic; or "manual" (a person pastes `strategy` and uploads).
    schedule: five-field cron text read in the protocol's time zone.
    strategy_file, filter_file: names in strategies/; the filter marks records, it never keeps one
    out.
    """

    id: str
    kind: str
    name: str
    schedule: str
    strategy_file: str
    filter_file: str | None = None


@dataclass(frozen=True, slots=True)
class ArmDefinition:
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Outcome:
    id: str
    label: str
    kind: OutcomeKind
    event_is: str | None  # "good" | "bad" for events
    higher_is: str | None  # "better" | "worse" for continuous
    time_point: str
    key: bool = False
    unit: str | None = None
    aliases: tuple[str, ...] = ()


RATIOS = frozenset({"RR", "OR"})  # measures with no effect at 1; of the others it is at 0


def direction(outcome: Outcome, measure: str, arms: tuple[str, str]) -> str:
    """Say which arm a result above no effect speaks for, arms in the order of the analysis."""
    null = 1 if measure in RATIOS else 0
    more_is_good = outcome.event_is == "good" or outcome.higher_is == "better"
    return f"above {null} favours {arms[0] if more_is_good else arms[1]}"


@dataclass(frozen=True, slots=True)
class Comparison:
    id: str
    label: str
    arms: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Published:
    """A published result, on the natural scale, as printed (text keeps the digits)."""

    estimate: str
    ci_lower: str
    ci_upper: str
    certainty: str
    source: str
    studies: int
    participants: int


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """One planned analysis: which numbers, which arms in which order, which measure and model."""

    id: str
    outcome: str
    comparison: str
    time_point: str
    measure: str  # RR | OR | RD | MD | SMD
    method: str  # MH | IV
    model: str  # common | random
    arm_1: str
    arm_2: str
    direction: str  # computed, e.g. "above 1 favours ivig"
    arm_order_inferred: bool
    published: Published | None


@dataclass(frozen=True, slots=True)
class SignalRule:
    """One pre-registered rule; `parameter` holds its threshold where it has one."""

    id: str  # S1 .. S8
    text: str
    changes_conclusions: bool
    parameter: float | None = None


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """A policy question the authors have not settled, with the default that shows."""

    id: str
    question: str
    default: str
    concerns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amendment:
    version: str
    decided_on: str
    reason: str
    agreed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LivingMode:
    mode: str  # "trigger" | "fixed"
    rationale: str
    preceding_doi: str
    retirement: str
    updating_policy: str


@dataclass(frozen=True, slots=True)
class ReviewProtocol:
    id: str
    version: str
    title: str
    short_title: str
    question: str
    time_zone: str
    criteria: tuple[Criterion, ...]
    roles: tuple[Role, ...]
    sources: tuple[SourcePlan, ...]
    arms: tuple[ArmDefinition, ...]
    outcomes: tuple[Outcome, ...]
    comparisons: tuple[Comparison, ...]
    analyses: tuple[AnalysisPlan, ...]
    signal_rules: tuple[SignalRule, ...]
    open_decisions: tuple[OpenDecision, ...]
    living: LivingMode
    amendments: tuple[Amendment, ...]


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A report that every complete search of the named sources must re-find.

    Where `confirmed` is false, an answer that bears the id confirms it only if its title is this.
    """

    id: str  # "pmid:8145910" or "register:NCT00268788", as records are known by their ids
    title: str
    sources: tuple[str, ...]
    study: str | None
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ReviewFolder:
    """A whole review folder, read and checked."""

    protocol: ReviewProtocol
    protocol_text: str
    strategies: dict[str, str]  # source id -> text of its strategy file, verbatim
    known_items: tuple[KnownItem, ...]
    queries: dict[str, str] = field(default_factory=dict)  # source id -> what is sent, or pasted
    filters: dict[str, str] = field(default_factory=dict)  # source id -> query of its filter file
    studies: tuple[Study, ...] = ()  # the baseline: the review as published
    values: tuple[Value, ...] = ()
    identifiers: dict[str, tuple[str, ...]] = field(default_factory=dict)  # study -> confirmed ids
    file_hashes: dict[str, str] = field(default_factory=dict)  # path in the folder -> SHA-256
