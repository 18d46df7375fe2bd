"""What is kept of requests for more time."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import PublicId, db


class TimeRequest(PublicId, db.Model):  # type: ignore[name-defined]
    """One student's request for one checkpoint, or a whole board: wished for, why, and what became of it.

    Only one is open for a person and a thing: `open_for` is the checkpoint (0 for the board) as long as it is, and
    empty afterwards. Reason and answer go when the term is over, the reason also when the request is withdrawn.
    """

    __tablename__ = "time_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    wished_on: Mapped[date]
    wished_minute: Mapped[str | None] = mapped_column(String(5), comment="HH:MM; empty means END_OF_DAY")
    wished_zone: Mapped[str] = mapped_column(String(60), comment="the student's own zone when it was asked")
    wished_at: Mapped[datetime] = mapped_column(comment="derived in `wished_zone`")
    reason: Mapped[str | None] = mapped_column(Text, comment="read by the student and who may see reasons")
    hands_in: Mapped[bool] = mapped_column(
        default=False, comment="texts refused on this board are to be posted if it is granted"
    )
    key: Mapped[str] = mapped_column(String(64), comment="idempotency key of the form that brought it last")
    state: Mapped[str] = mapped_column(String(10), default="open")
    open_for: Mapped[int | None] = mapped_column(
        comment="while open: the checkpoint's id, or 0 for the board"
    )
    version: Mapped[int] = mapped_column(default=1, comment="counts what the student and instructors changed")
    asked_at: Mapped[datetime] = mapped_column(comment="when it was asked as it stands now")
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    extension_id: Mapped[int | None] = mapped_column(ForeignKey("extension.id"))
    taken_in: Mapped[int] = mapped_column(default=0, comment="how many refused texts became posts with it")
    __table_args__ = (
        UniqueConstraint("account_id", "board_id", "open_for"),
        UniqueConstraint("account_id", "key"),
        Index("ix_time_request_course_id_state", "course_id", "state"),
        CheckConstraint("state IN ('open', 'granted', 'declined', 'withdrawn')", name="known_state"),
    )
