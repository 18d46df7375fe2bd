"""The one notion of new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from ...boards.models import Board
from ..models import Post, ReadMark, Thread
from ..rules import BESIDE
from .board_views import BoardView
from .thread_views import ThreadView
from .visibility import seen_posts, thread_clause

_answer = aliased(Post)


def is_new_clause(account_id: int, at: datetime) -> Any:
    """A post is new to a reader who has not read to it nor answered it: the one notion of new.

    ReadMark is joined by thread. Its position is asked as well as its instant, since a post that arrived before
    a page was made may have been stored after it; of one that was scheduled or is private only the instant tells.
    """
    return and_(
        Post.author_id != account_id,
        Post.removed_at.is_(None),
        Post.appears_at <= at,
        or_(
            ReadMark.position.is_(None),
            Post.appears_at > ReadMark.at,
            and_(Post.scheduled_for.is_(None), Post.position < BESIDE, Post.position > ReadMark.position),
        ),
        ~exists().where(
            _answer.parent_id == Post.id,
            _answer.author_id == account_id,
            _answer.removed_at.is_(None),
            _answer.appears_at <= at,
        ),
    )


def count_new(session: Session, view: ThreadView) -> int:
    """How many posts of a thread are new to this member, on whichever of its pages."""
    account_id = view.board.member.account_id
    return (
        session.scalar(
            select(func.count())
            .select_from(Post)
            .outerjoin(
                ReadMark, and_(ReadMark.thread_id == Post.thread_id, ReadMark.account_id == account_id)
            )
            .where(
                Post.thread_id == view.thread.id,
                seen_posts(view.board),
                is_new_clause(account_id, view.board.at),
            )
        )
        or 0
    )


@dataclass(frozen=True)
class New:
    """How much is new in a board: posts, and the words in them."""

    posts: int
    words: int


def new_in_boards(session: Session, views: Sequence[BoardView]) -> dict[int, New]:
    """How much is new to a member in each of several boards of one course; one statement for each way
    in which posts are shown to them."""
    found: dict[int, New] = {}
    for others in (True, False):
        part = [view for view in views if view.others_shown is others and view.why_not_read() is None]
        if not part:
            continue
        first = replace(part[0])
        for board_id, number, words in session.execute(
            select(Post.board_id, func.count(), func.sum(Post.words))
            .select_from(Post)
            .join(Thread, Thread.id == Post.thread_id)
            .join(Board, Board.id == Post.board_id)
            .outerjoin(
                ReadMark,
                and_(ReadMark.thread_id == Post.thread_id, ReadMark.account_id == first.member.account_id),
            )
            .where(
                Post.board_id.in_([view.board.id for view in part]),
                seen_posts(first),
                thread_clause(first.member, first.actor, first.at),
                Thread.removed_at.is_(None),
                is_new_clause(first.member.account_id, first.at),
            )
            .group_by(Post.board_id)
        ):
            found[board_id] = New(number, int(words or 0))
    return found
