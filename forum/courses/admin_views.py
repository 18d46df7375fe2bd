"""Administration of the site: how it stands, terms, courses, and what anyone changed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from ..core import mail
from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.forms import ForumForm
from ..core.places import shown_in
from ..core.refusals import sentences_for
from ..core.times import date_words, duration_words, moment
from . import admin_queries, commands, queries
from .forms import STATE_WORDS, CourseForm, NewCourseForm, StateForm, TermForm
from .models import Course
from .policy import Action
from .refusal_sentences import FIELDS

pages = Blueprint("admin", __name__)
Answer = str | Response | tuple[str, int]
HEARTBEAT_FRESH = timedelta(minutes=2)


def beside(form: ForumForm, refused: Refused) -> None:
    """Put why a command refused beside the field that it belongs to; what belongs to none is raised again."""
    field = form._fields.get(FIELDS.get(refused.code, ""))
    if field is None:
        raise refused
    field.errors = [*field.errors, *sentences_for(refused)]


def accepted(form: ForumForm, deed: Callable[[], None]) -> bool:
    """Whether the form was in order and the deed done; else its errors say why not."""
    if not form.validate():
        return False
    try:
        deed()
    except Refused as refused:
        beside(form, refused)
        return False
    return True


def own_zone() -> ZoneInfo:
    return ZoneInfo(g.person.zone_name or "UTC")


@pages.get("/admin")
@needs(Action.ADMINISTER)
def overview() -> str:
    health = admin_queries.health(db.session(), Path(current_app.instance_path), g.at)
    beat = health.last_heartbeat_at
    return render_template(
        "admin/overview.html",
        health=health,
        heartbeat=moment(beat, own_zone()) if beat else None,
        heartbeat_age=duration_words(g.at - beat) if beat else None,
        heartbeat_fresh=beat is not None and g.at - beat < HEARTBEAT_FRESH,
        mailed=mail.is_configured(),
        mail_from=current_app.config["MAIL_FROM"],
        sizes={name: size_words(getattr(health, name))
               for name in ("files_bytes", "database_bytes", "free_bytes", "total_bytes")},
        short_of_space=health.free_bytes < max(health.total_bytes // 20, 1024**3),
        imports=shown_in("admin.imports", g.person, 0, g.at),
    )  # fmt: skip


def size_words(size: int | None) -> str:
    """A number of bytes in the unit that fits: "12.4 MB"."""
    amount = float(size or 0)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


# --- terms ---------------------------------------------------------------------------------------------------------


@pages.get("/admin/terms")
@needs(Action.ADMINISTER)
def terms() -> str:
    lines = [
        (term, number, date_words(term.starts_on), date_words(term.ends_on))
        for term, number in admin_queries.terms_in(db.session())
    ]
    return render_template("admin/terms.html", terms=lines)


@pages.route("/admin/terms/new", methods=["GET", "POST"])
@needs(Action.ADMINISTER)
def new_term() -> Answer:
    form = TermForm()

    def make() -> None:
        with transaction() as session:
            commands.make_term(session, **_term_values(form), at=g.at, author_id=g.person.account_id)

    if request.method == "GET" or not accepted(form, make):
        return _shown("admin/term.html", form, term=None)
    say(_("The term is made."))
    return redirect("/admin/terms", 303)


@pages.route("/admin/terms/<public_id>", methods=["GET", "POST"])
@needs(Action.ADMINISTER)
def term(public_id: str) -> Answer:
    form = TermForm(obj=queries.term_by_public_id(db.session(), public_id))

    def save() -> None:
        with transaction() as session:
            found = queries.term_by_public_id(session, public_id)
            commands.edit_term(session, found, **_term_values(form), at=g.at, author_id=g.person.account_id)

    if request.method == "GET" or not accepted(form, save):
        found = queries.term_by_public_id(db.session(), public_id)
        return _shown("admin/term.html", form, term=found)
    say(_("Saved."))
    return redirect("/admin/terms", 303)


def _term_values(form: TermForm) -> dict[str, Any]:
    return {name: form[name].data for name in ("code", "title", "starts_on", "ends_on")}


def _shown(template: str, form: ForumForm, **names: Any) -> Answer:
    page = render_template(template, form=form, **names)
    return page if request.method == "GET" else (page, 422)


# --- courses -------------------------------------------------------------------------------------------------------


@pages.get("/admin/courses")
@needs(Action.ADMINISTER)
def courses() -> str:
    found = admin_queries.courses_by_term(db.session(), g.at)
    return render_template("admin/courses.html", terms=found, states=STATE_WORDS)


@pages.route("/admin/courses/new", methods=["GET", "POST"])
@needs(Action.ADMINISTER)
def new_course() -> Answer:
    terms = [found for found, _number in admin_queries.terms_in(db.session())]
    chosen = next(
        (each for each in terms if each.public_id == request.args.get("term")), terms[0] if terms else None
    )
    given = (
        {"starts_on": chosen.starts_on, "ends_on": chosen.ends_on, "term": chosen.public_id} if chosen else {}
    )
    form = NewCourseForm(data={**given, "zone": g.person.zone_name or ""})
    form.term.choices = [SelectChoice(each.public_id, f"{each.code}, {each.title}") for each in terms]
    made: list[str] = []

    def make() -> None:
        with transaction() as session:
            course = commands.make_course(
                session, queries.term_by_public_id(session, form.term.data), code=form.code.data,
                **_course_values(form), at=g.at, author_id=g.person.account_id,
            )  # fmt: skip
            made.append(course.public_id)

    if request.method == "GET" or not accepted(form, make):
        return _shown("admin/new_course.html", form, has_terms=bool(terms))
    say(
        _(
            "The course is made. It is in preparation: nobody sees it until you put its staff into it and open it."
        )
    )
    return redirect(f"/admin/courses/{made[0]}", 303)


@pages.route("/admin/courses/<public_id>", methods=["GET", "POST"])
@needs(Action.ADMINISTER)
def course(public_id: str) -> Answer:
    form = CourseForm(obj=queries.course_by_public_id(db.session(), public_id))

    def save() -> None:
        with transaction() as session:
            found = queries.course_by_public_id(session, public_id)
            commands.edit_course(
                session, found, **_course_values(form), at=g.at, author_id=g.person.account_id
            )

    if request.method == "GET" or not accepted(form, save):
        return _course_page(public_id, form, None)
    say(_("Saved."))
    return redirect(f"/admin/courses/{public_id}", 303)


@pages.post("/admin/courses/<public_id>/state")
@needs(Action.ADMINISTER)
def course_state(public_id: str) -> Answer:
    form = StateForm()

    def change() -> None:
        with transaction() as session:
            found = queries.course_by_public_id(session, public_id)
            commands.change_state(session, found, form.state.data, at=g.at, author_id=g.person.account_id)

    if not accepted(form, change):
        return _course_page(public_id, None, form)
    say(_("The course is now: %(state)s.", state=STATE_WORDS[form.state.data][0]))
    return redirect(f"/admin/courses/{public_id}", 303)


def _course_values(form: CourseForm) -> dict[str, Any]:
    return {name: form[name].data for name in ("title", "zone", "starts_on", "ends_on")}


def _course_page(public_id: str, form: CourseForm | None, state_form: StateForm | None) -> Answer:
    found: Course = queries.course_by_public_id(db.session(), public_id)
    roles = queries.count_roles(db.session(), found.id, g.at)
    page = render_template(
        "admin/course.html",
        course=found,
        form=form or CourseForm(formdata=None, obj=found),
        state_form=state_form or StateForm(formdata=None, data={"state": found.state}),
        states=STATE_WORDS,
        opened=found.state != "preparation",
        students=roles.get("student", 0),
        instructors=roles.get("instructor", 0),
    )
    return page if request.method == "GET" else (page, 422)


# --- audit log -----------------------------------------------------------------------------------------------------


@pages.get("/admin/audit")
@needs(Action.ADMINISTER)
def audit() -> str:
    slug = request.args.get("course", "")
    found = queries.course_by_slug(db.session(), slug) if slug else None
    lines, following = admin_queries.audit_page(
        db.session(), course_id=found.id if found else None, before=_place(request.args.get("before"))
    )
    return render_template(
        "admin/audit.html",
        lines=[(line, moment(line.at, own_zone())) for line in lines],
        terms=[(term, [each for each, _number in theirs])
               for term, theirs in admin_queries.courses_by_term(db.session(), g.at) if theirs],
        slug=slug,
        older=f"{_micros(following[0])}-{following[1]}" if following else None,
        is_newest="before" not in request.args,
    )  # fmt: skip


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _place(text: str | None) -> tuple[datetime, int] | None:
    """A place in the log as an address carries it: microseconds and how many of that instant were shown."""
    if text is None:
        return None
    micros, dash, shown = text.partition("-")
    if not dash or not (micros + shown).isascii() or not (micros.isdigit() and shown.isdigit()):
        raise NotHere
    if len(micros) > 17 or len(shown) > 9:
        raise NotHere
    return _EPOCH + timedelta(microseconds=int(micros)), int(shown)
