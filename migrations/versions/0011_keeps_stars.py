"""keeps stars

Adds the threads that people marked to find them again. Nothing that is there changes.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from forum.core.db import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "star",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_star_account_id_account")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_star_thread_id_thread")),
        sa.PrimaryKeyConstraint("account_id", "thread_id", name=op.f("pk_star")),
    )
    op.create_index("ix_star_thread_id", "star", ["thread_id"])
