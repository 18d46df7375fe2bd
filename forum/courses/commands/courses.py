"""Making and changing terms, courses and modules; an administrator's entry into a course."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ...core.errors import Refused
from ...core.moments import Wall, end_of_day, opening_instant
from ...core.moments import zone as zone_called
from ...ledger.commands import record, tell
from ..models import Course, Enrollment, Module, Section, Term, Visit

STATES = ("preparation", "open", "ended", "archived")
Follower = Callable[[Session, Course, datetime], None]
_zone_followers: list[Follower] = []
VISIT_LASTS = timedelta(hours=24)

# What rooms above must follow at once when a course changes its state, inside the transaction of the deed.
on_state_set: list[Callable[[Session, Course, datetime], None]] = []


def slug_of(code: str, term_code: str) -> str:
    """The address of a course: its code and its term's, folded to letters, digits and hyphens."""
    text = unicodedata.normalize("NFKD", f"{code} {term_code}").encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:120] or "course"


def make_term(
    session: Session,
    *,
    code: str,
    title: str,
    starts_on: date,
    ends_on: date,
    at: datetime,
    author_id: int | None,
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


def _fill_term(
    session: Session, term: Term, *, code: str, title: str, starts_on: date, ends_on: date
) -> None:
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
    for follow in on_state_set:
        follow(session, course, at)


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
    if course.state != "preparation" and end_of_day(ends_on, after) < end_of_day(course.ends_on, before):
        raise Refused("end_only_later", {"ends_on": course.ends_on})
    for section in session.scalars(
        select(Section).where(Section.course_id == course.id, Section.ends_on.is_not(None))
    ):
        assert section.ends_on is not None
        last_on = max(section.ends_on, ends_on)
        if course.state != "preparation" and end_of_day(last_on, after) < end_of_day(section.ends_on, before):
            raise Refused("section_end_only_later", {"section": section.title})
        if section.ends_on <= ends_on:
            section.ends_on = None  # it ends with the course, which is no earlier now
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
    if before.key != after.key:
        for follow in _zone_followers:
            follow(session, course, at)
    record(session, "edited", "course", course.id, actor_id=author_id, at=at, course_id=course.id, **facts)


def follows_zone(follow: Follower) -> Follower:
    """Register what a higher room does, inside the transaction, when the zone of a course has changed."""
    if follow not in _zone_followers:
        _zone_followers.append(follow)
    return follow


def _move_modules(session: Session, course: Course, zone: str, at: datetime) -> None:
    """Modules that open later open by the new zone; once the course was opened, only earlier (docs/time.md, rule 6)."""
    for module in session.scalars(
        select(Module).where(
            Module.course_id == course.id, Module.opens_on.is_not(None), Module.opens_at > at
        )
    ):
        assert module.opens_on is not None
        minute = datetime.strptime(module.opens_minute, "%H:%M").time() if module.opens_minute else None  # noqa: DTZ007 - a time on the wall
        moved = opening_instant(Wall(module.opens_on, minute), zone_called(zone))
        if course.state == "preparation" or module.opens_at is None or moved < module.opens_at:
            module.opens_at = moved


def change_state(
    session: Session, course: Course, state: str, *, at: datetime, author_id: int | None
) -> None:
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


def make_module(
    session: Session, course_id: int, title: str, *, at: datetime, author_id: int | None
) -> Module:
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
