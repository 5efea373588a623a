"""What two people have to say, what was taken back, and what is judged anew"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

PROPOSED = sa.text("ended IS NULL")
PLACES_BEFORE = "place IN ('included', 'ongoing', 'awaiting')"
PLACES = "place IN ('included', 'ongoing', 'awaiting', 'excluded')"


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=True),
        sa.Column("since", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("next_look_on", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("cites", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.Text(), nullable=False),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("ended_note", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('move', 'merge', 'link')", name=op.f("ck_proposal_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sqlite_strict=True,
    )
    op.create_index("ix_proposal_subject", "proposal", ["subject"])
    op.create_index(
        "ix_proposal_open",
        "proposal",
        ["proposed_at"],
        sqlite_where=PROPOSED,
        postgresql_where=PROPOSED,
    )
    for table in ("decision", "ruling"):
        _add_event_number(table, "earlier")
        op.add_column(table, sa.Column("said_of", sa.Text(), nullable=True))
    _add_event_number("decision", "withdrawn")
    _add_event_number("search_run", "withdrawn")
    _let_studies_be_excluded()


def _add_event_number(table: str, name: str) -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column(table, sa.Column(name, number, nullable=False, server_default="0"))


def _let_studies_be_excluded() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_study_place"), "study", type_="check")
        op.create_check_constraint(op.f("ck_study_place"), "study", PLACES)
        return
    # Studies are referred to, and SQLite drops no such table to make it anew. Its own documents say
    # how a constraint is changed where no row is (lang_altertable, section 7).
    connection = op.get_bind()
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute("PRAGMA writable_schema=ON")
    change = sa.text(
        "UPDATE sqlite_master SET sql = replace(sql, :before, :now)"
        " WHERE type = 'table' AND name = 'study'"
    )
    connection.execute(change, {"before": PLACES_BEFORE, "now": PLACES})
    op.execute(f"PRAGMA schema_version={version + 1}")
    op.execute("PRAGMA writable_schema=RESET")
