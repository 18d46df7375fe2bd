"""The people of a course: who they are, and putting them in, moving them, ending their time."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ..accounts import commands as accounts
from ..accounts.links import link_page, link_to, post_link
from ..accounts.models import Account
from ..accounts.queries import account_by_email
from ..core.access import needs
from ..core.asking import say
from ..core.csvs import write_csv
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.forms import ForumForm
from ..core.times import moment
from . import commands, queries
from .admin_views import Answer, accepted
from .forms import ROLE_WORDS, GroupForm, NewPersonForm, PlaceForm, SectionForm
from .models import Course, Enrollment
from .policy import Action, Member, Role

pages = Blueprint("people", __name__)


def roles_to_give(member: Member) -> list[str]:
    """The roles that a member may give and take: assistants never that of instructor; nobody that of administrator."""
    return [role for role in ROLE_WORDS if member.role is not Role.ASSISTANT or role != Role.INSTRUCTOR]


def shows_address(member: Member, line: queries.RosterLine, own: frozenset[int]) -> bool:
    """Addresses are for staff, and for staff of single sections those of their own."""
    if member.may(Action.MANAGE_PEOPLE):
        return True
    if not member.is_staff:
        return False
    return (
        member.all_sections
        or line.role is not Role.STUDENT
        or any(key in own for key, _title in line.sections)
    )


@pages.get("/c/<course>/people")
@needs(Action.SEE_PEOPLE)
def index(course: str) -> str:
    session, member = db.session(), g.member
    lines = queries.roster(session, member.course_id, g.at)
    own = frozenset(
        key for line in lines if line.account_id == member.account_id for key, _title in line.sections
    )
    manages = member.may(Action.MANAGE_PEOPLE)
    visits = queries.visits_in(session, member.course_id) if manages else []
    return render_template(
        "courses/people.html",
        people=[(line, line.email or "" if shows_address(member, line, own) else None) for line in lines],
        roles=ROLE_WORDS,
        shows_addresses=manages or member.is_staff,
        manages=manages,
        url=f"/c/{member.course_slug}/people",
        waiting=sum(1 for line in lines if not line.has_password and not line.suspended),
        visits=[
            (visit, moment(visit.from_at, member.zone), moment(visit.until_at, member.zone))
            for visit in visits
        ],
        visit_url=f"/c/{member.course_slug}/manage/visit" if member.may(Action.ADMINISTER) else None,
    )


@pages.route("/c/<course>/people/new", methods=["GET", "POST"])
@needs(Action.MANAGE_PEOPLE)
def new(course: str) -> Answer:
    """Put a person in by their address; who has no account yet gets one, and an invitation link to copy."""
    form = _offered(NewPersonForm(data={"role": "student"}))
    token: str | None = None
    mailed = is_unknown = False
    name = ""

    def put_in() -> None:
        nonlocal token, mailed, is_unknown, name
        with transaction() as session:
            account = account_by_email(session, form.email.data)
            is_unknown = account is None
            if account is None:
                account = accounts.make_account(
                    session, name=form.name.data or form.email.data.split("@")[0], email=form.email.data, at=g.at,
                    author_id=g.person.account_id,
                )  # fmt: skip
                token = accounts.make_link(
                    session, account.id, "invitation", author_id=g.person.account_id, at=g.at
                )
                mailed = post_link(session, account, token, "invitation", at=g.at)
            elif account.suspended_at is not None or account.erased_at is not None:
                raise Refused("suspended_account")
            _place(session, _course(session), account.id, form)
            name = account.name

    if request.method == "GET" or not accepted(form, put_in):
        return _shown("courses/new_person.html", form)
    if token is not None:
        return link_page(token, "invitation", name=name, email=form.email.data, mailed=mailed, back=_url())
    say(_("%(name)s is in the course now.", name=name))
    return redirect(_url(), 303)


@pages.route("/c/<course>/people/<enrollment>", methods=["GET", "POST"])
@needs(Action.MANAGE_PEOPLE)
def person(course: str, enrollment: str) -> Answer:
    """A person's place in the course: role, section and groups."""
    found, account = queries.enrollment_for(db.session(), g.member, enrollment, g.at)
    line = next(
        (
            each
            for each in queries.roster(db.session(), g.member.course_id, g.at)
            if each.account_id == account.id
        ),
        None,
    )
    if line is None:
        raise NotHere
    sections = {
        section.id: section.public_id for section in queries.sections_in(db.session(), g.member.course_id)
    }
    groups = {group.id: group.public_id for group in queries.groups_in(db.session(), g.member.course_id)}
    now = {
        "role": found.role,
        "section": next((sections[key] for key, _title in line.sections), ""),
        "groups": [groups[key] for key, _title in line.groups],
        "own_sections": not found.all_sections,
    }
    form = _offered(PlaceForm(data=now), extra_role=found.role)
    names: dict[str, Any] = {
        "person": line,
        "enrollment_id": enrollment,
        "since": moment(line.enrolled_from, g.member.zone),
        "is_self": account.id == g.person.account_id,
        "may_link": not line.has_password and _may_link(db.session(), [line]) == {line.account_id},
    }

    def save() -> None:
        with transaction() as session:
            row, account = _changeable(session, enrollment)
            _place(session, _course(session), account.id, form, before=row)

    if request.method == "GET" or not accepted(form, save):
        return _shown("courses/person.html", form, **names)
    say(_("Saved. It holds from now on; what was before stays in the history."))
    return redirect(_url(), 303)


