"""A course copied to a new start: what it will be called, every date before and after, and then making it."""

from dataclasses import replace
from datetime import date

from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from ...boards.rules.many_dates import whole_weeks
from ...core.access import needs
from ...core.asking import say
from ...core.db import db
from ...core.errors import Refused
from ...core.refusals import sentences_for
from ...courses.models import Term
from ...courses.policy import Action, Member
from ...courses.queries import course_by_public_id, term_by_public_id
from ...desk.dates.rows import Row, row_of, rows_sent, wanted_of
from ...desk.dates.sentences import note_of
from ..cartridge_commands import setting_up
from ..roster_views import terms_in
from .commands import copy_course
from .forms import CopyForm
from .plans import COURSE_ENDS, Choices, flags_in, moved, troubles_in
from .sentences import copy_trouble_words, flag_words
from .sources import Source, source_of, without_sections

pages = Blueprint("course_copies", __name__)
Answer = str | Response | tuple[str, int]


@pages.get("/admin/courses/<public_id>/copy")
@needs(Action.ADMINISTER)
def copy(public_id: str) -> Answer:
    """What is to be copied, and the choices; the dates come once there is a new first day."""
    session = db.session()
    source = source_of(session, course_by_public_id(session, public_id), g.at)
    return _page(source, _form_of(session, source), [])


@pages.post("/admin/courses/<public_id>/copy")
@needs(Action.ADMINISTER)
def copying(public_id: str) -> Answer:
    """The dates are shown by what was chosen, again and again, until the course is made."""
    session = db.session()
    source = source_of(session, course_by_public_id(session, public_id), g.at)
    form = _with_terms(CopyForm())
    if not form.validate():
        return _page(source, form, rows_sent(source.slots, _reader(session, source))), 422
    choices = _choices(session, form)
    chosen = source if choices.with_sections else without_sections(source)
    rows, is_new = _rows(session, chosen, choices)
    is_good = _mark(chosen, rows, choices)
    if request.form.get("deed") != "make" or is_new or not is_good:
        if request.form.get("deed") == "make" and is_new:
            say(_("The dates have moved with what you chose. Please look at them before the course is made."), "problem")  # fmt: skip
        return _page(source, form, rows, choices), 200 if is_good else 422
    try:
        made = copy_course(
            public_id, choices, wanted_of(rows), term_public_id=form.term.data, account_id=g.person.account_id, at=g.at
        )  # fmt: skip
    except Refused as refused:
        if refused.code == "course_code_taken":
            form.code.errors = [_("There is a course with this code in the term already.")]
        else:
            form.form_errors.extend(sentences_for(refused))
        return _page(source, form, rows, choices), 409 if refused.code == "source_changed" else 422
    say(_("The course is made. It is in preparation: nobody sees it until you put its staff into it and open it."))  # fmt: skip
    if made.links_left:
        say(_("These have links into the old course that lead nowhere in the new one: %(titles)s", titles=", ".join(made.links_left[:20])), "problem")  # fmt: skip
    if made.files_lost:
        say(_("These files were lost before and are not in the new course: %(names)s", names=", ".join(made.files_lost[:20])), "problem")  # fmt: skip
    return redirect(f"/admin/courses/{made.public_id}", 303)


def _with_terms(form: CopyForm) -> CopyForm:
    form.term.choices = [
        SelectChoice(one.public_id, f"{one.title} ({one.code})") for one in terms_in(db.session())
    ]
    return form


def _form_of(session: Session, source: Source) -> CopyForm:
    """The first term that is still to come, and its first day."""
    later = session.scalars(
        select(Term).where(Term.starts_on > source.term.starts_on).order_by(Term.starts_on)
    ).first()
    given = {
        "term": (later or source.term).public_id, "code": source.course.code, "title": source.course.title,
        "zone": source.course.zone, "first_on": later.starts_on if later else None,
    }  # fmt: skip
    return _with_terms(CopyForm(formdata=None, data=given))


