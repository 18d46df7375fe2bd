"""What groups change in who is judged on a board, and by which posts."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from ..boards.audience import audiences_of, belongs
from ..boards.models import Board
from ..boards.rules import groups
from ..boards.rules.values import PostFacts
from ..courses.queries import RosterLine


def of_audience(session: Session, board: Board, students: list[RosterLine]) -> list[RosterLine]:
    """The students of whom a board asks something: all, or those of the sections and groups that it is for."""
    return belonging(session, [board], students)[board]


def belonging(
    session: Session, boards: Sequence[Board], students: Sequence[RosterLine]
) -> dict[Board, list[RosterLine]]:
    """The same of several boards; one statement at most."""
    audiences = audiences_of(session, boards)
    return {
        board: [
            line
            for line in students
            if belongs(
                audiences.get(board.id, frozenset()),
                (key for key, _title in line.sections),
                (key for key, _title in line.groups),
            )
        ]
        for board in boards
    }


def judged_by(
    board: Board, students: Sequence[RosterLine], facts: Sequence[PostFacts]
) -> Iterable[tuple[Sequence[int], Sequence[PostFacts]]]:
    """Students (by account id) who are judged by the same posts of a board: in groups by what they could answer there."""
    if board.groups == "none":
        return [([student.account_id for student in students], facts)]
    groups_of = {student.account_id: frozenset(key for key, _title in student.groups) for student in students}
    return groups.judged_apart(facts, groups_of)
