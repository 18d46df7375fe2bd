"""lets boards be for some

Adds which sections and groups a board is for. Every board that is there stays for everyone.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "board",
        sa.Column(
            "limited", sa.Boolean(), nullable=False, server_default=sa.false(),
            comment="only for the sections and groups of its audience",
        ),
    )  # fmt: skip
    op.create_table(
        "board_audience",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(section_id IS NULL) <> (group_id IS NULL)", name=op.f("ck_board_audience_one_part")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_board_audience_board_id_board")),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_board_audience_section_id_section")),
        sa.ForeignKeyConstraint(["group_id"], ["course_group.id"], name=op.f("fk_board_audience_group_id_course_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_audience")),
    )  # fmt: skip
    op.create_index("ix_board_audience_board_id", "board_audience", ["board_id"])
