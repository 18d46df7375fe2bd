"""The terms of an extension as forms hold them, and what they come to: for every page on which more time is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ..core.moments import Wall, due_instant, end_of_day, zone
from ..courses.models import Course
from ..courses.policy import Member
from .dates_form import DateForm
from .extension_commands import unsaved_extension
from .forms import add_error
from .models import Board, Checkpoint
from .rules.values import StudentBoard
from .schedule import dates_of_everyone, schedule_of, with_extension
from .sentences import checkpoint_words
from .trouble_sentences import spelled, trouble_words


@dataclass(frozen=True)
class ResultLine:
    """What one student's dates are now and would become: of each, its name, both in words, and whether it changes."""

    name: str
    dates: list[tuple[str, str, str, bool]]


def terms_in(
    form: Any, due: DateForm, cut_off: DateForm, course: Course, member: Member
) -> dict[str, Any] | None:
    """What `grant_extension` takes of dates, after the forms were validated; None if they hold errors.

    `form` has the fields `no_due` and `moves_later`.
    """
    due_wall, cut_off_wall = due.wall(), cut_off.wall()
    course_zone, ends_on = zone(course.zone), course.ends_on
    if form.no_due.data:
        if due_wall is not None:
            add_error(due.on, _("Please give either a date or no due date, not both."))
        if cut_off_wall is None and not cut_off.errors:
            cut_off_wall = Wall(ends_on)  # docs/time.md, rule 9: at the latest the course's end
        elif cut_off_wall is not None and due_instant(cut_off_wall, course_zone) > end_of_day(
            ends_on, course_zone
        ):
            late = spelled(end_of_day(ends_on, course_zone), member)
            add_error(
                cut_off.on,
                _("Without a due date the board can stay open until the course ends: %(time)s.", time=late),
            )
    elif due_wall is None and cut_off_wall is None and not (due.errors or cut_off.errors):
        add_error(due.on, _("Please give a later date, or choose no due date."))
    if (
        due_wall
        and cut_off_wall
        and due_instant(due_wall, course_zone) > (until := due_instant(cut_off_wall, course_zone))
    ):
        add_error(due.on, trouble_words("due_after_cutoff", {"cutoff_at": until}, member))
    if any(one.errors for one in (form, due, cut_off)):
        return None
    return {
        "due": due_wall,
        "no_due": form.no_due.data,
        "cut_off": cut_off_wall,
        "moves_later": form.moves_later.data,
    }


def results_of(
    session: Session, board: Board, course: Course, checkpoints: Sequence[Checkpoint], people: Mapping[int, datetime],
    names: Mapping[int, str], wanted: Mapping[str, Any], *, member: Member, at: datetime,
) -> tuple[list[ResultLine], bool]:  # fmt: skip
    """All dates of the people concerned, before and after; whether anything changes for anybody.

    `people` are given with the instant of their enrollment; those without a name are left out of the lines.
    """
    schedule = schedule_of(session, board, course)
    row = unsaved_extension(course, board, at=at, **wanted)
    before = dates_of_everyone(session, board, course, people, at, schedule=schedule)
    after = dates_of_everyone(session, board, course, people, at, schedule=with_extension(schedule, row))
    lines = [
        ResultLine(name, _pairs(checkpoints, before[account_id], after[account_id], member))
        for account_id, name in names.items()
        if account_id in before
    ]
    changed = any(is_later for line in lines for _what, _was, _now, is_later in line.dates)
    return lines, changed or not people


def _pairs(
    checkpoints: Sequence[Checkpoint], old: StudentBoard, new: StudentBoard, member: Member
) -> list[tuple[str, str, str, bool]]:
    found = []
    was = {date.checkpoint_id: date for date in old.dates}
    now = {date.checkpoint_id: date for date in new.dates}
    for one in checkpoints:
        first, then = was[one.id].due, now[one.id].due
        words = [spelled(at, member) if at else _("no due date") for at in (first, then)]
        found.append((checkpoint_words(one), words[0], words[1], first != then))
    ends = [spelled(at, member) if at else _("no end") for at in (old.cutoff_at, new.cutoff_at)]
    found.append((_("Posts are taken until"), ends[0], ends[1], old.cutoff_at != new.cutoff_at))
    return found
