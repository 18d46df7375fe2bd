"""Participation of a board as a table and as CSV; the editor of its rubric."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from ..boards import sentences
from ..boards.models import Board, Checkpoint
from ..boards.queries import board_for, checkpoints_of
from ..boards.rules import values
from ..core.access import needs
from ..core.asking import say
from ..core.csvs import write_csv
from ..core.db import db, transaction
from ..core.errors import Refused
from ..core.times import moment
from ..courses.policy import Action, Member
from ..courses.queries import groups_in, sections_in
from . import commands, queries
from .commands import CriterionSpec, LevelSpec
from .done import Participation, participation_in
from .forms import CriterionForm, Filters, RubricForm, chosen_students, filter_form, rubric_form
from .groups import of_audience
from .rules import parse_points, points_text

pages = Blueprint("participation", __name__)
Answer = str | Response | tuple[str, int]

# The shape that stands beside each state's word (the style sheet's names).
MARKS = {
    "met_on_time": "on-time", "met_late": "late", "missing": "missing", "not_yet_due": "not-yet",
    "excused": "excused", "not_asked": "not-asked",
}  # fmt: skip
_RANK = {"met_on_time": 0, "met_late": 1, "not_yet_due": 2, "missing": 3, "excused": 4, "not_asked": 5}
_NEVER = datetime.max.replace(tzinfo=UTC)

# What a table may be sorted by: only these names are taken from an address.
SORTS: Mapping[str, Callable[[Participation], Any]] = {
    "name": lambda line: line.student.sort_key,
    "section": lambda line: [title.casefold() for _id, title in line.student.sections],
    "group": lambda line: [title.casefold() for _id, title in line.student.groups],
    "words": lambda line: line.words,
    "posts": lambda line: line.posts,
    "replies": lambda line: line.replies,
    "people": lambda line: line.people,
    "first": lambda line: line.first_at or _NEVER,
    "last": lambda line: line.last_at or _NEVER,
}


def sorts_with(checkpoints: Sequence[Checkpoint]) -> dict[str, Callable[[Participation], Any]]:
    """The table's sort keys with one for each checkpoint: by state, then by when it was met."""

    def by_state(place: int) -> Callable[[Participation], Any]:
        return lambda line: (_RANK[line.states[place].state], line.states[place].met_at or _NEVER)

    return {
        **SORTS,
        **{f"checkpoint-{row.public_id}": by_state(place) for place, row in enumerate(checkpoints)},
    }


def sorted_lines(
    lines: Sequence[Participation], filters: Filters, sorts: Mapping[str, Callable[[Participation], Any]]
) -> list[Participation]:
    """By the key that is asked for, people of the same by name; an unknown key sorts by name."""
    by_name = sorted(lines, key=lambda line: (line.student.sort_key, line.student.account_id))
    return sorted(by_name, key=sorts.get(filters.sort, SORTS["name"]), reverse=filters.descending)


@dataclass(frozen=True)
class Column:
    """A header of a sortable table: `sorted` is for aria-sort."""

    label: str
    url: str
    sorted: str
    is_number: bool = False


def column(
    filters: Filters, key: str, label: str, *, is_number: bool = False, default: str = "name"
) -> Column:
    now = "none"
    if (filters.sort or default) == key:
        now = "descending" if filters.descending else "ascending"
    wanted = filters if filters.sort else Filters(filters.section, filters.group, default, filters.descending)
    return Column(label, f"{request.path}{wanted.sorted_by(key).query}", now, is_number)


def summary_sentence(checkpoint: Checkpoint, states: Sequence[str]) -> str:
    """ "First post: 18 of 24 on time, 2 late, 3 missing, 1 excused." """
    count = {state: states.count(state) for state in _RANK}
    asked = len(states) - count["excused"] - count["not_asked"]
    parts = [_("%(number)d of %(asked)d on time", number=count["met_on_time"], asked=asked)]
    if count["met_late"]:
        parts.append(_("%(number)d late", number=count["met_late"]))
    if count["missing"]:
        parts.append(_("%(number)d missing", number=count["missing"]))
    if count["not_yet_due"]:
        parts.append(_("%(number)d not yet due", number=count["not_yet_due"]))
    if count["excused"]:
        parts.append(_("%(number)d excused", number=count["excused"]))
    if count["not_asked"]:
        parts.append(_("%(number)d not asked", number=count["not_asked"]))
    return _("%(what)s: %(figures)s.", what=sentences.checkpoint_words(checkpoint), figures=", ".join(parts))


@dataclass(frozen=True)
class Told:
    """What the table and the CSV are made of."""

    board: Board
    checkpoints: list[Checkpoint]
    lines: list[Participation]
    filters: Filters
    form: Any
    of_all: int


