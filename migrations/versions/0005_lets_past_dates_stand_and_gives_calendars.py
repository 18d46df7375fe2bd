"""lets past dates stand and gives calendars

Adds where own-zone dates keep what they came to once they are past, and the secret addresses of calendars. Nothing that
is there changes.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from forum.core.db import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "due_rule",
        sa.Column(
            "past_in_zones", sa.JSON(none_as_null=True), nullable=True,
            comment="own zones in which it was past when a zone database changed, and what it came to",
        ),
    )  # fmt: skip
    op.create_table(
        "calendar_address",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_calendar_address_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_calendar_address")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_address_token_hash")),
    )
