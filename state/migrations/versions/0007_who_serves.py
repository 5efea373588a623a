"""Who beats: the process that serves a review, and the path under which it does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("pulse", sa.Column("holder", sa.Text(), nullable=True))
    op.add_column("pulse", sa.Column("root", sa.Text(), nullable=True))
