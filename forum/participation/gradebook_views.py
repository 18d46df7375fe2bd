"""The gradebook of a course, a student's own grades, their CSV; releasing grades and taking them back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy import select
from wtforms import SelectChoice

from ..boards.models import Board
from ..boards.queries import board_for, boards_in, checkpoints_of
from ..core import markup
from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotAllowed, Refused
from ..core.places import fills
from ..core.times import moment
from ..courses.models import Section
from ..courses.policy import Action, Member
from ..courses.queries import RosterLine, groups_in, sections_in
from ..posts.models import Post
from . import commands, queries
from .commands import Release
from .forms import Filters, ReleaseForm, chosen_students, filter_form
from .groups import of_audience
from .models import Grade
from .queries import OwnGrade, Rubric
from .rules import GradeState, points_text
from .views import Answer, board_crumbs, column, csv_answer

pages = Blueprint("gradebook", __name__)


# --- the course, for staff ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Book:
    """The gradebook as the table and the CSV take it."""

    boards: list[Board]
    rubrics: Mapping[int, Rubric]
    grades: Mapping[tuple[int, int], tuple[Grade, GradeState]]
    students: list[RosterLine]
    filters: Filters
    form: Any


def state_words(state: GradeState) -> tuple[str, str]:
    """A grade's state as (shape, word)."""
    return {
        "ungraded": ("not-yet", _("not graded")),
        "begun": ("draft", _("begun")),
        "draft": ("draft", _("not released")),
        "released": ("done", _("released")),
    }[state]


def _book(member: Member) -> Book:
    session, filters = db.session(), Filters.of(request.args)
    everyone = queries.students_in(session, member, g.at)
    sections, groups = sections_in(session, member.course_id), groups_in(session, member.course_id)
    students = chosen_students(everyone, filters, sections, groups)
    boards = list(boards_in(session, member, g.at))
    ids = [board.id for board in boards]
    rubrics, grades = queries.rubrics_of(session, ids), queries.grades_in(session, ids)
    asked = checkpoints_of(session, ids)
    graded = {board_id for board_id, _account in grades}
    boards = [
        board for board in boards
        if asked[board.id] or board.id in graded or rubrics[board.id].most is not None
    ]  # fmt: skip
    sorts: dict[str, Callable[[RosterLine], Any]] = {
        "name": lambda line: line.sort_key,
        "section": lambda line: [title.casefold() for _id, title in line.sections],
        **{f"board-{board.public_id}": _by_score(board.id, grades) for board in boards},
    }
    students = sorted(students, key=lambda line: (line.sort_key, line.account_id))
    students.sort(key=sorts.get(filters.sort, sorts["name"]), reverse=filters.descending)
    shown = {student.account_id for student in students}
    commands.note_grades_seen(
        member.account_id, member.course_id,
        [account for (board_id, account), (_grade, state) in grades.items()
         if account in shown and state != "ungraded"], g.at,
    )  # fmt: skip
    return Book(boards, rubrics, grades, students, filters, filter_form(filters, everyone, sections, groups))


def _by_score(
    board_id: int, grades: Mapping[tuple[int, int], tuple[Grade, GradeState]]
) -> Callable[[RosterLine], Any]:
    def key(line: RosterLine) -> Any:
        found = grades.get((board_id, line.account_id))
        score = found[0].score if found is not None else None
        return (score is not None, score or 0)

    return key


@pages.get("/c/<course>/grades")
@needs(Action.READ)
def gradebook(course: str) -> Answer:
    """Staff see everyone's, students their own released ones; guests and visitors none."""
    member: Member = g.member
    if member.may(Action.SEE_PARTICIPATION):
        return _gradebook_page(member)
    if member.may(Action.SEE_OWN_GRADES):
        return _own_page(member)
    raise NotAllowed


def _gradebook_page(member: Member) -> Answer:
    book = _book(member)
    base = f"/c/{member.course_slug}/boards"
    query = book.filters.roster_query
    may_grade = member.may(Action.GRADE)
    columns = [
        {
            "column": column(book.filters, f"board-{board.public_id}", board.title),
            "most": points_text(book.rubrics[board.id].most),
            "grading_url": f"{base}/{board.public_id}/grading{query}" if may_grade else None,
            "release_url": f"{base}/{board.public_id}/release" if member.may(Action.RELEASE) else None,
            "title": board.title,
        }
        for board in book.boards
    ]
    rows = [
        (
            student, ", ".join(title for _id, title in student.sections),
            [
                {
                    "score": points_text(found[0].score) if (found := book.grades.get((board.id, student.account_id))) else "",
                    "state": state_words(found[1] if found else "ungraded"),
                    "board": board.title,
                    "url": f"{base}/{board.public_id}/grading/{student.public_id}{query}" if may_grade else None,
                }
                for board in book.boards
            ],
        )
        for student in book.students
    ]  # fmt: skip
    g.crumbs = [(member.course_code, f"/c/{member.course_slug}")]
    return render_template(
        "participation/gradebook.html", rows=rows, columns=columns, form=book.form, filters=book.filters,
        name_column=column(book.filters, "name", _("Student")), section_column=column(book.filters, "section", _("Section")),
        csv_url=f"/c/{member.course_slug}/grades.csv{book.filters.query}",
        shown_text=ngettext("%(num)d student", "%(num)d students", len(book.students)),
    )  # fmt: skip


