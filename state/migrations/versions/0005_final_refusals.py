"""Messages that a mail server will never take

They are kept apart from those that are tried again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("delivery_attempt", sa.Column("refused_at", sa.Text(), nullable=True))
