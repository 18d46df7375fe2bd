"""keeps requests for more time

Adds the table of requests. Nothing that is there changes.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from forum.core.db import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "time_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("wished_on", sa.Date(), nullable=False),
        sa.Column(
            "wished_minute", sa.String(length=5), nullable=True, comment="HH:MM; empty means END_OF_DAY"
        ),
        sa.Column(
            "wished_zone",
            sa.String(length=60),
            nullable=False,
            comment="the student's own zone when it was asked",
        ),
        sa.Column("wished_at", Instant(), nullable=False, comment="derived in `wished_zone`"),
        sa.Column("reason", sa.Text(), nullable=True, comment="read by the student and who may see reasons"),
        sa.Column(
            "hands_in",
            sa.Boolean(),
            nullable=False,
            comment="texts refused on this board are to be posted if it is granted",
        ),
        sa.Column(
            "key",
            sa.String(length=64),
            nullable=False,
            comment="idempotency key of the form that brought it last",
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column(
            "open_for",
            sa.Integer(),
            nullable=True,
            comment="while open: the checkpoint's id, or 0 for the board",
        ),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="counts what the student and instructors changed"
        ),
        sa.Column("asked_at", Instant(), nullable=False, comment="when it was asked as it stands now"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("extension_id", sa.Integer(), nullable=True),
        sa.Column(
            "taken_in", sa.Integer(), nullable=False, comment="how many refused texts became posts with it"
        ),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'granted', 'declined', 'withdrawn')", name=op.f("ck_time_request_known_state")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_time_request_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["account.id"], name=op.f("fk_time_request_answered_by_id_account")
        ),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_time_request_board_id_board")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_time_request_checkpoint_id_checkpoint")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_time_request_course_id_course")),
        sa.ForeignKeyConstraint(
            ["extension_id"], ["extension.id"], name=op.f("fk_time_request_extension_id_extension")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_request")),
        sa.UniqueConstraint(
            "account_id", "board_id", "open_for", name=op.f("uq_time_request_account_id_board_id_open_for")
        ),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_time_request_account_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_time_request_public_id")),
    )
    op.create_index("ix_time_request_course_id_state", "time_request", ["course_id", "state"])
