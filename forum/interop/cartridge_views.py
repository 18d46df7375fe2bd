"""A course from a file in the browser: upload, what would come with its dates, choices, make it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from ..core.access import needs
from ..core.asking import say
from ..core.db import db
from ..core.errors import Refused
from ..core.markup import markup_of
from ..core.places import fills
from ..core.times import date_words
from ..courses.models import Term
from ..courses.policy import Action
from . import kept
from .archives import BadArchive
from .cartridge_commands import import_course
from .cartridge_dates import Choices, DateLine, first_day_of
from .cartridge_plans import BoardPlan, CoursePlan, LessonPlan, plan_course
from .cartridge_texts import title_of
from .cartridges import Cartridge, guess_zone, read_cartridge
from .forms import CartridgeForm, CourseChoicesForm
from .reports import Remark
from .roster_views import terms_in
from .sentences import archive_words, date_fate_words, date_name_words, left_out_words, remark_words

pages = Blueprint("cartridges", __name__)
Answer = str | Response | tuple[str, int]
HOME = "/admin/imports/course"
_LISTED = 500
# Tried in this order after the zones of the file and of who imports; the commonest minute of deadlines is 23:59.
_COMMON_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Europe/London", "Europe/Madrid",
    "Europe/Athens", "Australia/Sydney", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "America/Sao_Paulo", "UTC",
)  # fmt: skip


@pages.get(HOME)
@needs(Action.ADMINISTER)
def upload() -> str:
    return render_template("interop/course.html", form=CartridgeForm(formdata=None))


@pages.post(HOME)
@needs(Action.ADMINISTER)
def uploading() -> Answer:
    form = CartridgeForm()
    if not form.validate():
        return render_template("interop/course.html", form=form), 422
    stream = form.file.data.stream
    try:
        read_cartridge(stream)
    except BadArchive as bad:
        form.file.errors = [archive_words(bad), _("Nothing was written.")]
        return render_template("interop/course.html", form=form), 422
    stream.seek(0)
    token = kept.keep(
        stream, name=form.file.data.filename or "", kind="course", account_id=g.person.account_id, course_id=None,
        choices={}, at=g.at,
    )  # fmt: skip
    return redirect(f"{HOME}/{token}", 303)


@pages.get(f"{HOME}/<token>")
@needs(Action.ADMINISTER)
def preview(token: str) -> Answer:
    mine = _mine(token)
    if mine.result is not None:
        remarks = [remark_words(Remark(code, values)) for code, values in mine.result["remarks"]]
        return render_template(
            "interop/course_made.html", result=mine.result, remarks=remarks, name=mine.name
        )
    cartridge = read_cartridge(mine.path)
    return _preview_page(mine, cartridge, _form_of(mine, cartridge))


@pages.post(f"{HOME}/<token>")
@needs(Action.ADMINISTER)
def choosing(token: str) -> Answer:
    """Either the dates are shown again by what was chosen, or the course is made."""
    mine = _mine(token)
    if mine.result is not None:
        return redirect(f"{HOME}/{token}", 303)
    form = _with_terms(CourseChoicesForm())
    cartridge = read_cartridge(mine.path)
    if not form.validate():
        return _preview_page(mine, cartridge, form), 422
    if "make" not in request.form:
        kept.choose(mine, {name: _plain(field.data) for name, field in form._fields.items()})
        return redirect(f"{HOME}/{token}#dates", 303)
    plan = plan_course(cartridge, _choices(form), g.at)
    try:
        with kept.carrying_out(mine):
            made = import_course(
                mine.path,
                plan,
                term_public_id=form.term.data,
                ends_on=None,
                account_id=g.person.account_id,
                at=g.at,
            )
    except Refused as refused:
        if refused.code != "course_code_taken":
            raise
        form.code.errors = [_("There is a course with this code in the term already.")]
        return _preview_page(mine, cartridge, form), 422
    remarks = [*plan.remarks, *made.texts.remarks][:_LISTED]
    kept.finish(
        mine,
        {
            "slug": made.slug, "title": plan.choices.title, "code": plan.choices.code, "counts": _counts(plan),
            "remarks": [(remark.code, dict(remark.values)) for remark in remarks],
        },
    )  # fmt: skip
    say(_("The course is made. Students see nothing of it before it is opened."))
    return redirect(f"{HOME}/{token}", 303)


@fills("admin.imports")
def import_links(_person: object, _id: int, _at: datetime) -> Markup:
    """What an administrator can import, on the site's page."""
    return markup_of(render_template("interop/_links.html"))


# --- the preview ---------------------------------------------------------------------------------------------------


class DateWords(NamedTuple):
    """A date before and after in words."""

    place: str
    what: str
    before: str
    after: str
    fate: str


class EntryWords(NamedTuple):
    """A lesson or board in words."""

    title: str
    kind: str
    shown: bool


