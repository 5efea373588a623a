"""The whole new protocols that amendments propose, and since when an amendment is in force"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXTS = ("version", "sha256", "body", "reason", "based_on", "based_on_sha256", "words", "diff")


def upgrade() -> None:
    op.create_table(
        "protocol_proposal",
        sa.Column("id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.Column("proposed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_proposal")),
        sqlite_strict=True,
    )
    op.add_column("amendment", sa.Column("in_force_at", sa.Text(), nullable=True))
