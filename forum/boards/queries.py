"""What can be known of boards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from ..core.errors import NotHere
from ..courses.models import Module
from ..courses.policy import Member
from ..courses.queries import may_see_unpublished
from .models import Board, Checkpoint
from .rules import state


def visible_boards(statement: Select[Any], member: Member, at: datetime) -> Select[Any]:
    """The board part of the visibility clause: of this course, there, and shown to this kind of member.

    `statement` has Board in its FROM. A board that has not opened is listed with its dates; what is in it, `actor`
    and `why_not_read` keep closed.
    """
    statement = statement.where(Board.course_id == member.course_id, Board.removed_at.is_(None))
    if may_see_unpublished(member):
        return statement
    return statement.outerjoin(Module, Module.id == Board.module_id).where(
        Board.published_at.is_not(None),
        Board.published_at <= at,
        or_(
            Board.module_id.is_(None),
            and_(
                Module.removed_at.is_(None),
                Module.published_at <= at,
                or_(Module.opens_at.is_(None), Module.opens_at <= at),
            ),
        ),
    )


def board_for(session: Session, member: Member, public_id: str, at: datetime, *, lock: bool = False) -> Board:
    """The board by its public id, if this member may know of it; else NotHere."""
    statement = visible_boards(select(Board).where(Board.public_id == public_id), member, at)
    if lock:
        statement = statement.with_for_update(of=Board)
    board = session.scalars(statement).first()
    if board is None:
        raise NotHere
    return board


def boards_in(session: Session, member: Member, at: datetime) -> Sequence[Board]:
    """All boards of the course that a member may know of, in order."""
    return session.scalars(
        visible_boards(select(Board), member, at).order_by(Board.position, Board.id)
    ).all()


def checkpoints_of(session: Session, board_ids: Sequence[int]) -> Mapping[int, list[Checkpoint]]:
    found: dict[int, list[Checkpoint]] = {board_id: [] for board_id in board_ids}
    for checkpoint in session.scalars(
        select(Checkpoint)
        .where(Checkpoint.board_id.in_(board_ids), Checkpoint.removed_at.is_(None))
        .order_by(Checkpoint.position, Checkpoint.id)
    ):
        found[checkpoint.board_id].append(checkpoint)
    return found


def first_post_minimum(checkpoints: Sequence[Checkpoint]) -> int:
    """The words that one's first post must have, by the first checkpoint that asks for one; 0 for none."""
    return next((checkpoint.min_words for checkpoint in checkpoints if checkpoint.kind == "first_post"), 0)


def standing_of(board: Board, member: Member) -> state.BoardStanding:
    """What staff have done with the board, for the rules."""
    return state.BoardStanding(
        published_at=board.published_at,
        closed_by_hand=board.closed_at is not None,
        course_state=member.course_state,  # type: ignore[arg-type]
    )


def actor_of(member: Member) -> state.Actor:
    """As whom the rules of a board see a member."""
    if member.is_staff or may_see_unpublished(member):
        return "staff"
    return "student" if member.role == "student" else "observer"


def next_board_position(session: Session, course_id: int) -> int:
    return (session.scalar(select(func.max(Board.position)).where(Board.course_id == course_id)) or 0) + 1
