"""keeps questions to staff

Nothing that is there changes: every thread and post stays for all. Boards take such questions as is usual for their
form, until staff say otherwise. The indexes by which posts are counted hold what decides on them, too.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OF = {
    "thread": "who asked it of staff only, and reads it besides them; empty: it is for all",
    "post": "of its thread, as long as only staff and that student read it",
}

_SHOWN = sa.text("removed_at IS NULL AND held_at IS NULL AND private_with_id IS NULL AND asker_id IS NULL")


def upgrade() -> None:
    for table, said in _OF.items():
        key = f"fk_{table}_asker_id_account"
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"ALTER TABLE {table} ADD COLUMN asker_id INTEGER CONSTRAINT {key} REFERENCES account (id)"
            )
        else:
            op.add_column(table, sa.Column("asker_id", sa.Integer(), nullable=True, comment=said))
            op.create_foreign_key(op.f(key), table, "account", ["asker_id"], ["id"])
    op.add_column(
        "board",
        sa.Column(
            "staff_questions", sa.Boolean(), nullable=True,
            comment="students may start threads for staff only; empty: as is usual for the form",
        ),
    )  # fmt: skip
    op.drop_index("ix_post_reading", "post")
    op.create_index(
        "ix_post_reading",
        "post",
        ["thread_id", "path", "appears_at", "scheduled_for", "held_at", "private_with_id", "asker_id", "author_id", "removed_at",
         "opens_thread", "course_id"],
    )  # fmt: skip
    op.drop_index("ix_post_shown", "post")
    op.create_index(
        "ix_post_shown",
        "post",
        [
            "board_id",
            "author_id",
            "appears_at",
            "group_id",
            "removed_at",
            "held_at",
            "private_with_id",
            "asker_id",
        ],
        sqlite_where=_SHOWN,
        postgresql_where=_SHOWN,
    )
