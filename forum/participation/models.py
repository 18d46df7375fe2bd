"""What is kept of grading: rubrics, grades by criterion, their history, release."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Points, PublicId, db


class Scale(db.Model):  # type: ignore[name-defined]
    """The most points of a board that is graded without a rubric."""

    __tablename__ = "scale"
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"), primary_key=True)
    most: Mapped[Decimal] = mapped_column(Points)


class Criterion(PublicId, db.Model):  # type: ignore[name-defined]
    """One line of a board's rubric."""

    __tablename__ = "criterion"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    removed_at: Mapped[datetime | None]


class Level(PublicId, db.Model):  # type: ignore[name-defined]
    __tablename__ = "level"
    id: Mapped[int] = mapped_column(primary_key=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    points: Mapped[Decimal] = mapped_column(Points)
    removed_at: Mapped[datetime | None]


class Grade(db.Model):  # type: ignore[name-defined]
    """One student's result on one board; a draft until released. `version` keeps two graders apart."""

    __tablename__ = "grade"
    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    score: Mapped[Decimal | None] = mapped_column(Points)
    feedback_source: Mapped[str] = mapped_column(Text, default="")
    feedback_html: Mapped[str] = mapped_column(Text, default="")
    renderer_version: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    __table_args__ = (UniqueConstraint("board_id", "account_id"),)


class GradeScore(db.Model):  # type: ignore[name-defined]
    """The level that a grade has on one criterion."""

    __tablename__ = "grade_score"
    grade_id: Mapped[int] = mapped_column(ForeignKey("grade.id"), primary_key=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"), primary_key=True)
    level_id: Mapped[int] = mapped_column(ForeignKey("level.id"))
    points: Mapped[Decimal] = mapped_column(Points)


class GradeVersion(db.Model):  # type: ignore[name-defined]
    """A grade as it stood: who saved it when, its levels (criterion id → level id), score and feedback."""

    __tablename__ = "grade_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    grade_id: Mapped[int] = mapped_column(ForeignKey("grade.id"))
    version: Mapped[int]
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    deed: Mapped[str] = mapped_column(String(20), comment="saved, released, taken_back")
    score: Mapped[Decimal | None] = mapped_column(Points)
    levels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    feedback_source: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="", comment="why it was taken back")
    __table_args__ = (UniqueConstraint("grade_id", "version"),)
