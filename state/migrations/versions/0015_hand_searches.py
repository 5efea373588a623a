"""What a person told of a search by hand: which search it was, its part, what was shown"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "hand_search",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_hand_search")),
        sqlite_strict=True,
    )
    op.create_index("ix_hand_search_source", "hand_search", ["source"])
