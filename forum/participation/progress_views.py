"""How far each student of a course is, for its staff: a table and a CSV, in figures that are computed at each look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, render_template
from flask import request as asked
from flask_babel import gettext as _
from markupsafe import Markup

from ..core.access import needs
from ..core.db import db
from ..core.markup import markup_of
from ..core.places import fills
from ..courses.policy import Action, Member
from ..courses.queries import RosterLine, groups_in, sections_in
from .forms import Filters, chosen_students, filter_form
from .progress import Progress, progress_of_all
from .queries import students_in
from .views import column, csv_answer

pages = Blueprint("progress", __name__)

Line = tuple[RosterLine, Progress]

# What the table may be sorted by: only these names are taken from an address.
SORTS: Mapping[str, Callable[[Line], Any]] = {
    "name": lambda line: line[0].sort_key,
    "section": lambda line: [title.casefold() for _id, title in line[0].sections],
    "group": lambda line: [title.casefold() for _id, title in line[0].groups],
    "lessons": lambda line: line[1].lessons_done,
    "boards": lambda line: line[1].checkpoints_done,
    "open": lambda line: line[1].open,
    "missing": lambda line: line[1].missing,
}


@dataclass(frozen=True)
class _Told:
    lines: list[Line]
    filters: Filters
    form: Any
    of_all: int


def _told() -> _Told:
    session, member = db.session(), g.member
    filters = Filters.of(asked.args)
    everyone = students_in(session, member, g.at)
    sections, groups = sections_in(session, member.course_id), groups_in(session, member.course_id)
    students = chosen_students(everyone, filters, sections, groups)
    lines = progress_of_all(session, member, students, g.at)
    lines.sort(key=lambda line: (line[0].sort_key, line[0].account_id))
    lines.sort(key=SORTS.get(filters.sort, SORTS["name"]), reverse=filters.descending)
    return _Told(lines, filters, filter_form(filters, everyone, sections, groups), len(everyone))


@pages.get("/c/<course>/progress")
@needs(Action.SEE_PARTICIPATION)
def progress(course: str) -> str:
    told = _told()
    filters = told.filters
    g.crumbs = [(g.member.course_code, f"/c/{course}")]
    has_groups = bool(told.form.group.choices[2:])  # after "every group" and "no group"
    return render_template(
        "participation/progress.html",
        rows=told.lines,
        name_column=column(filters, "name", _("Student")),
        columns=[
            column(filters, "section", _("Section")),
            *([column(filters, "group", _("Group"))] if has_groups else []),
            column(filters, "lessons", _("Lessons done"), is_number=True),
            column(filters, "boards", _("Done of what boards ask"), is_number=True),
            column(filters, "open", _("Not done"), is_number=True),
            column(filters, "missing", _("Of that, past its due date"), is_number=True),
        ],
        form=told.form,
        filters=filters,
        of_all=told.of_all,
        has_groups=has_groups,
        csv_url=f"/c/{course}/progress.csv{filters.query}",
    )


@pages.get("/c/<course>/progress.csv")
@needs(Action.SEE_PARTICIPATION)
def progress_csv(course: str) -> Response:
    """The same students in the same order."""
    head = [_("student"), _("id"), _("sections"), _("groups"), _("lessons"), _("lessons done"), _("asked by boards"),
            _("done of it"), _("not done"), _("past its due date")]  # fmt: skip
    rows: list[list[object]] = [list(head)]
    for student, done in _told().lines:
        rows.append([
            student.name, student.public_id, ", ".join(title for _id, title in student.sections),
            ", ".join(title for _id, title in student.groups), done.lessons, done.lessons_done, done.checkpoints,
            done.checkpoints_done, done.open, done.missing,
        ])  # fmt: skip
    return csv_answer(rows, "progress.csv")


@fills("course.links")
def to_progress(member: Member, _course_id: int, _at: datetime) -> Markup:
    """The way to the table, for who may see it."""
    if not member.may(Action.SEE_PARTICIPATION):
        return Markup("")
    return markup_of(
        render_template("participation/_progress_link.html", url=f"/c/{member.course_slug}/progress")
    )
