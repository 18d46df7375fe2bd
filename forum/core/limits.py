"""Limits on attempts: one table of keys, windows and counts, kept over restarts."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .db import db, upsert
from .errors import TooMany


class Attempts(db.Model):  # type: ignore[name-defined]
    """How often something was tried under a key in a slice of time."""

    __tablename__ = "attempts"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    slice_at: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


_SLICE = timedelta(minutes=1)


def check(session: Session, key: str, *, at: datetime, most: int, period: timedelta) -> None:
    """Raise TooMany if `most` attempts under the key lie within `arrival > at - period` (docs/time.md, rule 19)."""
    counted = session.scalar(
        select(func.coalesce(func.sum(Attempts.count), 0)).where(
            Attempts.key == key, Attempts.slice_at > at - period, Attempts.slice_at <= at
        )
    )
    if int(counted or 0) >= most:
        oldest = session.scalar(
            select(func.min(Attempts.slice_at)).where(Attempts.key == key, Attempts.slice_at > at - period)
        )
        wait = (oldest + period - at) if oldest else period
        raise TooMany(max(1, int(wait.total_seconds()) + 1))


def count(session: Session, key: str, *, at: datetime) -> None:
    """Note one attempt; call inside transaction()."""
    slice_at = at - timedelta(seconds=at.second, microseconds=at.microsecond)
    upsert(
        session,
        Attempts.__table__,
        {"key": key, "slice_at": slice_at, "count": 0},
        keys=["key", "slice_at"],
        update=[],
    )
    session.execute(
        Attempts.__table__.update()
        .where(Attempts.key == key, Attempts.slice_at == slice_at)
        .values(count=Attempts.count + 1)
    )


def forget(session: Session, key: str) -> None:
    session.execute(delete(Attempts).where(Attempts.key == key))
