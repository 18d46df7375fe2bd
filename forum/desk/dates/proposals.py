"""Many dates proposed at once: a stretch moved by days, a date each week. Both lead to before and after."""

from flask import g, redirect, render_template, request
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from ...boards.dates_form import DateForm
from ...boards.rules.many_dates import lies_within, series, shifted
from ...core.access import needs
from ...core.asking import say
from ...core.db import db
from ...core.times import zone_words
from ...courses.policy import Action
from .forms import SeriesForm, ShiftForm
from .rows import Row, row_of
from .sentences import KIND_WORDS, reads_as, whole_words
from .slots import KINDS, CourseDates, Slot, dates_in
from .views import Answer, back, base, crumbs, pages, preview


@pages.route("/c/<course>/dates/shift", methods=["GET", "POST"])
@needs(Action.MANAGE_CONTENT)
def shift(course: str) -> Answer:
    """A stretch of dates by N calendar days, the wall clock kept; one date or all of the rest of the course."""
    crumbs((_("Dates"), back()))
    form = ShiftForm(formdata=request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _shift_page(form)
    if not form.validate():
        return _shift_page(form), 422
    found = dates_in(db.session(), g.member, g.at)
    rows, lost = [], []
    for slot in found.slots:
        if slot.wall is None or slot.fixed or slot.kind not in form.kinds.data:
            continue
        if not lies_within(slot.wall, form.from_on.data, form.until_on.data):
            continue
        wall = shifted(slot.wall, form.days.data)
        if wall is None:
            lost.append(_("%(what)s: the new date lies before 2000 or after 2200; it is not moved.", what=whole_words(slot)))  # fmt: skip
        else:
            rows.append(row_of(slot, wall, g.member))
    if not rows:
        form.form_errors.append(_("No date of what you chose lies between these days."))
        return _shift_page(form), 422
    return preview(found, rows, reason=form.reason.data or "", remarks=lost)


def _shift_page(form: ShiftForm) -> str:
    return render_template(
        "desk/dates/shift.html",
        form=form,
        base=base(),
        back=back(),
        zone=zone_words(g.member.course_zone_name),
    )


@pages.route("/c/<course>/dates/series", methods=["GET", "POST"])
@needs(Action.MANAGE_CONTENT)
def weekly(course: str) -> Answer:
    """The same weekday and time, week after week, for dates of one kind in the order of the course."""
    crumbs((_("Dates"), back()))
    found = dates_in(db.session(), g.member, g.at)
    kind = request.values.get("kind", "")
    slots = _of_kind(found, kind if kind in KINDS[:-1] else "first_post")
    sent = request.method == "POST"
    form, first = SeriesForm(formdata=request.form if sent else None), DateForm(
        formdata=request.form if sent else None, prefix="first-"
    )  # fmt: skip
    form.picked.choices = [
        SelectChoice(slot.key, f"{whole_words(slot)} ({reads_as(slot, slot.wall, g.member)})")
        for slot in slots
    ]
    if not sent:
        form.picked.data = [slot.key for slot in slots if slot.part is None]
        return _series_page(form, first, kind, slots)
    good = form.validate()
    good = first.validate() and good
    wall = first.wall(is_opening=bool(slots and slots[0].is_opening))
    if wall is None and not first.errors:
        first.on.errors = [_("Please give the first date.")]
    if not good or first.errors or wall is None:
        return _series_page(form, first, kind, slots), 422
    picked = [slot for slot in slots if slot.key in form.picked.data]
    walls = series(wall, len(picked), weeks=form.weeks.data, skipping=form.skipping.days)
    if len(walls) < len(picked):
        first.on.errors = [_("The series would go on beyond the year 2200.")]
        return _series_page(form, first, kind, slots), 422
    rows = [
        row_of(slot, each, g.member) for slot, each in zip(picked, walls, strict=True) if each != slot.wall
    ]
    if not rows:
        say(_("All of these dates are as the series says already."))
        return redirect(back(), 303)
    return preview(found, _ordered(found, rows), reason=form.reason.data or "")


def _of_kind(found: CourseDates, kind: str) -> list[Slot]:
    """The slots of one kind in order, those that parts have dates for too."""
    return [
        slot
        for slot in found.slots
        if slot.kind == kind
        and not slot.fixed
        and (slot.part is None or slot.wall is not None or kind == "section_ends")
    ]


def _ordered(found: CourseDates, rows: list[Row]) -> list[Row]:
    places = {key: place for place, key in enumerate(found.by_key)}
    return sorted(rows, key=lambda row: places[row.key])


def _series_page(form: SeriesForm, first: DateForm, kind: str, slots: list[Slot]) -> str:
    shown = kind if kind in KINDS[:-1] else "first_post"
    return render_template(
        "desk/dates/series.html", form=form, first=first, kind=shown, slots=slots, base=base(), back=back(),
        kinds=[(one, KIND_WORDS[one]) for one in KINDS if one != "section_ends"],
        zone=zone_words(g.member.course_zone_name),
    )  # fmt: skip
