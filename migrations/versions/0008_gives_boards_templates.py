"""gives boards templates

Adds to each board the text that first posts may start from. Nothing that is there changes: no board has one yet.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In one statement, which both databases take: else SQLite would make the whole table anew for the constraint.
    op.execute(
        "ALTER TABLE board ADD COLUMN template VARCHAR(20) DEFAULT '' NOT NULL CONSTRAINT ck_board_known_template"
        " CHECK (template IN ('', 'memo', 'decision', 'question', 'own'))"
    )
    op.execute("ALTER TABLE board ADD COLUMN template_source TEXT DEFAULT '' NOT NULL")
    if op.get_context().dialect.name == "postgresql":
        op.execute("COMMENT ON COLUMN board.template IS 'what first posts may start from; empty: nothing'")
