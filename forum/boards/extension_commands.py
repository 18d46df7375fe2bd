"""What can be done about one student's, section's or group's time: extensions, excusals, accommodations."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.errors import Refused
from ..core.moments import Wall, due_instant, zone
from ..courses.models import Course
from ..courses.policy import Member
from ..ledger.commands import record, tell
from .models import Accommodation, Board, Excusal, Extension
from .promises import what_gets_shorter
from .queries import students_of
from .rules import changes
from .schedule import Schedule, dates_of_everyone, schedule_of, without_accommodation, without_extension


def minute_words(wall: Wall | None) -> str | None:
    """HH:MM as it is kept; None for END_OF_DAY or no date."""
    return wall.minute.strftime("%H:%M") if wall and wall.minute is not None else None


def unsaved_extension(
    course: Course,
    board: Board,
    *,
    at: datetime,
    account_id: int | None = None,
    section_id: int | None = None,
    group_id: int | None = None,
    checkpoint_id: int | None = None,
    due: Wall | None = None,
    no_due: bool = False,
    cut_off: Wall | None = None,
    moves_later: bool = True,
    reason: str = "",
    author_id: int | None = None,
) -> Extension:
    """The row of an extension, not yet in any session: what a preview computes with and a grant writes."""
    if (account_id, section_id, group_id).count(None) != 2:
        raise ValueError("an extension is for one student, one section or one group")
    course_zone = zone(course.zone)
    return Extension(
        board_id=board.id, checkpoint_id=checkpoint_id, account_id=account_id, section_id=section_id,
        group_id=group_id, no_due=no_due, due_on=due.on if due else None, due_minute=minute_words(due),
        due_at=due_instant(due, course_zone) if due else None, cut_off_on=cut_off.on if cut_off else None,
        cut_off_minute=minute_words(cut_off), cut_off_at=due_instant(cut_off, course_zone) if cut_off else None,
        zone=course_zone.key, moves_later=moves_later, reason=reason, author_id=author_id, created_at=at,
    )  # fmt: skip


def grant_extension(
    session: Session,
    member: Member,
    board: Board,
    *,
    at: datetime,
    account_id: int | None = None,
    section_id: int | None = None,
    group_id: int | None = None,
    checkpoint_id: int | None = None,
    due: Wall | None = None,
    no_due: bool = False,
    cut_off: Wall | None = None,
    moves_later: bool = True,
    reason: str = "",
) -> Extension:
    """Give more time to one student, section or group (docs/time.md, rule 9)."""
    course = session.get_one(Course, member.course_id)
    extension = unsaved_extension(
        course, board, at=at, account_id=account_id, section_id=section_id, group_id=group_id,
        checkpoint_id=checkpoint_id, due=due, no_due=no_due, cut_off=cut_off, moves_later=moves_later, reason=reason,
        author_id=member.account_id or None,
    )  # fmt: skip
    session.add(extension)
    board.version += 1
    session.flush()
    record(session, "extended", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           extension_id=extension.id, account_id=account_id, section_id=section_id, group_id=group_id)  # fmt: skip
    return extension


def excuse(
    session: Session, member: Member, board: Board, account_id: int, *, at: datetime, checkpoint_id: int | None = None,
    reason: str = "",
) -> None:  # fmt: skip
    session.add(
        Excusal(board_id=board.id, checkpoint_id=checkpoint_id, account_id=account_id, reason=reason,
                author_id=member.account_id or None, created_at=at)
    )  # fmt: skip
    board.version += 1
    record(session, "excused", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           account_id=account_id)  # fmt: skip


def withdraw_extension(
    session: Session, member: Member, board: Board, extension: Extension, *, at: datetime, reason: str
) -> None:
    """Take an extension back as a mistake, if docs/time.md, rule 6, lets it; else Refused, and it stays."""
    course = session.get_one(Course, member.course_id)
    schedule = schedule_of(session, board, course)
    people = students_of(
        session, course.id, at, section_id=extension.section_id, group_id=extension.group_id, ever=True
    )
    if extension.account_id is not None:
        people = {key: value for key, value in people.items() if key == extension.account_id}
    _refuse_shorter(
        session, board, course, people, at, schedule, without_extension(schedule, extension),
        entered_at=extension.created_at, reason=reason,
    )  # fmt: skip
    extension.withdrawn_at, extension.withdrawn_by_id = at, member.account_id or None
    extension.withdrawal_reason = reason
    board.version += 1
    session.flush()
    tell(session, "dates_changed", course_id=course.id, visible_at=at, board_id=board.id, actor_id=member.account_id,
         account_id=extension.account_id)  # fmt: skip
    record(session, "withdrew_extension", "board", board.id, actor_id=member.account_id, at=at, course_id=course.id,
           extension_id=extension.id)  # fmt: skip


def _refuse_shorter(session: Session, board: Board, course: Course, people: dict[int, datetime], at: datetime,
                    before: Schedule, after: Schedule, *, entered_at: datetime, reason: str) -> None:  # fmt: skip
    refusal = what_gets_shorter(
        dates_of_everyone(session, board, course, people, at, schedule=before),
        dates_of_everyone(session, board, course, people, at, schedule=after),
        at, shown_at=board.first_shown_at, entered_at=entered_at, reason=reason, zone=zone(course.zone),
    )  # fmt: skip
    if refusal is not None:
        raise Refused(refusal.code, refusal.values)


def lift_excusal(
    session: Session, member: Member, board: Board, excusal: Excusal, *, at: datetime, reason: str
) -> None:
    """Ask again for what a student was excused from; only with the time that rule 6 leaves for a mistake."""
    course = session.get_one(Course, member.course_id)
    people = {
        key: value for key, value in students_of(session, course.id, at).items() if key == excusal.account_id
    }
    for dates in dates_of_everyone(session, board, course, people, at).values():
        for date_ in dates.dates:
            if excusal.checkpoint_id in (None, date_.checkpoint_id):
                refusal = changes.why_not_move_due(
                    None, date_.due, at, shown_at=board.first_shown_at, entered_at=excusal.created_at, reason=reason,
                    zone=zone(course.zone),
                )  # fmt: skip
                if refusal is not None:
                    raise Refused(
                        "still_excused" if refusal.code == "later_stays" else refusal.code, refusal.values
                    )
    excusal.withdrawn_at, excusal.withdrawn_by_id, excusal.withdrawal_reason = (
        at,
        member.account_id or None,
        reason,
    )
    board.version += 1
    session.flush()
    record(session, "lifted_excusal", "board", board.id, actor_id=member.account_id, at=at, course_id=course.id,
           account_id=excusal.account_id)  # fmt: skip


def grant_accommodation(
    session: Session, member: Member, account_id: int, *, at: datetime, days: int, hours: int, from_on: date,
    until_on: date | None = None, reason: str = "",
) -> Accommodation:  # fmt: skip
    """A standing allowance of one student; of several that hold, the one that gives most counts."""
    row = Accommodation(
        course_id=member.course_id, account_id=account_id, days=days, hours=hours, from_on=from_on, until_on=until_on,
        reason=reason, author_id=member.account_id or None, created_at=at,
    )  # fmt: skip
    session.add(row)
    session.get_one(Course, member.course_id).roster_version += 1
    session.flush()
    record(session, "accommodated", "accommodation", row.id, actor_id=member.account_id, at=at,
           course_id=member.course_id, account_id=account_id)  # fmt: skip
    return row


def withdraw_accommodation(
    session: Session, member: Member, row: Accommodation, *, at: datetime, reason: str
) -> None:
    """Take an accommodation back as a mistake, if no due date that the student could see gets too short by it."""
    course = session.get_one(Course, member.course_id)
    people = {
        key: value for key, value in students_of(session, course.id, at).items() if key == row.account_id
    }
    boards = session.scalars(
        select(Board).where(
            Board.course_id == course.id, Board.removed_at.is_(None), Board.first_shown_at.is_not(None)
        )
    ).all()
    for board in boards:  # a rare deed: some statements for each board are in order
        schedule = schedule_of(session, board, course)
        _refuse_shorter(
            session, board, course, people, at, schedule, without_accommodation(schedule, row.account_id, row),
            entered_at=row.created_at, reason=reason,
        )  # fmt: skip
    row.withdrawn_at, row.withdrawn_by_id, row.withdrawal_reason = at, member.account_id or None, reason
    course.roster_version += 1
    session.flush()
    record(session, "withdrew_accommodation", "accommodation", row.id, actor_id=member.account_id, at=at,
           course_id=course.id, account_id=row.account_id)  # fmt: skip
