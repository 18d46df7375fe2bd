"""Many people of a course at once: what enroll, unenroll and put_in_section do for one, in a few statements."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from ..ledger.commands import record
from .models import Course, Enrollment, GroupMembership, SectionMembership
from .policy import Role

_AT_ONCE = 500


def enroll_many(
    session: Session, course: Course, roles: Mapping[int, Role], *, at: datetime, author_id: int | None
) -> dict[int, int]:
    """Enroll these accounts, who are not in the course at `at`; gives their enrollments' ids."""
    enrollments = [
        Enrollment(course_id=course.id, account_id=account_id, role=role, from_at=at)
        for account_id, role in roles.items()
    ]
    session.add_all(enrollments)
    session.flush()
    for one in enrollments:
        record(session, "enrolled", "enrollment", one.id, actor_id=author_id, at=at, course_id=course.id,
               account_id=one.account_id, role=str(one.role))  # fmt: skip
    if enrollments:
        course.roster_version += 1
    session.flush()
    return {one.account_id: one.id for one in enrollments}


def unenroll_many(
    session: Session, course: Course, account_ids: Iterable[int], *, at: datetime, author_id: int | None
) -> None:
    """End the time of these people in a course; what they wrote stays."""
    wanted = list(account_ids)
    for start in range(0, len(wanted), _AT_ONCE):
        session.execute(
            update(Enrollment)
            .where(Enrollment.course_id == course.id, Enrollment.until_at.is_(None),
                   Enrollment.account_id.in_(wanted[start : start + _AT_ONCE]))
            .values(until_at=at)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    for account_id in wanted:
        record(session, "unenrolled", "account", account_id, actor_id=author_id, at=at, course_id=course.id)
    if wanted:
        course.roster_version += 1
    session.flush()


def change_memberships(
    session: Session,
    course: Course,
    *,
    at: datetime,
    into_sections: Iterable[tuple[int, int]] = (),
    out_of_sections: Iterable[tuple[int, int]] = (),
    into_groups: Iterable[tuple[int, int]] = (),
) -> None:
    """Pairs of account and section or group, from `at` on; who is put in is not in it yet."""
    left = list(out_of_sections)
    for account_id, section_id in left:
        session.execute(
            update(SectionMembership)
            .where(SectionMembership.section_id == section_id, SectionMembership.account_id == account_id,
                   SectionMembership.until_at.is_(None))
            .values(until_at=at)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    new: list[object] = [
        SectionMembership(section_id=section_id, account_id=account_id, from_at=at)
        for account_id, section_id in into_sections
    ]
    new += [
        GroupMembership(group_id=group_id, account_id=account_id, from_at=at)
        for account_id, group_id in into_groups
    ]
    session.add_all(new)
    if new or left:
        course.roster_version += 1
    session.flush()
