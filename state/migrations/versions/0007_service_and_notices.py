"""Who serves a review, and which records are notices about others

A beat names its process and the path under which it serves the page. Notices are found without
reading all that is known.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
IS_NOTICE = sa.text("data LIKE '%\"this_is_of\"%'")


def upgrade() -> None:
    op.add_column("pulse", sa.Column("holder", sa.Text(), nullable=True))
    op.add_column("pulse", sa.Column("root", sa.Text(), nullable=True))
    op.create_index(
        "ix_record_notice",
        "record",
        ["key"],
        sqlite_where=IS_NOTICE,
        postgresql_where=IS_NOTICE,
    )
