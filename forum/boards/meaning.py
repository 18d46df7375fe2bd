"""What the deadlines of a board mean for the people of its course, before and after it is published."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.weekends import weekend_of
from ..courses.models import Course
from ..courses.policy import Member, Role
from ..courses.queries import RosterLine, roster
from .meaning_words import Meaning, Weighed, WeighedLine, in_words
from .models import Board, Checkpoint
from .queries import checkpoints_of, course_of, spec_of
from .rules import fairness, linter, values
from .rules.due import rule_instant
from .schedule import Schedule, dates_on_schedules, schedules_of
from .specs import BoardSpec


def meaning_of(session: Session, member: Member, board: Board, at: datetime) -> Meaning:
    """Deadlines of a board as each zone of the roster reads them, and what is odd; a fixed number of statements."""
    course = course_of(session, member)
    spec = spec_of(session, board)
    checkpoints = checkpoints_of(session, [board.id])[board.id]
    students = roster(session, course.id, at, role=Role.STUDENT)
    others = session.scalars(
        select(Board).where(
            Board.course_id == course.id, Board.id != board.id, Board.removed_at.is_(None),
            Board.published_at.is_not(None),
        )
    ).all()  # fmt: skip
    schedules = schedules_of(session, [board, *others], course)
    schedule = schedules[board.id]
    opened_at = max(schedule.rules.opens_at or board.first_shown_at or at, board.first_shown_at or at)
    schedules[board.id] = replace(schedule, opened_at=schedule.opened_at or at)
    dates = dates_on_schedules(
        session, schedules, {line.account_id: line.enrolled_from for line in students}, at
    )
    titles = {other.id: other.title for other in others}
    plan = linter.Plan(
        course_zone=member.course_zone,
        starts_on=course.starts_on,
        ends_on=course.ends_on,
        asked=_asked(spec),
        readers=_readers(students, dates, board.id, titles, course, opened_at),
        opened_at=opened_at,
        at=at,
        opens=spec.opens,
        cut_off=spec.cut_off,
        shown_at=board.first_shown_at,
        weekend=weekend_of(course.zone),
    )
    return in_words(
        [_weighed(plan, place, row, schedule) for place, row in enumerate(checkpoints)],
        linter.findings_of(plan),
        plan,
        member,
    )


def _asked(spec: BoardSpec) -> tuple[linter.Asked, ...]:
    return tuple(
        linter.Asked(one.kind, one.due, one.whose_zone)  # type: ignore[arg-type]
        for one in spec.checkpoints
    )


def _readers(
    students: Sequence[RosterLine],
    dates: Mapping[int, Mapping[int, values.StudentBoard]],
    board_id: int,
    titles: Mapping[int, str],
    course: Course,
    opened_at: datetime,
) -> tuple[linter.Readers, ...]:
    """Students grouped by all that concerns their deadlines, the largest group first."""
    counted: Counter[
        tuple[str, tuple[datetime | None, ...], datetime | None, tuple[tuple[int, datetime], ...]]
    ]
    counted = Counter()
    for line in students:
        own = dates[board_id][line.account_id]
        dues = [one.due for one in own.dates if one.due is not None]
        elsewhere = tuple(
            (other_id, one.due)
            for other_id in titles
            for one in dates[other_id][line.account_id].dates
            if one.due is not None
            and dues
            and min(dues) - linter.CROWD_WITHIN <= one.due <= max(dues) + linter.CROWD_WITHIN
        )
        opens_at = max(own.opens_at, opened_at) if own.opens_at is not None else None
        counted[line.zone or course.zone, tuple(one.due for one in own.dates), opens_at, elsewhere] += 1
    return tuple(
        linter.Readers(
            ZoneInfo(zone_name), number, dues, opens_at,
            tuple(linter.Other(due, titles[other_id]) for other_id, due in elsewhere),
        )
        for (zone_name, dues, opens_at, elsewhere), number in sorted(
            counted.items(), key=lambda item: (-item[1], item[0][0])
        )
    )  # fmt: skip


def _weighed(plan: linter.Plan, place: int, row: Checkpoint, schedule: Schedule) -> Weighed:
    """One checkpoint with what it comes to in each zone."""
    asked = plan.asked[place]
    rule = next((one.due for one in schedule.rules.checkpoints if one.id == row.id), None)
    stands = rule_instant(rule, plan.course_zone, plan.course_zone) if rule is not None else None
    lines: Counter[tuple[str, datetime | None, datetime]] = Counter()
    shares: Counter[str] = Counter()
    for readers in plan.readers:
        lines[readers.zone.key, readers.dues[place], readers.opens_at or plan.opened_at] += readers.students
        shares[readers.zone.key] += readers.students
    fairest = None
    if asked.wall is not None and stands is not None and plan.readers and not plan.is_over(place):
        fairest = fairness.fairest_hour(
            asked.wall, asked.whose, plan.course_zone,
            [fairness.Share(ZoneInfo(name), number) for name, number in shares.items()],
            not_before=stands if plan.shown_at is not None else None,
        )  # fmt: skip
    return Weighed(
        row, asked, stands,
        tuple(
            WeighedLine(ZoneInfo(name), number, due, fairness.window_of(opened_at, due, ZoneInfo(name)) if due else None)
            for (name, due, opened_at), number in sorted(lines.items(), key=lambda item: (-item[1], item[0][0]))
        ),
        fairest,
    )  # fmt: skip
