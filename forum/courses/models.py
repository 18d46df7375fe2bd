"""What is kept of terms, courses, their modules and their people."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import PublicId, db


class Term(PublicId, db.Model):  # type: ignore[name-defined]
    __tablename__ = "term"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True, comment="part of the address: 2026-fall")
    title: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Course(PublicId, db.Model):  # type: ignore[name-defined]
    """A course of a term. `slug` is its address, made of code and term."""

    __tablename__ = "course"
    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    zone: Mapped[str] = mapped_column(String(60))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(20), default="preparation")
    assistants_release: Mapped[bool] = mapped_column(default=False)
    assistants_manage: Mapped[bool] = mapped_column(default=False)
    roster_version: Mapped[int] = mapped_column(
        default=1, comment="counts changes of people and of course dates"
    )
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("term_id", "code"),
        CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        CheckConstraint("state IN ('preparation', 'open', 'ended', 'archived')", name="known_state"),
    )


class Section(PublicId, db.Model):  # type: ignore[name-defined]
    __tablename__ = "section"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    title: Mapped[str] = mapped_column(String(200))
    ends_on: Mapped[date | None] = mapped_column(comment="later than the course's for this section")
    __table_args__ = (UniqueConstraint("course_id", "title"),)


class Group(PublicId, db.Model):  # type: ignore[name-defined]
    __tablename__ = "course_group"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    set_title: Mapped[str] = mapped_column(String(200), default="")
    title: Mapped[str] = mapped_column(String(200))
    __table_args__ = (UniqueConstraint("course_id", "set_title", "title"),)


class Enrollment(PublicId, db.Model):  # type: ignore[name-defined]
    """An account in a course with one role, from one instant until another; never overwritten."""

    __tablename__ = "enrollment"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    all_sections: Mapped[bool] = mapped_column(
        default=True, comment="staff: every section, or only their own"
    )
    posts_held: Mapped[bool] = mapped_column(default=False, comment="this person's posts are held for review")
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("course_id", "account_id", "from_at"),
        Index("ix_enrollment_course_id_until_at", "course_id", "until_at"),
        CheckConstraint("until_at IS NULL OR from_at < until_at", name="in_order"),
        CheckConstraint("role IN ('student', 'assistant', 'instructor', 'observer')", name="known_role"),
    )


class SectionMembership(db.Model):  # type: ignore[name-defined]
    __tablename__ = "section_membership"
    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("section_id", "account_id", "from_at"),)


class GroupMembership(db.Model):  # type: ignore[name-defined]
    __tablename__ = "group_membership"
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("course_group.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("group_id", "account_id", "from_at"),)


class Visit(db.Model):  # type: ignore[name-defined]
    """An administrator's entry into a course, with the reason that its instructors see."""

    __tablename__ = "visit"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]


class Module(PublicId, db.Model):  # type: ignore[name-defined]
    """A stretch of the course, in order; holds lessons and boards."""

    __tablename__ = "module"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    published_at: Mapped[datetime | None]
    opens_on: Mapped[date | None]
    opens_minute: Mapped[str | None] = mapped_column(String(5))
    opens_at: Mapped[datetime | None] = mapped_column(comment="derived in the course's zone")
    removed_at: Mapped[datetime | None]
