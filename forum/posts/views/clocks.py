"""Posts that were taken after a clock was set: with the time that they have, and the one by the clock before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import render_template
from markupsafe import Markup
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ...boards.models import Board
from ...boards.outages.models import ClockStep
from ...boards.outages.queries import clock_steps
from ...boards.rules.outages import STEP_COUNTS
from ...core.db import db
from ...core.markup import markup_of
from ...core.places import fills
from ...core.times import Moment, moment
from ...courses.models import Course
from ...courses.policy import Person
from ..models import Post, Thread

MEANWHILE = timedelta(hours=24)  # a clock that nobody set again in a day is taken for right
MOST_SHOWN = 500


@dataclass(frozen=True)
class TakenLine:
    """One post: by its ids, for administrators do not read in courses."""

    course: str
    post: str
    arrived: Moment
    otherwise: Moment


def taken_meanwhile(session: Session) -> list[tuple[Post, Course, datetime]]:
    """Posts taken between a step of the clock by more than a minute and the next, or for a day, with their arrival by
    the clock before; two statements."""
    steps = sorted(clock_steps(session), key=lambda step: step.id)
    bounds: list[tuple[ClockStep, int | None]] = [
        (step, steps[place + 1].posts_until if place + 1 < len(steps) else None)
        for place, step in enumerate(steps)
        if abs(timedelta(microseconds=step.microseconds)) > STEP_COUNTS
    ]
    if not bounds:
        return []
    between = or_(
        *(
            and_(Post.id > step.posts_until, Post.id <= until if until is not None else Post.id > 0,
                 Post.arrived_at < step.after_at + MEANWHILE)
            for step, until in bounds
        )
    )  # fmt: skip
    rows = session.execute(
        select(Post, Course)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Thread.board_id)
        .join(Course, Course.id == Board.course_id)
        .where(between)
        .order_by(Post.id)
        .limit(MOST_SHOWN)
    )
    found = []
    for post, course in rows:
        step = [step for step, _until in bounds if step.posts_until < post.id][-1]
        found.append((post, course, post.arrived_at - timedelta(microseconds=step.microseconds)))
    return found


@fills("admin.clocks")
def posts_taken(person: Person, _id: int, _at: datetime) -> Markup:
    zone = ZoneInfo(person.zone_name or "UTC")
    lines = [
        TakenLine(course.code, post.public_id, moment(post.arrived_at, zone), moment(otherwise, zone))
        for post, course, otherwise in taken_meanwhile(db.session())
    ]
    return markup_of(render_template("posts/_taken_meanwhile.html", lines=lines))
