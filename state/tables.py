"""The schema, once, for SQLite and PostgreSQL.

`event` and `payload` are append-only. Every other table is either a projection of the log
(`PROJECTIONS`, rebuilt and compared by `verify`) or operational (`work`, `token`, `pulse`,
`delivery_attempt`, `kept_form`: leases, sign-in links, heartbeats, tries, what was typed and not
taken), which no fact depends on.
Instants are text in UTC, one fixed format, so that they sort; JSON is canonical text.
"""

from __future__ import annotations

from sqlalchemy import (
    REAL,
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TextClause,
    text,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# STRICT tables know INTEGER but not BIGINT.
Sequence: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
# PostgreSQL's REAL would keep seven digits; SQLite's REAL is a double already.
Number: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")


# Conditions of partial indexes; a query that says the same, word for word, can use them.
IS_OPEN = "closed = 0"
IS_NOTICE = "data LIKE '%\"this_is_of\"%'"  # of a record: about another one
IS_PROPOSED = "ended IS NULL"
IS_ASKED = "verdict IS NULL AND answer = 'maybe'"


def _table(name: str, *parts: Column[object] | CheckConstraint | Index) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True)


def _partial(name: str, *columns: str | TextClause, where: str) -> Index:
    """An index of some rows, made from here on SQLite. The migrations alone make PostgreSQL's: to
    name that engine here would have every command load it."""
    return Index(name, *columns, sqlite_where=text(where)).ddl_if(dialect="sqlite")


def _check(condition: str) -> CheckConstraint:
    return CheckConstraint(condition, name=condition.split()[0])


def _text(name: str, *, nullable: bool = False, key: bool = False) -> Column[object]:
    return Column(name, Text, nullable=nullable, primary_key=key)


event = _table(
    "event",
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    _text("at"),
    _text("actor"),
    Column("authenticated", Integer, nullable=False),
    _check("authenticated IN (0, 1)"),
    _text("kind"),
    Column("version", Integer, nullable=False),
    _text("subject"),
    _text("payload"),
    _text("nonce"),
    _text("prev_hash"),
    Column("hash", Text, nullable=False, unique=True),
    Index("ix_event_subject", "subject"),
    Index("ix_event_kind", "kind", "version"),
)
payload = _table(
    "payload",
    _text("sha256", key=True),
    _text("media_type"),
    Column("body", LargeBinary, nullable=False),
)

