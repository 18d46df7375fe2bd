"""From signs of life to recorded outages: what each sign of life finds out, in the transaction that commits it.

So an outage is recorded as soon as the service is back, once, however often it starts: what is looked at are rows, and
a record is found again by its kind and start. Instants are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ...core import clock, jobs
from ...core.db import db, transaction, upsert
from ...core.jobs import Heartbeat
from ...courses.models import Course
from ...ledger.commands import record
from ..models import Board
from ..queries import students_of
from ..rules import outages as rules
from ..rules.outages import Outage
from ..schedule import dates_on_schedules, schedules_of
from .models import ClockStep, OutageRecord, PlannedStop, PostingMinute

KEPT = timedelta(days=30)  # minutes
KEPT_BEATS = 300_000  # signs of life, a month of one host; by number, for a clock may be years off
LOOKS_BACK = timedelta(hours=2)  # from the sign of life before: a silence that goes on is found whole
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Beat:
    """One sign of life of a host: what its clock shows, and what one says that nobody can set, counted from `boot`."""

    host: str
    at: datetime
    uptime: timedelta
    boot: str


def beat_now(host: str) -> Beat:
    return Beat(host[:100], clock.now(), clock.uptime(), clock.boot())


def take_beat(
    session: Session, beat: Beat, minutes: Mapping[datetime, tuple[int, int]], posts_until: int
) -> None:
    """Write a sign of life down, and what it tells: that the site was away, or that its clock was set.

    `minutes` are attempts to post and how many failed, by minutes that are over; `posts_until` is the id of the last
    post. Five statements if all is well.
    """
    own = session.execute(
        select(Heartbeat.at, Heartbeat.uptime, Heartbeat.boot)
        .where(Heartbeat.host == beat.host)
        .order_by(Heartbeat.id.desc())
        .limit(1)
    ).first()
    before = session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.at < beat.at))
    kept = Heartbeat(host=beat.host, at=beat.at, boot=beat.boot, uptime=beat.uptime // _MICROSECOND)
    session.add(kept)
    session.flush()
    step = _step_of_clock(session, beat, own, posts_until) if own is not None else None
    any_failed = _keep_minutes(session, beat, minutes)
    is_odd = before is not None and (any_failed or beat.at - before > rules.SILENCE_AT_DUE)
    if before is not None and is_odd and not (own is not None and _is_leap(step, before - own.at)):
        _look_at_silences(session, before, beat.at)
    session.execute(delete(Heartbeat).where(Heartbeat.id < kept.id - KEPT_BEATS))


def _is_leap(step: timedelta | None, since_own: timedelta) -> bool:
    """Whether the time since the beat before is but what a clock leapt over that is not to be believed."""
    return step is not None and step > timedelta() and not rules.is_believed(step) and since_own < rules.REACH


def _step_of_clock(session: Session, beat: Beat, own: Any, posts_until: int) -> timedelta | None:
    """By how much a host's clock was set since its sign of life before, recorded; None if it was not."""
    same_boot = bool(beat.boot) and own.boot == beat.boot and own.uptime is not None
    elapsed = beat.uptime - own.uptime * _MICROSECOND if same_boot else timedelta()
    step = rules.step_between(own.at, beat.at, elapsed, same_boot=same_boot)
    if step is None:
        return None
    upsert(
        session, ClockStep.__table__,
        {"host": beat.host, "before_at": own.at, "after_at": beat.at, "microseconds": step // _MICROSECOND,
         "posts_until": posts_until},
        keys=["host", "before_at", "after_at"], update=[],
    )  # fmt: skip
    record(
        session, "clock_set", "site", None, actor_id=None, at=beat.at, seconds=round(step.total_seconds(), 3)
    )
    outage = rules.outage_of_step(own.at + elapsed, step)
    if outage is not None:
        record_outage(session, outage, at=beat.at)
    return step


def _keep_minutes(session: Session, beat: Beat, minutes: Mapping[datetime, tuple[int, int]]) -> bool:
    """Write down what is not known yet of attempts to post; whether one of those minutes may be a silence."""
    if not minutes:
        return False
    known = set(
        session.scalars(
            select(PostingMinute.minute_at).where(
                PostingMinute.host == beat.host, PostingMinute.minute_at >= min(minutes)
            )
        )
    )
    new = {minute: counts for minute, counts in minutes.items() if minute not in known}
    if not new:
        return False
    session.add_all(
        PostingMinute(host=beat.host, minute_at=minute, tried=tried, failed=failed)
        for minute, (tried, failed) in sorted(new.items())
    )
    session.flush()
    session.execute(delete(PostingMinute).where(PostingMinute.minute_at < beat.at - KEPT))
    return any(failed for _tried, failed in new.values())


