"""What can be known of outages: those that are recorded, what instructors added, planned stops, clocks that were set."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...core.errors import NotHere
from ..rules.outages import Kind, Outage, merged
from .models import AddedTime, ClockStep, OutageRecord, PlannedStop


def known_outages(session: Session) -> tuple[Outage, ...]:
    """Every outage of the site, as the rules take them; one statement."""
    rows = session.execute(select(OutageRecord.starts_at, OutageRecord.ends_at, OutageRecord.kind))
    return tuple(merged(Outage(starts_at, ends_at, cast(Kind, kind)) for starts_at, ends_at, kind in rows))


def added_time_on(session: Session, board_ids: Sequence[int]) -> dict[int, list[AddedTime]]:
    """What instructors gave beyond the rule on several boards, by board id, oldest first; one statement.

    The rows belong to no session: to be read only.
    """
    found: dict[int, list[AddedTime]] = {board_id: [] for board_id in board_ids}
    for row in session.execute(
        select(*AddedTime.__table__.columns).where(AddedTime.board_id.in_(board_ids)).order_by(AddedTime.id)
    ):
        found[row.board_id].append(AddedTime(**row._mapping))
    return found


def credit_of(added: Sequence[AddedTime], checkpoint_ids: Sequence[int]) -> dict[int, timedelta]:
    """The time added on one board, by checkpoint id; what is without one is for all of them."""
    found: dict[int, timedelta] = {}
    for checkpoint_id in checkpoint_ids:
        minutes = sum(each.minutes for each in added if each.checkpoint_id in (None, checkpoint_id))
        if minutes:
            found[checkpoint_id] = timedelta(minutes=minutes)
    return found


def planned_stops(session: Session, *, after: datetime) -> Sequence[PlannedStop]:
    """Announced stops that end after an instant, in the order of their start; one statement."""
    return session.scalars(
        select(PlannedStop)
        .where(PlannedStop.withdrawn_at.is_(None), PlannedStop.ends_at > after)
        .order_by(PlannedStop.starts_at, PlannedStop.id)
    ).all()


def planned_stop_for(session: Session, public_id: str) -> PlannedStop:
    """The announced stop of this address, or NotHere."""
    found = session.scalar(
        select(PlannedStop).where(PlannedStop.public_id == public_id, PlannedStop.withdrawn_at.is_(None))
    )
    if found is None:
        raise NotHere
    return found


def clock_steps(session: Session) -> Sequence[ClockStep]:
    """Every clock that was set, the latest first; one statement."""
    return session.scalars(select(ClockStep).order_by(ClockStep.id.desc())).all()
