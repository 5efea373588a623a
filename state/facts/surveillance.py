"""Facts of the searches: runs, records, likenesses, notices, tasks, strategies, certificates."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from extraction.model import LATER, CorrectionKind, FullTextLocation, HistoryStep, Record
from state.codec import Json, text_of
from state.facts.fact import Fact
from state.facts.reading import upcast
from state.facts.words import AlertWay, LikenessAnswer, PairVerdict, RunStatus, TaskKind


@dataclass(frozen=True, slots=True)
class KnownItemMissing:
    """A known item that a complete search did not find again."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class SisterCheck:
    """Of the reports that another review includes, what a search found, and what it missed.

    items: how many the review includes; those that the source cannot hold, or that nobody knows
    whether it does, are neither found nor missing.
    """

    sister: str
    items: int
    found: tuple[str, ...]
    missing: tuple[KnownItemMissing, ...]

    @property
    def asked(self) -> int:
        """How many of them the source could have found."""
        return len(self.found) + len(self.missing)


@dataclass(frozen=True, slots=True)
class SearchRun:
    """One execution of a source's strategy: what was asked, what came, what went wrong."""

    id: str
    source: str
    status: RunStatus
    started_at: str
    finished_at: str
    query: str
    found: int
    new: int
    known: int
    changed: int
    candidates_new: int
    pages: int
    requests: int
    error: str | None
    retry_at: str | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    known_items_found: tuple[str, ...]
    known_items_missing: tuple[KnownItemMissing, ...]
    payloads: tuple[str, ...]
    elsewhere: tuple[SisterCheck, ...] = field(default=(), metadata=LATER)


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """Where a record goes: into a candidate, new or known, and why."""

    id: str
    opened: bool
    score: int
    lane: str
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    study: str | None = None
    link_reason: str | None = None


class SearchFinished(Fact, kind="search_finished", about="run.id", version=2):
    """A source was searched, or an export of a search by hand was taken in."""

    run: SearchRun

    def sentence(self) -> str:
        if self.run.status is RunStatus.FAILED:
            return f"searched {self.run.source}, which failed: {self.run.error}"
        return f"searched {self.run.source}: {self.run.found} found, {self.run.new} of them new"


@upcast(SearchFinished, since=1)
def _nothing_was_known_elsewhere(old: Json) -> Json:
    return old


class SearchWithdrawn(Fact, kind="search_withdrawn", about="run"):
    """Who made a search by hand took it back: its source counts as not searched by it."""

    run: str
    person: str
    note: str

    def sentence(self) -> str:
        return f"took the search {self.run} back: {self.note}"


class HandSearchTold(Fact, kind="hand_search_told", about="source"):
    """What a person told of a search by hand; what is told later of the same run counts.

    search: the words that were searched; searches: all that the source asks for, on that day.
    part, parts: of an export that came in several files. shown: how many records the database
    showed; difference: why they are not as many as were read.
    """

    run: str
    source: str
    search: str
    searches: tuple[str, ...]
    part: int
    parts: int
    shown: int | None
    difference: str | None
    platform: str | None
    coverage: str | None
    person: str | None

    def sentence(self) -> str:
        one = f"search {self.searches.index(self.search) + 1} of {len(self.searches)}"
        part = f", part {self.part} of {self.parts}" if self.parts > 1 else ""
        shown = f", {self.shown} shown" if self.shown is not None else ""
        return f"told of the search {self.run} that it is {one} of {self.source}{part}{shown}"


class AlertTaken(Fact, kind="alert_taken", about="alert"):
    """What a source's provider sent between two searches was taken in: no search of the source.

    day: on which it was sent; covers: what it says that it covers, None where it does not say.
    message: the Message-ID of the mail that it came in.
    """

    alert: str
    source: str
    day: str
    way: AlertWay
    name: str
    message: str | None
    covers: str | None
    payload: str
    found: int
    new: int
    known: int
    changed: int
    candidates_new: int
    warnings: tuple[str, ...]

    def sentence(self) -> str:
        covers = self.covers or "what it covers is not said"
        return (
            f"took in an alert of {self.source} of {self.day} ({covers}): {self.found} found,"
            f" {self.new} of them new"
        )


class _WithRecord:
    """A fact that holds a whole record, which is long to write out."""

    record: Record

    @cached_property
    def record_text(self) -> str:
        """The record as the tables keep it."""
        return text_of(self.record)

    def make_ready(self) -> None:
        """Write the record out."""
        _ = self.record_text


class RecordFound(_WithRecord, Fact, kind="record_found", about="record.key", version=2):
    """A record was seen for the first time. place: where in the queue, unless it is itself a
    report that the review counts already (known_report)."""

    record: Record
    identifiers: tuple[str, ...]
    payload_sha256: str
    run: str
    study: str | None
    known_report: bool
    place: QueueEntry | None

    def sentence(self) -> str:
        found = f"found {self.record.key}"
        if self.study is not None:
            return f"{found}, a report of {self.study}"
        return f"{found}, queued as {self.place.id}" if self.place is not None else found