@pages.post("/c/<course>/people/<enrollment>/ending")
@needs(Action.MANAGE_PEOPLE)
def ending(course: str, enrollment: str) -> Response:
    with transaction() as session:
        _row, account = _changeable(session, enrollment)
        commands.unenroll(session, _course(session), account.id, at=g.at, author_id=g.person.account_id)
        name = account.name
    say(_("%(name)s is no longer in the course. What they wrote stays.", name=name))
    return redirect(_url(), 303)


@pages.post("/c/<course>/people/<enrollment>/invitation")
@needs(Action.MANAGE_PEOPLE)
def invitation(course: str, enrollment: str) -> Response:
    """A new link for someone who has not chosen a password yet, shown this once."""
    with transaction() as session:
        _row, account = queries.enrollment_for(session, g.member, enrollment, g.at)
        if account.password_hash is not None:
            raise Refused("has_password")
        if not account.email or account.suspended_at is not None:
            raise Refused("no_address" if not account.email else "suspended_account")
        lines = [
            each
            for each in queries.roster(session, g.member.course_id, g.at)
            if each.account_id == account.id
        ]
        if not _may_link(session, lines):
            raise Refused("link_not_yours")
        token = accounts.make_link(session, account.id, "invitation", author_id=g.person.account_id, at=g.at)
        mailed = post_link(session, account, token, "invitation", at=g.at)
        name, email = account.name, account.email
    return link_page(token, "invitation", name=name, email=email, mailed=mailed, back=_url())


