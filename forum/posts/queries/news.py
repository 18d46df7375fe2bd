"""The one notion of new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import Integer, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from ...boards.models import Board
from ...core.db import Instant
from ...core.prepared import Prepared
from ..models import Post, ReadMark, Thread
from ..rules import BESIDE
from .board_views import BoardView
from .thread_views import ThreadView
from .visibility import post_terms, seen_posts, thread_clause

_answer = aliased(Post)


def is_new_clause(account_id: Any, at: Any) -> Any:
    """A post is new to a reader who has not read to it nor answered it: the one notion of new.

    ReadMark is joined by thread. Its position is asked as well as its instant, since a post that arrived before
    a page was made may have been stored after it; of one that was scheduled or is private only the instant tells.
    `account_id` and `at` are values or bind parameters.
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


@cache
def _counting(staff: bool, others: bool, is_marked: bool) -> Prepared:
    """How many posts of a thread are new to a reader, for each kind of them, and for who has read it before."""
    reader, thread = bindparam("reader", type_=Integer()), bindparam("thread", type_=Integer())
    at = bindparam("at", type_=Instant())
    statement = (
        select(func.count().label("new"))
        .select_from(Post)
        .outerjoin(ReadMark, and_(ReadMark.thread_id == Post.thread_id, ReadMark.account_id == reader))
        .where(
            Post.thread_id == thread,
            post_terms(reader, at, staff=staff, others=others),
            is_new_clause(reader, at),
        )
    )
    if is_marked:
        # All that can be new lies beyond the mark: two steps in two indexes, however long the thread is.
        later, further = (
            select(Post.id).where(Post.thread_id == thread, beyond)
            for beyond in (
                Post.appears_at > bindparam("mark_at", type_=Instant()),
                Post.position > bindparam("mark_position", type_=Integer()),
            )
        )
        statement = statement.where(Post.id.in_(later.union(further)))
    return Prepared(statement)


def count_new(session: Session, view: ThreadView) -> int:
    """How many posts of a thread are new to this member, on whichever of its pages. One statement."""
    board, mark = view.board, view.mark
    told: dict[str, Any] = {"reader": board.member.account_id, "thread": view.thread.id, "at": board.at}
    if mark is not None:
        told |= {"mark_at": mark.at, "mark_position": mark.position}
    found = _counting(board.actor == "staff", board.others_shown, mark is not None).first(session, told)
    return int(found.new) if found is not None else 0


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