@pages.get("/c/<course>/grades.csv")
@needs(Action.SEE_PARTICIPATION)
def gradebook_csv(course: str) -> Response:
    """The same students in the same order: for each board its score, its most and the state of the grade."""
    book = _book(g.member)
    head: list[object] = [_("student"), _("id"), _("sections")]
    for board in book.boards:
        head += [f"{board.title}: {name}" for name in (_("score"), _("of"), _("state"))]
    rows: list[list[object]] = [head]
    for student in book.students:
        cells: list[object] = [
            student.name,
            student.public_id,
            ", ".join(title for _id, title in student.sections),
        ]
        for board in book.boards:
            grade, state = book.grades.get((board.id, student.account_id), (None, "ungraded"))
            most = book.rubrics[board.id].most
            cells += [
                float(grade.score) if grade is not None and grade.score is not None else None,
                float(most) if most is not None else None, state,
            ]  # fmt: skip
        rows.append(cells)
    return csv_answer(rows, "grades.csv")


# --- a student's own -----------------------------------------------------------------------------------------------------------


def _own_page(member: Member) -> Answer:
    session = db.session()
    boards = {board.id: board for board in boards_in(session, member, g.at)}
    grades = queries.own_grades(session, member.account_id, list(boards))
    posts: dict[int, list[Any]] = {}
    base = f"/c/{member.course_slug}"
    if grades:
        for row in session.execute(
            select(Post.board_id, Post.public_id, Post.arrived_at, Post.opens_thread)
            .where(
                Post.author_id == member.account_id,
                Post.board_id.in_(list(grades)),
                Post.removed_at.is_(None),
            )
            .order_by(Post.arrived_at, Post.id)
        ):
            posts.setdefault(row.board_id, []).append(
                (f"{base}/posts/{row.public_id}", moment(row.arrived_at, member.zone))
            )
        commands.note_grades_seen(member.account_id, member.course_id, [member.account_id], g.at)
    g.crumbs = [(member.course_code, base)]
    return render_template(
        "participation/own_grades.html",
        grades=[
            (board, f"{base}/boards/{board.public_id}", own_words(grades[board.id], member), posts.get(board.id, []))
            for board in boards.values() if board.id in grades
        ],
    )  # fmt: skip


def own_words(grade: OwnGrade, member: Member) -> dict[str, Any]:
    """A released grade in words, for its student."""
    return {
        "score": points_text(grade.score), "most": points_text(grade.most),
        "feedback": markup.markup_of(grade.feedback_html) if grade.feedback_html else None,
        "lines": [
            {"criterion": title, "level": level.title, "points": points_text(points), "most": points_text(most),
             "description": level.description}
            for title, level, points, most in grade.lines
        ],
        "released_at": moment(grade.released_at, member.zone),
    }  # fmt: skip


@fills("board.aside", if_any=queries.released_grade)
def own_grade_on_board(member: Member, board_id: int, at: datetime) -> Markup:
    """The asking student's released grade beside its board; nothing, to the byte, as long as there is none."""
    if not member.account_id or not member.may(Action.SEE_OWN_GRADES):
        return Markup("")
    if not queries.has_released_grade(db.session(), member.account_id, board_id):
        return Markup("")
    grade = queries.own_grades(db.session(), member.account_id, [board_id])[board_id]
    commands.note_grades_seen(member.account_id, member.course_id, [member.account_id], at, board_id=board_id)
    html = render_template(
        "participation/_own_grade.html",
        grade=own_words(grade, member),
        grades_url=f"/c/{member.course_slug}/grades",
    )
    return Markup(html)  # noqa: S704 - a template of our own, escaped by Jinja


# --- release ----------------------------------------------------------------------------------------------------------------


def _form(students: Sequence[RosterLine], sections: Sequence[Section]) -> ReleaseForm:
    form = ReleaseForm()
    own = {part for student in students for part, _title in student.sections}
    form.section.choices = [
        SelectChoice("", _("choose a section")),
        *(SelectChoice(row.public_id, row.title) for row in sections if row.id in own),
    ]
    form.students.choices = [SelectChoice(student.public_id, student.name) for student in students]
    return form


