"""The threads that a prompt opens: the one of a board of one discussion, or one for each of its groups.

A board of groups has no discussion of everyone: its prompt is posted to each group that it is for, those too that are made
later, and what belongs to all of them (prompt, dates, closing) is the board's.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..boards.audience import audiences_of
from ..boards.commands import on_board_saved
from ..boards.models import Board
from ..courses.commands import on_group_made
from ..courses.models import Group
from .models import Thread


def prompt_thread(session: Session, board: Board, *, at: datetime, group_id: int | None = None) -> Thread:
    """The thread of a `single` board's prompt, for everyone or for a group; made if there is none."""
    thread = session.scalars(
        select(Thread).where(
            Thread.board_id == board.id, Thread.is_prompt, Thread.group_id.is_not_distinct_from(group_id)
        )
    ).first()
    if thread is None:
        thread = Thread(
            course_id=board.course_id, board_id=board.id, group_id=group_id, is_prompt=True, title=board.title,
            created_at=at, last_post_at=at,
        )  # fmt: skip
        session.add(thread)
        session.flush()
    return thread


def prompts_beside(session: Session, thread: Thread) -> Sequence[Thread]:
    """The prompt's threads of all groups of a board, that of `thread` among them."""
    return session.scalars(
        select(Thread)
        .where(Thread.board_id == thread.board_id, Thread.is_prompt, Thread.removed_at.is_(None))
        .order_by(Thread.id)
    ).all()


def _follow_form(session: Session, board: Board, at: datetime) -> None:
    """Every thread that the prompt opens is there, titled as the board; others, which are unused, are out of sight."""
    wanted = _wanted(session, board)
    there = {
        thread.group_id: thread
        for thread in session.scalars(select(Thread).where(Thread.board_id == board.id, Thread.is_prompt))
    }
    closed_at = next((each.closed_at for each in there.values() if each.removed_at is None), None)
    for group_id, thread in there.items():
        if group_id in wanted:
            thread.title, thread.removed_at = board.title, None
        elif thread.removed_at is None:
            thread.removed_at = at
    for group_id in wanted:
        if group_id not in there:
            prompt_thread(session, board, at=at, group_id=group_id).closed_at = closed_at
    session.flush()


def _wanted(session: Session, board: Board) -> list[int | None]:
    """The groups whom the prompt is posted to; None stands for everyone."""
    if board.form != "single":
        return []
    if board.groups == "none":
        return [None]
    audience = audiences_of(session, [board]).get(board.id, frozenset())
    named = {key for kind, key in audience if kind == "group"}
    ids = session.scalars(select(Group.id).where(Group.course_id == board.course_id).order_by(Group.id))
    return [group_id for group_id in ids if not named or group_id in named]


def _post_prompts_to(session: Session, group: Group, at: datetime) -> None:
    """A group that is made later gets the prompt of every board of one discussion that is for all groups."""
    boards = session.scalars(
        select(Board).where(
            Board.course_id == group.course_id, Board.form == "single", Board.groups != "none",
            Board.removed_at.is_(None),
        )
    ).all()  # fmt: skip
    for board in boards:
        _follow_form(session, board, at)


on_board_saved.append(_follow_form)
on_group_made.append(_post_prompts_to)
