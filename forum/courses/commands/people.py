"""Putting people into courses, sections and groups; each as an interval, never overwritten."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ...accounts.commands import end_all_sessions, follows_rename
from ...core.errors import Refused
from ...ledger.commands import record
from ..models import Course, Enrollment, Group, GroupMembership, Section, SectionMembership
from ..policy import Role

# What rooms above do when there is a new group, inside the transaction of the deed.
on_group_made: list[Callable[[Session, Group, datetime], None]] = []


def enroll(
    session: Session, course: Course, account_id: int, role: Role, *, at: datetime, author_id: int | None,
    all_sections: bool | None = None,
) -> Enrollment:  # fmt: skip
    """Put a person into a course from `at` on. Another role, or another reach of staff (`all_sections`; None leaves
    it), ends the enrollment before and begins one; what is so already changes nothing. Whoever's role changes signs
    in again. ValueError for a role that no enrollment has."""
    if role in (Role.ADMINISTRATOR, Role.VISITOR):
        raise ValueError(f"nobody is enrolled as {role}")
    current = session.scalars(
        select(Enrollment).where(
            Enrollment.course_id == course.id,
            Enrollment.account_id == account_id,
            Enrollment.until_at.is_(None),
        )
    ).first()
    if current is not None:
        reach = current.all_sections if all_sections is None else all_sections
        if current.role == role and current.all_sections == reach:
            return current
        all_sections = reach
        at = _end(current, at)
        session.flush()
        if current.role != role:
            end_all_sessions(session, account_id, at)
    else:
        left_at = session.scalar(
            select(func.max(Enrollment.until_at)).where(
                Enrollment.course_id == course.id, Enrollment.account_id == account_id
            )
        )
        at = max(at, left_at) if left_at else at
    enrollment = Enrollment(
        course_id=course.id,
        account_id=account_id,
        role=role,
        from_at=at,
        all_sections=all_sections is not False,
    )
    session.add(enrollment)
    course.roster_version += 1
    session.flush()
    record(session, "enrolled", "enrollment", enrollment.id, actor_id=author_id, at=at, course_id=course.id,
           account_id=account_id, role=str(role))  # fmt: skip
    return enrollment


def _end(interval: Enrollment | SectionMembership | GroupMembership, at: datetime) -> datetime:
    """End it at `at`; an interval that began by a request which arrived later lasts a microsecond."""
    interval.until_at = max(at, interval.from_at + timedelta(microseconds=1))
    return interval.until_at


def unenroll(
    session: Session, course: Course, account_id: int, *, at: datetime, author_id: int | None
) -> None:
    """End a person's time in a course, its sections and groups; what they wrote stays."""
    for current in session.scalars(
        select(Enrollment).where(
            Enrollment.course_id == course.id,
            Enrollment.account_id == account_id,
            Enrollment.until_at.is_(None),
        )
    ):
        _end(current, at)
    for membership in _section_memberships(session, course, account_id):
        _end(membership, at)
    for belonging in _group_memberships(session, course, account_id):
        _end(belonging, at)
    course.roster_version += 1
    session.flush()
    record(session, "unenrolled", "account", account_id, actor_id=author_id, at=at, course_id=course.id)


def section_called(session: Session, course: Course, title: str) -> Section:
    """The section of that title, made if there is none."""
    section = session.scalars(
        select(Section).where(Section.course_id == course.id, Section.title == title)
    ).first()
    if section is None:
        section = Section(course_id=course.id, title=title)
        session.add(section)
        session.flush()
    return section


def group_called(
    session: Session, course: Course, title: str, set_title: str = "", *, at: datetime | None = None
) -> Group:
    """The group of that title, made if there is none; `at` is now, or that of the course's making."""
    group = session.scalars(
        select(Group).where(Group.course_id == course.id, Group.title == title, Group.set_title == set_title)
    ).first()
    if group is None:
        group = Group(course_id=course.id, title=title, set_title=set_title)
        session.add(group)
        session.flush()
        _tell_of(session, group, at or course.created_at)
    return group


def _tell_of(session: Session, group: Group, at: datetime) -> None:
    for follow in on_group_made:
        follow(session, group, at)


