"""lets questions be opened

Says of each question to staff whether it may be opened to the course: of those that are there nobody was asked. Posts of
anonymous authors, of which there are none yet, can be counted apart from others.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_SHOWN = sa.text("removed_at IS NULL AND held_at IS NULL AND private_with_id IS NULL AND asker_id IS NULL")
_ANONYMOUS = sa.text("anonymity <> 'none'")


def upgrade() -> None:
    op.add_column(
        "thread",
        sa.Column(
            "opening", sa.String(length=10), nullable=False, server_default="",
            comment="whether it may be opened to the course: asked, or what its author answered",
        ),
    )  # fmt: skip
    op.drop_index("ix_post_shown", "post")
    op.create_index(
        "ix_post_shown",
        "post",
        ["board_id", "author_id", "appears_at", "group_id", "removed_at", "held_at", "private_with_id", "asker_id", "anonymity"],
        sqlite_where=_SHOWN,
        postgresql_where=_SHOWN,
    )  # fmt: skip
    op.create_index(
        "ix_post_anonymous", "post", ["board_id"], sqlite_where=_ANONYMOUS, postgresql_where=_ANONYMOUS
    )