def _told(public_id: str) -> Told:
    session, member = db.session(), g.member
    board = board_for(session, member, public_id, g.at)
    checkpoints = checkpoints_of(session, [board.id])[board.id]
    filters = Filters.of(request.args)
    everyone = of_audience(session, board, queries.students_in(session, member, g.at))
    sections, groups = sections_in(session, member.course_id), groups_in(session, member.course_id)
    students = chosen_students(everyone, filters, sections, groups)
    lines = participation_in(session, board, checkpoints, students, g.at)
    return Told(
        board, checkpoints, sorted_lines(lines, filters, sorts_with(checkpoints)), filters,
        filter_form(filters, everyone, sections, groups), len(everyone),
    )  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A state in words: its mark, when it was met ("" if it was not), and what else there is to say."""

    mark: str
    words: str
    when: str
    detail: str


def cell_of(met: values.Met, checkpoint: Checkpoint, member: Member) -> Cell:
    """A state in words with what there is to it: when, how late, how much of it."""
    _code, words = sentences.state_words(met)
    detail = []
    if checkpoint.kind == "replies" and met.met_at is None and met.state not in ("excused", "not_asked"):
        detail.append(
            _(
                "%(done)d of %(asked)d, to %(people)d of %(of)d people",
                done=met.replies_done,
                asked=met.replies_asked,
                people=met.people_done,
                of=met.people_asked,
            )
        )
    if met.words_done is not None and met.state not in ("excused", "not_asked"):
        detail.append(_("%(done)d of %(asked)d words", done=met.words_done, asked=checkpoint.min_words))
    when = moment(met.met_at, member.zone).text if met.met_at is not None else ""
    if any(reason.code == "removed_later" for reason in met.reasons):
        detail.append(_("counts a post removed later"))
    if any(reason.code in ("fewer_people", "nobody_to_answer") for reason in met.reasons):
        detail.append(_("fewer people were there to answer"))
    return Cell(MARKS[met.state], words, when, "; ".join(detail))


def board_crumbs(board: Board) -> None:
    home = f"/c/{g.member.course_slug}"
    g.crumbs = [(g.member.course_code, home), (board.title, f"{home}/boards/{board.public_id}")]


@pages.get("/c/<course>/boards/<board>/participation")
@needs(Action.SEE_PARTICIPATION)
def participation(course: str, board: str) -> Answer:
    told = _told(board)
    member, filters = g.member, told.filters
    board_crumbs(told.board)
    base = f"/c/{course}/boards/{board}"
    rows = [
        {
            "line": line,
            "url": f"{base}/grading/{line.student.public_id}{filters.roster_query}"
            if member.may(Action.GRADE)
            else None,
            "sections": ", ".join(title for _id, title in line.student.sections),
            "groups": ", ".join(title for _id, title in line.student.groups),
            "cells": [
                cell_of(met, row, member) for met, row in zip(line.states, told.checkpoints, strict=True)
            ],
            "first": moment(line.first_at, member.zone) if line.first_at else None,
            "last": moment(line.last_at, member.zone) if line.last_at else None,
        }
        for line in told.lines
    ]
    has_groups = bool(told.form.group.choices[2:])  # after "every group" and "no group"
    columns = [
        column(filters, "section", _("Section")),
        *([column(filters, "group", _("Group"))] if has_groups else []),
        *(
            column(filters, f"checkpoint-{row.public_id}", sentences.checkpoint_words(row))
            for row in told.checkpoints
        ),
        column(filters, "words", _("Words"), is_number=True),
        column(filters, "posts", _("Posts"), is_number=True),
        column(filters, "replies", _("Replies"), is_number=True),
        column(filters, "people", _("People answered"), is_number=True),
        column(filters, "first", _("First post")),
        column(filters, "last", _("Last post")),
    ]
    return render_template(
        "participation/table.html", board=told.board, rows=rows, name_column=column(filters, "name", _("Student")),
        columns=columns, form=told.form, filters=filters, of_all=told.of_all, has_groups=has_groups,
        summaries=[
            summary_sentence(row, [line.states[place].state for line in told.lines])
            for place, row in enumerate(told.checkpoints)
        ],
        csv_url=f"{base}/participation.csv{filters.query}",
        grading_url=f"{base}/grading{filters.roster_query}" if member.may(Action.GRADE) else None,
        rubric_url=f"/c/{course}/manage/boards/{board}/rubric" if member.may(Action.MANAGE_CONTENT) else None,
        grades_url=f"/c/{course}/grades",
    )  # fmt: skip


@pages.get("/c/<course>/boards/<board>/participation.csv")
@needs(Action.SEE_PARTICIPATION)
def participation_csv(course: str, board: str) -> Response:
    """The same students in the same order; instants in the course's zone, ISO 8601 with offset."""
    told = _told(board)
    zone = g.member.course_zone
    head = [_("student"), _("id"), _("sections"), _("groups")]
    for number, row in enumerate(told.checkpoints, start=1):
        what = f"{number}. {sentences.checkpoint_words(row)}"
        head += [
            f"{what}: {name}"
            for name in (_("state"), _("due"), _("met at"), _("days late"), _("minutes late"))
        ]
    head += [
        _("words"),
        _("posts"),
        _("replies"),
        _("people answered"),
        _("removed posts"),
        _("first post"),
        _("last post"),
    ]
    rows: list[list[object]] = [list(head)]
    for line in told.lines:
        due = {date.checkpoint_id: date.due for date in line.dates.dates}
        cells: list[object] = [
            line.student.name, line.student.public_id, ", ".join(title for _id, title in line.student.sections),
            ", ".join(title for _id, title in line.student.groups),
        ]  # fmt: skip
        for met in line.states:
            late = met.lateness
            cells += [
                met.state, iso(due.get(met.checkpoint_id), zone), iso(met.met_at, zone), late.days if late else None,
                int(late.elapsed.total_seconds() // 60) if late else None,
            ]  # fmt: skip
        cells += [line.words, line.posts, line.replies, line.people, line.removed, iso(line.first_at, zone),
                  iso(line.last_at, zone)]  # fmt: skip
        rows.append(cells)
    return csv_answer(rows, "participation.csv")


def iso(instant: datetime | None, zone: ZoneInfo) -> str | None:
    return instant.astimezone(zone).isoformat() if instant is not None else None


def csv_answer(rows: Sequence[Sequence[object]], name: str) -> Response:
    """A CSV file to save, kept by no cache; cells that a spreadsheet would run are defused."""
    answer = Response(write_csv(rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


# --- the rubric ------------------------------------------------------------------------------------------------------------


@pages.get("/c/<course>/manage/boards/<board>/rubric")
@needs(Action.MANAGE_CONTENT)
def rubric(course: str, board: str) -> Answer:
    found = board_for(db.session(), g.member, board, g.at)
    return _rubric_page(found, rubric_form(queries.rubric_of(db.session(), found.id)))


@pages.post("/c/<course>/manage/boards/<board>/rubric")
@needs(Action.MANAGE_CONTENT)
def save_rubric(course: str, board: str) -> Answer:
    """Saves, or with the button *one more* gives the page back with a blank row and everything typed."""
    found = board_for(db.session(), g.member, board, g.at)
    form = RubricForm()
    more = request.form.get("more", "")
    if more:
        place = more.removeprefix("level-")
        form.add_blank(
            criterion=int(place) if more.startswith("level-") and place.isdigit() and len(place) < 4 else None
        )
        return _rubric_page(found, form)
    if not form.validate():
        return _rubric_page(found, form, status=422)
    specs = [_spec(line) for line in form.kept]
    try:
        with transaction() as session:
            held = board_for(session, g.member, board, g.at, lock=True)
            commands.save_rubric(
                session,
                g.member,
                held,
                specs,
                parse_points(form.scale.data or ""),
                at=g.at,
                digest=form.digest.data or "",
            )
    except Refused as refused:
        found = board_for(db.session(), g.member, board, g.at)
        return _refused_rubric(found, form, refused)
    say(_("The rubric is saved."))
    return redirect(f"/c/{course}/manage/boards/{board}/rubric", 303)  # type: ignore[return-value]


def _spec(line: CriterionForm) -> CriterionSpec:
    levels = tuple(
        LevelSpec(level.title.data, parse_points(level.points.data) or parse_points("0"),  # type: ignore[arg-type]
                  level.description.data or "", level.id.data or None)
        for level in line.kept_levels
    )  # fmt: skip
    return CriterionSpec(line.title.data or "", levels, line.description.data or "", line.id.data or None)


def _refused_rubric(board: Board, form: RubricForm, refused: Refused) -> Answer:
    now = None
    if refused.code == "points_used":
        problem = _(
            "Grades use the level “%(level)s”, so its points stay. To change what it is worth, remove it and add "
            "another level: grades that were given keep their points until they are saved anew.",
            level=refused.values.get("level"),
        )  # fmt: skip
    else:
        now = queries.rubric_of(db.session(), board.id)
        form.digest.data = now.digest
        problem = _(
            "Somebody else saved this rubric meanwhile. Nothing of yours was lost: it is in the form. "
            "Below the form stands the rubric as it is now; saving puts yours in its place."
        )
    return _rubric_page(board, form, status=409, problem=problem, now=now)


def _rubric_page(
    board: Board,
    form: RubricForm,
    *,
    status: int = 200,
    problem: str | None = None,
    now: queries.Rubric | None = None,
) -> Answer:
    board_crumbs(board)
    used = queries.grades_by_level(db.session(), board.id)
    graded = max(used.values(), default=0)
    current = now or queries.rubric_of(db.session(), board.id)
    return render_template(
        "participation/rubric.html", board=board, form=form, problem=problem, now=now, points_text=points_text,
        most=points_text(current.most),
        graded_text=ngettext(
            "%(num)d grade uses this rubric. Titles and descriptions can be changed; points of a level in use cannot.",
            "%(num)d grades use this rubric. Titles and descriptions can be changed; points of a level in use cannot.",
            graded,
        ) if graded else None,
        action=f"/c/{g.member.course_slug}/manage/boards/{board.public_id}/rubric",
    ), status  # fmt: skip