person = _table(
    "person",
    _text("id", key=True),
    _text("name"),
    _text("address", nullable=True),
    _text("roles"),
    _text("deputy", nullable=True),
    Column("retired", Integer, nullable=False, default=0),
    _text("added_at"),
)
stand_in = _table(
    "stand_in",
    _text("person_id", key=True),
    _text("role", key=True),
    _text("deputy"),
    _text("since"),
)
protocol_version = _table(
    "protocol_version",
    _text("version", key=True),
    _text("sha256"),
    _text("body"),
    _text("adopted_at"),
    _text("reason"),
)
baseline_file = _table(
    "baseline_file",
    _text("name", key=True),
    _text("sha256"),
    _text("taken_at"),
)
published_review = _table(
    "published_review",
    _text("review", key=True),
    _text("number"),
    _text("doi"),
    _text("published_on"),
    _text("searched_on"),
)
study = _table(
    "study",
    _text("id", key=True),
    _text("label"),
    _text("data"),
    _text("place"),
    _check("place IN ('included', 'ongoing', 'awaiting', 'excluded')"),
    _text("next_look_on", nullable=True),
    _text("candidate_id", nullable=True),
    Column("baseline", Integer, nullable=False),
    _text("added_at"),
)
study_identifier = _table(
    "study_identifier",
    _text("identifier", key=True),
    _text("study_id", key=True),
)
record = _table(
    "record",
    _text("key", key=True),
    _text("source"),
    _text("source_id"),
    _text("candidate_id", nullable=True),
    _text("study_id", nullable=True),
    _text("data"),
    _text("payload_sha256"),
    _text("found_at"),
    _text("run_id"),
    Column("known_report", Integer, nullable=False),
    Column("words", Text, nullable=False, server_default=""),  # in which readers search
    Index("ix_record_candidate_id", "candidate_id"),
    Index("ix_record_study_id", "study_id"),
    # A search reads this index alone. PostgreSQL takes no long text into one.
    Index("ix_record_words", "source", "key", "words").ddl_if(dialect="sqlite"),
    Index("ix_record_source", "source", "key").ddl_if(dialect="postgresql"),
    _partial("ix_record_notice", "key", where=IS_NOTICE),
)
record_identifier = _table(
    "record_identifier",
    _text("identifier", key=True),
    _text("record_key", key=True),
    Index("ix_record_identifier_record_key", "record_key"),
)
candidate = _table(
    "candidate",
    _text("id", key=True),
    _text("kind"),
    _check("kind IN ('new', 'second_report')"),
    _text("opened_at"),
    Column("score", Integer, nullable=False),
    _text("lane"),
    _text("reasons"),
    _text("flags"),
    _text("study_id", nullable=True),
    _text("link_reason", nullable=True),
    Column("link_settled", Integer, nullable=False, default=0),
    Column("closed", Integer, nullable=False, default=0),
    _text("outcome", nullable=True),
    _text("stage", nullable=True),  # the open one
    Column("public_status", Text, nullable=False, server_default="waiting"),
    _partial(
        "ix_candidate_open",
        text("score DESC"),
        "opened_at",
        "id",
        where=IS_OPEN,
    ),
)
decision = _table(
    "decision",
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("candidate_id", Text, ForeignKey("candidate.id"), nullable=False, index=True),
    _text("stage"),
    _text("person_id"),
    _text("verdict"),
    _text("criterion", nullable=True),
    _text("place", nullable=True),
    _text("next_look_on", nullable=True),
    _text("note", nullable=True),
    _text("protocol_version"),
    _text("at"),
    # The events that set it aside (0: none did), and the candidate it was said of, where a merge
    # brought it here.
    Column("earlier", Sequence, nullable=False, server_default="0"),
    _text("said_of", nullable=True),
    Column("withdrawn", Sequence, nullable=False, server_default="0"),
)
ruling = _table(
    "ruling",
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("candidate_id", Text, ForeignKey("candidate.id"), nullable=False, index=True),
    _text("stage"),
    _text("kind"),
    _check("kind IN ('agreement', 'adjudication')"),
    _text("person_id"),
    _text("verdict"),
    _text("criterion", nullable=True),
    _text("place", nullable=True),
    _text("next_look_on", nullable=True),
    _text("note", nullable=True),
    _text("protocol_version"),
    _text("at"),
    Column("earlier", Sequence, nullable=False, server_default="0"),
    _text("said_of", nullable=True),
)
baseline_value = _table(
    "baseline_value",
    _text("cell", key=True),
    Column("study_id", Text, ForeignKey("study.id"), nullable=False, index=True),
    _text("data"),
)
submission = _table(
    "submission",
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("study_id", Text, ForeignKey("study.id"), nullable=False, index=True),
    _text("person_id"),
    _text("data"),
    _text("protocol_version"),
    _text("at"),
    _text("not_reported", nullable=True),  # cells, as JSON; NULL: none
    _text("reports", nullable=True),  # added to the study's, as JSON; NULL: none
)
adjudicated_value = _table(
    "adjudicated_value",
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("study_id", Text, ForeignKey("study.id"), nullable=False, index=True),
    _text("cell"),
    _text("person_id"),
    Column("number", Number, nullable=True),
    _text("text", nullable=True),
    _text("note"),
    _text("at"),
)
chosen_place = _table(
    "chosen_place",
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    _text("cell", key=True),
    Column("study_id", Text, ForeignKey("study.id"), nullable=False, index=True),
    _text("person_id"),
    _text("said_by"),
    _text("note", nullable=True),
    _text("at"),
)
search_run = _table(
    "search_run",
    _text("id", key=True),
    _text("source"),
    _text("status"),
    _check("status IN ('ok', 'failed')"),
    _text("started_at"),
    _text("finished_at"),
    _text("data"),
    Column("withdrawn", Sequence, nullable=False, server_default="0"),  # by which event, 0: by none
    Index("ix_search_run_source", "source", "finished_at"),
    Index("ix_search_run_finished_at", "finished_at", "id"),
)
hand_search = _table(
    "hand_search",
    _text("run", key=True),
    _text("source"),
    _text("data"),
    Index("ix_hand_search_source", "source"),
)
alert = _table(
    "alert",
    _text("id", key=True),
    _text("source"),
    _text("day"),
    _text("taken_at"),
    _text("payload_sha256"),
    _text("data"),
    Index("ix_alert_source", "source", "day", "id"),
    Index("ix_alert_payload_sha256", "payload_sha256"),
)
sister_list = _table(
    "sister_list",
    _text("sister", key=True),
    _text("data"),
    _text("at"),
)
entry_history = _table(
    "entry_history",
    _text("entry", key=True),
    _text("data"),
    _text("at"),
)
full_text = _table(
    "full_text",
    _text("doi", key=True),
    _text("service", key=True),
    _text("data"),
    _text("at"),
)
snapshot = _table(
    "snapshot",
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("record_key", Text, ForeignKey("record.key"), nullable=False, index=True),
    _text("entry"),
    _text("payload_sha256"),
    _text("at"),
)
confirmation = _table(
    "confirmation",
    _text("item", key=True),
    _text("record_key"),
    _text("at"),
)
result = _table(
    "result",
    _text("id", key=True),
    _text("computed_at"),
    _text("engine"),
    _text("inputs"),
    _text("data"),
)
version = _table(
    "version",
    _text("number", key=True),
    _text("state"),
    _check("state IN ('draft', 'superseded', 'rejected', 'published')"),
    _text("kind"),
    _text("cause"),
    _text("result_id"),
    _text("drafted_at"),
    _text("published_at", nullable=True),
    _text("manifest_sha256", nullable=True),
    Column("ordinal", Integer, nullable=False, unique=True),
)
signal = _table(
    "signal",
    _text("id", key=True),
    _text("version"),
    _text("rule"),
    _text("analysis"),
    _text("text"),
    Column("changes_conclusions", Integer, nullable=False),
)
amendment = _table(
    "amendment",
    _text("id", key=True),
    _text("text"),
    _text("cause"),
    _text("proposed_at"),
    _text("in_force_at", nullable=True),
)
protocol_proposal = _table(
    "protocol_proposal",
    _text("id", key=True),
    _text("version"),
    _text("sha256"),
    _text("body"),
    _text("reason"),
    _text("based_on"),
    _text("based_on_sha256"),
    _text("words"),
    _text("diff"),
    _text("proposed_at"),
)
signature = _table(
    "signature",
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    _text("subject_kind"),
    _check("subject_kind IN ('signal', 'version', 'amendment')"),
    _text("subject_id"),
    _text("person_id"),
    _text("verdict"),
    _check("verdict IN ('accept', 'reject')"),
    _text("reason", nullable=True),
    _text("at"),
    Index("ix_signature_subject", "subject_kind", "subject_id"),
)
notice = _table(
    "notice",
    _text("key", key=True),
    _text("kind"),
    _text("subject"),
    _text("body"),
    _text("written_at"),
)
delivery = _table(
    "delivery",
    Column("notice_key", Text, ForeignKey("notice.key"), primary_key=True),
    _text("recipient", key=True),
    _text("message_id"),
    _text("delivered_at", nullable=True),
    _text("channel", nullable=True),
    Index("ix_delivery_delivered_at", "delivered_at"),
)

