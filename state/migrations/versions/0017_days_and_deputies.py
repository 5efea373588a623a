"""Messages that leave together, and who stands in for whom"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("delivery_attempt", sa.Column("sent_with", sa.Text(), nullable=True))
    op.create_table(
        "stand_in",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("deputy", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_stand_in")),
        sqlite_strict=True,
    )
