"""What other reviews include; the past of register entries; where full texts lie"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "sister_list",
        sa.Column("sister", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sister", name=op.f("pk_sister_list")),
        sqlite_strict=True,
    )
    op.create_table(
        "entry_history",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_entry_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "full_text",
        sa.Column("doi", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("doi", "service", name=op.f("pk_full_text")),
        sqlite_strict=True,
    )
