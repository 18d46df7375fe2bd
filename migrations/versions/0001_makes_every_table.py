"""makes every table

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from forum.core.db import Instant, Points

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sort_key", sa.String(length=200), nullable=False, comment="the name, folded in Python"),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("email_key", sa.String(length=320), nullable=True, comment="the address, folded"),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("edition_hours", sa.String(length=60), nullable=False),
        sa.Column("single_keys", sa.Boolean(), nullable=False),
        sa.Column("is_administrator", sa.Boolean(), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="counts changes of zone; keys what is computed from it",
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("first_signed_in_at", Instant(), nullable=True),
        sa.Column("suspended_at", Instant(), nullable=True),
        sa.Column("erased_at", Instant(), nullable=True),
        sa.Column("joined_into_id", sa.Integer(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["joined_into_id"], ["account.id"], name=op.f("fk_account_joined_into_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email_key", name=op.f("uq_account_email_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_public_id")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_sort_key"), ["sort_key"], unique=False)

    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("slice_at", Instant(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "slice_at", name=op.f("pk_attempts")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heartbeat")),
    )
    with op.batch_alter_table("heartbeat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_heartbeat_at"), ["at"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unique_key", sa.String(length=200), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("given_up_at", Instant(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("unique_key", name=op.f("uq_job_unique_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_due", ["done_at", "due_at"], unique=False)

    op.create_table(
        "outside_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False, comment="which system or file family"),
        sa.Column(
            "kind",
            sa.String(length=40),
            nullable=False,
            comment="account, course, section, enrollment, board, lesson, …",
        ),
        sa.Column("outside_id", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_identity")),
        sa.UniqueConstraint(
            "source", "kind", "outside_id", name=op.f("uq_outside_identity_source_kind_outside_id")
        ),
    )
    with op.batch_alter_table("outside_identity", schema=None) as batch_op:
        batch_op.create_index("ix_outside_identity_kind_row_id", ["kind", "row_id"], unique=False)

    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False, comment="part of the address: 2026-fall"),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("code", name=op.f("uq_term_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_term_public_id")),
    )
    op.create_table(
        "account_zone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=True),
        sa.CheckConstraint("until_at IS NULL OR from_at < until_at", name=op.f("ck_account_zone_in_order")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_zone_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_zone")),
        sa.UniqueConstraint("account_id", "from_at", name=op.f("uq_account_zone_account_id_from_at")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("assistants_release", sa.Boolean(), nullable=False),
        sa.Column("assistants_manage", sa.Boolean(), nullable=False),
        sa.Column(
            "roster_version",
            sa.Integer(),
            nullable=False,
            comment="counts changes of people and of course dates",
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "state IN ('preparation', 'open', 'ended', 'archived')", name=op.f("ck_course_known_state")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_course_dates_in_order")),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_course_term_id_term")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("public_id", name=op.f("uq_course_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_course_slug")),
        sa.UniqueConstraint("term_id", "code", name=op.f("uq_course_term_id_code")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_term_id"), ["term_id"], unique=False)

    op.create_table(
        "one_time_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_one_time_token_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["account.id"], name=op.f("fk_one_time_token_author_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_token_token_hash")),
    )
    with op.batch_alter_table("one_time_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_token_account_id"), ["account_id"], unique=False)

    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_session_token_hash")),
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "accommodation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_accommodation_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["account.id"], name=op.f("fk_accommodation_author_id_account")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_accommodation_course_id_course")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["account.id"], name=op.f("fk_accommodation_withdrawn_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accommodation_public_id")),
    )
    with op.batch_alter_table("accommodation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_accommodation_course_id_account_id", ["course_id", "account_id"], unique=False
        )

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("deed", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_audit_entry_actor_id_account")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_audit_entry_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_entry_course_id_at", ["course_id", "at"], unique=False)

    op.create_table(
        "course_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("set_title", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_group_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_group")),
        sa.UniqueConstraint(
            "course_id", "set_title", "title", name=op.f("uq_course_group_course_id_set_title_title")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_course_group_public_id")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True, comment="rendered when saved, reused when posted"),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("renderer_version", sa.Integer(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column(
            "arrival_token", sa.Text(), nullable=True, comment="signed arrival of words that we turned away"
        ),
        sa.Column("refused_at", Instant(), nullable=True, comment="arrival of the attempt that was refused"),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id_account")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_draft_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("account_id", "place", name=op.f("uq_draft_account_id_place")),
    )
    op.create_table(
        "enrollment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column(
            "all_sections", sa.Boolean(), nullable=False, comment="staff: every section, or only their own"
        ),
        sa.Column(
            "posts_held", sa.Boolean(), nullable=False, comment="this person's posts are held for review"
        ),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "role IN ('student', 'assistant', 'instructor', 'observer')",
            name=op.f("ck_enrollment_known_role"),
        ),
        sa.CheckConstraint("until_at IS NULL OR from_at < until_at", name=op.f("ck_enrollment_in_order")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_enrollment_account_id_account")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_enrollment_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment")),
        sa.UniqueConstraint(
            "course_id", "account_id", "from_at", name=op.f("uq_enrollment_course_id_account_id_from_at")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_enrollment_public_id")),
    )
    with op.batch_alter_table("enrollment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrollment_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_enrollment_course_id_until_at", ["course_id", "until_at"], unique=False)

    op.create_table(
        "file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("place_kind", sa.String(length=20), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False, comment="by content, not by name"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_as", sa.String(length=80), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_file_author_id_account")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_file_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_file_public_id")),
        sa.UniqueConstraint("stored_as", name=op.f("uq_file_stored_as")),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index("ix_file_place_kind_place_id", ["place_kind", "place_id"], unique=False)

    op.create_table(
        "module",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("opens_minute", sa.String(length=5), nullable=True),
        sa.Column("opens_at", Instant(), nullable=True, comment="derived in the course's zone"),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_module_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_module")),
        sa.UniqueConstraint("public_id", name=op.f("uq_module_public_id")),
    )
    with op.batch_alter_table("module", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_module_course_id"), ["course_id"], unique=False)

    op.create_table(
        "section",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True, comment="later than the course's for this section"),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_section_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section")),
        sa.UniqueConstraint("course_id", "title", name=op.f("uq_section_course_id_title")),
        sa.UniqueConstraint("public_id", name=op.f("uq_section_public_id")),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_visit_account_id_account")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_visit_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_course_id"), ["course_id"], unique=False)

    op.create_table(
        "board",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("shown", sa.String(length=20), nullable=False, comment="when others' posts are shown"),
        sa.Column("groups", sa.String(length=20), nullable=False),
        sa.Column("anonymity", sa.String(length=20), nullable=False),
        sa.Column("prompt_source", sa.Text(), nullable=False),
        sa.Column("prompt_html", sa.Text(), nullable=False),
        sa.Column("renderer_version", sa.Integer(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("students_start", sa.Boolean(), nullable=False, comment="students may start threads"),
        sa.Column("classmates_only", sa.Boolean(), nullable=False, comment="replies to staff do not count"),
        sa.Column("grace_minutes", sa.Integer(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True, comment="shown to students now; empty: hidden"),
        sa.Column(
            "first_shown_at",
            Instant(),
            nullable=True,
            comment="when students could first see it; never reset",
        ),
        sa.Column("closed_at", Instant(), nullable=True, comment="closed by hand"),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="counts every change that dates or pages depend on",
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "form IN ('threads', 'one_each', 'single', 'question', 'announcement')",
            name=op.f("ck_board_known_form"),
        ),
        sa.CheckConstraint(
            "shown IN ('at_once', 'after_own', 'together')", name=op.f("ck_board_known_shown")
        ),
        sa.CheckConstraint("grace_minutes BETWEEN 0 AND 1440", name=op.f("ck_board_grace_in_bounds")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_board_course_id_course")),
        sa.ForeignKeyConstraint(["module_id"], ["module.id"], name=op.f("fk_board_module_id_module")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board")),
        sa.UniqueConstraint("public_id", name=op.f("uq_board_public_id")),
    )
    with op.batch_alter_table("board", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_board_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_board_module_id"), ["module_id"], unique=False)

    op.create_table(
        "group_membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_group_membership_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["course_group.id"], name=op.f("fk_group_membership_group_id_course_group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_membership")),
        sa.UniqueConstraint(
            "group_id", "account_id", "from_at", name=op.f("uq_group_membership_group_id_account_id_from_at")
        ),
    )
    with op.batch_alter_table("group_membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_membership_account_id"), ["account_id"], unique=False)

    op.create_table(
        "lesson",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("renderer_version", sa.Integer(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column(
            "revision",
            sa.Integer(),
            nullable=False,
            comment="number of the latest revision; a form saves against it",
        ),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_lesson_course_id_course")),
        sa.ForeignKeyConstraint(["module_id"], ["module.id"], name=op.f("fk_lesson_module_id_module")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lesson_public_id")),
    )
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lesson_module_id"), ["module_id"], unique=False)

    op.create_table(
        "section_membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_section_membership_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_section_membership_section_id_section")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section_membership")),
        sa.UniqueConstraint(
            "section_id",
            "account_id",
            "from_at",
            name=op.f("uq_section_membership_section_id_account_id_from_at"),
        ),
    )
    with op.batch_alter_table("section_membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_section_membership_account_id"), ["account_id"], unique=False)

    op.create_table(
        "board_closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.Column("reopened_at", Instant(), nullable=False),
        sa.Column("dated_again", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_board_closing_board_id_board")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_closing")),
    )
    with op.batch_alter_table("board_closing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_board_closing_board_id"), ["board_id"], unique=False)

    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("min_words", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("first_shown_at", Instant(), nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint("kind IN ('first_post', 'replies')", name=op.f("ck_checkpoint_known_kind")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_checkpoint_board_id_board")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("public_id", name=op.f("uq_checkpoint_public_id")),
    )
    with op.batch_alter_table("checkpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checkpoint_board_id"), ["board_id"], unique=False)

    op.create_table(
        "criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_criterion_board_id_board")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint("public_id", name=op.f("uq_criterion_public_id")),
    )
    with op.batch_alter_table("criterion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_criterion_board_id"), ["board_id"], unique=False)

    op.create_table(
        "grade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("score", Points(), nullable=True),
        sa.Column("feedback_source", sa.Text(), nullable=False),
        sa.Column("feedback_html", sa.Text(), nullable=False),
        sa.Column("renderer_version", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("released_at", Instant(), nullable=True),
        sa.Column("released_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_grade_account_id_account")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_grade_author_id_account")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_grade_board_id_board")),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["account.id"], name=op.f("fk_grade_released_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
        sa.UniqueConstraint("board_id", "account_id", name=op.f("uq_grade_board_id_account_id")),
    )
    with op.batch_alter_table("grade", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grade_account_id"), ["account_id"], unique=False)

    op.create_table(
        "lesson_done",
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_lesson_done_account_id_account")
        ),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_done_lesson_id_lesson")),
        sa.PrimaryKeyConstraint("lesson_id", "account_id", name=op.f("pk_lesson_done")),
    )
    op.create_table(
        "lesson_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("use", sa.String(length=20), nullable=False, comment="recording, captions, attachment"),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("label", sa.String(length=200), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_lesson_file_file_id_file")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_file_lesson_id_lesson")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_file")),
        sa.UniqueConstraint("file_id", name=op.f("uq_lesson_file_file_id")),
    )
    with op.batch_alter_table("lesson_file", schema=None) as batch_op:
        batch_op.create_index("ix_lesson_file_lesson_id_use", ["lesson_id", "use"], unique=False)

    op.create_table(
        "lesson_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_link_lesson_id_lesson")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_link")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lesson_link_public_id")),
    )
    with op.batch_alter_table("lesson_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_link_lesson_id"), ["lesson_id"], unique=False)

    op.create_table(
        "lesson_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["account.id"], name=op.f("fk_lesson_revision_author_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_revision_lesson_id_lesson")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_revision")),
        sa.UniqueConstraint("lesson_id", "number", name=op.f("uq_lesson_revision_lesson_id_number")),
    )
    op.create_table(
        "prompt_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["account.id"], name=op.f("fk_prompt_version_author_id_account")
        ),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_prompt_version_board_id_board")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_version")),
        sa.UniqueConstraint("board_id", "number", name=op.f("uq_prompt_version_board_id_number")),
    )
    op.create_table(
        "scale",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("most", Points(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_scale_board_id_board")),
        sa.PrimaryKeyConstraint("board_id", name=op.f("pk_scale")),
    )
    op.create_table(
        "thread",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("is_prompt", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="counts every change of what the thread shows"
        ),
        sa.Column(
            "posts",
            sa.Integer(),
            nullable=False,
            comment="plain posts only: not removed, held, private or waiting",
        ),
        sa.Column("last_post_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_thread_author_id_account")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_thread_board_id_board")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_thread_course_id_course")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["course_group.id"], name=op.f("fk_thread_group_id_course_group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("public_id", name=op.f("uq_thread_public_id")),
    )
    # One prompt's thread for each board and group; a group that is none counts as one.
    op.create_index(
        "uq_thread_prompt",
        "thread",
        ["board_id", sa.text("coalesce(group_id, 0)")],
        unique=True,
        sqlite_where=sa.text("is_prompt"),
        postgresql_where=sa.text("is_prompt"),
    )
    with op.batch_alter_table("thread", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_thread_author_id"), ["author_id"], unique=False)
        batch_op.create_index(
            "ix_thread_board_list", ["board_id", "pinned", "last_post_at", "id"], unique=False
        )

    op.create_table(
        "due_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=True),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wall_on", sa.Date(), nullable=True),
        sa.Column(
            "wall_minute",
            sa.String(length=5),
            nullable=True,
            comment="HH:MM; empty means END_OF_DAY (opens: start)",
        ),
        sa.Column("whose_zone", sa.String(length=8), nullable=False),
        sa.Column(
            "zone", sa.String(length=60), nullable=False, comment="the course's zone when it was written"
        ),
        sa.Column("instant", Instant(), nullable=True, comment="derived in `zone`"),
        sa.Column("zone_database", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column(
            "shown_at", Instant(), nullable=True, comment="when this instant was last shown to a student"
        ),
        sa.Column("withdrawn_at", Instant(), nullable=True, comment="taken back as a mistake"),
        sa.CheckConstraint(
            "what IN ('opens', 'due', 'cut_off', 'together')", name=op.f("ck_due_rule_known_what")
        ),
        sa.CheckConstraint("whose_zone IN ('course', 'own')", name=op.f("ck_due_rule_known_whose_zone")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_due_rule_author_id_account")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_due_rule_board_id_board")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_due_rule_checkpoint_id_checkpoint")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["course_group.id"], name=op.f("fk_due_rule_group_id_course_group")
        ),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_due_rule_section_id_section")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_rule")),
    )
    with op.batch_alter_table("due_rule", schema=None) as batch_op:
        batch_op.create_index(
            "ix_due_rule_board_id_checkpoint_id", ["board_id", "checkpoint_id"], unique=False
        )

    op.create_table(
        "excusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_excusal_account_id_account")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_excusal_author_id_account")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_excusal_board_id_board")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_excusal_checkpoint_id_checkpoint")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["account.id"], name=op.f("fk_excusal_withdrawn_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excusal")),
    )
    with op.batch_alter_table("excusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_excusal_board_id"), ["board_id"], unique=False)

    op.create_table(
        "extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("no_due", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_minute", sa.String(length=5), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("cut_off_on", sa.Date(), nullable=True),
        sa.Column("cut_off_minute", sa.String(length=5), nullable=True),
        sa.Column("cut_off_at", Instant(), nullable=True),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column(
            "moves_later", sa.Boolean(), nullable=False, comment="later checkpoints move by as many days"
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="read by instructors and the student only"),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_extension_account_id_account")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_extension_author_id_account")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_extension_board_id_board")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_extension_checkpoint_id_checkpoint")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["course_group.id"], name=op.f("fk_extension_group_id_course_group")
        ),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_extension_section_id_section")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["account.id"], name=op.f("fk_extension_withdrawn_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
        sa.UniqueConstraint("public_id", name=op.f("uq_extension_public_id")),
    )
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_extension_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_extension_board_id"), ["board_id"], unique=False)

    op.create_table(
        "grade_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grade_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("deed", sa.String(length=20), nullable=False, comment="saved, released, taken_back"),
        sa.Column("score", Points(), nullable=True),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("feedback_source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it was taken back"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["account.id"], name=op.f("fk_grade_version_author_id_account")
        ),
        sa.ForeignKeyConstraint(["grade_id"], ["grade.id"], name=op.f("fk_grade_version_grade_id_grade")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_version")),
        sa.UniqueConstraint("grade_id", "version", name=op.f("uq_grade_version_grade_id_version")),
    )
    op.create_table(
        "level",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("points", Points(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_level_criterion_id_criterion")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level")),
        sa.UniqueConstraint("public_id", name=op.f("uq_level_public_id")),
    )
    with op.batch_alter_table("level", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_level_criterion_id"), ["criterion_id"], unique=False)

    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.LargeBinary(length=80), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("opens_thread", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", Instant(), nullable=False),
        sa.Column("appears_at", Instant(), nullable=False),
        sa.Column(
            "key",
            sa.String(length=64),
            nullable=False,
            comment="idempotency key of the request that brought it",
        ),
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="over the words first posted under that key",
        ),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("renderer_version", sa.Integer(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("edited_at", Instant(), nullable=True),
        sa.Column(
            "judge_revision",
            sa.Integer(),
            nullable=True,
            comment="the text that its author marked to be judged",
        ),
        sa.Column("anonymity", sa.String(length=10), nullable=False),
        sa.Column(
            "private_to", sa.String(length=10), nullable=False, comment="staff, or an addressee; empty: none"
        ),
        sa.Column("held_at", Instant(), nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.Column("removal_reason", sa.Text(), nullable=True),
        sa.Column(
            "ruled_out_at",
            Instant(),
            nullable=True,
            comment="staff: does not count, though it stood at the limit",
        ),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint("appears_at >= arrived_at", name=op.f("ck_post_appears_after_arrival")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_post_author_id_account")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_post_board_id_board")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_post_course_id_course")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["course_group.id"], name=op.f("fk_post_group_id_course_group")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["post.id"], name=op.f("fk_post_parent_id_post")),
        sa.ForeignKeyConstraint(
            ["removed_by_id"], ["account.id"], name=op.f("fk_post_removed_by_id_account")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_post_thread_id_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("author_id", "key", name=op.f("uq_post_author_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_post_public_id")),
        sa.UniqueConstraint("thread_id", "position", name=op.f("uq_post_thread_id_position")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index("ix_post_author_id_arrived_at", ["author_id", "arrived_at"], unique=False)
        batch_op.create_index(
            "ix_post_board_id_author_id_arrived_at", ["board_id", "author_id", "arrived_at"], unique=False
        )
        batch_op.create_index("ix_post_course_id_appears_at", ["course_id", "appears_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(
            "ix_post_thread_id_appears_at_position", ["thread_id", "appears_at", "position"], unique=False
        )
        batch_op.create_index("ix_post_thread_id_path", ["thread_id", "path"], unique=False)
        batch_op.create_index(
            "ix_post_waiting",
            ["thread_id"],
            unique=False,
            sqlite_where=sa.text("appears_at > arrived_at"),
            postgresql_where=sa.text("appears_at > arrived_at"),
        )

    op.create_table(
        "read_mark",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False, comment="the instant of the page that was read"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_read_mark_account_id_account")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_read_mark_thread_id_thread")),
        sa.PrimaryKeyConstraint("account_id", "thread_id", name=op.f("pk_read_mark")),
    )
    with op.batch_alter_table("read_mark", schema=None) as batch_op:
        batch_op.create_index("ix_read_mark_thread_id", ["thread_id"], unique=False)

    op.create_table(
        "grade_score",
        sa.Column("grade_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("level_id", sa.Integer(), nullable=False),
        sa.Column("points", Points(), nullable=False),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_grade_score_criterion_id_criterion")
        ),
        sa.ForeignKeyConstraint(["grade_id"], ["grade.id"], name=op.f("fk_grade_score_grade_id_grade")),
        sa.ForeignKeyConstraint(["level_id"], ["level.id"], name=op.f("fk_grade_score_level_id_level")),
        sa.PrimaryKeyConstraint("grade_id", "criterion_id", name=op.f("pk_grade_score")),
    )
    op.create_table(
        "news_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visible_at", Instant(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("board_id", sa.Integer(), nullable=True),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("lesson_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True, comment="for this person only"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_news_item_account_id_account")),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_news_item_actor_id_account")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_news_item_board_id_board")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_news_item_course_id_course")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_news_item_lesson_id_lesson")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_news_item_post_id_post")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_news_item_thread_id_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_item")),
    )
    with op.batch_alter_table("news_item", schema=None) as batch_op:
        batch_op.create_index("ix_news_item_course_id_visible_at", ["course_id", "visible_at"], unique=False)

    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arrived_at", Instant(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_revision_author_id_account")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_revision_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("post_id", "number", name=op.f("uq_revision_post_id_number")),
    )