likeness = _table(
    "likeness",
    _text("record_key", key=True),
    _text("other_key", key=True),
    _text("answer"),
    _check("answer IN ('same', 'maybe')"),
    _text("rule"),
    _text("reasons"),
    _text("found_at"),
    _text("verdict", nullable=True),
    _check("verdict IN ('same', 'different')"),
    _text("person_id", nullable=True),
    _text("settled_at", nullable=True),
    Index("ix_likeness_other_key", "other_key"),
    _partial(
        "ix_likeness_asked",
        "found_at",
        "record_key",
        "other_key",
        where=IS_ASKED,
    ),
)
proposal = _table(
    "proposal",
    _text("id", key=True),
    _text("kind"),
    _check("kind IN ('move', 'merge', 'link')"),
    _text("subject"),
    _text("other", nullable=True),
    _text("since", nullable=True),
    _text("place", nullable=True),
    _text("next_look_on", nullable=True),
    _text("note", nullable=True),
    _text("cites"),
    _text("person_id"),
    _text("proposed_at"),
    _text("ended", nullable=True),
    _text("ended_by", nullable=True),
    _text("ended_at", nullable=True),
    _text("ended_note", nullable=True),
    Index("ix_proposal_subject", "subject"),
    _partial(
        "ix_proposal_open",
        "proposed_at",
        where=IS_PROPOSED,
    ),
)
task = _table(
    "task",
    _text("id", key=True),
    _text("kind"),
    _text("subject"),
    _text("text"),
    _text("study_id", nullable=True),
    _text("raised_at"),
    _text("settled_at", nullable=True),
    _text("person_id", nullable=True),
    _text("note", nullable=True),
    Index("ix_task_settled_at", "settled_at"),
)
correction = _table(
    "correction",
    _text("id", key=True),
    _text("study_id"),
    _text("record_key"),
    _text("kind"),
    _text("doi", nullable=True),
    _text("pmid", nullable=True),
    _text("citation", nullable=True),
    _text("sources"),
    _text("seen_at"),
    Index("ix_correction_study_id", "study_id"),
)
certificate = _table(
    "certificate",
    _text("id", key=True),
    _text("at"),
    _text("body"),
    _text("signature"),
    Index("ix_certificate_at", "at"),
)
strategy = _table(
    "strategy",
    _text("id", key=True),
    _text("source"),
    _text("query"),
    _text("comparison", nullable=True),
    _text("proposed_at"),
    _text("adopted_at", nullable=True),
    Index("ix_strategy_source", "source", "adopted_at"),
)

