"""indexes for long threads

The index by which the posts of a thread are read in order holds all by which they are counted, and one of the posts that
others can answer holds when each author's were first shown. Nothing that is there changes.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SHOWN = sa.text("removed_at IS NULL AND held_at IS NULL AND private_with_id IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_post_reading",
        "post",
        ["thread_id", "path", "appears_at", "scheduled_for", "held_at", "private_with_id", "author_id", "removed_at",
         "opens_thread", "course_id"],
    )  # fmt: skip
    op.drop_index("ix_post_thread_id_path", "post")
    op.create_index(
        "ix_post_shown",
        "post",
        ["board_id", "author_id", "appears_at", "group_id", "removed_at", "held_at", "private_with_id"],
        sqlite_where=_SHOWN,
        postgresql_where=_SHOWN,
    )
