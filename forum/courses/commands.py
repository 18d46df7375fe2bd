"""What can be done with courses and their people. All run inside transaction()."""

import re
import unicodedata
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ..ledger.commands import record
from .models import (
    Course,
    Enrollment,
    Group,
    GroupMembership,
    Module,
    Section,
    SectionMembership,
    Term,
    Visit,
)
from .policy import Role


def slug_of(code: str, term_code: str) -> str:
    """The address of a course: its code and its term's, folded to letters, digits and hyphens."""
    text = unicodedata.normalize("NFKD", f"{code} {term_code}").encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:120] or "course"


def make_term(
    session: Session, *, code: str, title: str, starts_on: date, ends_on: date, at: datetime, author_id: int | None
) -> Term:
    term = Term(code=code, title=title, starts_on=starts_on, ends_on=ends_on)
    session.add(term)
    session.flush()
    record(session, "made", "term", term.id, actor_id=author_id, at=at)
    return term


def make_course(
    session: Session,
    term: Term,
    *,
    code: str,
    title: str,
    zone: str,
    starts_on: date,
    ends_on: date,
    at: datetime,
    author_id: int | None,
) -> Course:
    """A course in preparation; code and term must not be in use together."""
    slug = slug_of(code, term.code)
    taken = set(session.scalars(select(Course.slug).where(Course.slug.startswith(slug, autoescape=True))))
    number = 2
    unique = slug
    while unique in taken:
        unique, number = f"{slug}-{number}", number + 1
    course = Course(
        term_id=term.id, code=code, slug=unique, title=title, zone=zone, starts_on=starts_on, ends_on=ends_on,
        created_at=at,
    )  # fmt: skip
    session.add(course)
    session.flush()
    record(session, "made", "course", course.id, actor_id=author_id, at=at, course_id=course.id)
    return course


def set_state(session: Session, course: Course, state: str, *, at: datetime, author_id: int | None) -> None:
    before, course.state = course.state, state
    course.roster_version += 1
    session.flush()
    record(session, "set_state", "course", course.id, actor_id=author_id, at=at, course_id=course.id, before=before,
           after=state)  # fmt: skip


def enroll(
    session: Session, course: Course, account_id: int, role: Role, *, at: datetime, author_id: int | None,
    all_sections: bool = True,
) -> Enrollment:  # fmt: skip
    """Put a person into a course from `at` on. Another role ends the enrollment before; the same role changes nothing."""
    current = session.scalars(
        select(Enrollment).where(
            Enrollment.course_id == course.id, Enrollment.account_id == account_id, Enrollment.until_at.is_(None)
        )
    ).first()
    if current is not None and current.role == role:
        return current
    if current is not None:
        current.until_at = at
        session.flush()
    enrollment = Enrollment(
        course_id=course.id, account_id=account_id, role=role, from_at=at, all_sections=all_sections
    )
    session.add(enrollment)
    course.roster_version += 1
    session.flush()
    record(session, "enrolled", "enrollment", enrollment.id, actor_id=author_id, at=at, course_id=course.id,
           account_id=account_id, role=str(role))  # fmt: skip
    return enrollment


def unenroll(session: Session, course: Course, account_id: int, *, at: datetime, author_id: int | None) -> None:
    """End a person's time in a course; what they wrote stays."""
    session.execute(
        update(Enrollment)
        .where(Enrollment.course_id == course.id, Enrollment.account_id == account_id, Enrollment.until_at.is_(None))
        .values(until_at=at)
    )
    course.roster_version += 1
    session.flush()
    record(session, "unenrolled", "account", account_id, actor_id=author_id, at=at, course_id=course.id)


def section_called(session: Session, course: Course, title: str) -> Section:
    """The section of that title, made if there is none."""
    section = session.scalars(select(Section).where(Section.course_id == course.id, Section.title == title)).first()
    if section is None:
        section = Section(course_id=course.id, title=title)
        session.add(section)
        session.flush()
    return section


def group_called(session: Session, course: Course, title: str, set_title: str = "") -> Group:
    group = session.scalars(
        select(Group).where(Group.course_id == course.id, Group.title == title, Group.set_title == set_title)
    ).first()
    if group is None:
        group = Group(course_id=course.id, title=title, set_title=set_title)
        session.add(group)
        session.flush()
    return group


def put_in_section(session: Session, course: Course, account_id: int, section_id: int, *, at: datetime) -> bool:
    """From `at` on the person is in this section and in no other; True if that changed anything."""
    mine = session.scalars(
        select(SectionMembership)
        .join(Section, Section.id == SectionMembership.section_id)
        .where(
            Section.course_id == course.id,
            SectionMembership.account_id == account_id,
            SectionMembership.until_at.is_(None),
        )
    ).all()
    if [membership.section_id for membership in mine] == [section_id]:
        return False
    for membership in mine:
        if membership.section_id != section_id:
            membership.until_at = at
    if all(membership.section_id != section_id for membership in mine):
        session.add(SectionMembership(section_id=section_id, account_id=account_id, from_at=at))
    course.roster_version += 1
    session.flush()
    return True


def put_in_group(session: Session, course: Course, account_id: int, group_id: int, *, at: datetime) -> bool:
    """From `at` on the person is in this group too; a person may be in several."""
    there = session.scalars(
        select(GroupMembership).where(
            GroupMembership.group_id == group_id,
            GroupMembership.account_id == account_id,
            GroupMembership.until_at.is_(None),
        )
    ).first()
    if there is not None:
        return False
    session.add(GroupMembership(group_id=group_id, account_id=account_id, from_at=at))
    course.roster_version += 1
    session.flush()
    return True


def make_module(session: Session, course_id: int, title: str, *, at: datetime, author_id: int | None) -> Module:
    """A module at the end of the course, shown to students at once; what is in it has a state of its own."""
    last = session.scalar(select(func.max(Module.position)).where(Module.course_id == course_id)) or 0
    module = Module(course_id=course_id, position=last + 1, title=title, published_at=at)
    session.add(module)
    session.flush()
    record(session, "made", "module", module.id, actor_id=author_id, at=at, course_id=course_id)
    return module


def enter_course(session: Session, course: Course, account_id: int, reason: str, *, at: datetime, until_at: datetime) -> Visit:
    """An administrator looks into a course, with a reason that its instructors see."""
    visit = Visit(course_id=course.id, account_id=account_id, reason=reason, from_at=at, until_at=until_at)
    session.add(visit)
    session.flush()
    record(session, "visited", "course", course.id, actor_id=account_id, at=at, course_id=course.id)
    return visit
