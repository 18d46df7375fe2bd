"""Carrying a roster out: everything loaded and weighed again inside the transaction, then written in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ..accounts.commands import make_invitations, rename
from ..accounts.models import Account
from ..accounts.rules import email_key, sort_key
from ..courses.commands import group_called, make_course, section_called
from ..courses.models import Course, Term
from ..courses.policy import Role
from ..courses.roster_commands import change_memberships, enroll_many, unenroll_many
from ..ledger.commands import record
from .identities import keep_names, rows_in
from .reports import Deed, NotCarriedOut, Report
from .roster_people import Asker
from .roster_plans import (
    CoursePlan,
    RosterPlan,
    outside_course,
    outside_enrollment,
    plan_roster,
    section_of,
    sections_left,
)
from .roster_sources import THIS_COURSE, Wanted


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What was done; `invited` are the ids of accounts that were made."""

    report: Report
    invited: tuple[int, ...]


def import_roster(
    session: Session,
    wanted: Wanted,
    *,
    at: datetime,
    asker: Asker,
    course: Course | None = None,
    term: Term | None = None,
    zone: str = "UTC",
    partly: bool = False,
    remove_anyway: bool = False,
    keep_others: bool = False,
) -> CarriedOut:
    """Bring a roster into a course or a term. Raises NotCarriedOut: `fatal`, `rows_refused` unless `partly`, `asks`
    (more than a tenth of a course would leave) unless `remove_anyway`. New courses are in `zone`, in preparation."""
    plan = plan_roster(session, wanted, at=at, asker=asker, course=course, term=term, keep_others=keep_others)
    report = plan.report
    if report.fatal:
        raise NotCarriedOut("fatal", report)
    if report.count(Deed.REFUSED) and not partly:
        raise NotCarriedOut("rows_refused", report)
    if report.asks and not remove_anyway:
        raise NotCarriedOut("asks", report)
    invited = _write_people(session, plan, at, asker)
    for key, each in plan.courses.items():
        _write_course(session, plan, key, each, at, asker, zone)
    record(
        session, "imported_roster", "course" if course else "term", course.id if course else term.id if term else None,
        actor_id=asker.account_id, at=at, course_id=course.id if course else None,
        **{str(deed): report.count(deed) for deed in Deed},
    )  # fmt: skip
    return CarriedOut(report, invited)


def invite(
    session: Session, account_ids: tuple[int, ...], *, at: datetime, author_id: int | None
) -> list[tuple[Account, str]]:
    """New one-time links for those of the accounts that have no password yet; earlier links stop working."""
    people = [
        account
        for account in rows_in(session, Account, Account.id, account_ids)
        if account.password_hash is None and account.suspended_at is None and account.joined_into_id is None
    ]
    tokens = make_invitations(session, [account.id for account in people], author_id=author_id, at=at)
    return [
        (account, tokens[account.id]) for account in sorted(people, key=lambda one: (one.sort_key, one.id))
    ]


def _write_people(session: Session, plan: RosterPlan, at: datetime, asker: Asker) -> tuple[int, ...]:
    used = {id(person) for each in plan.courses.values() for _place, person, _deed in each.places}
    people = [person for person in plan.people if person.refused is None and id(person) in used]
    new = [person for person in people if person.account is None]
    made = {id(person) for person in new}
    for person in new:
        name = person.name or person.wanted.name
        email = person.wanted.email or None
        person.account = Account(
            name=name,
            sort_key=sort_key(name),
            email=email,
            email_key=email_key(email) if email else None,
            created_at=at,
        )
    session.add_all([person.account for person in new])
    session.flush()
    for person in new:
        assert person.account is not None
        record(session, "made", "account", person.account.id, actor_id=asker.account_id, at=at)
    names: dict[str, int] = {}
    for person in people:
        assert person.account is not None
        person.account_id = person.account.id
        if person.wanted.key:
            names[person.wanted.key] = person.account_id
        if id(person) not in made and (person.name is not None or person.email is not None):
            rename(
                session, person.account, name=person.name or person.account.name,
                email=person.email or person.account.email, actor_id=asker.account_id, at=at,  # type: ignore[arg-type]
            )  # fmt: skip
    keep_names(session, plan.wanted.source, "account", names)
    return tuple(person.account_id for person in new)


def _write_course(
    session: Session, plan: RosterPlan, key: str, each: CoursePlan, at: datetime, asker: Asker, zone: str
) -> None:
    course = each.course
    if course is None:
        assert plan.term is not None
        course = make_course(
            session, plan.term, code=each.code, title=each.title, zone=zone, starts_on=plan.term.starts_on,
            ends_on=plan.term.ends_on, at=at, author_id=asker.account_id,
        )  # fmt: skip
    if key != THIS_COURSE:
        keep_names(session, plan.wanted.source, "course", {outside_course(plan.term, key): course.id})
    roles: dict[int, Role] = {}
    ending = list(each.leaving)
    for place, person, _deed in each.places:
        enrollment = each.enrolled.get(person.account_id)
        if enrollment is None or enrollment.role != place.role:
            roles[person.account_id] = place.role
            if enrollment is not None:
                ending.append(person.account_id)
    unenroll_many(session, course, ending, at=at, author_id=asker.account_id)
    enrollments = {account_id: one.id for account_id, one in each.enrolled.items()}
    enrollments |= enroll_many(session, course, roles, at=at, author_id=asker.account_id)
    if key != THIS_COURSE:
        named = {
            outside_enrollment(plan.term, key, person.wanted.key): enrollments[person.account_id]
            for _place, person, _deed in each.places
            if person.account_id in roles or _deed is not Deed.LEFT
        }
        keep_names(session, plan.wanted.source, "enrollment", named)
    _write_memberships(session, plan, key, each, course, at)


def _write_memberships(
    session: Session, plan: RosterPlan, key: str, each: CoursePlan, course: Course, at: datetime
) -> None:
    into_sections: list[tuple[int, int]] = []
    out_of_sections: list[tuple[int, int]] = []
    into_groups: list[tuple[int, int]] = []
    names: dict[str, int] = {}
    for place, person, _deed in each.places:
        out_of_sections += [
            (person.account_id, left) for left in sections_left(each, place, person.account_id)
        ]
        for section_key, title in place.sections:
            section = section_of(each, section_key, title)
            if section is None:
                section = each.sections[title] = section_called(session, course, title)
            if section_key:
                each.section_keys[section_key] = section
                names[f"{outside_course(plan.term, key)}/{section_key}"] = section.id
            if section.id not in each.in_sections.get(person.account_id, set()):
                into_sections.append((person.account_id, section.id))
        for title in place.groups:
            group = each.groups.get(title)
            if group is None:
                group = each.groups[title] = group_called(session, course, title, at=at)
            if group.id not in each.in_groups.get(person.account_id, set()):
                into_groups.append((person.account_id, group.id))
    keep_names(session, plan.wanted.source, "section", names)
    change_memberships(
        session,
        course,
        at=at,
        into_sections=into_sections,
        out_of_sections=out_of_sections,
        into_groups=into_groups,
    )