@pages.post("/c/<course>/people/invitations.csv")
@needs(Action.MANAGE_PEOPLE)
def invitations(course: str) -> Response:
    """A link for each person of the course who has not chosen a password yet, as one file; mailed too if the site sends mail."""
    with transaction() as session:
        lines = [
            line
            for line in queries.roster(session, g.member.course_id, g.at)
            if not line.has_password and not line.suspended and line.email
        ]
        allowed = _may_link(session, lines)
        tokens = accounts.make_invitations(
            session, [line.account_id for line in lines if line.account_id in allowed],
            author_id=g.person.account_id, at=g.at,
        )  # fmt: skip
        for account_id, made in tokens.items():
            post_link(session, session.get_one(Account, account_id), made, "invitation", at=g.at)
    rows: list[Sequence[object]] = [(_("Name"), _("E-mail"), _("Role"), _("Invitation link"), _("Note"))]
    for line in lines:
        token = tokens.get(line.account_id)
        note = "" if token else _("is in other courses too: ask an administrator of the site")
        rows.append((line.name, line.email, ROLE_WORDS[line.role], link_to(token) if token else "", note))
    response = FlaskResponse(write_csv(rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{g.member.course_slug}-invitations.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


# --- sections and groups -------------------------------------------------------------------------------------------


@pages.route("/c/<course>/people/sections", methods=["GET", "POST"], defaults={"section": None})
@pages.route("/c/<course>/people/sections/<section>", methods=["GET", "POST"])
@needs(Action.MANAGE_PEOPLE)
def sections(course: str, section: str | None) -> Answer:
    """The sections of the course and a form for a new one, or for the one that the address names."""
    chosen = queries.section_for(db.session(), g.member, section) if section else None
    form = SectionForm(obj=chosen)

    def save() -> None:
        with transaction() as session:
            commands.save_section(
                session, _course(session), queries.section_for(session, g.member, section) if section else None,
                title=form.title.data, ends_on=form.ends_on.data, at=g.at, author_id=g.person.account_id,
            )  # fmt: skip

    if request.method == "GET" or not accepted(form, save):
        found = queries.sections_in(db.session(), g.member.course_id)
        return _shown("courses/sections.html", form, sections=found, chosen=section)
    say(_("Saved."))
    return redirect(f"{_url()}/sections", 303)


@pages.route("/c/<course>/people/groups", methods=["GET", "POST"], defaults={"group": None})
@pages.route("/c/<course>/people/groups/<group>", methods=["GET", "POST"])
@needs(Action.MANAGE_PEOPLE)
def groups(course: str, group: str | None) -> Answer:
    """The groups of the course and a form for a new one, or for the one that the address names."""
    chosen = queries.group_for(db.session(), g.member, group) if group else None
    form = GroupForm(obj=chosen)

    def save() -> None:
        with transaction() as session:
            commands.save_group(
                session, _course(session), queries.group_for(session, g.member, group) if group else None,
                title=form.title.data, set_title=form.set_title.data or "", at=g.at, author_id=g.person.account_id,
            )  # fmt: skip

    if request.method == "GET" or not accepted(form, save):
        found = queries.groups_in(db.session(), g.member.course_id)
        return _shown("courses/groups.html", form, groups=found, chosen=group)
    say(_("Saved."))
    return redirect(f"{_url()}/groups", 303)


# --- what the pages above share ------------------------------------------------------------------------------------


def _url() -> str:
    return f"/c/{g.member.course_slug}/people"


def _shown(template: str, form: ForumForm, **names: Any) -> Answer:
    page = render_template(template, form=form, url=_url(), **names)
    return page if request.method == "GET" else (page, 422)


def _course(session: Session) -> Course:
    return session.get_one(Course, g.member.course_id, with_for_update=True)


def _offered(form: Any, extra_role: str | None = None) -> Any:
    """The form with the roles, sections and groups that can be chosen; the role that somebody has is always there."""
    roles = roles_to_give(g.member)
    form.offer(
        [role for role in ROLE_WORDS if role in roles or role == extra_role],
        queries.sections_in(db.session(), g.member.course_id), queries.groups_in(db.session(), g.member.course_id),
    )  # fmt: skip
    return form


def _changeable(session: Session, enrollment: str) -> tuple[Enrollment, Any]:
    """Somebody's place that the asking member may change: not their own, and not an instructor's by an assistant."""
    row, account = queries.enrollment_for(session, g.member, enrollment, g.at)
    if account.id == g.person.account_id:
        raise Refused("own_enrollment")
    if row.role not in roles_to_give(g.member):
        raise Refused("role_not_yours")
    return row, account


def _place(
    session: Session, course: Course, account_id: int, form: Any, before: Enrollment | None = None
) -> None:
    """Do what the form says, each from now on; nothing that was is overwritten."""
    if account_id == g.person.account_id and before is None and g.member.enrollment_id is not None:
        raise Refused("own_enrollment")
    role = Role(form.role.data)
    there = (
        before
        or session.scalars(
            select(Enrollment).where(
                Enrollment.course_id == course.id,
                Enrollment.account_id == account_id,
                Enrollment.until_at.is_(None),
            )
        ).first()
    )
    allowed = roles_to_give(g.member)
    if role not in allowed or (there is not None and there.role not in allowed):
        raise Refused("role_not_yours")
    sections = {section.public_id: section.id for section in queries.sections_in(session, course.id)}
    groups = {group.public_id: group.id for group in queries.groups_in(session, course.id)}
    is_staff = role in (Role.ASSISTANT, Role.INSTRUCTOR)
    commands.enroll(
        session, course, account_id, role, at=g.at, author_id=g.person.account_id,
        all_sections=not (is_staff and form.own_sections.data),
    )  # fmt: skip
    commands.put_in_section(session, course, account_id, sections.get(form.section.data), at=g.at)
    commands.set_groups(
        session, course, account_id, [groups[key] for key in form.groups.data if key in groups], at=g.at
    )


def _may_link(session: Session, lines: Sequence[queries.RosterLine]) -> set[int]:
    """For whom the asking member may have a link shown: whoever opens one is that person. So for instructors only
    people of this course alone, and never administrators."""
    if g.person.is_administrator:
        return {line.account_id for line in lines}
    elsewhere = queries.enrolled_elsewhere(session, [line.account_id for line in lines], g.member.course_id)
    return {
        line.account_id for line in lines if not line.is_administrator and line.account_id not in elsewhere
    }
