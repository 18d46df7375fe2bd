"""Standing allowances of students in a course: so many days and hours on every due date."""

from dataclasses import dataclass
from datetime import date

from flask import Response, g, redirect, render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.moments import local_moment
from ..core.times import date_words
from ..courses.policy import Action
from . import extension_commands as commands
from .blueprint import base, crumbs, names_of, pages
from .dates_form import options
from .forms import AccommodationForm, ReasonForm, add_error
from .queries import accommodation_for, accommodations_in, students_seen_by
from .trouble_sentences import refusal_words

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class AccommodationLine:
    """One accommodation in the list; `public_id` names it."""

    name: str
    allowance: str
    from_on: str
    until_on: str | None
    reason: str | None
    author: str
    url: str


def allowance_words(days: int, hours: int) -> str:
    parts = [ngettext("%(num)d day", "%(num)d days", days)] if days else []
    parts += [ngettext("%(num)d hour", "%(num)d hours", hours)] if hours else []
    return ", ".join(parts)


def _today() -> date:
    return local_moment(g.at, g.member.course_zone).on


def _url() -> str:
    return f"{base()}/accommodations"


def _lines() -> list[AccommodationLine]:
    session = db.session()
    rows = accommodations_in(session, g.member.course_id)
    students = {line.account_id: line.name for line in students_seen_by(session, g.member, g.at)}
    names = names_of(session, [row.author_id for row in rows])
    sees = g.member.may(Action.SEE_REASONS)
    return [
        AccommodationLine(
            students[row.account_id], allowance_words(row.days, row.hours), date_words(row.from_on),
            date_words(row.until_on) if row.until_on else None, (row.reason or None) if sees else None,
            names.get(row.author_id, ""), f"{_url()}/{row.public_id}/withdrawal",
        )
        for row in rows
        if row.account_id in students
    ]  # fmt: skip


def _page(form: AccommodationForm, status: int = 200) -> Answer:
    crumbs()
    page = render_template(
        "boards/accommodations.html",
        lines=_lines(),
        form=form,
        url=_url(),
        sees_reasons=g.member.may(Action.SEE_REASONS),
    )
    return page, status


def _choices(form: AccommodationForm) -> dict[str, int]:
    students = students_seen_by(db.session(), g.member, g.at)
    form.who.choices = options(("", _("please choose")), *((line.public_id, line.name) for line in students))
    return {line.public_id: line.account_id for line in students}


@pages.get("/c/<course>/manage/accommodations")
@needs(Action.EXTEND)
def accommodations(course: str) -> Answer:
    form = AccommodationForm(formdata=None)
    _choices(form)
    form.from_on.data = _today()
    return _page(form)


@pages.post("/c/<course>/manage/accommodations")
@needs(Action.EXTEND)
def accommodate(course: str) -> Answer:
    form = AccommodationForm()
    ids = _choices(form)
    form.validate()
    account_id = ids.get(form.who.data or "")
    if account_id is None and not form.who.errors:
        add_error(form.who, _("Please choose a student."))
    if not (form.days.data or form.hours.data) and not (form.days.errors or form.hours.errors):
        add_error(form.days, _("Please give days, hours or both."))
    from_on = form.from_on.data
    if from_on is None and not form.from_on.errors:
        add_error(form.from_on, _("Please give the first day, such as 2026-11-26."))
    elif from_on is not None and not 2000 <= from_on.year <= 2200:
        add_error(form.from_on, _("Dates lie between the years 2000 and 2200."))
    if form.errors or account_id is None or from_on is None:
        return _page(form, 422)
    with transaction() as session:
        commands.grant_accommodation(
            session, g.member, account_id, at=g.at, days=form.days.data, hours=form.hours.data, from_on=from_on,
            reason=(form.reason.data or "").strip(),
        )  # fmt: skip
    say(_("Saved. It counts on every due date from that day on."))
    return redirect(_url(), 303)  # type: ignore[return-value]


def _withdrawal_page(
    public_id: str, form: ReasonForm, status: int = 200, problem: str | None = None
) -> Answer:
    row = accommodation_for(db.session(), g.member, public_id)
    url = f"{_url()}/{row.public_id}/withdrawal"
    line = next((one for one in _lines() if one.url == url), None)
    if line is None:
        raise NotHere
    crumbs()
    g.crumbs.append((_("Standing allowances"), _url()))
    return render_template(
        "boards/accommodation_withdrawal.html", line=line, form=form, problem=problem, back=_url()
    ), status


@pages.get("/c/<course>/manage/accommodations/<accommodation>/withdrawal")
@needs(Action.EXTEND)
def accommodation_withdrawal(course: str, accommodation: str) -> Answer:
    return _withdrawal_page(accommodation, ReasonForm(formdata=None))


@pages.post("/c/<course>/manage/accommodations/<accommodation>/withdrawal")
@needs(Action.EXTEND)
def withdraw_accommodation(course: str, accommodation: str) -> Answer:
    form = ReasonForm()
    _withdrawal_page(accommodation, form)  # NotHere for what this member does not see
    if not form.validate():
        return _withdrawal_page(accommodation, form, 422)
    try:
        with transaction() as session:
            row = accommodation_for(session, g.member, accommodation)
            commands.withdraw_accommodation(
                session, g.member, row, at=g.at, reason=(form.reason.data or "").strip()
            )
    except Refused as refused:
        problem = refusal_words(refused, g.member)
        if refused.code == "reason_needed":
            add_error(form.reason, problem)
            return _withdrawal_page(accommodation, form, 422)
        return _withdrawal_page(accommodation, form, 409, problem)
    say(_("The allowance was taken back."))
    return redirect(_url(), 303)  # type: ignore[return-value]
