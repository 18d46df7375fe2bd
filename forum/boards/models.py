"""What is kept of boards: their prompt in versions, checkpoints, due rules in versions, extensions."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import PublicId, db

TAKE_STAFF_QUESTIONS = (
    "threads",
    "question",
)  # forms of boards on which a thread more changes nothing of what is asked


class Board(PublicId, db.Model):  # type: ignore[name-defined]
    """A place for discussion with a prompt, a form and checkpoints."""

    __tablename__ = "board"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    module_id: Mapped[int | None] = mapped_column(ForeignKey("module.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    form: Mapped[str] = mapped_column(String(20))
    shown: Mapped[str] = mapped_column(String(20), default="at_once", comment="when others' posts are shown")
    groups: Mapped[str] = mapped_column(String(20), default="none")
    limited: Mapped[bool] = mapped_column(
        default=False, comment="only for the sections and groups of its audience"
    )
    anonymity: Mapped[str] = mapped_column(String(20), default="none")
    prompt_source: Mapped[str] = mapped_column(Text, default="")
    prompt_html: Mapped[str] = mapped_column(Text, default="")
    renderer_version: Mapped[int] = mapped_column(default=0)
    pinned: Mapped[bool] = mapped_column(default=False)
    students_start: Mapped[bool] = mapped_column(default=True, comment="students may start threads")
    announcements_answered: Mapped[bool] = mapped_column(
        default=False, comment="students may reply on a board for announcements"
    )
    staff_questions: Mapped[bool | None] = mapped_column(
        comment="students may start threads for staff only; empty: as is usual for the form"
    )
    classmates_only: Mapped[bool] = mapped_column(default=False, comment="replies to staff do not count")
    template: Mapped[str] = mapped_column(
        String(20), default="", comment="what first posts may start from; empty: nothing"
    )
    template_source: Mapped[str] = mapped_column(Text, default="")
    grace_minutes: Mapped[int] = mapped_column(default=5)
    published_at: Mapped[datetime | None] = mapped_column(comment="shown to students now; empty: hidden")
    first_shown_at: Mapped[datetime | None] = mapped_column(
        comment="when students could first see it; never reset"
    )
    closed_at: Mapped[datetime | None] = mapped_column(comment="closed by hand")
    version: Mapped[int] = mapped_column(
        default=1, comment="counts every change that dates or pages depend on"
    )
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint(
            "form IN ('threads', 'one_each', 'single', 'question', 'announcement')", name="known_form"
        ),
        CheckConstraint("shown IN ('at_once', 'after_own', 'together')", name="known_shown"),
        CheckConstraint("template IN ('', 'memo', 'decision', 'question', 'own')", name="known_template"),
        CheckConstraint("grace_minutes BETWEEN 0 AND 1440", name="grace_in_bounds"),
    )

    @property
    def takes_staff_questions(self) -> bool:
        """Whether a student may start a thread that only staff read."""
        if self.form not in TAKE_STAFF_QUESTIONS:
            return False
        return self.form == "question" if self.staff_questions is None else self.staff_questions


class BoardAudience(db.Model):  # type: ignore[name-defined]
    """A section or group that a limited board is for; who is in none of them does not know of it."""

    __tablename__ = "board_audience"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("course_group.id"))
    __table_args__ = (CheckConstraint("(section_id IS NULL) <> (group_id IS NULL)", name="one_part"),)


class PromptVersion(db.Model):  # type: ignore[name-defined]
    __tablename__ = "prompt_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("board_id", "number"),)


class Checkpoint(PublicId, db.Model):  # type: ignore[name-defined]
    """One thing that a board asks for by one due rule."""

    __tablename__ = "checkpoint"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    replies: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    min_words: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    first_shown_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("kind IN ('first_post', 'replies')", name="known_kind"),)


class DueRule(db.Model):  # type: ignore[name-defined]
    """One version of one date: what was written, and what it came to when it was written.

    `what` is opens, due, cut_off or together. The latest version by number is the rule; earlier ones are the history
    and, once shown, a promise (docs/time.md, rules 5 and 6). A version without a date clears it.
    """

    __tablename__ = "due_rule"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("course_group.id"))
    what: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    wall_on: Mapped[date | None]
    wall_minute: Mapped[str | None] = mapped_column(
        String(5), comment="HH:MM; empty means END_OF_DAY (opens: start)"
    )
    whose_zone: Mapped[str] = mapped_column(String(8), default="course")
    zone: Mapped[str] = mapped_column(String(60), comment="the course's zone when it was written")
    instant: Mapped[datetime | None] = mapped_column(comment="derived in `zone`")
    zone_database: Mapped[str] = mapped_column(String(20))
    past_in_zones: Mapped[dict[str, str] | None] = mapped_column(
        JSON(none_as_null=True),
        comment="own zones in which it was past when a zone database changed, and what it came to",
    )
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    shown_at: Mapped[datetime | None] = mapped_column(comment="when this instant was last shown to a student")
    withdrawn_at: Mapped[datetime | None] = mapped_column(comment="taken back as a mistake")
    __table_args__ = (
        Index("ix_due_rule_board_id_checkpoint_id", "board_id", "checkpoint_id"),
        CheckConstraint("what IN ('opens', 'due', 'cut_off', 'together')", name="known_what"),
        CheckConstraint("whose_zone IN ('course', 'own')", name="known_whose_zone"),
    )


class Extension(PublicId, db.Model):  # type: ignore[name-defined]
    """A later due instant (or none) and cut-off, for one student, group or section."""

    __tablename__ = "extension"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"), index=True)
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("course_group.id"))
    no_due: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[date | None]
    due_minute: Mapped[str | None] = mapped_column(String(5))
    due_at: Mapped[datetime | None]
    cut_off_on: Mapped[date | None]
    cut_off_minute: Mapped[str | None] = mapped_column(String(5))
    cut_off_at: Mapped[datetime | None]
    zone: Mapped[str] = mapped_column(String(60))
    moves_later: Mapped[bool] = mapped_column(default=True, comment="later checkpoints move by as many days")
    reason: Mapped[str] = mapped_column(Text, default="", comment="read by instructors and the student only")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawal_reason: Mapped[str | None] = mapped_column(Text)


class Accommodation(PublicId, db.Model):  # type: ignore[name-defined]
    """A standing allowance of one student in one course, from a first day on."""

    __tablename__ = "accommodation"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    days: Mapped[int] = mapped_column(default=0)
    hours: Mapped[int] = mapped_column(default=0)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawal_reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (Index("ix_accommodation_course_id_account_id", "course_id", "account_id"),)


class Excusal(db.Model):  # type: ignore[name-defined]
    __tablename__ = "excusal"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"), index=True)
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawal_reason: Mapped[str | None] = mapped_column(Text)


class BoardClosing(db.Model):  # type: ignore[name-defined]
    """A closing by hand that was ended again; the one that holds now is the board's `closed_at`.

    The closing of a board's only thread is here from its beginning, with the same instant as its end.

    What was due after it stays excused for who had not met it, unless later dates came with the reopening
    (docs/time.md, rule 6).
    """

    __tablename__ = "board_closing"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"), index=True)
    closed_at: Mapped[datetime]
    reopened_at: Mapped[datetime]
    dated_again: Mapped[bool] = mapped_column(default=False)
