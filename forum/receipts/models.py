"""What is kept of receipts: the links of each course's chain, and its head."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import PublicId, db


class Receipt(PublicId, db.Model):  # type: ignore[name-defined]
    """One link of a course's chain: the token, and beside it all that it states.

    With an erasure the salt and the owner go; the token stays, and with it the chain.
    """

    __tablename__ = "receipt"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"), index=True)
    revision: Mapped[int | None] = mapped_column(comment="of the post: the text that arrived")
    kind: Mapped[str] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(String(40), comment="where the words were to go")
    arrived_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(comment="the due instant that it was held against")
    limit_at: Mapped[datetime | None] = mapped_column(comment="the same with grace")
    appears_at: Mapped[datetime | None] = mapped_column(comment="of a scheduled post: when it is shown")
    verdict: Mapped[str | None] = mapped_column(String(10))
    detail: Mapped[str] = mapped_column(
        String(40), default="", comment="class of a refusal; why a segment starts"
    )
    token: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64), comment="hash of the token before; empty for the first")
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    salt: Mapped[str | None] = mapped_column(String(32), comment="gone with an erasure")
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("course_id", "previous"),  # a chain does not branch
        Index("ix_receipt_account_id_id", "account_id", "id"),
        CheckConstraint("kind IN ('accepted', 'refused', 'scheduled', 'edit', 'segment')", name="known_kind"),
        CheckConstraint("verdict IN ('on_time', 'late', 'refused')", name="known_verdict"),
    )


class ReceiptChain(db.Model):  # type: ignore[name-defined]
    """The head of a course's chain; whoever adds a link holds this row."""

    __tablename__ = "receipt_chain"
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True, autoincrement=False)
    head: Mapped[str] = mapped_column(String(64), default="")