def _mine(token: str) -> kept.Kept:
    return kept.kept_for(token, kind="course", account_id=g.person.account_id, course_id=None, at=g.at)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _with_terms(form: CourseChoicesForm) -> CourseChoicesForm:
    form.term.choices = [
        SelectChoice(one.public_id, f"{one.title} ({one.code})") for one in terms_in(db.session())
    ]
    return form


def guessed_zone(cartridge: Cartridge, first: Sequence[str]) -> str | None:
    """In which zone the file's times were written, by itself or by the commonest minute; None if nothing says."""
    candidates = dict.fromkeys((*filter(None, (cartridge.time_zone,)), *first, *_COMMON_ZONES))
    return guess_zone(cartridge.due_instants, list(candidates)) or cartridge.time_zone or None


def old_first_day(cartridge: Cartridge, zone: ZoneInfo) -> date | None:
    """The first day that the file names, else the earliest of its dates."""
    if cartridge.start_at is not None:
        return first_day_of([cartridge.start_at], zone)
    return first_day_of([instant for topic in cartridge.topics for instant in topic.instants], zone)


def _form_of(mine: kept.Kept, cartridge: Cartridge) -> CourseChoicesForm:
    """The choices as made before, or as the file suggests."""
    if mine.choices:
        chosen = dict(mine.choices)
        for name in ("old_first_day", "first_day"):
            chosen[name] = date.fromisoformat(chosen[name]) if chosen.get(name) else None
        return _with_terms(CourseChoicesForm(formdata=None, data=chosen))
    own = g.person.zone_name or "UTC"
    written_in = guessed_zone(cartridge, [own]) or own
    term = db.session.scalars(
        select(Term).where(Term.ends_on >= g.at.date()).order_by(Term.starts_on)
    ).first()
    suggested = {
        "term": term.public_id if term else None, "code": cartridge.code[:60], "title": cartridge.title[:300],
        "zone": own, "written_in": written_in, "old_first_day": old_first_day(cartridge, ZoneInfo(written_in)),
        "first_day": term.starts_on if term and cartridge.due_instants else None,
    }  # fmt: skip
    return _with_terms(CourseChoicesForm(formdata=None, data=suggested))


def _choices(form: CourseChoicesForm) -> Choices:
    return Choices(
        form.code.data or "", form.title.data or "", form.zone.data, form.written_in.data, form.days,
        bool(form.past_dates.data),
    )  # fmt: skip


def _preview_page(mine: kept.Kept, cartridge: Cartridge, form: CourseChoicesForm) -> str:
    own = g.person.zone_name or "UTC"
    known = [field.data for field in (form.zone, form.written_in) if field.data]
    choices = _choices(form) if len(known) == 2 and not (form.zone.errors or form.written_in.errors) else Choices(
        "", "", own, own
    )  # fmt: skip
    plan = plan_course(cartridge, choices, g.at)
    problems = [
        *(Remark(one.code, {**one.values, "path": one.path, "line": one.line}) for one in cartridge.problems)
    ]
    return render_template(
        "interop/course_preview.html", form=form, name=mine.name, kind=cartridge.kind, version=cartridge.version,
        counts=_counts(plan), modules=_modules(plan), dates=[_date_words(line) for line in plan.dates[:_LISTED]],
        left_out=left_out_words(cartridge.left_out)[:_LISTED],
        problems=[remark_words(one) for one in [*problems, *plan.remarks]][:_LISTED],
        guessed=guessed_zone(cartridge, [own]), home=HOME, terms=bool(form.term.choices),
    )  # fmt: skip


def _counts(plan: CoursePlan) -> list[tuple[str, int]]:
    n = plan.counts
    words = {
        "modules": ngettext("module", "modules", n["modules"]), "lessons": ngettext("lesson", "lessons", n["lessons"]),
        "boards": ngettext("board", "boards", n["boards"]), "links": ngettext("link", "links", n["links"]),
        "files": ngettext("file", "files", n["files"]),
    }  # fmt: skip
    return [(words[name], n[name]) for name in words]


def _modules(plan: CoursePlan) -> list[tuple[str, bool, list[EntryWords]]]:
    found = []
    for module in plan.modules:
        entries = []
        for entry in module.entries:
            if isinstance(entry, BoardPlan):
                entries.append(EntryWords(entry.topic.title, _("board"), entry.published))
            else:
                entries.append(EntryWords(title_of(entry), _lesson_kind(entry), entry.published))
        found.append((module.title or _("Outside of all modules"), module.published, entries))
    return found


def _lesson_kind(entry: LessonPlan) -> str:
    if entry.kind == "link":
        return _("lesson with a link")
    return _("lesson with %(number)d files", number=len(entry.files)) if entry.files else _("lesson")


def _date_words(line: DateLine) -> DateWords:
    return DateWords(
        line.place, date_name_words(line.what), _wall_words(line.before), _wall_words(line.after),
        date_fate_words(line.fate),
    )  # fmt: skip


def _wall_words(wall: datetime | None) -> str:
    return f"{date_words(wall.date())}, {wall:%H:%M}" if wall is not None else ""
