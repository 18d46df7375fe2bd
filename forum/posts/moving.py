"""Moving a thread to another board of its course.

A post that met something has met it where it was written (docs/time.md, rule 17). So a thread leaves only a board that
asks for nothing; from then on its posts count on the new one, each by its own arrival. Addresses, drafts, read marks,
stars and receipts name the thread or the post, and stay as they are.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from ..boards import queries as boards
from ..boards.models import Board
from ..boards.rules.values import Refusal
from ..core.errors import NotAllowed, Refused
from ..courses.policy import Action, Member
from ..ledger.commands import move_news, record
from .models import Post
from .queries import BoardView, ThreadView, board_view, thread_view

TAKES_THREADS = ("threads", "one_each", "question")


def why_not_leave(view: ThreadView) -> Refusal | None:
    """Why this thread stays on its board, whichever other one is asked for. Codes: move_prompt, move_counts."""
    if view.thread.is_prompt:
        return Refusal("move_prompt")
    return Refusal("move_counts") if view.board.checkpoints else None


def why_not_move(view: ThreadView, to: BoardView) -> Refusal | None:
    """Why a thread can't be moved to a board. Codes as in `why_not_leave`, and move_same, move_form, move_shown,
    move_groups: nobody may come to read by it what was not shown to them."""
    board = view.board.board
    if (refusal := why_not_leave(view)) is not None:
        return refusal
    if to.board.id == board.id:
        return Refusal("move_same")
    if to.board.form not in TAKES_THREADS:
        return Refusal("move_form")
    if board.shown not in ("at_once", to.board.shown) or "together" in (board.shown, to.board.shown):
        return Refusal("move_shown")
    if view.thread.group_id is not None and to.board.groups != board.groups:
        return Refusal("move_groups")
    return None


def boards_to_move_to(session: Session, view: ThreadView) -> Sequence[Board]:
    """The boards of the course that would take this thread, in their order."""
    member = view.board.member
    return [
        board
        for board in boards.boards_in(session, member, view.board.at)
        if why_not_move(view, board_view(session, member, board.public_id, view.board.at)) is None
    ]


def move_thread(
    session: Session, member: Member, thread_id: str, board_id: str, *, at: datetime
) -> BoardView:
    """Move a thread with all its posts, also those that wait; the board where it is now."""
    if not member.may(Action.MODERATE):
        raise NotAllowed
    view = thread_view(session, member, thread_id, at, lock=True)
    to = board_view(session, member, board_id, at)
    if (refusal := why_not_move(view, to)) is not None:
        raise Refused(refusal.code, refusal.values)
    thread, left = view.thread, view.board.board
    thread.board_id = to.board.id
    thread.version += 1
    session.flush()
    session.execute(update(Post).where(Post.thread_id == thread.id).values(board_id=to.board.id))
    # What is kept of both boards is found anew; in the order of their ids, so that two moves do not wait for each other.
    for known in sorted((left.id, to.board.id)):
        session.execute(update(Board).where(Board.id == known).values(version=Board.version + 1))
    move_news(session, thread.id, board_id=to.board.id)
    record(session, "moved", "thread", thread.id, actor_id=member.account_id, at=at, course_id=member.course_id,
           from_board=left.id, to_board=to.board.id)  # fmt: skip
    session.expire_all()
    return board_view(session, member, board_id, at)
