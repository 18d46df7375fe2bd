"""hands in now and shows later

Adds when a post is shown that its author handed in to be shown later, from when a thread is there that such a post
opens, and drafts that are to be posted for their author when something is due. Nothing that is there changes: posts and
threads from before were shown at once.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from forum.core.db import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "post",
        sa.Column(
            "scheduled_for", Instant(), nullable=True,
            comment="the instant that its author chose, of a post handed in to be shown later",
        ),
    )  # fmt: skip
    op.add_column(
        "thread",
        sa.Column(
            "appears_at", Instant(), nullable=True, comment="of a thread whose opening was handed in to be shown later"
        ),
    )  # fmt: skip
    op.create_table(
        "entrusted_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False, comment="of the draft"),
        sa.Column("set_at", Instant(), nullable=False),
        sa.Column("look_at", Instant(), nullable=True, comment="from when on whoever comes looks whether it is due; empty: done"),
        sa.Column("done_at", Instant(), nullable=True, comment="the due instant at which it was carried out"),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_entrusted_draft_account_id_account")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_entrusted_draft_course_id_course")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_entrusted_draft_checkpoint_id_checkpoint")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_entrusted_draft_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entrusted_draft")),
        sa.UniqueConstraint("account_id", "checkpoint_id", name=op.f("uq_entrusted_draft_account_id_checkpoint_id")),
    )  # fmt: skip
    op.create_index("ix_entrusted_draft_look_at", "entrusted_draft", ["look_at"])
