"""gives private posts their reader

Says by account whom a private post is for besides staff, in place of a word. No page could make one before; one that
was marked all the same stays what it was: its author's and the staff's.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_COMMENT = "the one person besides staff for whom it is; empty: it is for all"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE post ADD COLUMN private_with_id INTEGER CONSTRAINT fk_post_private_with_id_account REFERENCES account (id)")  # fmt: skip
    else:
        op.add_column("post", sa.Column("private_with_id", sa.Integer(), nullable=True, comment=_COMMENT))
        op.create_foreign_key(
            op.f("fk_post_private_with_id_account"), "post", "account", ["private_with_id"], ["id"]
        )
    op.execute("UPDATE post SET private_with_id = author_id WHERE private_to <> ''")
    op.drop_column("post", "private_to")
    op.create_index(
        "ix_post_private", "post", ["thread_id"], sqlite_where=sa.text("private_with_id IS NOT NULL"),
        postgresql_where=sa.text("private_with_id IS NOT NULL"),
    )  # fmt: skip
