"""keeps receipts

Adds the chains of receipts. Nothing that is there changes: posts from before have no receipt.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from forum.core.db import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt_chain",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_receipt_chain_course_id_course")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_receipt_chain")),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True, comment="of the post: the text that arrived"),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False, comment="where the words were to go"),
        sa.Column("arrived_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True, comment="the due instant that it was held against"),
        sa.Column("limit_at", Instant(), nullable=True, comment="the same with grace"),
        sa.Column("appears_at", Instant(), nullable=True, comment="of a scheduled post: when it is shown"),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column(
            "detail", sa.String(length=40), nullable=False, comment="class of a refusal; why a segment starts"
        ),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column(
            "previous",
            sa.String(length=64),
            nullable=False,
            comment="hash of the token before; empty for the first",
        ),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=True, comment="gone with an erasure"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "kind IN ('accepted', 'refused', 'scheduled', 'edit', 'segment')",
            name=op.f("ck_receipt_known_kind"),
        ),
        sa.CheckConstraint(
            "verdict IN ('on_time', 'late', 'refused')", name=op.f("ck_receipt_known_verdict")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_receipt_account_id_account")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_receipt_course_id_course")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_receipt_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("course_id", "previous", name=op.f("uq_receipt_course_id_previous")),
        sa.UniqueConstraint("hash", name=op.f("uq_receipt_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_receipt_public_id")),
    )
    op.create_index("ix_receipt_account_id_id", "receipt", ["account_id", "id"])
    op.create_index(op.f("ix_receipt_post_id"), "receipt", ["post_id"])
