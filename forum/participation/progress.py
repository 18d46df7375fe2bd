"""How far a student is in a course: what there is to do, and what of it is done. Computed at each look, never kept.

Each lesson is one thing to do, done when its student says so; each checkpoint of a board is one, done when it is met, late
too. What a student is excused from or not asked for is none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from ..boards.models import Board
from ..boards.queries import boards_in, checkpoints_of
from ..boards.rules.values import Met
from ..courses.policy import Member, Role
from ..courses.queries import RosterLine, modules_in
from ..lessons.models import Lesson
from ..lessons.queries import done_of_all, lessons_in
from ..posts.queries import BoardView
from ..posts.standing import standings_of
from .done import participation_on
from .groups import belonging

DONE = ("met_on_time", "met_late")
NOT_COUNTED = ("excused", "not_asked")


@dataclass(frozen=True)
class Progress:
    """How much there is to do and how much is done; `missing` checkpoints are among what is not."""

    lessons: int = 0
    lessons_done: int = 0
    checkpoints: int = 0
    checkpoints_done: int = 0
    missing: int = 0

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(
            self.lessons + other.lessons, self.lessons_done + other.lessons_done, self.checkpoints + other.checkpoints,
            self.checkpoints_done + other.checkpoints_done, self.missing + other.missing,
        )  # fmt: skip

    @property
    def all(self) -> int:
        return self.lessons + self.checkpoints

    @property
    def done(self) -> int:
        return self.lessons_done + self.checkpoints_done

    @property
    def open(self) -> int:
        return self.all - self.done


def of_lesson(*, done: bool) -> Progress:
    return Progress(lessons=1, lessons_done=int(done))


def of_checkpoints(states: Iterable[Met]) -> Progress:
    counted = [met.state for met in states if met.state not in NOT_COUNTED]
    return Progress(
        checkpoints=len(counted),
        checkpoints_done=sum(state in DONE for state in counted),
        missing=counted.count("missing"),
    )


def own_progress(session: Session, views: Sequence[BoardView]) -> dict[int, Progress]:
    """The progress of a student on the boards that they see, by board id; as many statements as for one."""
    asking = [view for view in views if view.checkpoints]
    return {board_id: of_checkpoints(states) for board_id, states in standings_of(session, asking).items()}


def progress_of_all(
    session: Session, member: Member, students: Sequence[RosterLine], at: datetime
) -> list[tuple[RosterLine, Progress]]:
    """The progress of each of these students in the course of a member of its staff, in their order.

    What students do not see yet counts for nobody. A fixed number of statements.
    """
    lessons = {lesson.id for lesson in shown_lessons(session, member, at)}
    read = done_of_all(session, list(lessons)) if lessons else {}
    boards = shown_boards(session, member, at)
    checkpoints = checkpoints_of(session, [board.id for board in boards])
    asked = {
        board: those
        for board, those in belonging(session, boards, students).items()
        if those and checkpoints[board.id]
    }
    on_boards: dict[int, Progress] = {}
    for lines in participation_on(session, asked, checkpoints, at).values():
        for line in lines:
            account_id = line.student.account_id
            on_boards[account_id] = on_boards.get(account_id, Progress()) + of_checkpoints(line.states)
    return [
        (student, Progress(len(lessons), len(read.get(student.account_id, set()) & lessons))
         + on_boards.get(student.account_id, Progress()))
        for student in students
    ]  # fmt: skip


def shown_lessons(session: Session, member: Member, at: datetime) -> Sequence[Lesson]:
    """The lessons of the course that students see."""
    return lessons_in(session, as_students(member), at)


def shown_boards(session: Session, member: Member, at: datetime) -> list[Board]:
    """The boards of the course that students see, those too that are for some of them."""
    opened = {module.id for module in modules_in(session, as_students(member), at)}
    return [
        board
        for board in boards_in(session, member, at)
        if board.published_at is not None
        and board.published_at <= at
        and (board.module_id is None or board.module_id in opened)
    ]


def as_students(member: Member) -> Member:
    """Somebody who sees of the course's modules and lessons what its students see; for reading alone."""
    return replace(member, role=Role.STUDENT)
