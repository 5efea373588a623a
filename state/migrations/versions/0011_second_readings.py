"""What a second reading can say: that a number is not reported, another report, which place counts

The columns are NULL of what was handed in before: nothing of the kind could be said.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("not_reported", "reports"):
        op.add_column("submission", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "chosen_place",
        sa.Column("seq", SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("cell", sa.Text(), primary_key=True),
        sa.Column("study_id", sa.Text(), sa.ForeignKey("study.id"), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_chosen_place_study_id", "chosen_place", ["study_id"])
