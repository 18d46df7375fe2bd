"""The dates of a course on one page: one's own to read, all of them to change, with before and after first."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import NotHere
from ...core.times import zone_words
from ...courses.policy import Action, Member
from .commands import NotTheseDates, set_dates
from .forms import ReasonForm
from .judging import Judging, Troubles, changed_only
from .own import own_dates
from .rows import Row, mark, rows_sent, rows_standing, wanted_of
from .sentences import BLOCK_WORDS, part_title
from .slots import CourseDates, Part, Slot, dates_in

pages = Blueprint("course_dates", __name__)
Answer = str | Response | tuple[str, int]


def base() -> str:
    return f"/c/{g.member.course_slug}/dates"


def crumbs(*more: tuple[str, str]) -> None:
    """The way back: the course, the page of its dates."""
    member: Member = g.member
    g.crumbs = [(member.course_code, f"/c/{member.course_slug}"), *more]


@pages.get("/c/<course>/dates")
@needs(Action.READ)
def dates(course: str) -> Answer:
    """Who makes boards sees every date to change; other staff to read; everyone else their own."""
    member: Member = g.member
    crumbs()
    if member.may(Action.MANAGE_CONTENT):
        return _edit_page(dates_in(db.session(), member, g.at))
    if member.is_staff:
        found = dates_in(db.session(), member, g.at, own_parts_only=True)
        rows = _rows_by_key(rows_standing(_standing(found), member))
        return render_template(
            "desk/dates/all.html", dates=found, rows=rows, block_words=BLOCK_WORDS, zone=_zone()
        )
    return render_template(
        "desk/dates/own.html", stretches=own_dates(db.session(), member, g.at), zone=_zone()
    )


@pages.get("/c/<course>/manage/dates")
@needs(Action.MANAGE_CONTENT)
def manage_dates(course: str) -> Answer:
    """The same for who sets the course up and does not read it."""
    crumbs((_("Manage"), f"/c/{g.member.course_slug}/manage"))
    return _edit_page(dates_in(db.session(), g.member, g.at))


def _zone() -> str:
    return zone_words(g.member.course_zone_name)


def _standing(found: CourseDates, part: Part | None = None) -> list[Slot]:
    """Everyone's dates, those that parts have, and all that one part could have."""
    return [
        slot
        for slot in found.slots
        if slot.part is None or slot.part is part or slot.wall is not None or slot.kind == "section_ends"
    ]


def _rows_by_key(rows: Sequence[Row]) -> dict[str, Row]:
    return {row.key: row for row in rows}


def _edit_page(found: CourseDates, rows: list[Row] | None = None) -> Answer:
    wanted = request.args.get("for", "")
    part = next((one for one in found.parts if one.public_id == wanted), None)
    if wanted and part is None:
        raise NotHere
    wrong = [row for row in rows or () if row.is_wrong]
    if rows is None:
        rows = rows_standing(_standing(found, part), g.member)
    else:
        rows = [*rows_standing([slot for slot in found.slots if slot.fixed], g.member), *rows]
    page = render_template(
        "desk/dates/edit.html", dates=found, rows=_rows_by_key(rows), base=base(),
        block_words=BLOCK_WORDS, zone=_zone(), part=part_title(part) if part else None, wrong=wrong,
        parts=[(part_title(one), f"{request.path}?for={one.public_id}") for one in found.parts if one is not part],
    )  # fmt: skip
    return (page, 422) if wrong else page


@pages.post("/c/<course>/dates")
@needs(Action.MANAGE_CONTENT)
def changing(course: str) -> Answer:
    """What was changed on the page, before anything is."""
    found = dates_in(db.session(), g.member, g.at)
    rows = rows_sent(found.slots, g.member)
    crumbs()
    if any(row.errors for row in rows):
        return _edit_page(found, rows)
    changed = [row for row in rows if row.wall != row.was]
    if not changed:
        say(_("Nothing was changed."))
        return redirect(back(), 303)
    return preview(found, changed)


def back() -> str:
    member: Member = g.member
    return base() if member.may(Action.READ) else f"/c/{member.course_slug}/manage/dates"


# --- before and after ------------------------------------------------------------------------------------------------


def preview(
    found: CourseDates, rows: list[Row], *, reason: str = "", form: ReasonForm | None = None,
    troubles: Troubles | None = None, remarks: Sequence[str] = (), status: int = 200,
) -> Answer:  # fmt: skip
    """The table of before and after, its dates still to be changed; nothing was written.

    `troubles` are what a deed was refused for; without them the rules are asked. `remarks` are sentences of a file.
    """
    if form is None:
        form = ReasonForm(formdata=ImmutableMultiDict({"reason": reason} if reason else {}))
        form.validate()
    readable = [row for row in rows if not row.errors]
    if troubles is None:
        judging = Judging(db.session(), g.member, found, at=g.at, reason=form.reason.data or "")
        troubles = judging.troubles(changed_only(list(found.slots), wanted_of(readable)))
    mark(rows, troubles)
    if any(one.code == "reason_needed" for one in troubles.values()):
        form.reason.errors = [
            *form.reason.errors,
            _("A date becomes earlier that students have seen. Please write why; they read it."),
        ]
    crumbs((_("Dates"), back()))
    wrong = [row for row in rows if row.is_wrong]
    page = render_template(
        "desk/dates/changes.html", rows=rows, wrong=wrong, form=form, base=base(), back=back(), remarks=remarks,
        zone=_zone(), good=sum(not row.is_wrong and row.wall != row.slot.wall for row in rows),
    )  # fmt: skip
    return page, status


@pages.post("/c/<course>/dates/changes")
@needs(Action.MANAGE_CONTENT)
def change(course: str) -> Answer:
    """Look again at what was typed into the table, or carry it out: all or nothing, or without the refused rows."""
    found = dates_in(db.session(), g.member, g.at)
    rows, form = rows_sent(found.slots, g.member), ReasonForm()
    if not rows:
        return redirect(back(), 303)
    good = form.validate()
    if request.form.get("deed") != "change":
        return preview(found, rows, form=form)
    leave_out = bool(form.leave_out.data)
    if not good or (any(row.errors for row in rows) and not leave_out):
        return preview(found, rows, form=form, status=422)
    readable = [row for row in rows if not row.errors]
    try:
        with transaction() as session:
            done = set_dates(
                session, g.member, wanted_of(readable), {row.key: row.was for row in readable}, at=g.at,
                reason=form.reason.data or "", leave_out=leave_out,
            )  # fmt: skip
    except NotTheseDates as refused:
        found = dates_in(db.session(), g.member, g.at)
        return preview(
            found, rows_sent(found.slots, g.member), form=form, troubles=refused.troubles, status=422
        )
    _tell(done.number, len(done.left_out) + len(rows) - len(readable))
    return redirect(back(), 303)


def _tell(number: int, left_out: int) -> None:
    if number:
        say(ngettext("%(num)d date was changed.", "%(num)d dates were changed.", number))
    else:
        say(_("Nothing was changed."))
    if left_out:
        say(ngettext("%(num)d row was left out and stays as it was.",
                     "%(num)d rows were left out and stay as they were.", left_out), "problem")  # fmt: skip


def give(answer: Any) -> Response:
    """A CSV file to keep."""
    response = Response(answer, mimetype="text/csv")
    name = f"{g.member.course_slug}-dates.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
