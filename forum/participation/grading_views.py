"""Grading: one student's posts of a board beside its rubric, saved as it goes; the history of a grade."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from ..boards import sentences
from ..boards.models import Board
from ..boards.queries import board_for
from ..core import markup
from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotHere
from ..core.times import moment
from ..courses.policy import Action
from ..courses.queries import RosterLine, groups_in, sections_in
from ..posts.differences import parts_between
from ..posts.file_lines import files_block
from . import commands, queries
from .commands import DoubtfulScore, GradedMeanwhile
from .evidence import Around, EvidencePost, evidence_of
from .forms import Filters, JudgmentForm, chosen_students
from .groups import of_audience
from .models import Grade, GradeVersion
from .queries import Rubric, Student
from .rules import Judgment, points_text, total_of
from .views import Answer, board_crumbs, cell_of

pages = Blueprint("grading", __name__)


def doubt_words(code: str, most: str) -> str:
    return {
        "negative": _("This score is below 0."),
        "over": _("This score is above the most, %(most)s.", most=most),
        "far_over": _("This score is at least one and a half times the most, %(most)s.", most=most),
    }[code]


def total_text(rubric: Rubric, grade: Grade | None, levels: dict[int, int]) -> str:
    """The total in words: "12 of 20", or what there is so far."""
    most = points_text(rubric.most)
    if not rubric.criteria:
        score = points_text(grade.score if grade else None) or "–"
        return _("%(score)s of %(most)s", score=score, most=most) if most else score
    points = {
        line.id: rubric.every[levels[line.id]][1].points
        for line in rubric.criteria
        if levels.get(line.id) in rubric.every
    }
    open_lines = len(rubric.criteria) - len(points)
    if not open_lines and grade is not None and grade.score is not None:
        return _("%(score)s of %(most)s", score=points_text(grade.score), most=most)
    so_far = points_text(total_of(points, points)) or "0"
    return (
        _("%(score)s of %(most)s so far", score=so_far, most=most)
        + ", "
        + ngettext("%(num)d criterion is open", "%(num)d criteria are open", open_lines)
    )


def _saved_text(grade: Grade | None, name: str | None) -> str:
    if grade is None:
        return ""
    when = moment(grade.saved_at, g.member.zone).text
    return _("Saved %(time)s by %(name)s", time=when, name=name) if name else _("Saved %(time)s", time=when)


@dataclass(frozen=True)
class Neighbors:
    """Where the student stands among those whom the filters leave, in the roster's order."""

    previous_url: str | None
    next_url: str | None
    place_text: str


def _base(board: Board) -> str:
    return f"/c/{g.member.course_slug}/boards/{board.public_id}/grading"


def _students(board: Board, filters: Filters) -> list[RosterLine]:
    session = db.session()
    everyone = of_audience(session, board, queries.students_in(session, g.member, g.at))
    if not (filters.section or filters.group):
        return everyone
    return chosen_students(
        everyone, filters, sections_in(session, g.member.course_id), groups_in(session, g.member.course_id)
    )


def _neighbors(board: Board, student: Student, filters: Filters) -> Neighbors:
    students = _students(board, filters)
    place = next((n for n, line in enumerate(students) if line.account_id == student.account_id), None)

    def url(n: int) -> str | None:
        if place is None or not 0 <= n < len(students):
            return None
        return f"{_base(board)}/{students[n].public_id}{filters.roster_query}"

    if place is None:
        return Neighbors(None, None, "")
    text = _("Student %(number)d of %(total)d", number=place + 1, total=len(students))
    return Neighbors(url(place - 1), url(place + 1), text)


@pages.get("/c/<course>/boards/<board>/grading")
@needs(Action.GRADE)
def start(course: str, board: str) -> Answer:
    """To the first student without a score."""
    found = board_for(db.session(), g.member, board, g.at)
    filters = Filters.of(request.args)
    first = queries.first_to_grade(db.session(), found.id, _students(found, filters))
    if first is None:
        say(_("There are no students to grade here."), "problem")
        return redirect(f"/c/{course}/boards/{board}/participation", 303)  # type: ignore[return-value]
    return redirect(f"{_base(found)}/{first.public_id}{filters.roster_query}", 303)  # type: ignore[return-value]


