"""Likenesses with the rule that found them

No release has written one without its rule: the table is made anew, and the log alone fills it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_table("likeness")
    op.create_table(
        "likeness",
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("other_key", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("found_at", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.Text(), nullable=True),
        sa.CheckConstraint("answer IN ('same', 'maybe')", name=op.f("ck_likeness_answer")),
        sa.CheckConstraint("verdict IN ('same', 'different')", name=op.f("ck_likeness_verdict")),
        sa.PrimaryKeyConstraint("record_key", "other_key", name=op.f("pk_likeness")),
        sqlite_strict=True,
    )
    op.create_index("ix_likeness_settled_at", "likeness", ["settled_at"], unique=False)
