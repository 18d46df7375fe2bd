"""What can be known of courses and their people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from ..accounts.models import Account, AccountZone
from ..core.errors import NotHere
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
from .policy import Action, Member, Role


def holds_at(table: Any, at: Any) -> Any:
    """The clause of an interval (from, until) that contains `at`; half-open."""
    return and_(table.from_at <= at, or_(table.until_at.is_(None), table.until_at > at))


def member_of_row(row: Any) -> Member | None:
    if row.course_id is None:
        return None
    if row.enrollment_id is not None:
        role = Role(row.role)
    elif row.is_administrator:
        role = Role.VISITOR if row.visit_id is not None else Role.ADMINISTRATOR
    else:
        return None
    return Member(
        account_id=row.account_id,
        name=row.name,
        role=role,
        course_id=row.course_id,
        course_slug=row.slug,
        course_code=row.code,
        course_title=row.title,
        course_zone_name=row.zone,
        course_state=row.state,
        roster_version=row.roster_version,
        account_version=row.version,
        own_zone_name=row.own_zone,
        enrollment_id=row.enrollment_id,
        all_sections=bool(row.all_sections) if row.enrollment_id is not None else True,
        assistants_release=row.assistants_release,
        assistants_manage=row.assistants_manage,
    )


def member_of(session: Session, account_id: int, course_id: int, at: datetime) -> Member | None:
    """A member as of `at`, for commands that act for somebody outside a request (imports, tests, the demo)."""
    zone = aliased(AccountZone)
    row = session.execute(
        select(
            Account.id.label("account_id"), Account.name, Account.version, Account.is_administrator,
            zone.zone.label("own_zone"), Course.id.label("course_id"), Course.slug, Course.code, Course.title,
            Course.zone, Course.state, Course.roster_version, Course.assistants_release, Course.assistants_manage,
            Enrollment.id.label("enrollment_id"), Enrollment.role, Enrollment.all_sections,
            Enrollment.id.label("visit_id"),
        )
        .join(Enrollment, Enrollment.account_id == Account.id)
        .join(Course, Course.id == Enrollment.course_id)
        .outerjoin(zone, and_(zone.account_id == Account.id, holds_at(zone, at)))
        .where(Account.id == account_id, Course.id == course_id, holds_at(Enrollment, at))
    ).first()  # fmt: skip
    return member_of_row(row) if row else None


@dataclass(frozen=True)
class CourseLine:
    """A course in a list of a person's courses."""

    id: int
    slug: str
    code: str
    title: str
    state: str
    zone: str
    role: Role
    term: str


def courses_of(session: Session, account_id: int, at: datetime) -> list[CourseLine]:
    """The courses in which a person is enrolled now and which they may enter, newest term first."""
    rows = session.execute(
        select(Course.id, Course.slug, Course.code, Course.title, Course.state, Course.zone, Enrollment.role,
               Term.title.label("term"))
        .join(Enrollment, Enrollment.course_id == Course.id)
        .join(Term, Term.id == Course.term_id)
        .where(Enrollment.account_id == account_id, holds_at(Enrollment, at))
        .where(or_(Course.state != "preparation", Enrollment.role.in_(["assistant", "instructor"])))
        .order_by(Term.starts_on.desc(), Course.code, Course.id)
    )  # fmt: skip
    return [CourseLine(*row[:6], Role(row.role), row.term) for row in rows]


def course_by_slug(session: Session, slug: str) -> Course:
    course = session.scalars(select(Course).where(Course.slug == slug)).first()
    if course is None:
        raise NotHere
    return course


def modules_in(session: Session, member: Member, at: datetime) -> Sequence[Module]:
    """The modules that a member may see, in order: staff all, others published and opened ones."""
    statement = (
        select(Module)
        .where(Module.course_id == member.course_id, Module.removed_at.is_(None))
        .order_by(Module.position, Module.id)
    )
    return session.scalars(only_open_modules(statement, member, at)).all()


def only_open_modules(statement: Select[Any], member: Member, at: datetime) -> Select[Any]:
    """The module part of the visibility clause; `statement` has Module in its FROM."""
    if may_see_unpublished(member):
        return statement
    return statement.where(
        Module.removed_at.is_(None),
        Module.published_at.is_not(None),
        Module.published_at <= at,
        or_(Module.opens_at.is_(None), Module.opens_at <= at),
    )


def may_see_unpublished(member: Member) -> bool:
    return member.may(Action.READ_UNPUBLISHED)


@dataclass(frozen=True)
class RosterLine:
    """A person of a course with their sections and groups as of an instant."""

    account_id: int
    public_id: str
    name: str
    email: str | None
    role: Role
    enrollment_public_id: str
    enrolled_from: datetime
    zone: str | None
    sections: tuple[tuple[int, str], ...]
    groups: tuple[tuple[int, str], ...]
    sort_key: str
    has_password: bool
    is_administrator: bool
    suspended: bool
    all_sections: bool


