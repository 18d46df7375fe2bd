"""What can be done with courses and their people. All run inside transaction()."""

import re
import unicodedata
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ..accounts.commands import end_all_sessions
from ..core.errors import Refused
from ..core.moments import Wall, end_of_day, opening_instant
from ..core.moments import zone as zone_called
from ..ledger.commands import record, tell
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

STATES = ("preparation", "open", "ended", "archived")
VISIT_LASTS = timedelta(hours=24)


def slug_of(code: str, term_code: str) -> str:
    """The address of a course: its code and its term's, folded to letters, digits and hyphens."""
    text = unicodedata.normalize("NFKD", f"{code} {term_code}").encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:120] or "course"


def make_term(
    session: Session, *, code: str, title: str, starts_on: date, ends_on: date, at: datetime, author_id: int | None
) -> Term:
    """A term. Refused: term_code_taken, dates_in_disorder."""
    term = Term()
    _fill_term(session, term, code=code, title=title, starts_on=starts_on, ends_on=ends_on)
    session.add(term)
    session.flush()
    record(session, "made", "term", term.id, actor_id=author_id, at=at)
    return term


def edit_term(
    session: Session, term: Term, *, code: str, title: str, starts_on: date, ends_on: date, at: datetime,
    author_id: int | None,
) -> None:  # fmt: skip
    """Change a term; the addresses of its courses stay as they are. Refused: as in make_term."""
    _fill_term(session, term, code=code, title=title, starts_on=starts_on, ends_on=ends_on)
    session.flush()
    record(session, "edited", "term", term.id, actor_id=author_id, at=at)


