"""What can be known of boards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, event, func, inspect, or_, select
from sqlalchemy.orm import Session

from ..core.caches import Cache
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
    return only_visible(statement, member.course_id, at, unpublished=may_see_unpublished(member))


def only_visible(statement: Select[Any], course_id: Any, at: Any, *, unpublished: bool) -> Select[Any]:
    """The same clause of values or bind parameters, for who sees what is not published and for everyone else."""
    statement = statement.where(Board.course_id == course_id, Board.removed_at.is_(None))
    if unpublished:
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


@dataclass(frozen=True)
class KeptBoard:
    """A board and its checkpoints as of one version: rows that belong to no session, to be read only."""

    board: Board
    checkpoints: tuple[Checkpoint, ...]


_kept: Cache[KeptBoard] = Cache(2_000)


def kept_board(session: Session, board_id: int, version: int) -> KeptBoard:
    """The board at this version, from memory if it is there. Only for reading, and after access was checked."""
    key = (board_id, version)
    if (known := _kept.get(key)) is not None:
        return known
    board = session.execute(select(*Board.__table__.columns).where(Board.id == board_id)).one()
    rows = session.execute(
        select(*Checkpoint.__table__.columns)
        .where(Checkpoint.board_id == board_id, Checkpoint.removed_at.is_(None))
        .order_by(Checkpoint.position, Checkpoint.id)
    )
    made = KeptBoard(Board(**board._mapping), tuple(Checkpoint(**row._mapping) for row in rows))
    _kept.put(key, made)
    return made


@event.listens_for(Board, "before_update")
def _count_version(_mapper: Any, _connection: Any, board: Board) -> None:
    """What is kept goes by the version, so no change of a board may leave it as it was."""
    changed = inspect(board).attrs
    if not changed.version.history.has_changes() and any(each.history.has_changes() for each in changed):
        board.version += 1


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
