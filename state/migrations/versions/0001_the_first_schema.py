"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sqlite_strict=True,
    )
    op.create_table(
        "candidate",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("study_id", sa.Text(), nullable=True),
        sa.Column("link_reason", sa.Text(), nullable=True),
        sa.Column("link_settled", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('new', 'second_report')", name=op.f("ck_candidate_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sqlite_strict=True,
    )
    op.create_index("ix_candidate_closed", "candidate", ["closed", "score"], unique=False)
    op.create_table(
        "confirmation",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_confirmation")),
        sqlite_strict=True,
    )
    op.create_table(
        "delivery_attempt",
        sa.Column("notice_key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("next_try_at", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("notice_key", "recipient", name=op.f("pk_delivery_attempt")),
        sqlite_strict=True,
    )
    op.create_table(
        "event",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("authenticated", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("authenticated IN (0, 1)", name=op.f("ck_event_authenticated")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_event_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_event_subject", "event", ["subject"], unique=False)
    op.create_table(
        "notice",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notice")),
        sqlite_strict=True,
    )
    op.create_table(
        "payload",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_payload")),
        sqlite_strict=True,
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("deputy", sa.Text(), nullable=True),
        sa.Column("retired", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sqlite_strict=True,
    )
    op.create_table(
        "protocol_version",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("adopted_at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_protocol_version")),
        sqlite_strict=True,
    )
    op.create_table(
        "pulse",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pulse")),
        sqlite_strict=True,
    )
    op.create_table(
        "record",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("candidate_id", sa.Text(), nullable=True),
        sa.Column("study_id", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.Text(), nullable=False),
        sa.Column("found_at", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("known_report", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_record")),
        sqlite_strict=True,
    )
    op.create_index("ix_record_candidate_id", "record", ["candidate_id"], unique=False)
    op.create_index("ix_record_study_id", "record", ["study_id"], unique=False)
    op.create_table(
        "record_identifier",
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("identifier", "record_key", name=op.f("pk_record_identifier")),
        sqlite_strict=True,
    )
    op.create_table(
        "result",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sqlite_strict=True,
    )
    op.create_table(
        "search_run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('ok', 'failed')", name=op.f("ck_search_run_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_run")),
        sqlite_strict=True,
    )
    op.create_index("ix_search_run_source", "search_run", ["source", "finished_at"], unique=False)
    op.create_table(
        "signal",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("analysis", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changes_conclusions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sqlite_strict=True,
    )
    op.create_table(
        "signature",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "subject_kind IN ('signal', 'version', 'amendment')",
            name=op.f("ck_signature_subject_kind"),
        ),
        sa.CheckConstraint("verdict IN ('accept', 'reject')", name=op.f("ck_signature_verdict")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_signature")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_signature_subject", "signature", ["subject_kind", "subject_id"], unique=False
    )
    op.create_table(
        "study",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("next_look_on", sa.Text(), nullable=True),
        sa.Column("candidate_id", sa.Text(), nullable=True),
        sa.Column("baseline", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "place IN ('included', 'ongoing', 'awaiting')", name=op.f("ck_study_place")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sqlite_strict=True,
    )
    op.create_table(
        "study_identifier",
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("identifier", "study_id", name=op.f("pk_study_identifier")),
        sqlite_strict=True,
    )
    op.create_table(
        "token",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_token")),
        sqlite_strict=True,
    )
    op.create_table(
        "version",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("result_id", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.Text(), nullable=False),
        sa.Column("published_at", sa.Text(), nullable=True),
        sa.Column("manifest_sha256", sa.Text(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'superseded', 'rejected', 'published')",
            name=op.f("ck_version_state"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_version")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_version_ordinal")),
        sqlite_strict=True,
    )
    op.create_table(
        "work",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.Text(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'claimed', 'done')", name=op.f("ck_work_state")),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_work")),
        sqlite_strict=True,
    )
    op.create_index("ix_work_state", "work", ["state", "due_at"], unique=False)
    op.create_table(
        "adjudicated_value",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_adjudicated_value_study_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_adjudicated_value")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_adjudicated_value_study_id"), "adjudicated_value", ["study_id"], unique=False
    )
    op.create_table(
        "baseline_value",
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_baseline_value_study_id")
        ),
        sa.PrimaryKeyConstraint("cell", name=op.f("pk_baseline_value")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_baseline_value_study_id"), "baseline_value", ["study_id"], unique=False
    )
    op.create_table(
        "decision",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("candidate_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("protocol_version", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_decision_candidate_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_decision")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_decision_candidate_id"), "decision", ["candidate_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("notice_key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("delivered_at", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_key"], ["notice.key"], name=op.f("fk_delivery_notice_key")
        ),
        sa.PrimaryKeyConstraint("notice_key", "recipient", name=op.f("pk_delivery")),
        sqlite_strict=True,
    )
    op.create_index("ix_delivery_delivered_at", "delivery", ["delivered_at"], unique=False)
    op.create_table(
        "ruling",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("candidate_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("protocol_version", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('agreement', 'adjudication')", name=op.f("ck_ruling_kind")),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_ruling_candidate_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ruling")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_ruling_candidate_id"), "ruling", ["candidate_id"], unique=False)
    op.create_table(
        "snapshot",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_key"], ["record.key"], name=op.f("fk_snapshot_record_key")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_snapshot")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_snapshot_record_key"), "snapshot", ["record_key"], unique=False)
    op.create_table(
        "submission",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("protocol_version", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_submission_study_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_submission")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_submission_study_id"), "submission", ["study_id"], unique=False)