def _choices(session: Session, form: CopyForm) -> Choices:
    term = term_by_public_id(session, form.term.data)
    return Choices(
        form.code.data, form.title.data, form.zone.data, form.first_on.data, term.ends_on, form.holidays.days,
        bool(form.with_sections.data),
    )  # fmt: skip


def _reader(session: Session, source: Source, choices: Choices | None = None) -> Member:
    """Who reads the dates: as the old course's clocks show them, or as the new one's will."""
    member = replace(
        setting_up(session, g.person.account_id, source.course), own_zone_name=g.person.zone_name
    )
    return replace(member, course_zone_name=choices.zone) if choices else member


def _rows(session: Session, source: Source, choices: Choices) -> tuple[list[Row], bool]:
    """Every date as it will be: what was typed stays, the others move with what was chosen.

    True if a row is here that was not shown before, or has another date than was shown.
    """
    before, after = _reader(session, source), _reader(session, source, choices)
    proposed = moved(source.slots, source.course.starts_on, choices.first_on)
    sent = {row.key: row for row in rows_sent(source.slots, before)}
    rows, is_new = [], False
    for slot in source.slots:
        wall, row = proposed[slot.key], sent.get(slot.key)
        if row is None or (not row.errors and row.wall == row.was and row.was != wall):
            row, is_new = row_of(slot, wall, before), True
        row.was, row.elsewhere = wall, after
        rows.append(row)
    return rows, is_new


def _mark(source: Source, rows: list[Row], choices: Choices) -> bool:
    """Put beside each row what is to look at and why it can't stand; whether all can."""
    walls = wanted_of(rows)
    troubles, flags = troubles_in(source.dates, walls, choices), flags_in(source.slots, walls, choices)
    for row in rows:
        reader = row.elsewhere or row.reader
        trouble = troubles.get(row.key)
        row.trouble = copy_trouble_words(trouble, reader) if trouble is not None and not row.errors else ""
        note = note_of(replace(row.slot, wall=None), row.wall, reader)
        row.notes = [*flag_words(flags.get(row.key, ())), *([note] if note else [])]
    return not any(row.is_wrong for row in rows)


def _page(source: Source, form: CopyForm, rows: list[Row], choices: Choices | None = None) -> str:
    course = source.course
    g.crumbs = [(_("Courses"), "/admin/courses"), (course.code, f"/admin/courses/{course.public_id}")]
    return render_template(
        "interop/copies/copy.html", course=course, form=form, rows=rows, wrong=[row for row in rows if row.is_wrong],
        flagged=sum(bool(row.notes) for row in rows), counts=_counts(source), here=f"/admin/courses/{course.public_id}/copy",
        moved=_moved_words(course.starts_on, choices.first_on) if choices else None, end_key=COURSE_ENDS,
    )  # fmt: skip


def _moved_words(old: date, new: date) -> str:
    weeks = whole_weeks(old, new) // 7
    if weeks == 0:
        return _("No date moves: the new first day lies in the same week.")
    if weeks < 0:
        return ngettext("Every date moves back by %(num)d week", "Every date moves back by %(num)d weeks", -weeks) + _(", and keeps its weekday and its time of day.")  # fmt: skip
    return ngettext("Every date moves by %(num)d week", "Every date moves by %(num)d weeks", weeks) + _(", and keeps its weekday and its time of day.")  # fmt: skip


def _counts(source: Source) -> list[tuple[str, int]]:
    rows = source.rows
    rubrics = sum(bool(rubric.criteria) for rubric in source.rubrics.values())
    return [
        (ngettext("module", "modules", len(rows.modules)), len(rows.modules)),
        (ngettext("lesson", "lessons", len(rows.lessons)), len(rows.lessons)),
        (ngettext("board", "boards", len(rows.boards)), len(rows.boards)),
        (ngettext("link", "links", len(source.links)), len(source.links)),
        (ngettext("file", "files", len(source.files)), len(source.files)),
        (ngettext("rubric", "rubrics", rubrics), rubrics),
    ]
