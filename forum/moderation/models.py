"""What is kept of flags: who asked staff to look at a post, why, and whether they did."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import db


class Flag(db.Model):  # type: ignore[name-defined]
    """One member's flag on one post. `post.flags` counts those that staff have not settled."""

    __tablename__ = "flag"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    reason: Mapped[str] = mapped_column(Text, comment="read by the flagger and staff, never by peers")
    flagged_at: Mapped[datetime]
    settled_at: Mapped[datetime | None] = mapped_column(comment="staff looked and kept the post")
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    __table_args__ = (UniqueConstraint("post_id", "account_id"),)