def _fill_term(session: Session, term: Term, *, code: str, title: str, starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise Refused("dates_in_disorder")
    if session.scalar(select(Term.id).where(Term.code == code, Term.id != (term.id or 0))) is not None:
        raise Refused("term_code_taken")
    term.code, term.title, term.starts_on, term.ends_on = code, title, starts_on, ends_on


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
    """A course in preparation. Refused: course_code_taken (in this term), dates_in_disorder; an unknown zone raises
    UnknownZone."""
    zone_called(zone)
    if ends_on < starts_on:
        raise Refused("dates_in_disorder")
    if session.scalar(select(Course.id).where(Course.term_id == term.id, Course.code == code)) is not None:
        raise Refused("course_code_taken")
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


def edit_course(
    session: Session, course: Course, *, title: str, zone: str, starts_on: date, ends_on: date, at: datetime,
    author_id: int | None,
) -> None:  # fmt: skip
    """Change a course's title, zone and dates. Nothing that ends moves earlier once the course was opened, neither by
    its date nor by its zone (docs/time.md, rules 5, 6 and 18). Refused: dates_in_disorder, end_only_later
    (`ends_on`), section_end_only_later (`section`)."""
    if ends_on < starts_on:
        raise Refused("dates_in_disorder")
    before, after = zone_called(course.zone), zone_called(zone)
    if course.state != "preparation":
        if end_of_day(ends_on, after) < end_of_day(course.ends_on, before):
            raise Refused("end_only_later", {"ends_on": course.ends_on})
        for section in session.scalars(
            select(Section).where(Section.course_id == course.id, Section.ends_on.is_not(None))
        ):
            if section.ends_on and end_of_day(section.ends_on, after) < end_of_day(section.ends_on, before):
                raise Refused("section_end_only_later", {"section": section.title})
    if before.key != after.key:
        _move_modules(session, course, after.key, at)
        if course.state != "preparation":
            tell(session, "course_zone_changed", course_id=course.id, visible_at=at, actor_id=author_id)
    facts = {
        name: f"{old} > {new}"
        for name, old, new in (
            ("zone", course.zone, zone), ("starts_on", course.starts_on, starts_on), ("ends_on", course.ends_on, ends_on)
        )
        if old != new
    }  # fmt: skip
    course.title, course.zone, course.starts_on, course.ends_on = title, zone, starts_on, ends_on
    course.roster_version += 1
    session.flush()
    record(session, "edited", "course", course.id, actor_id=author_id, at=at, course_id=course.id, **facts)


def _move_modules(session: Session, course: Course, zone: str, at: datetime) -> None:
    """Modules that open later open by the new zone; once the course was opened, only earlier (docs/time.md, rule 6)."""
    for module in session.scalars(
        select(Module).where(Module.course_id == course.id, Module.opens_on.is_not(None), Module.opens_at > at)
    ):
        assert module.opens_on is not None
        minute = datetime.strptime(module.opens_minute, "%H:%M").time() if module.opens_minute else None  # noqa: DTZ007
        moved = opening_instant(Wall(module.opens_on, minute), zone_called(zone))
        if course.state == "preparation" or module.opens_at is None or moved < module.opens_at:
            module.opens_at = moved


def change_state(session: Session, course: Course, state: str, *, at: datetime, author_id: int | None) -> None:
    """What staff choose in the browser: set_state within what a promise allows. Refused: has_students (back to
    preparation), end_ahead (`ends_on`; ended or archived before the last day is over), unknown_state."""
    if state not in STATES:
        raise Refused("unknown_state")
    if state == course.state:
        return
    has_students = session.scalar(
        select(func.count(Enrollment.id)).where(
            Enrollment.course_id == course.id, Enrollment.role == "student", Enrollment.until_at.is_(None)
        )
    )
    if state == "preparation" and has_students:
        raise Refused("has_students")
    if state in ("ended", "archived") and course.state == "open" and has_students:
        sections = session.scalars(select(Section.ends_on).where(Section.course_id == course.id)).all()
        last_on = max([course.ends_on, *(on for on in sections if on)])
        if at < end_of_day(last_on, zone_called(course.zone)):
            raise Refused("end_ahead", {"ends_on": last_on})
    set_state(session, course, state, at=at, author_id=author_id)


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
            Enrollment.course_id == course.id, Enrollment.account_id == account_id, Enrollment.until_at.is_(None)
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
        course_id=course.id, account_id=account_id, role=role, from_at=at, all_sections=all_sections is not False
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


def unenroll(session: Session, course: Course, account_id: int, *, at: datetime, author_id: int | None) -> None:
    """End a person's time in a course, its sections and groups; what they wrote stays."""
    for current in session.scalars(
        select(Enrollment).where(
            Enrollment.course_id == course.id, Enrollment.account_id == account_id, Enrollment.until_at.is_(None)
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


def set_groups(session: Session, course: Course, account_id: int, group_ids: Collection[int], *, at: datetime) -> bool:
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
    record(session, "made" if made else "edited", "section", section.id, actor_id=author_id, at=at, course_id=course.id)
    return section


def save_group(
    session: Session, course: Course, group: Group | None, *, title: str, set_title: str, at: datetime,
    author_id: int | None,
) -> Group:  # fmt: skip
    """A new group, or a renamed one. Refused: title_taken."""
    other = session.scalar(
        select(Group.id).where(Group.course_id == course.id, Group.title == title, Group.set_title == set_title)
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
    record(session, "made" if made else "edited", "group", group.id, actor_id=author_id, at=at, course_id=course.id)
    return group


def make_module(session: Session, course_id: int, title: str, *, at: datetime, author_id: int | None) -> Module:
    """A module at the end of the course, shown to students at once; what is in it has a state of its own."""
    last = session.scalar(select(func.max(Module.position)).where(Module.course_id == course_id)) or 0
    module = Module(course_id=course_id, position=last + 1, title=title, published_at=at)
    session.add(module)
    session.flush()
    record(session, "made", "module", module.id, actor_id=author_id, at=at, course_id=course_id)
    return module


def enter_course(session: Session, course: Course, account_id: int, reason: str, *, at: datetime) -> Visit:
    """An administrator looks into a course for VISIT_LASTS, with a reason that its instructors see."""
    until_at = at + VISIT_LASTS
    visit = Visit(course_id=course.id, account_id=account_id, reason=reason, from_at=at, until_at=until_at)
    session.add(visit)
    session.flush()
    record(session, "visited", "course", course.id, actor_id=account_id, at=at, course_id=course.id)
    return visit


def note_renamed(session: Session, account_id: int) -> None:
    """What is kept ready of a person's courses shows their name: let it be made anew."""
    theirs = select(Enrollment.course_id).where(Enrollment.account_id == account_id)
    session.execute(
        update(Course).where(Course.id.in_(theirs)).values(roster_version=Course.roster_version + 1)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
