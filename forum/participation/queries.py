"""What can be known of participation and grades: who a grader may see, what they did, what they were given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from ..accounts.models import Account
from ..core.errors import NotHere
from ..core.prepared import Prepared
from ..courses.models import Enrollment, SectionMembership
from ..courses.policy import Member, Role
from ..courses.queries import RosterLine, holds_at, roster
from .models import Criterion, Grade, GradeScore, GradeVersion, Level, Scale
from .rules import GradeState, digest_of, most_of, state_of

# --- whom a grader may see -----------------------------------------------------------------------------------------


def students_in(session: Session, member: Member, at: datetime) -> list[RosterLine]:
    """The students whom this member of staff may see, in the roster's order: of all sections, or of their own."""
    students = roster(session, member.course_id, at, role=Role.STUDENT)
    if member.all_sections:
        return students
    mine = set(session.scalars(_sections_of(member, at)))
    return [student for student in students if mine.intersection(part_id for part_id, _ in student.sections)]


def _sections_of(member: Member, at: datetime) -> Any:
    return select(SectionMembership.section_id).where(
        SectionMembership.account_id == member.account_id, holds_at(SectionMembership, at)
    )


@dataclass(frozen=True)
class Student:
    """A student whom this member of staff may grade."""

    account_id: int
    public_id: str
    name: str


def student_for(session: Session, member: Member, public_id: str, at: datetime) -> Student:
    """The student by the account's public id; NotHere if not in this course or in none of the member's sections."""
    statement = (
        select(Account.id, Account.public_id, Account.name)
        .join(Enrollment, Enrollment.account_id == Account.id)
        .where(
            Account.public_id == public_id, Enrollment.course_id == member.course_id,
            Enrollment.role == "student", holds_at(Enrollment, at),
        )
    )  # fmt: skip
    if not member.all_sections:
        theirs = aliased(SectionMembership)
        statement = statement.where(
            exists().where(
                theirs.account_id == Account.id,
                holds_at(theirs, at),
                theirs.section_id.in_(_sections_of(member, at)),
            )
        )
    row = session.execute(statement).first()
    if row is None:
        raise NotHere
    return Student(*row)


# --- rubrics -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CriterionView:
    """A line of a rubric with its levels, in their order; `removed` lines are there for grades that used them."""

    id: int
    public_id: str
    title: str
    description: str
    levels: tuple[Level, ...]
    removed: bool

    @property
    def most(self) -> Decimal | None:
        return most_of([[level.points for level in self.levels if level.removed_at is None]])


@dataclass(frozen=True)
class Rubric:
    """How one board is graded: by criteria, or by a score up to `scale`."""

    criteria: tuple[CriterionView, ...] = ()
    scale: Decimal | None = None
    every: Mapping[int, tuple[CriterionView, Level]] = field(default_factory=dict)

    @property
    def most(self) -> Decimal | None:
        """The most points that there are, None if nobody said."""
        if self.criteria:
            return sum((line.most or Decimal(0) for line in self.criteria), Decimal(0))
        return self.scale

    @property
    def digest(self) -> str:
        return digest_of(
            (self.scale, [(line.public_id, line.title, line.description,
                           [(level.public_id, level.title, level.description, level.points) for level in line.levels])
                          for line in self.criteria])
        )  # fmt: skip


def rubrics_of(session: Session, board_ids: Sequence[int]) -> dict[int, Rubric]:
    """The rubric of each board, empty where there is none; three statements."""
    levels: dict[int, list[Level]] = {}
    lines = session.scalars(
        select(Criterion).where(Criterion.board_id.in_(board_ids)).order_by(Criterion.position, Criterion.id)
    ).all()
    for level in session.scalars(
        select(Level)
        .join(Criterion, Criterion.id == Level.criterion_id)
        .where(Criterion.board_id.in_(board_ids))
        .order_by(Level.position, Level.id)
    ):
        levels.setdefault(level.criterion_id, []).append(level)
    scales = {
        row.board_id: row.most for row in session.scalars(select(Scale).where(Scale.board_id.in_(board_ids)))
    }
    shown_lines: dict[int, list[CriterionView]] = {board_id: [] for board_id in board_ids}
    every: dict[int, dict[int, tuple[CriterionView, Level]]] = {board_id: {} for board_id in board_ids}
    for row in lines:
        own = levels.get(row.id, [])
        view = CriterionView(
            row.id, row.public_id, row.title, row.description,
            tuple(level for level in own if level.removed_at is None), row.removed_at is not None,
        )  # fmt: skip
        every[row.board_id].update({level.id: (view, level) for level in own})
        if not view.removed:
            shown_lines[row.board_id].append(view)
    return {
        board_id: Rubric(tuple(shown_lines[board_id]), scales.get(board_id), every[board_id])
        for board_id in board_ids
    }


def rubric_of(session: Session, board_id: int) -> Rubric:
    return rubrics_of(session, [board_id])[board_id]


