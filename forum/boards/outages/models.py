"""What is kept of outages: when the site was away and why, what is planned, and what instructors gave beyond the rule."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...core.db import PublicId, db


class OutageRecord(db.Model):  # type: ignore[name-defined]
    """One stretch in which the site could not be used, as one cause tells of it; records may overlap.

    It is found again by its kind and start: recorded again it is the same row, and its end only moves later.
    """

    __tablename__ = "outage"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("kind", "starts_at"),
        CheckConstraint("kind IN ('down', 'planned', 'clock', 'restored')", name="known_kind"),
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
    )


class PlannedStop(PublicId, db.Model):  # type: ignore[name-defined]
    """A stop that is announced. It gives nothing by itself: what the site was away in it is an outage."""

    __tablename__ = "planned_stop"
    id: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="ends_after_start"),)


class ClockStep(db.Model):  # type: ignore[name-defined]
    """A clock that was set while the site ran: what it showed before and after, the time between them taken out."""

    __tablename__ = "clock_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(100))
    before_at: Mapped[datetime] = mapped_column(
        comment="the last sign of life before it, by the clock as it was"
    )
    after_at: Mapped[datetime] = mapped_column(comment="the first one after it, by the clock as it is")
    microseconds: Mapped[int] = mapped_column(db.BigInteger, comment="by how much; negative is back")
    posts_until: Mapped[int] = mapped_column(comment="id of the last post that was there")
    __table_args__ = (UniqueConstraint("host", "before_at", "after_at"),)


class PostingMinute(db.Model):  # type: ignore[name-defined]
    """How many attempts to post one host answered in one minute, and how many of them with 5xx."""

    __tablename__ = "posting_minute"
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(100))
    minute_at: Mapped[datetime] = mapped_column(index=True)
    tried: Mapped[int]
    failed: Mapped[int]
    __table_args__ = (UniqueConstraint("host", "minute_at"),)


class AddedTime(PublicId, db.Model):  # type: ignore[name-defined]
    """More time than an outage gives by itself, for everyone on a board; without a checkpoint, for all of it."""

    __tablename__ = "added_time"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="", comment="read by students")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_added_time_board_id", "board_id"),
        CheckConstraint("minutes > 0", name="only_later"),
    )
