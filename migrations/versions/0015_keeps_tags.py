"""keeps tags

Adds the tags of courses, which threads have them, what a thread shows of its tags, and which were chosen for a draft of a
new thread. Nothing that is there changes: there were none.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from forum.core.db import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False, comment="folded: what is compared and sorted by"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_tag_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("course_id", "name_key", name=op.f("uq_tag_course_id_name_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tag_public_id")),
    )  # fmt: skip
    op.create_table(
        "thread_tag",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_thread_tag_tag_id_tag")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_thread_tag_thread_id_thread")),
        sa.PrimaryKeyConstraint("thread_id", "tag_id", name=op.f("pk_thread_tag")),
    )
    op.create_index("ix_thread_tag_tag_id", "thread_tag", ["tag_id"])
    for table, said in (
        ("thread", "as they are shown: public id and name of each tag, one a line"),
        ("draft", "public ids of the tags chosen for a new thread"),
    ):
        op.add_column(table, sa.Column("tags", sa.Text(), nullable=False, server_default="", comment=said))
