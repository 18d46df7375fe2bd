"""What is kept of what happened: audit entries and news, with ids and never with text."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import db


class AuditEntry(db.Model):  # type: ignore[name-defined]
    """One deed: who did what to which thing, when."""

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    deed: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (Index("ix_audit_entry_course_id_at", "course_id", "at"),)


class NewsItem(db.Model):  # type: ignore[name-defined]
    """Something that became, or will become, visible to people of a course at an instant."""

    __tablename__ = "news_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    visible_at: Mapped[datetime]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    board_id: Mapped[int | None] = mapped_column(ForeignKey("board.id"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("thread.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    lesson_id: Mapped[int | None] = mapped_column(ForeignKey("lesson.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), comment="for this person only")
    __table_args__ = (Index("ix_news_item_course_id_visible_at", "course_id", "visible_at"),)
