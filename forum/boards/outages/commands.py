"""What people do about outages: instructors give more time, administrators announce a stop or name a restore."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ...core.errors import Refused
from ...courses.policy import Member
from ...ledger.commands import record, tell
from ..models import Board
from ..rules.outages import Outage
from .models import AddedTime, PlannedStop
from .queries import known_outages
from .recording import last_sign_before, record_outage

MOST_MINUTES = 14 * 24 * 60


def add_time(
    session: Session,
    member: Member,
    board: Board,
    *,
    checkpoint_id: int | None,
    minutes: int,
    reason: str,
    at: datetime,
) -> AddedTime:
    """Give everyone on a board more time than the rule gives by itself; it only ever adds.

    Refused (no_outage) on a board that students could not use an outage of: dates are changed on the board itself.
    """
    if not 0 < minutes <= MOST_MINUTES:
        raise ValueError("minutes are more than none, and at most 14 days")
    if not any_since(session, board):
        raise Refused("no_outage")
    row = AddedTime(
        board_id=board.id, checkpoint_id=checkpoint_id, minutes=minutes, reason=reason,
        author_id=member.account_id or None, created_at=at,
    )  # fmt: skip
    session.add(row)
    board.version += 1
    session.flush()
    tell(session, "dates_changed", course_id=board.course_id, visible_at=at, board_id=board.id,
         actor_id=member.account_id)  # fmt: skip
    record(session, "added_time", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           minutes=minutes)  # fmt: skip
    return row


def any_since(session: Session, board: Board) -> bool:
    """Whether the forum was away at any time since students could see a board."""
    shown_at = board.first_shown_at
    return shown_at is not None and any(outage.ends_at > shown_at for outage in known_outages(session))


def plan_stop(
    session: Session,
    *,
    starts_at: datetime,
    ends_at: datetime,
    note: str,
    author_id: int | None,
    at: datetime,
) -> PlannedStop:
    """Announce a stop. What the site is then away is an outage like any other, and named as planned."""
    row = PlannedStop(starts_at=starts_at, ends_at=ends_at, note=note, author_id=author_id, created_at=at)
    session.add(row)
    session.flush()
    record(session, "planned_stop", "planned_stop", row.id, actor_id=author_id, at=at, starts_at=starts_at,
           ends_at=ends_at)  # fmt: skip
    return row


def withdraw_stop(session: Session, row: PlannedStop, *, author_id: int | None, at: datetime) -> None:
    """Take an announcement back. What was recorded stays."""
    row.withdrawn_at = at
    session.flush()
    record(session, "withdrew_planned_stop", "planned_stop", row.id, actor_id=author_id, at=at)


def restored(session: Session, *, since: datetime | None, at: datetime) -> Outage | None:
    """Record that the site was brought back from a backup: away from the backup's last commit until now.

    Without `since` that is the last sign of life in the backup, which is at most 15 seconds before it. None if there
    is none. The same again is the same outage, its end moved to now.
    """
    begins_at = since or last_sign_before(session, at - timedelta(microseconds=1))
    if begins_at is None:
        return None
    outage = Outage(begins_at, at, "restored")
    record_outage(session, outage, at=at)
    return outage