def roster(session: Session, course_id: int, at: datetime, *, role: Role | None = None) -> list[RosterLine]:
    """Everyone enrolled at `at`, by sort key; three statements whatever the size."""
    statement = (
        select(Account.id, Account.public_id, Account.name, Account.email, Enrollment.role,
               Enrollment.public_id.label("enrollment"), Enrollment.from_at, AccountZone.zone, Account.sort_key,
               Account.password_hash.is_not(None).label("has_password"), Account.is_administrator,
               Account.suspended_at.is_not(None).label("suspended"), Enrollment.all_sections)
        .join(Enrollment, Enrollment.account_id == Account.id)
        .outerjoin(AccountZone, and_(AccountZone.account_id == Account.id, holds_at(AccountZone, at)))
        .where(Enrollment.course_id == course_id, holds_at(Enrollment, at), Account.joined_into_id.is_(None))
        .order_by(Account.sort_key, Account.id)
    )  # fmt: skip
    if role is not None:
        statement = statement.where(Enrollment.role == role)
    sections = _memberships(session, Section, SectionMembership, SectionMembership.section_id, course_id, at)
    groups = _memberships(session, Group, GroupMembership, GroupMembership.group_id, course_id, at)
    return [
        RosterLine(row.id, row.public_id, row.name, row.email, Role(row.role), row.enrollment, row.from_at, row.zone,
                   tuple(sections.get(row.id, ())), tuple(groups.get(row.id, ())), row.sort_key, row.has_password,
                   row.is_administrator, row.suspended, row.all_sections)
        for row in session.execute(statement)
    ]  # fmt: skip


def _memberships(
    session: Session, parts: Any, memberships: Any, key: Any, course_id: int, at: datetime
) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = {}
    for account_id, part_id, title in session.execute(
        select(memberships.account_id, parts.id, parts.title)
        .join(parts, parts.id == key)
        .where(parts.course_id == course_id, holds_at(memberships, at))
        .order_by(parts.title, parts.id)
    ):
        found.setdefault(account_id, []).append((part_id, title))
    return found


def sections_in(session: Session, course_id: int) -> Sequence[Section]:
    return session.scalars(
        select(Section).where(Section.course_id == course_id).order_by(Section.title)
    ).all()


def groups_in(session: Session, course_id: int) -> Sequence[Group]:
    return session.scalars(
        select(Group).where(Group.course_id == course_id).order_by(Group.set_title, Group.title)
    ).all()


def next_module_position(session: Session, course_id: int) -> int:
    return (session.scalar(select(func.max(Module.position)).where(Module.course_id == course_id)) or 0) + 1


def term_by_public_id(session: Session, public_id: str) -> Term:
    term = session.scalars(select(Term).where(Term.public_id == public_id)).first()
    if term is None:
        raise NotHere
    return term


def course_by_public_id(session: Session, public_id: str) -> Course:
    course = session.scalars(select(Course).where(Course.public_id == public_id)).first()
    if course is None:
        raise NotHere
    return course


def enrollment_for(
    session: Session, member: Member, public_id: str, at: datetime
) -> tuple[Enrollment, Account]:
    """A present enrollment of the member's own course with its account; NotHere for another course's or an ended one."""
    row = session.execute(
        select(Enrollment, Account)
        .join(Account, Account.id == Enrollment.account_id)
        .where(
            Enrollment.public_id == public_id,
            Enrollment.course_id == member.course_id,
            holds_at(Enrollment, at),
        )
        .where(Account.joined_into_id.is_(None), Account.erased_at.is_(None))
    ).first()
    if row is None:
        raise NotHere
    return row[0], row[1]


def section_for(session: Session, member: Member, public_id: str) -> Section:
    section = session.scalars(
        select(Section).where(Section.public_id == public_id, Section.course_id == member.course_id)
    ).first()
    if section is None:
        raise NotHere
    return section


def group_for(session: Session, member: Member, public_id: str) -> Group:
    group = session.scalars(
        select(Group).where(Group.public_id == public_id, Group.course_id == member.course_id)
    ).first()
    if group is None:
        raise NotHere
    return group


def visits_in(session: Session, course_id: int) -> Sequence[Any]:
    """Administrators' entries into a course, newest first: name, reason, from_at, until_at."""
    return session.execute(
        select(Account.name, Visit.reason, Visit.from_at, Visit.until_at)
        .join(Account, Account.id == Visit.account_id)
        .where(Visit.course_id == course_id)
        .order_by(Visit.from_at.desc(), Visit.id.desc())
        .limit(50)
    ).all()


def enrolled_elsewhere(session: Session, account_ids: Sequence[int], course_id: int) -> frozenset[int]:
    """Which of these accounts are or were in another course too."""
    return frozenset(
        session.scalars(
            select(Enrollment.account_id).where(
                Enrollment.account_id.in_(account_ids), Enrollment.course_id != course_id
            )
        )
    )


def count_roles(session: Session, course_id: int, at: datetime) -> dict[str, int]:
    """How many people of each role are in a course."""
    rows = session.execute(
        select(Enrollment.role, func.count(Enrollment.id))
        .where(Enrollment.course_id == course_id, holds_at(Enrollment, at))
        .group_by(Enrollment.role)
    )
    return {row[0]: row[1] for row in rows}
