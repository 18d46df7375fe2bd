"""What a deadline means for the people of a course, before and after a board is published."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from ..core.moments import due_instant, end_of_day, opening_instant, zone
from ..core.times import hour_words, zone_words
from ..courses.policy import Member, Role
from ..courses.queries import roster
from .models import Board
from .queries import checkpoints_of, course_of, spec_of
from .schedule import dates_of_everyone, schedule_of
from .sentences import checkpoint_words
from .specs import BoardSpec
from .trouble_sentences import oddity_note, spelled


@dataclass(frozen=True)
class LocalDeadlines:
    """One line of the table: a zone, the local hour of each due date, how many students that is."""

    zone: str
    hours: list[str]
    students: int


@dataclass(frozen=True)
class Meaning:
    """What the publication page shows: a sentence, the table under its heads, and warnings."""

    sentence: str
    heads: list[str]
    lines: list[LocalDeadlines]
    warnings: list[str]


def meaning_of(session: Session, member: Member, board: Board, at: datetime) -> Meaning:
    """Deadlines of a board as each zone of the roster reads them; a fixed number of statements."""
    course = course_of(session, member)
    spec = spec_of(session, board)
    checkpoints = checkpoints_of(session, [board.id])[board.id]
    students = roster(session, course.id, at, role=Role.STUDENT)
    schedule = schedule_of(session, board, course)
    schedule = replace(schedule, opened_at=schedule.opened_at or at)
    dates = dates_of_everyone(
        session,
        board,
        course,
        {line.account_id: line.enrolled_from for line in students},
        at,
        schedule=schedule,
    )
    counted: Counter[tuple[str, tuple[datetime | None, ...]]] = Counter(
        (line.zone or course.zone, tuple(date.due for date in dates[line.account_id].dates))
        for line in students
    )
    lines = [
        LocalDeadlines(
            zone_words(zone_name),
            [hour_words(due, ZoneInfo(zone_name)) if due else _("no due date") for due in dues],
            number,
        )
        for (zone_name, dues), number in sorted(counted.items(), key=lambda item: (-item[1], item[0][0]))
    ]
    zones = sorted({zone_name for zone_name, _dues in counted})
    return Meaning(
        sentence=_sentence(spec, member, len(students), zones, at),
        heads=[checkpoint_words(checkpoint) for checkpoint in checkpoints],
        lines=lines if any(checkpoint.due for checkpoint in spec.checkpoints) else [],
        warnings=_warnings(
            spec, member, [zone(name) for name in zones], end_of_day(course.ends_on, zone(course.zone)), at,
            is_published=board.published_at is not None,
        ),
    )  # fmt: skip


def _sentence(spec: BoardSpec, member: Member, students: int, zones: list[str], at: datetime) -> str:
    dues = [checkpoint for checkpoint in spec.checkpoints if checkpoint.due is not None]
    if not dues or dues[0].due is None:
        return _("Nothing on this board has a due date.")
    due = due_instant(dues[0].due, member.course_zone)
    first = spelled(due, member)
    if dues[0].whose_zone == "own":
        first = _("%(time)s, for each student in their own zone", time=first)
    if due > at:
        text = _("The first thing is due %(time)s.", time=first)
    else:
        text = _("The first thing was due %(time)s.", time=first)
    if not students:
        return text + " " + _("No students are enrolled yet.")
    if zones == [member.course_zone_name]:
        return text + " " + ngettext(
            "%(num)d student reads it so.", "All %(num)d students live in the course's time zone and read it so.", students
        )  # fmt: skip
    many = ngettext("%(num)d student lives", "%(num)d students live", students)
    return text + " " + ngettext(
        "%(many)s in %(num)d time zone:", "%(many)s in %(num)d time zones:", len(zones), many=many
    )  # fmt: skip


def _warnings(
    spec: BoardSpec,
    member: Member,
    zones: list[ZoneInfo],
    ends_at: datetime,
    at: datetime,
    *,
    is_published: bool,
) -> list[str]:
    """What asks for a second look. That a date is past is nothing to warn of once a board is published."""
    course_zone = member.course_zone
    found: list[str | None] = []
    for place, checkpoint in enumerate(spec.checkpoints, start=1):
        if checkpoint.due is None:
            continue
        own = checkpoint.whose_zone == "own"
        due = due_instant(checkpoint.due, course_zone)
        said = spelled(due, member)
        if due > ends_at:
            found.append(
                _("No. %(place)d is due after the course has ended: %(time)s.", place=place, time=said)
            )
        if not is_published and all(
            due_instant(checkpoint.due, one) <= at for one in (zones if own and zones else [course_zone])
        ):
            found.append(
                _("No. %(place)d was due already: %(time)s. Who posts now is late.", place=place, time=said)
            )
        found += [oddity_note(checkpoint.due, one) for one in (zones if own else [course_zone])]
    found += [oddity_note(spec.opens, course_zone, is_opening=True), oddity_note(spec.cut_off, course_zone)]
    if not is_published and spec.cut_off and due_instant(spec.cut_off, course_zone) <= at:
        found.append(_("The cut-off has passed: nothing will be taken here."))
    if spec.opens and opening_instant(spec.opens, course_zone) > ends_at:
        found.append(_("The board opens after the course has ended."))
    return list(dict.fromkeys(sentence for sentence in found if sentence))
