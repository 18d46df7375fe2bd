"""Work that is done after the answer: rows in the main database are the truth, each done once in effect.

A job is written in the transaction of the command that wants it. One process runs those that are due; a lease lets
another take over what a killed one began, so what a job does is idempotent. Nothing a student does waits for a job.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from . import clock
from .db import db, transaction, upsert

LEASE = timedelta(minutes=5)
ATTEMPTS = 8


class Job(db.Model):  # type: ignore[name-defined]
    __tablename__ = "job"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    unique_key: Mapped[str] = mapped_column(String(200), unique=True)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (Index("ix_job_due", "done_at", "due_at"),)


class Heartbeat(db.Model):  # type: ignore[name-defined]
    """One sign of life: a request through the site's own socket that committed this row (docs/time.md, rule 14)."""

    __tablename__ = "heartbeat"
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(index=True)
    boot: Mapped[str] = mapped_column(String(40), default="", server_default="")
    uptime: Mapped[int | None] = mapped_column(BigInteger, comment="microseconds since the machine started")


Work = Callable[[dict[str, Any]], None]
_kinds: dict[str, Work] = {}


def does(kind: str) -> Callable[[Work], Work]:
    """Register the function that does jobs of a kind; it gets the job's facts and may be called again."""

    def register(work: Work) -> Work:
        _kinds[kind] = work
        return work

    return register


def want(session: Session, kind: str, unique_key: str, *, due_at: datetime, **facts: Any) -> None:
    """Write a job down; a second one with the same key is the same job."""
    upsert(
        session,
        Job.__table__,
        {"kind": kind, "unique_key": unique_key, "facts": facts, "due_at": due_at, "attempts": 0},
        keys=["unique_key"],
        update=[],
    )


def run_one() -> bool:
    """Take one due job and do it; False if there was none. A failure is kept and tried again, later each time."""
    at = clock.now()
    with transaction() as session:
        job = session.scalars(
            select(Job)
            .where(Job.done_at.is_(None), Job.given_up_at.is_(None), Job.due_at <= at)
            .where(or_(Job.leased_until.is_(None), Job.leased_until <= at))
            .order_by(Job.due_at, Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if job is None:
            return False
        job.leased_until = at + LEASE
        job.attempts += 1
        job_id, kind, facts, attempts = job.id, job.kind, dict(job.facts), job.attempts
    try:
        _kinds[kind](facts)
        error = None
    except Exception as exc:  # whatever went wrong is kept with the job
        error = f"{type(exc).__name__}: {exc}"[:500]
    with transaction() as session:
        job = session.get_one(Job, job_id)
        at = clock.now()
        if error is None:
            job.done_at = at
            job.facts = {}  # a mail's text may hold a link that works once: it is kept no longer than needed
        else:
            job.last_error = error
            job.leased_until = None
            job.due_at = at + timedelta(seconds=min(3600, 10 * 3**attempts))
            if attempts >= ATTEMPTS:
                job.given_up_at = at
    return True
