"""lets members flag posts

Adds flags of members on posts, and on each post how many of them staff have not settled. Nothing that is there changes.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from forum.core.db import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="read by the flagger and staff, never by peers"),
        sa.Column("flagged_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True, comment="staff looked and kept the post"),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_flag_course_id_course")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_flag_post_id_post")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_flag_account_id_account")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["account.id"], name=op.f("fk_flag_settled_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("post_id", "account_id", name=op.f("uq_flag_post_id_account_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_flag_course_id"), "flag", ["course_id"])
    op.create_index(op.f("ix_flag_account_id"), "flag", ["account_id"])
    op.add_column(
        "post",
        sa.Column("flags", sa.Integer(), nullable=False, server_default="0",
                  comment="flags of members that staff have not settled"),
    )  # fmt: skip
    for name, where in (
        ("ix_post_flagged", "flags > 0"),
        ("ix_post_held", "held_at IS NOT NULL"),
        ("ix_post_removed", "removed_at IS NOT NULL"),
    ):
        op.create_index(
            name, "post", ["course_id"], sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