@pages.get("/c/<course>/boards/<board>/grading/<student>")
@needs(Action.GRADE)
def grading(course: str, board: str, student: str) -> Answer:
    found = board_for(db.session(), g.member, board, g.at)
    return _page(found, queries.student_for(db.session(), g.member, student, g.at))


@pages.post("/c/<course>/boards/<board>/grading/<student>/save")
@needs(Action.GRADE)
def save(course: str, board: str, student: str) -> Any:
    """Saves as it goes (JSON) and by button (303); older than what is kept: 409 with both, nothing changed."""
    quiet = request.accept_mimetypes.best == "application/json"
    session, filters = db.session(), Filters.of(request.args)
    found = board_for(session, g.member, board, g.at)
    theirs = queries.student_for(session, g.member, student, g.at)
    rubric = queries.rubric_of(session, found.id)
    form, levels = JudgmentForm(), _levels_given(rubric)
    if not form.validate():
        if quiet:
            return {"sentences": [str(error) for errors in form.errors.values() for error in errors]}, 422
        return _page(found, theirs, form=form, levels=levels, status=422)
    feedback = commands.write_feedback(form.text.data or "")
    judgment = Judgment(levels, form.score_given, feedback.source)
    try:
        with transaction() as writing:
            held = board_for(writing, g.member, board, g.at, lock=True)
            theirs = queries.student_for(writing, g.member, student, g.at)
            grade = commands.save_grade(
                writing, g.member, held, theirs, judgment, feedback, version=form.version_given, at=g.at,
                confirmed=bool(form.confirm.data),
            )  # fmt: skip
            version = grade.version if grade is not None else 0
    except GradedMeanwhile:
        if quiet:
            return {
                "refused": _(
                    "This grade was saved elsewhere meanwhile, so yours is not saved. Press Save to see both; nothing is lost."
                )
            }, 409
        found = board_for(db.session(), g.member, board, g.at)
        return _page(found, theirs, form=form, levels=levels, status=409, meanwhile=True)
    except DoubtfulScore as doubtful:
        words = doubt_words(doubtful.code, points_text(rubric.most))
        if quiet:
            return {"refused": words + " " + _("It is not saved yet. Press Save to confirm it.")}, 409
        found = board_for(db.session(), g.member, board, g.at)
        return _page(found, theirs, form=form, levels=levels, status=422, doubt=words)
    if quiet:
        found = board_for(db.session(), g.member, board, g.at)
        kept = queries.grade_of(db.session(), found.id, theirs.account_id)
        now = queries.levels_of(db.session(), [kept.id])[kept.id] if kept is not None else {}
        return {
            "version": version, "saved_at_text": _saved_text(kept, None), "total_text": total_text(rubric, kept, now),
        }  # fmt: skip
    here = f"/c/{course}/boards/{board}/grading/{theirs.public_id}{filters.roster_query}"
    next_url = None
    if request.form.get("deed") == "next":
        next_url = _neighbors(board_for(db.session(), g.member, board, g.at), theirs, filters).next_url
        if next_url is None:
            say(_("Saved. %(name)s is the last student of this list.", name=theirs.name))
            return redirect(here, 303)
    say(_("The grade of %(name)s is saved.", name=theirs.name))
    return redirect(next_url or here, 303)


def _levels_given(rubric: Rubric) -> dict[int, int]:
    """The levels that the form names; one that is not of this rubric is none."""
    given: dict[int, int] = {}
    for line in rubric.criteria:
        wanted = request.form.get(f"level-{line.public_id}", "")
        given.update((line.id, level.id) for level in line.levels if level.public_id == wanted)
    return given


