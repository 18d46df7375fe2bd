"""attaches files to posts

Adds which files belong to a post, to each text that it had, and to a draft, and an index by who gave a file and when.
Nothing that is there changes: posts from before have no files.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, comment in (
        ("post", "attached to the text that stands now"),
        ("revision", None),
        ("draft", "empty: none; of an edit: those of the post"),
    ):
        op.add_column(table, sa.Column("files", sa.JSON(), nullable=True, comment=comment))
    op.create_index("ix_file_author_id_created_at", "file", ["author_id", "created_at"])
