"""lets announcements be answered

Adds to each board whether students may reply to its announcements. Nothing that is there changes: they may not, as before.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "board",
        sa.Column(
            "announcements_answered", sa.Boolean(), nullable=False, server_default=sa.false(),
            comment="students may reply on a board for announcements",
        ),
    )  # fmt: skip