def _look_at_silences(session: Session, before: datetime, at: datetime) -> None:
    since = before - LOOKS_BACK
    beats = session.scalars(select(Heartbeat.at).where(Heartbeat.at >= since, Heartbeat.at <= at)).all()
    failed = [
        minute
        for minute, tried, bad in session.execute(
            select(PostingMinute.minute_at, func.sum(PostingMinute.tried), func.sum(PostingMinute.failed))
            .where(PostingMinute.minute_at >= since, PostingMinute.minute_at <= at - rules.MINUTE)
            .group_by(PostingMinute.minute_at)
        )
        if rules.is_failed_minute(int(tried), int(bad))
    ]
    for silence in rules.silences(beats, failed):
        if rules.is_outage(silence):
            record_outage(session, silence, at=at)
        else:
            # Whether anything was due in it is a question to every date of the site: not while others wait to write.
            started, ended = (
                (each - _EPOCH) // _MICROSECOND for each in (silence.starts_at, silence.ends_at)
            )
            jobs.want(
                session,
                "short_silence",
                f"silence:{started}-{ended}",
                due_at=at,
                started=started,
                ended=ended,
            )


@jobs.does("short_silence")
def look_at_short_silence(facts: dict[str, Any]) -> None:
    """Record a silence of 15 to 60 seconds if anything was due in it for anybody."""
    started, ended = (_EPOCH + int(facts[name]) * _MICROSECOND for name in ("started", "ended"))
    silence = Outage(started, ended)
    at = clock.now()
    if rules.is_outage(silence, _due_in(db.session(), silence, at)):
        with transaction() as session:
            record_outage(session, silence, at=at)


def _due_in(session: Session, silence: Outage, at: datetime) -> set[datetime]:
    """Every due instant that a student of the site has in a stretch; eleven statements a course."""
    found: set[datetime] = set()
    for course in session.scalars(select(Course).where(Course.state == "open")).all():
        boards = session.scalars(
            select(Board).where(
                Board.course_id == course.id, Board.removed_at.is_(None), Board.published_at.is_not(None)
            )
        ).all()
        people = students_of(session, course.id, at)
        by_board = dates_on_schedules(session, schedules_of(session, boards, course), people, at)
        found |= {
            date.due
            for each in by_board.values()
            for dates in each.values()
            for date in dates.dates
            if date.due is not None and silence.holds(date.due)
        }
    return found


def record_outage(session: Session, outage: Outage, *, at: datetime) -> bool:
    """Record an outage; whether anything is new in it. What is kept in memory of anybody's dates holds no longer then.

    An outage that lies within a recorded one of its kind is that one.
    """
    if outage.kind == "down" and _was_planned(session, outage):
        outage = Outage(outage.starts_at, outage.ends_at, "planned")
    kinds = ("down", "planned") if outage.kind in ("down", "planned") else (outage.kind,)
    known = session.scalar(
        select(OutageRecord.id)
        .where(
            OutageRecord.kind.in_(kinds),
            OutageRecord.starts_at <= outage.starts_at,
            OutageRecord.ends_at >= outage.ends_at,
        )
        .limit(1)
    )
    if known is not None:
        return False
    upsert(
        session, OutageRecord.__table__,
        {"kind": outage.kind, "starts_at": outage.starts_at, "ends_at": outage.ends_at, "recorded_at": at},
        keys=["kind", "starts_at"], update=["ends_at"],
    )  # fmt: skip
    renew_dates(session)
    record(session, "outage_recorded", "site", None, actor_id=None, at=at, kind=outage.kind,
           starts_at=outage.starts_at, ends_at=outage.ends_at)  # fmt: skip
    return True


def _was_planned(session: Session, outage: Outage) -> bool:
    return (
        session.scalar(
            select(PlannedStop.id)
            .where(
                PlannedStop.withdrawn_at.is_(None),
                PlannedStop.starts_at < outage.ends_at,
                PlannedStop.ends_at > outage.starts_at,
            )
            .limit(1)
        )
        is not None
    )


def renew_dates(session: Session) -> None:
    """Let every board have a new version: what is kept of dates and pages goes by it."""
    session.execute(update(Board).where(Board.removed_at.is_(None)).values(version=Board.version + 1))


def last_sign_before(session: Session, at: datetime) -> datetime | None:
    """The latest sign of life before an instant: in a database that was restored, of the site that was backed up."""
    return session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.at < at))
