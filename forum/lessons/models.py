"""What is kept of lessons: their text in every revision, links, media tracks, and who is done."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import PublicId, db


class Lesson(PublicId, db.Model):  # type: ignore[name-defined]
    __tablename__ = "lesson"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    module_id: Mapped[int | None] = mapped_column(ForeignKey("module.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    renderer_version: Mapped[int] = mapped_column(default=0)
    words: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(
        default=1, comment="number of the latest revision; a form saves against it"
    )
    published_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class LessonRevision(db.Model):  # type: ignore[name-defined]
    __tablename__ = "lesson_revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("lesson_id", "number"),)


class LessonLink(PublicId, db.Model):  # type: ignore[name-defined]
    """A link of a lesson to a page or video elsewhere; shown as a link with title and host, never loaded."""

    __tablename__ = "lesson_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    url: Mapped[str] = mapped_column(Text)
    removed_at: Mapped[datetime | None]


class LessonFile(db.Model):  # type: ignore[name-defined]
    """What a file is in its lesson: the recording, a track of it, or an attachment."""

    __tablename__ = "lesson_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("file.id"), unique=True)
    use: Mapped[str] = mapped_column(String(20), comment="recording, captions, attachment")
    language: Mapped[str | None] = mapped_column(String(12))
    label: Mapped[str | None] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(default=0)
    __table_args__ = (Index("ix_lesson_file_lesson_id_use", "lesson_id", "use"),)


class LessonDone(db.Model):  # type: ignore[name-defined]
    __tablename__ = "lesson_done"
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    at: Mapped[datetime]