def _page(
    board: Board, student: Student, *, form: JudgmentForm | None = None, levels: dict[int, int] | None = None,
    status: int = 200, meanwhile: bool = False, doubt: str | None = None,
) -> Answer:  # fmt: skip
    """The grading view; with `form` what was sent stands in it, with `meanwhile` what another saved beside it."""
    session, member, filters = db.session(), g.member, Filters.of(request.args)
    evidence = evidence_of(session, member, board, student, g.at)
    rubric = queries.rubric_of(session, board.id)
    grade = queries.grade_of(session, board.id, student.account_id)
    kept = queries.levels_of(session, [grade.id])[grade.id] if grade is not None else {}
    versions = queries.versions_of(session, grade.id) if grade is not None else []
    saver = next((name for version, name in reversed(versions) if version.deed == "saved"), None)
    resent = form is not None
    if form is None:
        form = JudgmentForm(
            formdata=None,
            data={
                "score": points_text(grade.score if grade else None),
                "text": grade.feedback_source if grade else "",
            },
        )
    if not resent or meanwhile:
        form.version.data = str(grade.version if grade is not None else 0)
    chosen = kept if levels is None or (meanwhile and not levels) else levels
    if grade is not None:
        commands.note_grades_seen(
            member.account_id, member.course_id, [student.account_id], g.at, board_id=board.id
        )
    board_crumbs(board)
    g.crumbs = [
        *g.crumbs,
        (
            _("Participation"),
            f"/c/{member.course_slug}/boards/{board.public_id}/participation{filters.query}",
        ),
    ]
    here = f"{_base(board)}/{student.public_id}"
    return render_template(
        "participation/grading.html", board=board, student=student, form=form, doubt=doubt,
        neighbors=_neighbors(board, student, filters), rubric=rubric, chosen=chosen, points_text=points_text,
        checkpoints=[
            (sentences.checkpoint_words(row), cell_of(met, row, member))
            for met, row in zip(evidence.states, evidence.view.checkpoints, strict=True)
        ],
        posts=[_post(post, evidence.view.checkpoints, board) for post in evidence.posts],
        prompt=markup.markup_of(board.prompt_html) if board.prompt_html else None,
        state=queries.grade_state(grade, levels=len(kept)), released=grade is not None and grade.released_at is not None,
        total=total_text(rubric, grade, kept), saved_text=_saved_text(grade, saver),
        gone=[rubric.every[level] for line, level in kept.items()
              if (level in rubric.every and line not in {one.id for one in rubric.criteria})
              or (level in rubric.every and rubric.every[level][1].removed_at is not None)],
        theirs=_theirs(grade, kept, rubric, saver) if meanwhile else None,
        save_url=f"{here}/save{filters.roster_query}", history_url=f"{here}/history" if versions else None,
        release_url=f"/c/{member.course_slug}/boards/{board.public_id}/release" if member.may(Action.RELEASE) else None,
        rubric_url=f"/c/{member.course_slug}/manage/boards/{board.public_id}/rubric" if member.may(Action.MANAGE_CONTENT) else None,
    ), status  # fmt: skip


def _theirs(
    grade: Grade | None, kept: dict[int, int], rubric: Rubric, saver: str | None
) -> dict[str, Any] | None:
    """What another grader saved meanwhile, beside one's own."""
    if grade is None:
        return None
    return {
        "who": _saved_text(grade, saver), "score": points_text(grade.score), "feedback": grade.feedback_source,
        "lines": [(rubric.every[level][0].title, rubric.every[level][1].title, points_text(rubric.every[level][1].points))
                  for level in kept.values() if level in rubric.every],
        "released": grade.released_at is not None,
    }  # fmt: skip


