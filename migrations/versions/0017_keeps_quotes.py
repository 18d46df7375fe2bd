"""keeps quotes

Adds the passages of posts that other posts quote, and how much of each thread's page depends on what stands elsewhere.
Nothing that is there changes: there were none.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "citation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="which text of the source"),
        sa.Column("starts", sa.Integer(), nullable=False, comment="in that text's plain words"),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_citation_post_id_post")),
        sa.ForeignKeyConstraint(["source_id"], ["post.id"], name=op.f("fk_citation_source_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citation")),
        sa.UniqueConstraint(
            "post_id", "source_id", "revision", "starts", "ends", name=op.f("uq_citation_post_id_source_id_revision_starts_ends")
        ),
    )  # fmt: skip
    op.create_index("ix_citation_source_id", "citation", ["source_id"])
    op.add_column(
        "thread",
        sa.Column(
            "beyond", sa.Integer(), nullable=False, server_default="0",
            comment="quotes in its posts: what its page shows of posts is not told by its version alone; 0: nothing",
        ),
    )  # fmt: skip
