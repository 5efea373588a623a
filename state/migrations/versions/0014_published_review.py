"""What the world knows of the published review, as the log took it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "published_review",
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("doi", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Text(), nullable=False),
        sa.Column("searched_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("review", name=op.f("pk_published_review")),
        sqlite_strict=True,
    )