def put_in_section(
    session: Session, course: Course, account_id: int, section_id: int | None, *, at: datetime
) -> bool:
    """From `at` on the person is in this section and in no other (None: in none); True if that changed anything."""
    mine = _section_memberships(session, course, account_id)
    if [membership.section_id for membership in mine] == ([section_id] if section_id else []):
        return False
    for membership in mine:
        if membership.section_id != section_id:
            at = max(at, _end(membership, at))
    if section_id and all(membership.section_id != section_id for membership in mine):
        session.add(SectionMembership(section_id=section_id, account_id=account_id, from_at=at))
    course.roster_version += 1
    session.flush()
    return True


def put_in_group(session: Session, course: Course, account_id: int, group_id: int, *, at: datetime) -> bool:
    """From `at` on the person is in this group too; a person may be in several."""
    mine = {membership.group_id for membership in _group_memberships(session, course, account_id)}
    return set_groups(session, course, account_id, mine | {group_id}, at=at)


def set_groups(
    session: Session, course: Course, account_id: int, group_ids: Collection[int], *, at: datetime
) -> bool:
    """From `at` on the person is in these groups of the course and in no others; True if that changed anything."""
    mine = {membership.group_id: membership for membership in _group_memberships(session, course, account_id)}
    if set(mine) == set(group_ids):
        return False
    for group_id, membership in mine.items():
        if group_id not in group_ids:
            _end(membership, at)
    for group_id in set(group_ids) - set(mine):
        session.add(GroupMembership(group_id=group_id, account_id=account_id, from_at=at))
    course.roster_version += 1
    session.flush()
    return True


def _section_memberships(session: Session, course: Course, account_id: int) -> list[SectionMembership]:
    return list(
        session.scalars(
            select(SectionMembership)
            .join(Section, Section.id == SectionMembership.section_id)
            .where(Section.course_id == course.id, SectionMembership.account_id == account_id,
                   SectionMembership.until_at.is_(None))
        )
    )  # fmt: skip


def _group_memberships(session: Session, course: Course, account_id: int) -> list[GroupMembership]:
    return list(
        session.scalars(
            select(GroupMembership)
            .join(Group, Group.id == GroupMembership.group_id)
            .where(Group.course_id == course.id, GroupMembership.account_id == account_id,
                   GroupMembership.until_at.is_(None))
        )
    )  # fmt: skip


def save_section(
    session: Session, course: Course, section: Section | None, *, title: str, ends_on: date | None, at: datetime,
    author_id: int | None,
) -> Section:  # fmt: skip
    """A new section, or a changed one. Refused: title_taken, section_end_early (before the course's), and once the
    course was opened section_end_only_later."""
    other = session.scalar(select(Section.id).where(Section.course_id == course.id, Section.title == title))
    if other is not None and (section is None or other != section.id):
        raise Refused("title_taken")
    if ends_on is not None and ends_on < course.ends_on:
        raise Refused("section_end_early", {"ends_on": course.ends_on})
    made = section is None
    if section is None:
        section = Section(course_id=course.id)
        session.add(section)
    elif course.state != "preparation" and section.ends_on and (ends_on or course.ends_on) < section.ends_on:
        raise Refused("section_end_only_later", {"section": section.title})
    section.title, section.ends_on = title, ends_on
    course.roster_version += 1
    session.flush()
    record(
        session,
        "made" if made else "edited",
        "section",
        section.id,
        actor_id=author_id,
        at=at,
        course_id=course.id,
    )
    return section


def save_group(
    session: Session, course: Course, group: Group | None, *, title: str, set_title: str, at: datetime,
    author_id: int | None,
) -> Group:  # fmt: skip
    """A new group, or a renamed one. Refused: title_taken."""
    other = session.scalar(
        select(Group.id).where(
            Group.course_id == course.id, Group.title == title, Group.set_title == set_title
        )
    )
    if other is not None and (group is None or other != group.id):
        raise Refused("title_taken")
    made = group is None
    if group is None:
        group = Group(course_id=course.id)
        session.add(group)
    group.title, group.set_title = title, set_title
    course.roster_version += 1
    session.flush()
    if made:
        _tell_of(session, group, at)
    record(
        session,
        "made" if made else "edited",
        "group",
        group.id,
        actor_id=author_id,
        at=at,
        course_id=course.id,
    )
    return group


@follows_rename
def note_renamed(session: Session, account_id: int) -> None:
    """What is kept ready of a person's courses shows their name: let it be made anew."""
    theirs = select(Enrollment.course_id).where(Enrollment.account_id == account_id)
    session.execute(
        update(Course).where(Course.id.in_(theirs)).values(roster_version=Course.roster_version + 1)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
