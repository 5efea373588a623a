"""What pages need to show a part of much: words to search in, public status, indexes

The columns are filled by `state.projections.refill` when the schema is whole.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

OPEN = sa.text("closed = 0")
ASKED = sa.text("verdict IS NULL AND answer = 'maybe'")


def upgrade() -> None:
    op.add_column("record", sa.Column("words", sa.Text(), nullable=False, server_default=""))
    op.add_column("candidate", sa.Column("stage", sa.Text(), nullable=True))
    op.add_column(
        "candidate",
        sa.Column("public_status", sa.Text(), nullable=False, server_default="waiting"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_record_words", "record", ["source", "key", "words"])
    else:
        op.create_index("ix_record_source", "record", ["source", "key"])
    op.create_index("ix_record_identifier_record_key", "record_identifier", ["record_key"])
    op.drop_index("ix_candidate_closed", "candidate")
    op.create_index(
        "ix_candidate_open",
        "candidate",
        [sa.text("score DESC"), "opened_at", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_search_run_finished_at", "search_run", ["finished_at", "id"])
    op.drop_index("ix_likeness_settled_at", "likeness")
    op.create_index("ix_likeness_other_key", "likeness", ["other_key"])
    op.create_index(
        "ix_likeness_asked",
        "likeness",
        ["found_at", "record_key", "other_key"],
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )
