"""The course's home; an administrator's visit; looking at the course as a student."""

from flask import Blueprint, g, redirect, render_template, request
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.places import shown_in
from ..core.times import zone_words
from . import commands, queries
from .admin_views import Answer, accepted
from .as_student import COOKIE_KEY
from .forms import STATE_WORDS, LookForm, StateForm, VisitForm, group_choices, section_choices, zone_choices
from .policy import Action, Role

pages = Blueprint("courses", __name__)


@pages.get("/c/<course>")
@needs(Action.READ)
def home(course: str) -> str:
    """Modules in order with what is in them; lessons and boards fill the place `course.modules`."""
    member = g.member
    url = f"/c/{member.course_slug}"
    links = [
        (label, f"{url}/{address}")
        for action, label, address in (
            (Action.MANAGE_PEOPLE, _("People"), "people"),
            (Action.READ, _("Dates"), "dates"),
            (Action.MANAGE_CONTENT, _("Manage"), "manage"),
            (Action.SET_UP, _("Open or end the course"), "manage/state"),
            (Action.SEE_AS_STUDENT, _("See as a student"), "as-student"),
        )
        if member.may(action)
    ]
    return render_template(
        "courses/home.html",
        title=member.course_title,
        code=member.course_code,
        state=member.course_state,
        course_zone=zone_words(member.course_zone_name),
        links=links,
        more_links=shown_in("course.links", member, member.course_id, g.at),
        announcements=shown_in("course.announcements", member, member.course_id, g.at),
        modules=shown_in("course.modules", member, member.course_id, g.at),
    )


@pages.route("/c/<course>/manage/state", methods=["GET", "POST"])
@needs(Action.SET_UP)
def state(course: str) -> Answer:
    """The course opened, ended or archived by who teaches it, within what a promise allows."""
    form = StateForm(
        formdata=request.form if request.method == "POST" else None, data={"state": g.member.course_state}
    )

    def change() -> None:
        with transaction() as session:
            found = queries.course_by_slug(session, g.member.course_slug)
            commands.change_state(session, found, form.state.data, at=g.at, author_id=g.person.account_id)

    if request.method == "GET" or not accepted(form, change):
        page = render_template(
            "courses/state.html", state_form=form, states=STATE_WORDS, title=g.member.course_title,
            state_url=f"/c/{g.member.course_slug}/manage/state",
            beside=shown_in("course.state", g.member, g.member.course_id, g.at),
        )  # fmt: skip
        return page if request.method == "GET" else (page, 422)
    say(_("The course is now: %(state)s.", state=STATE_WORDS[form.state.data][0]))
    return redirect(
        f"/c/{g.member.course_slug}/people"
        if g.member.role == Role.ADMINISTRATOR
        else f"/c/{g.member.course_slug}",
        303,
    )


@pages.route("/c/<course>/manage/visit", methods=["GET", "POST"])
@needs(Action.ADMINISTER)
def visit(course: str) -> Answer:
    """An administrator who is not in the course enters it for a day, with a reason that its instructors see."""
    form = VisitForm()
    if request.method == "GET":
        return render_template("courses/visit.html", form=form)
    if not form.validate():
        return render_template("courses/visit.html", form=form), 422
    with transaction() as session:
        found = queries.course_by_slug(session, g.member.course_slug)
        commands.enter_course(session, found, g.person.account_id, form.reason.data.strip(), at=g.at)
    say(_("You can read this course for the next 24 hours. Its instructors see that, with your reason."))
    return redirect(f"/c/{g.member.course_slug}", 303)


def _look_form() -> LookForm:
    form = LookForm(data={"zone": g.member.course_zone_name})
    course_id = g.member.course_id
    form.section.choices = section_choices(queries.sections_in(db.session(), course_id))
    form.group.choices = [
        SelectChoice("", _("none")),
        *group_choices(queries.groups_in(db.session(), course_id)),
    ]
    form.zone.choices = zone_choices()
    return form


@pages.route("/c/<course>/as-student", methods=["GET", "POST"])
@needs(Action.SEE_AS_STUDENT)
def as_student(course: str) -> Answer:
    """Choose as a student of which section, group and zone to look; only the browser's own cookie remembers it."""
    form = _look_form()
    if request.method == "GET":
        return render_template("courses/as_student.html", form=form)
    if not form.validate():
        return render_template("courses/as_student.html", form=form), 422
    session = db.session()
    section = queries.section_for(session, g.member, form.section.data) if form.section.data else None
    group = queries.group_for(session, g.member, form.group.data) if form.group.data else None
    cookie[COOKIE_KEY] = {
        "course": g.member.course_slug,
        "section": section.id if section else None,
        "group": group.id if group else None,
        "zone": form.zone.data or None,
    }
    return redirect(f"/c/{g.member.course_slug}", 303)


@pages.post("/c/<course>/as-student/leave")
@needs(Action.SEE_AS_STUDENT)
def leave_student_view(course: str) -> Response:
    """Back to one's own view; the gate lets this one deed through while looking as a student."""
    cookie.pop(COOKIE_KEY, None)
    return redirect(f"/c/{g.member.course_slug}", 303)