def _post(post: EvidencePost, checkpoints: Any, board: Board) -> dict[str, Any]:
    """A post for the template, times and verdict in words."""
    member = g.member
    base = f"/c/{member.course_slug}"
    files_at = f"{base}/posts/{post.public_id}/files/"
    met = next((sentences.checkpoint_words(row) for row in checkpoints if row.id == post.checkpoint_id), None)
    return {
        "post": post, "html": markup.markup_of(post.html), "at": moment(post.arrived_at, member.zone, member.course_zone),
        "later_html": markup.markup_of(post.later_html) if post.later_html else None,
        "later_at": moment(post.later_at, member.zone) if post.later_at else None,
        "removed_at": moment(post.removed_at, member.zone) if post.removed_at else None,
        "late": sentences.lateness_words(post.lateness) if post.lateness else None,
        "met": met,
        "answers": _near(post.answers, base) if post.answers else None,
        "answered_by": [_near(one, base) for one in post.answered_by],
        "files": files_block(post.files, files_at), "later_files": files_block(post.later_files, files_at),
        "url": f"{base}/threads/{post.thread_public_id}#p-{post.public_id}",
        "revisions_url": f"{base}/posts/{post.public_id}/revisions" if post.edits else None,
    }  # fmt: skip


def _near(one: Around, base: str) -> dict[str, Any]:
    return {
        "author": one.author, "at": moment(one.at, g.member.zone), "excerpt": markup.excerpt(one.text, 160),
        "html": markup.markup_of(one.html) if one.html else None, "removed": one.removed,
        "url": f"{base}/posts/{one.public_id}",
    }  # fmt: skip


@pages.get("/c/<course>/boards/<board>/grading/<student>/history")
@needs(Action.GRADE)
def history(course: str, board: str, student: str) -> Answer:
    """Every version of a grade: who, when, what changed."""
    session = db.session()
    found = board_for(session, g.member, board, g.at)
    theirs = queries.student_for(session, g.member, student, g.at)
    grade = queries.grade_of(session, found.id, theirs.account_id)
    if grade is None:
        raise NotHere
    rubric = queries.rubric_of(session, found.id)
    titles = {str(view.id): view.title for view, _level in rubric.every.values()}
    deeds = {"saved": _("saved"), "released": _("released"), "taken_back": _("taken back")}
    steps: list[dict[str, Any]] = []
    before: GradeVersion | None = None
    for version, name in queries.versions_of(session, grade.id):
        old_levels: dict[str, int] = before.levels if before is not None else {}
        changes = [
            _("%(criterion)s: %(before)s → %(after)s", criterion=titles.get(line, ""), before=_level(rubric, old_levels.get(line)),
              after=_level(rubric, version.levels.get(line)))
            for line in sorted({*old_levels, *version.levels}, key=lambda line: (titles.get(line, ""), line))
            if old_levels.get(line) != version.levels.get(line)
        ]  # fmt: skip
        old_score = points_text(before.score) if before is not None else ""
        new_score = points_text(version.score)
        if old_score != new_score:
            changes.append(
                _("Score: %(before)s → %(after)s", before=old_score or "–", after=new_score or "–")
            )
        old_words = before.feedback_source if before is not None else ""
        parts = (
            parts_between(old_words, version.feedback_source) if old_words != version.feedback_source else []
        )
        steps.append({
            "number": version.version, "who": name or _("somebody who left"), "at": moment(version.at, g.member.zone, g.member.course_zone),
            "deed": deeds[version.deed], "changes": changes, "parts": parts, "reason": version.reason,
        })  # fmt: skip
        before = version
    commands.note_grades_seen(
        g.member.account_id, g.member.course_id, [theirs.account_id], g.at, board_id=found.id
    )
    board_crumbs(found)
    return render_template(
        "participation/history.html", student=theirs, board=found, steps=steps[::-1],
        back_url=f"{_base(found)}/{theirs.public_id}",
    )  # fmt: skip


def _level(rubric: Rubric, level_id: int | None) -> str:
    if level_id is None or level_id not in rubric.every:
        return "–"
    level = rubric.every[level_id][1]
    return f"{level.title} ({points_text(level.points)})"