def grades_by_level(session: Session, board_id: int) -> dict[int, int]:
    """How many grades use each level of a board's rubric."""
    found: dict[int, int] = {}
    for level_id, number in session.execute(
        select(GradeScore.level_id, func.count())
        .join(Grade, Grade.id == GradeScore.grade_id)
        .where(Grade.board_id == board_id)
        .group_by(GradeScore.level_id)
    ):
        found[level_id] = number
    return found


# --- grades ------------------------------------------------------------------------------------------------------------


def grade_of(session: Session, board_id: int, account_id: int) -> Grade | None:
    return session.scalars(
        select(Grade).where(Grade.board_id == board_id, Grade.account_id == account_id)
    ).first()


def levels_of(session: Session, grade_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """The level on each criterion (ids), for each grade."""
    found: dict[int, dict[int, int]] = {grade_id: {} for grade_id in grade_ids}
    for grade_id, criterion_id, level_id in session.execute(
        select(GradeScore.grade_id, GradeScore.criterion_id, GradeScore.level_id).where(
            GradeScore.grade_id.in_(grade_ids)
        )
    ):
        found[grade_id][criterion_id] = level_id
    return found


def grade_state(grade: Grade | None, *, levels: int = 0) -> GradeState:
    """The state of a grade; a row that holds nothing is no grade yet."""
    if grade is None:
        return "ungraded"
    return state_of(grade.score, grade.released_at, touched=bool(levels or grade.feedback_source.strip()))


def grades_in(session: Session, board_ids: Sequence[int]) -> dict[tuple[int, int], tuple[Grade, GradeState]]:
    """Every grade of these boards with its state, by (board, account)."""
    scored = (
        select(func.count())
        .where(GradeScore.grade_id == Grade.id)
        .correlate(Grade)
        .scalar_subquery()
        .label("levels")
    )
    return {
        (grade.board_id, grade.account_id): (grade, grade_state(grade, levels=levels))
        for grade, levels in session.execute(select(Grade, scored).where(Grade.board_id.in_(board_ids)))
    }


def versions_of(session: Session, grade_id: int) -> Sequence[tuple[GradeVersion, str | None]]:
    """Every version of a grade, first to last, with the name of who made it."""
    return [
        (version, name)
        for version, name in session.execute(
            select(GradeVersion, Account.name)
            .outerjoin(Account, Account.id == GradeVersion.author_id)
            .where(GradeVersion.grade_id == grade_id)
            .order_by(GradeVersion.version)
        )
    ]


@dataclass(frozen=True)
class OwnGrade:
    """A released grade as its student sees it."""

    board_id: int
    score: Decimal | None
    most: Decimal | None
    feedback_html: str
    lines: tuple[tuple[str, Level, Decimal, Decimal | None], ...]  # criterion, level, points given, most
    released_at: datetime


def released_grade(account_id: Any, board_id: Any) -> ColumnElement[bool]:
    """The condition that there is anything for `own_grades` to read, of values, columns or bind parameters."""
    return (
        select(Grade.id)
        .where(Grade.account_id == account_id, Grade.board_id == board_id, Grade.released_at.is_not(None))
        .exists()
    )


_account, _board = bindparam("account", type_=Integer()), bindparam("board", type_=Integer())
_RELEASED = Prepared(select(released_grade(_account, _board).label("released")))


def has_released_grade(session: Session, account_id: int, board_id: int) -> bool:
    """Whether there is anything for `own_grades` to read: asked for every page of a board."""
    return bool(_RELEASED.all(session, {"account": account_id, "board": board_id})[0].released)


def own_grades(session: Session, account_id: int, board_ids: Sequence[int]) -> dict[int, OwnGrade]:
    """The released grades of one student by board: what is not released is not even read."""
    grades = session.scalars(
        select(Grade).where(
            Grade.account_id == account_id, Grade.board_id.in_(board_ids), Grade.released_at.is_not(None)
        )
    ).all()
    if not grades:
        return {}
    scores: dict[int, list[tuple[int, Decimal]]] = {}
    for grade_id, level_id, points in session.execute(
        select(GradeScore.grade_id, GradeScore.level_id, GradeScore.points).where(
            GradeScore.grade_id.in_([grade.id for grade in grades])
        )
    ):
        scores.setdefault(grade_id, []).append((level_id, points))
    rubrics = rubrics_of(session, [grade.board_id for grade in grades])
    found = {}
    for grade in grades:
        rubric = rubrics[grade.board_id]
        given = dict(scores.get(grade.id, ()))
        lines = tuple(
            (line.title, level, given[level.id], line.most)
            for line, level in rubric.every.values()
            if level.id in given
        )
        assert grade.released_at is not None
        found[grade.board_id] = OwnGrade(
            grade.board_id, grade.score, rubric.most, grade.feedback_html, lines, grade.released_at
        )
    return found


def first_to_grade(session: Session, board_id: int, students: Sequence[RosterLine]) -> RosterLine | None:
    """The first student without a score, else the first."""
    graded = set(
        session.scalars(select(Grade.account_id).where(Grade.board_id == board_id, Grade.score.is_not(None)))
    )
    return next(
        (student for student in students if student.account_id not in graded),
        students[0] if students else None,
    )