# All others serve readers: a replay does without them.
SOUGHT_BY_PROJECTORS = tuple(
    index
    for index in (*record.indexes, *record_identifier.indexes)
    if index.name
    in ("ix_record_candidate_id", "ix_record_study_id", "ix_record_identifier_record_key")
)

PROJECTIONS: tuple[Table, ...] = (
    person,
    stand_in,
    protocol_version,
    baseline_file,
    published_review,
    study,
    study_identifier,
    record,
    record_identifier,
    candidate,
    decision,
    ruling,
    baseline_value,
    submission,
    adjudicated_value,
    chosen_place,
    search_run,
    hand_search,
    alert,
    sister_list,
    entry_history,
    full_text,
    snapshot,
    confirmation,
    result,
    version,
    signal,
    amendment,
    protocol_proposal,
    signature,
    notice,
    delivery,
    likeness,
    proposal,
    task,
    correction,
    certificate,
    strategy,
)

work = _table(
    "work",
    _text("kind", key=True),
    _text("key", key=True),
    _text("due_at"),
    _text("state"),
    _check("state IN ('due', 'claimed', 'done')"),
    _text("holder", nullable=True),
    _text("lease_until", nullable=True),
    Column("fence", Integer, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    _text("last_error", nullable=True),
    _text("done_at", nullable=True),
    Index("ix_work_state", "state", "due_at"),
)
delivery_attempt = _table(
    "delivery_attempt",
    _text("notice_key", key=True),
    _text("recipient", key=True),
    Column("attempts", Integer, nullable=False),
    _text("last_error", nullable=True),
    _text("next_try_at"),
    _text("lease_until", nullable=True),
    _text("refused_at", nullable=True),
    _text("sent_with", nullable=True),
)
token = _table(
    "token",
    _text("hash", key=True),
    _text("kind"),
    _text("person_id", nullable=True),
    _text("expires_at"),
    _text("used_at", nullable=True),
)
kept_form = _table(
    "kept_form",
    _text("person_id", key=True),
    _text("action", key=True),
    _text("page"),
    _text("fields"),
    _text("kept_at"),
)
pulse = _table(
    "pulse",
    _text("name", key=True),
    _text("at"),
    _text("holder", nullable=True),
    _text("root", nullable=True),
    _text("address", nullable=True),
)
