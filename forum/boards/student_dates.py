"""The dates of boards for one member, computed once: what holds for a board's class and what is known of a person are
kept apart, so that a class of hundreds asks for neither again and again.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..accounts.models import AccountZone
from ..accounts.queries import zone_intervals_of
from ..core.caches import Cache
from ..courses.models import Course, Enrollment
from ..courses.policy import Member
from .history import due_versions, history_of, own_extensions
from .models import Accommodation, Board, DueRule, Extension
from .parts import NONE, Parts, parts_of
from .rules import due, values
from .schedule import Schedule, accommodation_value, extension_value, schedules_of

_cache: Cache[values.StudentBoard] = Cache(20_000)


def _key(member: Member, board_id: int, board_version: int) -> Hashable:
    return (board_id, board_version, member.account_id, member.account_version, member.roster_version,
            member.own_zone_name, member.seen_section_id, member.seen_group_id)  # fmt: skip


def dates_for(
    session: Session, member: Member, board_id: int, board_version: int, at: datetime
) -> values.StudentBoard:
    """Every date of a board for one member, staff too (as the course's rule says them).

    Computed once for each version of board, roster and account; what is kept is instants, and whoever asks
    compares them with their own arrival.
    """
    if (known := _cache.get(_key(member, board_id, board_version))) is not None:
        return known
    return _dates_of(session, member, {board_id: board_version}, at)[board_id]


def dates_for_boards(
    session: Session, member: Member, boards: Sequence[Board], at: datetime
) -> dict[int, values.StudentBoard]:
    """`dates_for` of several boards of the member's course, by board id; a fixed number of statements."""
    found: dict[int, values.StudentBoard] = {}
    unknown: dict[int, int] = {}
    for board in boards:
        if (known := _cache.get(_key(member, board.id, board.version))) is not None:
            found[board.id] = known
        else:
            unknown[board.id] = board.version
    return found | _dates_of(session, member, unknown, at) if unknown else found


def _dates_of(
    session: Session, member: Member, versions: Mapping[int, int], at: datetime
) -> dict[int, values.StudentBoard]:
    """What is not kept yet, of boards at these versions; fourteen statements at most, however many boards."""
    classes = _classes_of(session, member, versions)
    person = _person_of(session, member, at)
    own = own_extensions(session, list(versions), member.account_id)
    found: dict[int, values.StudentBoard] = {}
    for board_id, version in versions.items():
        about, enrolled_at = classes[board_id], person.enrolled_at
        given = [(row, extension_value(row)) for row in own[board_id] if row.withdrawn_at is None]
        schedule = replace(
            about.schedule,
            extensions=sorted([*about.schedule.extensions, *given], key=lambda pair: pair[0].id),
            accommodations={member.account_id: person.accommodations},
        )
        # Who is not enrolled sees the dates as one who was there from the board's first day, in their zone if they have one.
        seen = (
            [AccountZone(zone=member.own_zone_name, from_at=about.created_at)] if member.own_zone_name else []
        )
        student = schedule.student(
            member.account_id if enrolled_at else 0,
            zones=person.zones if enrolled_at else seen,
            enrolled_at=enrolled_at or about.created_at,
            parts=person.parts,
        )
        told = history_of(
            about.first_shown_at, about.versions, own[board_id], person.parts.section_ids, person.parts.group_ids,
            about.schedule.added,
        )  # fmt: skip
        dates = found[board_id] = _with_history(due.student_board(schedule.rules, student), told)
        if not session.info.get("writing"):  # what a transaction sees may yet be rolled back
            _cache.put(_key(member, board_id, version), dates)
    return found


@dataclass(frozen=True)
class _Class:
    """What the dates of a board come from for everyone in the course; no row in it belongs to a session."""

    schedule: Schedule  # without what is one person's own
    created_at: datetime
    first_shown_at: datetime | None
    versions: Sequence[Any]


_classes: Cache[_Class] = Cache(50_000)  # by rows


def _classes_of(session: Session, member: Member, versions: Mapping[int, int]) -> dict[int, _Class]:
    """By board id; kept by the version of the board and of the course's roster. Nine statements for all others."""
    keys = {board_id: (board_id, version, member.roster_version) for board_id, version in versions.items()}
    found = {board_id: known for board_id, key in keys.items() if (known := _classes.get(key)) is not None}
    unknown = [board_id for board_id in versions if board_id not in found]
    if not unknown:
        return found
    boards = session.scalars(select(Board).where(Board.id.in_(unknown))).all()
    schedules = schedules_of(session, boards, session.get_one(Course, member.course_id))
    dues = due_versions(session, unknown)
    for board in boards:
        shared = [
            (_apart(row), value) for row, value in schedules[board.id].extensions if row.account_id is None
        ]
        schedule = replace(
            schedules[board.id], extensions=shared, accommodations={},
            versions=[_apart(row) for row in schedules[board.id].versions],
        )  # fmt: skip
        made = found[board.id] = _Class(schedule, board.created_at, board.first_shown_at, dues[board.id])
        if not session.info.get("writing"):
            _classes.put(keys[board.id], made, 10 + len(shared) + 2 * len(made.versions))
    return found


_Row = TypeVar("_Row", DueRule, Extension)


def _apart(row: _Row) -> _Row:
    """The same row, belonging to no session."""
    return type(row)(**{column.key: getattr(row, column.key) for column in row.__table__.columns})


@dataclass(frozen=True)
class _Person:
    """What is known of one person in one course, whichever the board; `enrolled_at` None: they are not enrolled."""

    enrolled_at: datetime | None
    zones: Sequence[AccountZone]
    parts: Parts
    accommodations: tuple[values.Accommodation, ...]


_people: Cache[_Person] = Cache(5_000)


def _person_of(session: Session, member: Member, at: datetime) -> _Person:
    """Kept by the versions of account and roster; four statements if it is not."""
    if not member.account_id or not member.enrollment_id:
        sections = frozenset({member.seen_section_id} if member.seen_section_id else ())
        groups = frozenset({member.seen_group_id} if member.seen_group_id else ())
        return _Person(None, (), Parts(sections, groups), ())
    key = (
        member.course_id,
        member.account_id,
        member.enrollment_id,
        member.account_version,
        member.roster_version,
    )
    if (known := _people.get(key)) is not None:
        return known
    own = [member.account_id]

    made = _Person(
        enrolled_at=session.get_one(Enrollment, member.enrollment_id).from_at,
        zones=[AccountZone(zone=each.zone, from_at=each.from_at)
               for each in zone_intervals_of(session, own)[member.account_id]],
        parts=parts_of(session, own, at).get(member.account_id, NONE),
        accommodations=tuple(
            accommodation_value(row)
            for row in session.execute(
                select(Accommodation.from_on, Accommodation.until_on, Accommodation.days, Accommodation.hours,
                       Accommodation.created_at)
                .where(Accommodation.course_id == member.course_id, Accommodation.account_id == member.account_id,
                       Accommodation.withdrawn_at.is_(None))
                .order_by(Accommodation.id)
            )
        ),
    )  # fmt: skip
    if not session.info.get("writing"):
        _people.put(key, made)
    return made


def _with_history(
    found: values.StudentBoard, told: Mapping[int, tuple[values.Reason, ...]]
) -> values.StudentBoard:
    if not told:
        return found
    return replace(found, dates=tuple(
        replace(date, reasons=(*date.reasons, *told.get(date.checkpoint_id, ()), *told.get(0, ())))
        for date in found.dates
    ))  # fmt: skip
