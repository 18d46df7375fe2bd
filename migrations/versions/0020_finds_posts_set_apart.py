"""finds posts set apart

An index of the few posts of a thread that are held for review or private takes the place of that of private ones alone.
Nothing that is there changes.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_APART = sa.text("held_at IS NOT NULL OR private_with_id IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_post_set_apart", "post", ["thread_id"], sqlite_where=_APART, postgresql_where=_APART)
    op.drop_index("ix_post_private", "post")
