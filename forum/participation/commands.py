"""What can be done in grading: rubrics, grades, release; and the line that each look at grades leaves.

All but `note_grades_seen` run inside transaction(); feedback was rendered before.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from ..boards.models import Board
from ..core import markup
from ..core.errors import Refused
from ..courses.policy import Member
from ..ledger.commands import record
from ..ledger.models import NewsItem
from .models import Criterion, Grade, GradeScore, GradeVersion, Level, Scale
from .queries import Rubric, Student, grade_of, grades_in, levels_of, rubric_of
from .rules import FEEDBACK_LIMIT, Judgment, digest_of, doubt_of, is_own_echo, total_of

# --- rubrics -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LevelSpec:
    """A level as a form gives it; `public_id` names one that is there already."""

    title: str
    points: Decimal
    description: str = ""
    public_id: str | None = None


@dataclass(frozen=True)
class CriterionSpec:
    title: str
    levels: tuple[LevelSpec, ...]
    description: str = ""
    public_id: str | None = None


def save_rubric(
    session: Session,
    member: Member,
    board: Board,
    criteria: Sequence[CriterionSpec],
    scale: Decimal | None,
    *,
    at: datetime,
    digest: str | None = None,
) -> None:
    """Bring a board's rubric to these criteria in this order; what is left out is removed, its rows stay.

    Raises Refused `rubric_meanwhile` if `digest` is not of the rubric as it stands, and `points_used` if the points of
    a level that grades use would change: such a level is removed and another made, and grades keep what was given.
    """
    rubric = rubric_of(session, board.id)
    if digest is not None and digest != rubric.digest:
        raise Refused("rubric_meanwhile")
    used = set(
        session.scalars(
            select(GradeScore.level_id)
            .join(Grade, Grade.id == GradeScore.grade_id)
            .where(Grade.board_id == board.id)
        )
    )
    there = {
        row.public_id: row
        for row in session.scalars(
            select(Criterion).where(Criterion.board_id == board.id, Criterion.removed_at.is_(None))
        )
    }
    levels = {
        row.public_id: row
        for row in session.scalars(
            select(Level).where(
                Level.criterion_id.in_([row.id for row in there.values()]), Level.removed_at.is_(None)
            )
        )
    }
    kept: set[str] = set()
    made: list[tuple[Criterion, CriterionSpec]] = []
    for position, spec in enumerate(criteria):
        criterion = there.get(spec.public_id or "")
        if criterion is None:
            criterion = Criterion(board_id=board.id)
            session.add(criterion)
        else:
            kept.add(criterion.public_id)
        criterion.position, criterion.title, criterion.description = position, spec.title, spec.description
        made.append((criterion, spec))
    session.flush()
    for criterion, spec in made:
        for position, given in enumerate(spec.levels):
            level = levels.get(given.public_id or "")
            if level is None or level.criterion_id != criterion.id:
                level = Level(criterion_id=criterion.id, points=given.points)
                session.add(level)
            else:
                kept.add(level.public_id)
                if level.points != given.points and level.id in used:
                    raise Refused("points_used", {"level": level.title, "public_id": level.public_id})
            level.position, level.title, level.description = position, given.title, given.description
            level.points = given.points
    gone: list[Criterion | Level] = [*there.values(), *levels.values()]
    for row in gone:
        if row.public_id not in kept:
            row.removed_at = at
    _save_scale(session, board.id, scale)
    session.flush()
    record(session, "rubric_saved", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           criteria=len(criteria))  # fmt: skip


def _save_scale(session: Session, board_id: int, scale: Decimal | None) -> None:
    row = session.get(Scale, board_id)
    if scale is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(Scale(board_id=board_id, most=scale))
    else:
        row.most = scale


# --- grades ------------------------------------------------------------------------------------------------------------


class GradedMeanwhile(Exception):
    """The grade was saved by somebody else after the grader's page was made; nothing was changed."""


