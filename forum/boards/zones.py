"""What boards do when the zone of their course changes (docs/time.md, rules 5 and 6)."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..core.moments import ZONE_DATABASE, due_instant, opening_instant, zone
from ..courses.commands import follows_zone
from ..courses.models import Course
from .models import Board, DueRule
from .schedule import wall_of


@follows_zone
def follow_zone(session: Session, course: Course, at: datetime) -> None:
    """Derive the dates of the course's boards anew in its zone, as `course.zone` now says.

    What students could not see yet follows wholly. What they saw is a promise: an opening that lies ahead moves only
    earlier, everything else keeps its instant, and the later of it and the rule holds.
    """
    boards = select(Board.id).where(Board.course_id == course.id)
    for rule in session.scalars(
        select(DueRule).where(DueRule.board_id.in_(boards), DueRule.withdrawn_at.is_(None))
    ):
        wall = wall_of(rule.wall_on, rule.wall_minute)
        if wall is None or rule.instant is None:
            continue
        derive = opening_instant if rule.what == "opens" else due_instant
        derived = derive(wall, zone(course.zone))
        if rule.shown_at is None or (rule.what == "opens" and at < rule.instant and derived < rule.instant):
            rule.instant, rule.zone, rule.zone_database = derived, course.zone, ZONE_DATABASE
    session.execute(update(Board).where(Board.course_id == course.id).values(version=Board.version + 1))
