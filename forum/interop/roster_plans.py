"""What a roster comes to on this site as it stands: who is added, changed, left, taken out or refused; reads only.

The rules: a person is who goes by the same registrar's id in the same source, else by the same e-mail, never by name.
Names and addresses change only by an administrator's import; the name of who has signed in is their own, and an
administrator's account is never changed. Of two roles in one course the one that may do more counts. Who imports is
neither taken out nor given another role. A plain CSV takes out the students that it does not name; OneRoster those
that an earlier import of the same source brought. While rows are refused nobody is taken out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..courses.models import Course, Enrollment, Group, GroupMembership, Section, SectionMembership, Term
from ..courses.policy import Role
from .identities import in_parts, names_of, rows_called, rows_in
from .reports import Deed, Leaving, Remark, Report, Row
from .roster_people import Asker, PersonPlan, people_of
from .roster_sources import THIS_COURSE, Wanted, WantedCourse, WantedPlace


@dataclass(slots=True)
class CoursePlan:
    """A course of the file, there or to be made, and its places."""

    wanted: WantedCourse | None
    course: Course | None
    code: str = ""
    title: str = ""
    adopted: bool = False
    places: list[tuple[WantedPlace, PersonPlan, Deed]] = field(default_factory=list)
    leaving: list[int] = field(default_factory=list)
    sections: dict[str, Section] = field(default_factory=dict)
    section_keys: dict[str, Section] = field(default_factory=dict)
    in_sections: dict[int, set[int]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    in_groups: dict[int, set[int]] = field(default_factory=dict)
    enrolled: dict[int, Enrollment] = field(default_factory=dict)


@dataclass(slots=True)
class RosterPlan:
    """Everything that carrying out needs, and the report of it."""

    wanted: Wanted
    term: Term | None
    people: list[PersonPlan]
    courses: dict[str, CoursePlan]
    report: Report


def plan_roster(
    session: Session,
    wanted: Wanted,
    *,
    at: datetime,
    asker: Asker,
    course: Course | None = None,
    term: Term | None = None,
    keep_others: bool = False,
) -> RosterPlan:
    """What `wanted` comes to at `at`: into one `course`, or into the courses of a `term`.

    `keep_others`: the file is only a part, and nobody is taken out for not being in it.
    """
    people = people_of(session, wanted, asker)
    courses = _courses(session, wanted, course, term)
    _read_rosters(session, wanted, courses, at)
    rows: list[Row] = list(wanted.rows)
    for plan in courses.values():
        if plan.wanted is not None:
            rows.append(_course_row(plan))
    for person in people:
        if person.refused is not None:
            rows.append(_person_row(person, Deed.REFUSED, (person.refused,)))
    for place in wanted.places:
        person = people[place.person]
        if person.refused is None:
            rows.append(_place_row(courses[place.course], place, person, wanted, asker))
    if not any(row.deed is Deed.REFUSED for row in rows):
        for key, plan in courses.items():
            rows += _endings(session, wanted, key, plan, people, asker, keep_others)
    leaving = tuple(
        Leaving(plan.title, len(plan.leaving), len(plan.enrolled))
        for plan in courses.values()
        if plan.leaving
    )
    report = Report(tuple(rows), tuple(wanted.notes), tuple(wanted.fatal), leaving)
    return RosterPlan(wanted, term, people, courses, report)


# --- courses -------------------------------------------------------------------------------------------------------


def outside_course(term: Term | None, key: str) -> str:
    """What a course of a file is called in a term: the same key comes again in the next one."""
    return f"{term.code if term else ''}/{key}"


def _courses(
    session: Session, wanted: Wanted, course: Course | None, term: Term | None
) -> dict[str, CoursePlan]:
    if course is not None:
        return {THIS_COURSE: CoursePlan(None, course, course.code, course.title)}
    assert term is not None
    keys = wanted.courses.keys() | wanted.whole | {course_key for course_key, _person in wanted.gone}
    by_key = rows_called(session, wanted.source, "course", [outside_course(term, key) for key in keys])
    of_term = {one.id: one for one in session.scalars(select(Course).where(Course.term_id == term.id))}
    by_code = {one.code.casefold(): one for one in of_term.values()}
    spoken_for = names_of(session, wanted.source, "course", of_term)
    plans: dict[str, CoursePlan] = {}
    codes = set(by_code)
    for key in sorted(keys):
        named = wanted.courses.get(key)
        found = of_term.get(by_key.get(outside_course(term, key), 0))
        adopted = False
        if found is None and named is not None:
            same = by_code.get(named.code.casefold())
            if same is not None and same.id not in spoken_for:
                found, adopted = same, True
                spoken_for[same.id] = key
        if found is not None:
            plans[key] = CoursePlan(named, found, found.code, found.title, adopted)
        elif named is not None:
            code, number = named.code, 2
            while code.casefold() in codes:
                code, number = f"{named.code[:55]}-{number}", number + 1
            codes.add(code.casefold())
            plans[key] = CoursePlan(named, None, code, named.title)
    return plans


def _read_rosters(session: Session, wanted: Wanted, courses: dict[str, CoursePlan], at: datetime) -> None:
    by_id = {plan.course.id: plan for plan in courses.values() if plan.course is not None}
    for part in in_parts(sorted(by_id)):
        for enrollment in session.scalars(
            select(Enrollment).where(Enrollment.course_id.in_(part), Enrollment.until_at.is_(None))
        ):
            by_id[enrollment.course_id].enrolled[enrollment.account_id] = enrollment
        for section in session.scalars(select(Section).where(Section.course_id.in_(part))):
            by_id[section.course_id].sections[section.title] = section
        for group in session.scalars(select(Group).where(Group.course_id.in_(part), Group.set_title == "")):
            by_id[group.course_id].groups[group.title] = group
        for course_id, account_id, section_id in session.execute(
            select(Section.course_id, SectionMembership.account_id, SectionMembership.section_id)
            .join(Section, Section.id == SectionMembership.section_id)
            .where(Section.course_id.in_(part), SectionMembership.until_at.is_(None))
        ):
            by_id[course_id].in_sections.setdefault(account_id, set()).add(section_id)
        for course_id, account_id, group_id in session.execute(
            select(Group.course_id, GroupMembership.account_id, GroupMembership.group_id)
            .join(Group, Group.id == GroupMembership.group_id)
            .where(Group.course_id.in_(part), GroupMembership.until_at.is_(None))
        ):
            by_id[course_id].in_groups.setdefault(account_id, set()).add(group_id)
    for plan in courses.values():
        ids = {section.id: section for section in plan.sections.values()}
        names = names_of(session, wanted.source, "section", ids)
        for section_id, name in names.items():
            plan.section_keys[name.rpartition("/")[2]] = ids[section_id]


# --- rows ----------------------------------------------------------------------------------------------------------


def _course_row(plan: CoursePlan) -> Row:
    assert plan.wanted is not None
    deed = Deed.ADDED if plan.course is None else Deed.CHANGED if plan.adopted else Deed.LEFT
    remarks = (Remark("course_taken_for", {"code": plan.code}),) if plan.adopted else ()
    if plan.course is None and plan.code != plan.wanted.code:
        remarks = (Remark("code_taken", {"was": plan.wanted.code, "is": plan.code}),)
    return Row(
        deed, "course", f"{plan.code}, {plan.title}", "", "", plan.wanted.file, plan.wanted.line, remarks
    )


def _person_row(person: PersonPlan, deed: Deed, remarks: Iterable[Remark], where: str = "") -> Row:
    wanted = person.wanted
    name = wanted.name or (person.account.name if person.account else wanted.email or wanted.key)
    email = wanted.email or (person.account.email if person.account else "") or ""
    return Row(deed, "person", name, email, where, wanted.file, wanted.line, tuple(remarks))


def section_of(plan: CoursePlan, key: str, title: str) -> Section | None:
    """The section that a file means: by its key, else by its title."""
    return plan.section_keys.get(key) if key and key in plan.section_keys else plan.sections.get(title)


def sections_left(plan: CoursePlan, place: WantedPlace, account_id: int) -> set[int]:
    """The sections that the person is no longer in: for a CSV all others, for OneRoster those of the same source."""
    wanted = {
        found.id for key, title in place.sections if (found := section_of(plan, key, title)) is not None
    }
    mine = plan.in_sections.get(account_id, set())
    if not place.sections:
        return set()
    if any(key for key, _title in place.sections):
        mine = mine & {section.id for section in plan.section_keys.values()}
    return mine - wanted


def _place_row(plan: CoursePlan, place: WantedPlace, person: PersonPlan, wanted: Wanted, asker: Asker) -> Row:
    remarks = list(person.remarks)
    changed = person.account is not None and (person.name is not None or person.email is not None)
    account_id = person.account.id if person.account else 0
    enrollment = plan.enrolled.get(account_id)
    deed = Deed.LEFT
    if len(place.roles) > 1:
        remarks.append(Remark("two_roles", {"role": place.role}))
    rises = place.role is Role.INSTRUCTOR or (enrollment is not None and enrollment.role == Role.INSTRUCTOR)
    if rises and not asker.gives_instructor and (enrollment is None or enrollment.role != place.role):
        return _person_row(person, Deed.REFUSED, [Remark("instructors_only")], plan.code)
    if enrollment is None:
        deed = Deed.ADDED
        remarks.insert(0, Remark("new_account" if person.account is None else "joins", {"role": place.role}))
    elif enrollment.role != place.role and account_id == asker.account_id:
        remarks.append(Remark("not_yourself"))
        place.role = Role(enrollment.role)
    elif enrollment.role != place.role:
        deed = Deed.CHANGED
        remarks.append(Remark("role_changes", {"was": enrollment.role, "is": place.role}))
    mine = plan.in_sections.get(account_id, set())
    for key, title in place.sections:
        section = section_of(plan, key, title)
        if section is None or section.id not in mine:
            deed = Deed.CHANGED if deed is Deed.LEFT else deed
            remarks.append(Remark("section", {"title": title}))
    titles = {section.id: section.title for section in plan.sections.values()}
    for section_id in sections_left(plan, place, account_id):
        deed = Deed.CHANGED if deed is Deed.LEFT else deed
        remarks.append(Remark("section_left", {"title": titles[section_id]}))
    for title in place.groups:
        group = plan.groups.get(title)
        if group is None or group.id not in plan.in_groups.get(account_id, set()):
            deed = Deed.CHANGED if deed is Deed.LEFT else deed
            remarks.append(Remark("group", {"title": title}))
    if changed and deed is Deed.LEFT:
        deed = Deed.CHANGED
    plan.places.append((place, person, deed))
    return _person_row(person, deed, remarks, plan.code)


def outside_enrollment(term: Term | None, course_key: str, person_key: str) -> str:
    """What an enrollment of a file is called."""
    return f"{outside_course(term, course_key)}/{person_key}"


def _endings(
    session: Session,
    wanted: Wanted,
    key: str,
    plan: CoursePlan,
    people: list[PersonPlan],
    asker: Asker,
    keep: bool,
) -> list[Row]:
    named = {people[place.person].account.id for place, *_ in plan.places if people[place.person].account}  # type: ignore[union-attr]
    gone = {person for course_key, person in wanted.gone if course_key == key}
    brought = names_of(session, wanted.source, "enrollment", [one.id for one in plan.enrolled.values()])
    rows: list[Row] = []
    leaving: list[Enrollment] = []
    for account_id, enrollment in plan.enrolled.items():
        if account_id in named or account_id == asker.account_id:
            continue
        if key == THIS_COURSE:
            ends = not keep and enrollment.role == Role.STUDENT
        else:
            name = brought.get(enrollment.id)
            ends = name is not None and (
                name.rpartition("/")[2] in gone or (key in wanted.whole and not keep)
            )
        if ends:
            leaving.append(enrollment)
    plan.leaving = [enrollment.account_id for enrollment in leaving]
    for account in sorted(
        rows_in(session, Account, Account.id, plan.leaving), key=lambda one: (one.sort_key, one.id)
    ):
        rows.append(
            Row(
                Deed.ENDED,
                "person",
                account.name,
                account.email or "",
                plan.code,
                remarks=(Remark("leaves"),),
            )
        )
    return rows