class DoubtfulScore(Exception):
    """A score that should be confirmed first; `code` is of `rules.doubt_of`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Feedback:
    source: str
    html: str


def write_feedback(source: str) -> Feedback:
    """Feedback rendered before any lock is taken; blank is none."""
    source = source.replace("\r\n", "\n")
    if not source.strip():
        return Feedback("", "")
    prefix = f"f{digest_of([source])[:10]}-"
    return Feedback(source, markup.render(source, limit=FEEDBACK_LIMIT, prefix=prefix, first_heading=4).html)


def save_grade(
    session: Session,
    member: Member,
    board: Board,
    student: Student,
    judgment: Judgment,
    feedback: Feedback,
    *,
    version: int,
    at: datetime,
    confirmed: bool = False,
) -> Grade | None:
    """Save what a grader says; each save that changes something is a version. None: there was nothing to save.

    `version` is the one that the grader's page knew, 0 for none. The same again changes nothing, whatever the version.
    Raises GradedMeanwhile if others saved since, DoubtfulScore unless `confirmed`. A released grade stays released.
    """
    rubric = rubric_of(session, board.id)
    grade = grade_of(session, board.id, student.account_id)
    before = levels_of(session, [grade.id])[grade.id] if grade is not None else {}
    levels = {
        criterion: level
        for criterion, level in judgment.levels.items()
        if level in rubric.every and rubric.every[level][0].id == criterion
    }
    # What a grade has on criteria that were removed later stays with it.
    alive = {line.id for line in rubric.criteria}
    levels |= {criterion: level for criterion, level in before.items() if criterion not in alive}
    points = _points(session, grade, rubric, levels)
    score = judgment.score
    if rubric.criteria:
        score = total_of(alive, points)
        if score is None and grade is not None and levels == before:
            score = grade.score  # a criterion came later: the score stands until it is judged too
    if grade is None and not levels and score is None and not feedback.source:
        return None
    if grade is not None and (levels, score, feedback.source) == (before, grade.score, grade.feedback_source):
        return grade
    if (grade.version if grade is not None else 0) != version and not _is_echo(
        session, member, grade, version, at
    ):
        raise GradedMeanwhile
    if (
        not confirmed
        and (doubt := doubt_of(score, rubric.most)) is not None
        and (grade is None or grade.score != score)
    ):
        raise DoubtfulScore(doubt)
    if grade is None:
        grade = Grade(board_id=board.id, account_id=student.account_id, version=0, saved_at=at)
        session.add(grade)
    grade.version += 1
    grade.score, grade.author_id, grade.saved_at = score, member.account_id, at
    grade.feedback_source, grade.feedback_html = feedback.source, feedback.html
    grade.renderer_version = markup.RENDERER_VERSION
    session.flush()
    session.execute(delete(GradeScore).where(GradeScore.grade_id == grade.id))
    if levels:
        session.execute(
            insert(GradeScore),
            [{"grade_id": grade.id, "criterion_id": criterion, "level_id": level, "points": points[criterion]}
             for criterion, level in levels.items()],
        )  # fmt: skip
    session.execute(insert(GradeVersion), [_version(grade, levels, "saved", member, at)])
    record(session, "graded", "grade", grade.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           account_id=student.account_id, version=grade.version)  # fmt: skip
    return grade


def _points(
    session: Session, grade: Grade | None, rubric: Rubric, levels: Mapping[int, int]
) -> dict[int, Decimal]:
    """Points by criterion: as they were given where the level stays, else as the rubric says now."""
    given: dict[tuple[int, int], Decimal] = {}
    if grade is not None:
        for criterion, level, points in session.execute(
            select(GradeScore.criterion_id, GradeScore.level_id, GradeScore.points).where(
                GradeScore.grade_id == grade.id
            )
        ):
            given[criterion, level] = points
    return {
        criterion: given.get((criterion, level), rubric.every[level][1].points)
        for criterion, level in levels.items()
    }


def _is_echo(session: Session, member: Member, grade: Grade | None, version: int, at: datetime) -> bool:
    if grade is None:
        return False
    authors = session.scalars(
        select(GradeVersion.author_id).where(
            GradeVersion.grade_id == grade.id, GradeVersion.version > version
        )
    )
    return is_own_echo(member.account_id, authors, grade.saved_at, at)


def _version(
    grade: Grade, levels: Mapping[int, int], deed: str, member: Member, at: datetime, reason: str = ""
) -> dict[str, Any]:
    return {
        "grade_id": grade.id, "version": grade.version, "at": at, "author_id": member.account_id, "deed": deed,
        "score": grade.score, "levels": {str(criterion): level for criterion, level in levels.items()},
        "feedback_source": grade.feedback_source, "reason": reason,
    }  # fmt: skip


# --- release -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Release:
    """What a release would do: to whom it shows a grade, who has one shown already, who has none yet."""

    to_release: tuple[int, ...]
    released: tuple[int, ...]
    without: tuple[int, ...]
    digest: str


def plan_release(session: Session, board: Board, account_ids: Iterable[int]) -> Release:
    """What a release to these students would do now; `digest` names it, so that what is done is what was confirmed."""
    grades = grades_in(session, [board.id])
    ids = list(account_ids)
    released = [
        one for one in ids if (found := grades.get((board.id, one))) and found[0].released_at is not None
    ]
    drafts = [one for one in ids if (found := grades.get((board.id, one))) and found[1] == "draft"]
    without = [one for one in ids if one not in set(released) | set(drafts)]
    digest = digest_of((sorted((one, grades[board.id, one][0].version) for one in drafts), sorted(without)))
    return Release(tuple(drafts), tuple(released), tuple(without), digest)


def release_grades(
    session: Session,
    member: Member,
    board: Board,
    account_ids: Iterable[int],
    *,
    at: datetime,
    only_graded: bool = True,
    digest: str | None = None,
) -> int:
    """Show grades to these students; how many were shown. Raises Refused `release_changed` if the plan is another.

    With `only_graded` off those without a score are released too: theirs is seen as soon as it is saved.
    """
    plan = plan_release(session, board, account_ids)
    if digest is not None and digest != plan.digest:
        raise Refused("release_changed")
    if not only_graded:
        there = {account_id for _board, account_id in grades_in(session, [board.id])}
        new = [
            {"board_id": board.id, "account_id": one, "version": 0, "saved_at": at}
            for one in plan.without
            if one not in there
        ]
        if new:
            session.execute(insert(Grade), new)
    chosen = plan.to_release if only_graded else (*plan.to_release, *plan.without)
    _set_release(session, member, board, chosen, at=at, released_at=at, deed="released")
    if plan.to_release:
        # In one statement; who is told is the student alone, and never what the score is.
        session.execute(
            insert(NewsItem),
            [{"kind": "grade_released", "course_id": board.course_id, "visible_at": at, "board_id": board.id,
              "account_id": account_id} for account_id in plan.to_release],
        )  # fmt: skip
    record(session, "released", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           accounts=list(chosen))  # fmt: skip
    return len(plan.to_release)


def take_back_grades(
    session: Session, member: Member, board: Board, account_ids: Iterable[int], *, at: datetime, reason: str
) -> int:
    """Hide released grades of these students again, with the reason that staff read in their history; how many."""
    released = plan_release(session, board, account_ids).released
    _set_release(session, member, board, released, at=at, released_at=None, deed="taken_back", reason=reason)
    record(session, "took_back", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           accounts=list(released))  # fmt: skip
    return len(released)


def _set_release(
    session: Session, member: Member, board: Board, account_ids: Sequence[int], *, at: datetime,
    released_at: datetime | None, deed: str, reason: str = "",
) -> None:  # fmt: skip
    if not account_ids:
        return
    of_them = (Grade.board_id == board.id, Grade.account_id.in_(account_ids))
    session.execute(
        update(Grade)
        .where(*of_them)
        .values(
            version=Grade.version + 1, released_at=released_at,
            released_by_id=member.account_id if released_at is not None else None,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    grades = session.scalars(select(Grade).where(*of_them).execution_options(populate_existing=True)).all()
    levels = levels_of(session, [grade.id for grade in grades])
    session.execute(
        insert(GradeVersion),
        [_version(grade, levels[grade.id], deed, member, at, reason) for grade in grades],
    )


# --- who looked at grades -----------------------------------------------------------------------------------------------


def note_grades_seen(
    who_id: int, course_id: int, account_ids: Iterable[int], at: datetime, *, board_id: int | None = None
) -> None:
    """One line in the instance's `grade-views.log`: who, which course or board, which students (ids), when (UTC).

    Appended in one write, so that lines of several processes never mix; nothing is written where nobody's is shown.
    """
    ids = sorted(set(account_ids))
    if not ids:
        return
    line: dict[str, object] = {"at": at.astimezone(UTC).isoformat(), "who": who_id, "course": course_id}
    if board_id is not None:
        line["board"] = board_id
    line["students"] = ids
    path = Path(current_app.instance_path) / "grade-views.log"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, json.dumps(line, separators=(",", ":")).encode() + b"\n")
    finally:
        os.close(descriptor)