def _chosen(
    form: ReleaseForm, students: Sequence[RosterLine], sections: Sequence[Section]
) -> list[RosterLine]:
    """The students whom the form means: never one whom the member may not see."""
    if form.whom.data == "section":
        part = next((row.id for row in sections if row.public_id == form.section.data), None)
        return [student for student in students if part in [one for one, _title in student.sections]]
    if form.whom.data == "chosen":
        wanted = set(form.students.data or ())
        return [student for student in students if student.public_id in wanted]
    return list(students)


@pages.route("/c/<course>/boards/<board>/release", methods=["GET", "POST"])
@needs(Action.RELEASE)
def release(course: str, board: str) -> Answer:
    """First whose, then a page that says how many and who has none, then the deed."""
    session = db.session()
    found = board_for(session, g.member, board, g.at)
    students = of_audience(session, found, queries.students_in(session, g.member, g.at))
    sections = sections_in(session, g.member.course_id)
    form = _form(students, sections)
    deed = request.form.get("deed", "")
    if request.method == "GET":
        return _release_page(found, students, form)
    if not form.validate():
        return _release_page(found, students, form, status=422)
    chosen = _chosen(form, students, sections)
    if deed == "release":
        return _released(found, chosen, form)
    if deed == "take_back":
        if not form.reason.data:
            form.reason.errors = [_("Please say why: staff read it in the history of each grade.")]
            return _confirm_page(found, chosen, form, back=True, status=422)
        with transaction() as writing:
            held = board_for(writing, g.member, board, g.at, lock=True)
            number = commands.take_back_grades(
                writing,
                g.member,
                held,
                [student.account_id for student in chosen],
                at=g.at,
                reason=form.reason.data,
            )
        say(ngettext("%(num)d grade is hidden again.", "%(num)d grades are hidden again.", number))
        return redirect(f"/c/{course}/boards/{board}/release", 303)  # type: ignore[return-value]
    return _confirm_page(found, chosen, form, back=deed == "ask_back")


def _released(board: Board, chosen: Sequence[RosterLine], form: ReleaseForm) -> Answer:
    board_id = board.public_id
    try:
        with transaction() as writing:
            held = board_for(writing, g.member, board_id, g.at, lock=True)
            number = commands.release_grades(
                writing, g.member, held, [student.account_id for student in chosen], at=g.at,
                only_graded=form.only_graded.data != "no", digest=form.digest.data or "",
            )  # fmt: skip
    except Refused:
        found = board_for(db.session(), g.member, board_id, g.at)
        return _confirm_page(found, chosen, form, status=409, problem=_(
            "Grades changed since you looked, so nothing was released. Please look at the numbers again."
        ))  # fmt: skip
    say(ngettext("%(num)d grade is released. Its student sees it now.",
                 "%(num)d grades are released. Their students see them now.", number))  # fmt: skip
    return redirect(f"/c/{g.member.course_slug}/boards/{board_id}/release", 303)  # type: ignore[return-value]


def _plan(board: Board, students: Sequence[RosterLine]) -> Release:
    return commands.plan_release(db.session(), board, [student.account_id for student in students])


def _release_page(
    board: Board, students: Sequence[RosterLine], form: ReleaseForm, *, status: int = 200
) -> Answer:
    plan = _plan(board, students)
    released, ready = set(plan.released), set(plan.to_release)
    _note(board, plan)
    board_crumbs(board)
    return render_template(
        "participation/release.html", board=board, form=form, ready=len(ready), released=len(released),
        without=len(plan.without), most=None,
        students=[
            (student, state_words("released" if student.account_id in released
                                  else "draft" if student.account_id in ready else "ungraded"))
            for student in students
        ],
        grades_url=f"/c/{g.member.course_slug}/grades",
    ), status  # fmt: skip


def _confirm_page(
    board: Board, chosen: Sequence[RosterLine], form: ReleaseForm, *, back: bool = False, status: int = 200,
    problem: str | None = None,
) -> Answer:  # fmt: skip
    plan = _plan(board, chosen)
    names = {student.account_id: student.name for student in chosen}
    _note(board, plan)
    board_crumbs(board)
    form.digest.data = plan.digest
    return render_template(
        "participation/release_confirm.html", board=board, form=form, back=back, problem=problem,
        ready=[names[one] for one in plan.to_release], released=[names[one] for one in plan.released],
        without=[names[one] for one in plan.without], only_graded=form.only_graded.data != "no",
        action=f"/c/{g.member.course_slug}/boards/{board.public_id}/release",
    ), status  # fmt: skip


def _note(board: Board, plan: Release) -> None:
    """The page tells whose grades there are, so it is a look at them too."""
    commands.note_grades_seen(
        g.member.account_id, g.member.course_id, [*plan.to_release, *plan.released], g.at, board_id=board.id
    )
