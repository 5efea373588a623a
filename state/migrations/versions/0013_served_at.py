"""The address at which the page was last served, for the links that commands write"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("pulse", sa.Column("address", sa.Text(), nullable=True))
