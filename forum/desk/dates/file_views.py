"""The dates of a course as a file to keep, and a file of dates to look at before anything is changed."""

from flask import g, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...core.access import needs
from ...core.asking import say
from ...core.csvs import write_csv
from ...core.db import db
from ...core.moments import Wall
from ...core.times import zone_words
from ...courses.policy import Action
from .forms import FileForm
from .rows import row_of
from .sentences import part_title, slot_words
from .sheets import HEADERS, LARGEST, MOST_ROWS, Remark, SheetRow, matched, read_sheet
from .slots import Slot, dates_in
from .views import Answer, back, base, crumbs, give, pages, preview


@pages.get("/c/<course>/dates/export")
@needs(Action.MANAGE_CONTENT)
def export(course: str) -> Response:
    """Every date, a line each; `instant` is the exclusive end (of what opens: the beginning), with its offset."""
    found = dates_in(db.session(), g.member, g.at)
    rows: list[tuple[object, ...]] = [HEADERS]
    for stretch in found.stretches:
        module = stretch.module.title if stretch.module else ""
        rows += [
            _cells(module, slot)
            for block in stretch.blocks
            for slot in block.slots
            if slot.part is None or slot.wall is not None or slot.kind == "section_ends"
        ]
    return give(write_csv(rows))


def _cells(module: str, slot: Slot) -> tuple[object, ...]:
    member, wall = g.member, slot.wall
    where, what, part = _words(slot)
    return (
        slot.key, module, where, what, part, wall.on.isoformat() if wall else "",
        f"{wall.minute:%H:%M}" if wall and wall.minute else "",
        _("each student's own") if slot.whose_zone == "own" else member.course_zone_name,
        slot.instant.astimezone(member.course_zone).isoformat() if slot.instant and slot.whose_zone != "own" else "",
    )  # fmt: skip


def _words(slot: Slot) -> tuple[str, str, str]:
    """What a line names a date by, beside its key."""
    part = part_title(slot.part) if slot.part is not None and slot.kind != "section_ends" else ""
    return slot.place, slot_words(slot), part


@pages.get("/c/<course>/dates/file")
@needs(Action.MANAGE_CONTENT)
def upload(course: str) -> Answer:
    return _upload_page(FileForm(formdata=None))


def _upload_page(form: FileForm) -> str:
    crumbs((_("Dates"), back()))
    return render_template(
        "desk/dates/file.html",
        form=form,
        base=base(),
        back=back(),
        zone=zone_words(g.member.course_zone_name),
    )


@pages.post("/c/<course>/dates/file")
@needs(Action.MANAGE_CONTENT)
def uploading(course: str) -> Answer:
    """A dry run: what the file would change, before and after."""
    form = FileForm()
    if not form.validate():
        return _upload_page(form), 422
    sheet = read_sheet(form.file.data.stream.read(LARGEST + 1))
    if sheet.fatal is not None:
        form.file.errors = [_remark_words(sheet.fatal), _("Nothing was changed.")]
        return _upload_page(form), 422
    found = dates_in(db.session(), g.member, g.at)
    slots = found.by_key
    lines, unmatched = matched(sheet.rows, {key: _words(slot) for key, slot in slots.items()})
    remarks = [_remark_words(one) for one in sorted([*sheet.remarks, *unmatched], key=lambda one: one.line)]
    rows = []
    for key, slot in slots.items():
        if key in lines and (wall := _wall(slot, lines[key], timeless=sheet.timeless)) != slot.wall:
            if slot.fixed:
                remarks.append(_("Line %(line)s: students see this lesson already; its date stays.", line=lines[key].line))  # fmt: skip
            else:
                rows.append(row_of(slot, wall, g.member))
    if not rows and not remarks:
        say(_("Everything in the file is as it stands already. Nothing was changed."))
        return redirect(back(), 303)
    return preview(found, rows, remarks=remarks)


def _wall(slot: Slot, row: SheetRow, *, timeless: bool) -> Wall | None:
    """What a line wants: without a column of times each date keeps its time; what opens at 00:00 opens with its day."""
    if row.wall is None or slot.kind == "section_ends":
        return Wall(row.wall.on) if row.wall else None
    if timeless:
        return Wall(row.wall.on, slot.wall.minute if slot.wall else None)
    return row.wall


def _remark_words(remark: Remark) -> str:
    told: dict[str, object] = {"line": remark.line, **remark.values}
    match remark.code:
        case "empty":
            return _("The file is empty.")
        case "too_large":
            return _("The file is larger than any course's dates.")
        case "too_many_rows":
            return _("The file has more than %(limit)s rows.", limit=MOST_ROWS)
        case "broken_table":
            return _(
                "From line %(line)s on the rows can't be told apart: a quotation mark never closes.", **told
            )
        case "missing_column":
            return _("The column “%(column)s” is missing.", **told)
        case "guessed_header":
            return _("The column “%(written)s” was taken for “%(column)s”.", **told)
        case "bad_date":
            return _("Line %(line)s: “%(value)s” is no date; the row was not taken.", **told)
        case "ambiguous_date":
            return _("Line %(line)s: “%(value)s” may mean two dates; please write it like 2026-11-26. The row was not taken.", **told)  # fmt: skip
        case "out_of_bounds":
            return _(
                "Line %(line)s: “%(value)s” lies before 2000 or after 2200; the row was not taken.", **told
            )
        case "bad_time":
            return _("Line %(line)s: “%(value)s” is no time; please write it like 17:00. The row was not taken.", **told)  # fmt: skip
        case "time_alone":
            return _("Line %(line)s has a time (%(value)s) and no date; the row was not taken.", **told)
        case "many_rows":
            return _("Line %(line)s: there are several dates called “%(value)s”; its id is needed.", **told)
        case "duplicate_row":
            return _(
                "Line %(line)s: “%(value)s” stands in line %(first)s already; the first was taken.", **told
            )
        case _:
            return _("Line %(line)s: “%(value)s” is no date of this course.", **told)
