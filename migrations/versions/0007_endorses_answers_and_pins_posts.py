"""endorses answers and pins posts

Adds to each post who endorsed it as an answer and who pinned it in its thread, and when, and to each thread how many of
its posts are marked so. Nothing that is there changes: no post was marked before.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from forum.core.db import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MARKED = sa.text("endorsed_at IS NOT NULL OR pinned_at IS NOT NULL")


def upgrade() -> None:
    op.add_column(
        "thread",
        sa.Column(
            "marked", sa.Integer(), nullable=False, server_default="0",
            comment="posts that staff endorsed or pinned in it; 0: there are none to look for",
        ),
    )  # fmt: skip
    for name, said in (
        ("endorsed", "when staff endorsed it as an answer"),
        ("pinned", "when staff pinned it inside its thread"),
    ):
        op.add_column("post", sa.Column(f"{name}_at", Instant(), nullable=True, comment=said))
        # In one statement, which both databases take: else SQLite would make the whole table anew.
        op.execute(
            f"ALTER TABLE post ADD COLUMN {name}_by_id INTEGER"
            f" CONSTRAINT fk_post_{name}_by_id_account REFERENCES account (id)"
        )
    op.create_index("ix_post_marked", "post", ["thread_id"], sqlite_where=MARKED, postgresql_where=MARKED)