class RecordChanged(_WithRecord, Fact, kind="record_changed", about="record.key", version=2):
    """A source words a known record differently. changes: the names of the fields that differ."""

    record: Record
    identifiers: tuple[str, ...]
    payload_sha256: str
    run: str
    changes: tuple[str, ...]
    entry_changed: bool

    def sentence(self) -> str:
        return f"found {self.record.key} changed: {', '.join(self.changes)}"


class EntryHistoryRead(Fact, kind="entry_history_read", about="entry"):
    """What a register itself says of an entry's past, before anybody here watched it.

    contents: whether the steps tell what changed, or only that something did.
    """

    entry: str
    source: str
    contents: bool
    steps: tuple[HistoryStep, ...]
    payloads: tuple[str, ...]

    def sentence(self) -> str:
        return f"read the history of {self.entry} in {self.source}: {len(self.steps)} versions"


class FullTextLocated(Fact, kind="full_text_located", about="doi"):
    """A service answered where it knows full texts of a document; none: it knows of none."""

    doi: str
    service: str
    locations: tuple[FullTextLocation, ...]

    def sentence(self) -> str:
        return f"looked up full texts of doi:{self.doi} in {self.service}: {len(self.locations)}"


class ItemConfirmed(Fact, kind="item_confirmed", about="item"):
    """A live answer bore a known item's identifier with the expected title."""

    item: str
    record: str

    def sentence(self) -> str:
        return f"confirmed the known item {self.item} by {self.record}"


class LikenessFound(Fact, kind="likeness_found", about="record"):
    """A new record is, or may be, a known one. rule: the name of the rule that says so."""

    record: str
    other: str
    answer: LikenessAnswer
    rule: str
    reasons: tuple[str, ...]

    def sentence(self) -> str:
        same = "the same as" if self.answer is LikenessAnswer.SAME else "perhaps the same as"
        said = "; ".join(self.reasons)
        return f"took {self.record} as {same} {self.other} by rule {self.rule}: {said}"


class LikenessSettled(Fact, kind="likeness_settled", about="record", version=2):
    """A person said whether two records are the same. place: the record's own place in the queue
    where it stands by itself again; carries: whether what was said of the one counts for both."""

    record: str
    other: str
    verdict: PairVerdict
    person: str
    note: str | None
    place: QueueEntry | None
    carries: bool

    def sentence(self) -> str:
        why = f": {self.note}" if self.note else ""
        return f"said that {self.record} and {self.other} are {self.verdict}{why}"


@upcast(LikenessSettled, since=1)
def _verdicts_stayed_where_they_were(old: Json) -> Json:
    return {**old, "note": None, "carries": False}


class CorrectionSeen(Fact, kind="correction_seen", about="correction", version=2):
    """A source tells of a notice (retraction, erratum, …) about a known study's report."""

    correction: str
    study: str
    record: str
    correction_kind: CorrectionKind
    doi: str | None
    pmid: str | None
    citation: str | None
    source: str

    def sentence(self) -> str:
        return (
            f"saw in {self.source} a notice ({self.correction_kind}) on {self.record}"
            f" of {self.study}"
        )


@upcast(RecordFound, since=1)
@upcast(RecordChanged, since=1)
@upcast(CorrectionSeen, since=1)
def _every_kind_of_notice_was_known(old: Json) -> Json:
    return old


class TaskRaised(Fact, kind="task_raised", about="task", version=3):
    """Something that only a person can judge. subject: what it is about; text: what to do."""

    task: str
    task_kind: TaskKind
    subject: str
    text: str
    study: str | None

    def sentence(self) -> str:
        return f"asked for a judgement on {self.subject}: {self.text}"


@upcast(TaskRaised, since=1)
def _no_value_was_asked_about(old: Json) -> Json:
    return old


@upcast(TaskRaised, since=2)
def _no_alert_was_refused(old: Json) -> Json:
    return old


class TaskSettled(Fact, kind="task_settled", about="task"):
    """What a person concluded."""

    task: str
    person: str
    note: str

    def sentence(self) -> str:
        return f"settled the task {self.task}: {self.note}"


class TaskReopened(Fact, kind="task_reopened", about="task"):
    """What was concluded of a task counts no more: it is to be judged again."""

    task: str
    person: str
    note: str

    def sentence(self) -> str:
        return f"opened the task {self.task} again: {self.note}"


class StrategyProposed(Fact, kind="strategy_proposed", about="strategy"):
    """A query that is not in force yet. comparison: what it gains and loses, None for the first."""

    strategy: str
    source: str
    query: str
    comparison: Json | None

    def sentence(self) -> str:
        return f"proposed the strategy {self.strategy} for {self.source}"


class StrategyAdopted(Fact, kind="strategy_adopted", about="strategy"):
    """A proposed query came into force."""

    strategy: str

    def sentence(self) -> str:
        return f"put the strategy {self.strategy} into force"


class CertificateSigned(Fact, kind="certificate_signed", about="certificate", version=2):
    """A certificate of silence. body: the canonical text that was signed; signature: base64.

    Since version 2 the text says of each source whether a known item guards it, and which searches
    by hand are open.
    """

    certificate: str
    body: str
    signature: str

    def sentence(self) -> str:
        return f"signed the certificate {self.certificate}"


@upcast(CertificateSigned, since=1)
def _the_signed_text_stays(old: Json) -> Json:
    return old
