"""Due dates in each student's own zone when the zone database changes: whom it would move, and whose promise is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..accounts.queries import zone_intervals_of
from ..core.moments import ZONE_DATABASE, Wall, due_instant, due_wall, zone
from ..core.zone_databases import NoSuchZone, ZoneDatabase
from ..courses.models import Course
from .models import Board, DueRule, Extension
from .parts import NONE, parts_of
from .queries import students_of
from .schedule import current_rules_of, schedules_of, wall_of


@dataclass(frozen=True)
class OwnMove:
    """What an own-zone rule comes to in a zone by one database and by another, and the students who are held to it."""

    rule: DueRule
    zone_name: str
    account_ids: tuple[int, ...]
    before: datetime
    derived: datetime


def own_moves(
    session: Session,
    course: Course,
    at: datetime,
    old: ZoneDatabase,
    new: ZoneDatabase,
    *,
    written_by: str | None,
) -> list[OwnMove]:
    """Every shown own-zone due date of a course that two zone databases put at different instants; nine statements.

    `written_by`: only rules that this version of the database was the last to derive.
    """
    boards = session.scalars(
        select(Board)
        .join(DueRule, DueRule.board_id == Board.id)
        .where(Board.course_id == course.id, Board.removed_at.is_(None), DueRule.whose_zone == "own")
        .distinct()
    ).all()  # fmt: skip
    people = students_of(session, course.id, at)
    if not boards or not people:
        return []
    zones = zone_intervals_of(session, list(people))
    parts = parts_of(session, list(people), at)
    schedules = schedules_of(session, boards, course)
    current = current_rules_of(session, [board.id for board in boards])
    found: list[OwnMove] = []
    for board in boards:
        students = {
            account_id: schedules[board.id].student(
                account_id, zones=zones[account_id], enrolled_at=enrolled_at,
                parts=parts.get(account_id, NONE),
            )
            for account_id, enrolled_at in people.items()
        }  # fmt: skip
        for rule in current[board.id]:
            wall = wall_of(rule.wall_on, rule.wall_minute)
            if rule.whose_zone != "own" or rule.shown_at is None or wall is None:
                continue
            if written_by is not None and rule.zone_database != written_by:
                continue
            living: dict[str, list[int]] = {}
            for account_id, student in students.items():
                replaced = any(rule.checkpoint_id in dates.due for dates in student.audiences)
                if not student.without_zone and not replaced:
                    living.setdefault(student.zone.key, []).append(account_id)
            for zone_name, account_ids in sorted(living.items()):
                pair = _both(wall, zone_name, old, new)
                if pair is not None and pair[0] != pair[1]:
                    found.append(OwnMove(rule, zone_name, tuple(account_ids), *pair))
    return found


def _both(
    wall: Wall, zone_name: str, old: ZoneDatabase, new: ZoneDatabase
) -> tuple[datetime, datetime] | None:
    try:
        return due_instant(wall, old.read(zone_name)), due_instant(wall, new.read(zone_name))
    except NoSuchZone:
        return None


def keep_promises(session: Session, moves: Sequence[OwnMove], at: datetime) -> list[OwnMove]:
    """What is past stays where it was; who would be due earlier by the installed database keeps the later instant, as
    more time: the moves it was for."""
    reason = _("The rules of time zones changed (zone database %(version)s).", version=ZONE_DATABASE)
    kept: list[OwnMove] = []
    for move in moves:
        if move.before <= at:
            _stays(move)
            continue
        if move.derived >= move.before:
            continue
        has = set(
            session.scalars(
                select(Extension.account_id).where(
                    Extension.checkpoint_id == move.rule.checkpoint_id, Extension.due_at == move.before,
                    Extension.account_id.in_(move.account_ids), Extension.withdrawn_at.is_(None),
                )
            )
        )  # fmt: skip
        wall = due_wall(move.before, zone(move.rule.zone))
        for account_id in move.account_ids:
            if account_id not in has:
                session.add(Extension(
                    board_id=move.rule.board_id, checkpoint_id=move.rule.checkpoint_id, account_id=account_id,
                    due_on=wall.on, due_minute=wall.minute.strftime("%H:%M") if wall.minute else None,
                    due_at=move.before, zone=move.rule.zone, moves_later=False, reason=reason, author_id=None,
                    created_at=at,
                ))  # fmt: skip
                if move not in kept:
                    kept.append(move)
    session.flush()
    return kept


def _stays(move: OwnMove) -> None:
    past = move.rule.past_in_zones or {}
    move.rule.past_in_zones = {move.zone_name: move.before.isoformat(), **past}
