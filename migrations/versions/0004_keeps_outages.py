"""keeps outages

Adds outages, planned stops, steps of clocks, attempts to post, and time that instructors add. Signs of life say from
now on what a clock says that nobody can set. Nothing that is there changes: no outage from before is recorded.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from forum.core.db import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("heartbeat") as batch_op:
        batch_op.add_column(sa.Column("boot", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column(
                "uptime", sa.BigInteger(), nullable=True, comment="microseconds since the machine started"
            )
        )
    op.create_table(
        "outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('down', 'planned', 'clock', 'restored')", name=op.f("ck_outage_known_kind")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_outage_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
        sa.UniqueConstraint("kind", "starts_at", name=op.f("uq_outage_kind_starts_at")),
    )
    op.create_table(
        "planned_stop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_planned_stop_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["account.id"], name=op.f("fk_planned_stop_author_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_stop")),
        sa.UniqueConstraint("public_id", name=op.f("uq_planned_stop_public_id")),
    )
    op.create_table(
        "clock_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column(
            "before_at",
            Instant(),
            nullable=False,
            comment="the last sign of life before it, by the clock as it was",
        ),
        sa.Column(
            "after_at", Instant(), nullable=False, comment="the first one after it, by the clock as it is"
        ),
        sa.Column("microseconds", sa.BigInteger(), nullable=False, comment="by how much; negative is back"),
        sa.Column("posts_until", sa.Integer(), nullable=False, comment="id of the last post that was there"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_step")),
        sa.UniqueConstraint(
            "host", "before_at", "after_at", name=op.f("uq_clock_step_host_before_at_after_at")
        ),
    )
    op.create_table(
        "posting_minute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column("minute_at", Instant(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting_minute")),
        sa.UniqueConstraint("host", "minute_at", name=op.f("uq_posting_minute_host_minute_at")),
    )
    op.create_index(op.f("ix_posting_minute_minute_at"), "posting_minute", ["minute_at"])
    op.create_table(
        "added_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="read by students"),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_added_time_only_later")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_added_time_author_id_account")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_added_time_board_id_board")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_added_time_checkpoint_id_checkpoint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_added_time")),
        sa.UniqueConstraint("public_id", name=op.f("uq_added_time_public_id")),
    )
    op.create_index("ix_added_time_board_id", "added_time", ["board_id"])
