"""The threads of a board."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from ...accounts.models import Account
from ...boards.models import Board
from ...core.db import Instant
from ..models import Post, ReadMark, Thread
from .board_views import BoardView
from .news import is_new_clause
from .thread_filters import FILTERS
from .visibility import seen_posts, thread_clause

ListKey = tuple[int, datetime, int]
"""Where a page of threads ends: kind, last activity, id."""


@dataclass(frozen=True)
class ThreadLine:
    public_id: str
    title: str | None
    author: str | None
    pinned: bool
    closed: bool
    posts: int
    new: int
    last_at: datetime
    own: bool
    removed: bool
    waits: bool = False  # handed in to be shown later: it is there at `last_at`
    endorsed: int = 0  # answers that staff endorsed


def threads_page(
    session: Session, view: BoardView, *, after: ListKey | None = None, limit: int = 50, show: str = ""
) -> tuple[list[ThreadLine], ListKey | None]:
    """Threads of a board: pinned ones, then open, then closed ones, each with the newest activity first.

    Also the key (group, instant, id) after which the next page goes on. A thread whose opening post was removed
    shows neither its title nor its author. `show` is a key of FILTERS, or empty for all.
    """
    member, at = view.member, view.at
    clause = and_(Thread.board_id == view.board.id, thread_clause(member, view.actor, at))
    if not view.others_shown:
        clause = and_(clause, Thread.author_id == member.account_id)
    counted = (
        select(
            Post.thread_id,
            func.count().label("seen"),
            func.max(Post.appears_at).label("last_at"),
            func.count().filter(is_new_clause(member.account_id, at)).label("new"),
            func.count().filter(Post.endorsed_at.is_not(None)).label("endorsed"),
            func.count().filter(Post.opens_thread.is_(False)).label("replies"),
        )
        .select_from(Post)
        .outerjoin(
            ReadMark, and_(ReadMark.thread_id == Post.thread_id, ReadMark.account_id == member.account_id)
        )
        .where(
            Post.board_id == view.board.id, Post.removed_at.is_(None), Post.appears_at <= at, seen_posts(view)
        )
        .group_by(Post.thread_id)
        .subquery()
    )
    last_at = func.coalesce(counted.c.last_at, Thread.appears_at, Thread.created_at)
    group = case((Thread.pinned, 0), (Thread.closed_at.is_(None), 1), else_=2)
    opening = aliased(Post)
    statement = (
        select(Thread.id, Thread.public_id, Thread.title, Thread.pinned, Thread.closed_at, Thread.author_id,
               Thread.removed_at, Thread.appears_at, Account.name, counted.c.seen, counted.c.new, counted.c.endorsed, last_at.label("last_at"),
               group.label("list_group"), opening.removed_at.label("opening_removed_at"))
        .select_from(Thread)
        .join(Board, Board.id == Thread.board_id)
        .outerjoin(Account, Account.id == Thread.author_id)
        .outerjoin(opening, and_(opening.thread_id == Thread.id, opening.opens_thread))
        .outerjoin(counted, counted.c.thread_id == Thread.id)
        .where(clause, or_(Thread.removed_at.is_(None), Thread.is_prompt.is_(False)))
        .order_by(group, last_at.desc(), Thread.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if show:
        statement = statement.where(FILTERS[show](counted))
    if after is not None:
        instant = literal(after[1], Instant())
        statement = statement.where(
            or_(group > after[0],
                and_(group == after[0],
                     or_(last_at < instant, and_(last_at == instant, Thread.id < after[2])))),
        )  # fmt: skip
    rows = session.execute(statement).all()
    lines = [
        ThreadLine(row.public_id, None if row.opening_removed_at else row.title,
                   None if row.opening_removed_at else row.name, row.pinned, row.closed_at is not None, row.seen or 0,
                   row.new or 0, row.last_at, row.author_id == member.account_id, row.removed_at is not None,
                   row.appears_at is not None and row.appears_at > at, row.endorsed or 0)
        for row in rows[:limit]
    ]  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    more = (last.list_group, last.last_at, last.id) if last is not None else None
    return lines, more


def own_first_words(session: Session, view: BoardView) -> int | None:
    """The words of one's longest post that can be the first one of a board; None if there is none."""
    first = Post.opens_thread if view.board.form != "single" else Post.parent_id.is_(None)
    return session.scalar(
        select(func.max(Post.words)).where(
            Post.board_id == view.board.id,
            Post.author_id == view.member.account_id,
            Post.removed_at.is_(None),
            first,
        )
    )


def has_own_thread(session: Session, view: BoardView) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(
                    Thread.board_id == view.board.id,
                    Thread.author_id == view.member.account_id,
                    Thread.removed_at.is_(None),
                )
            )
        )
    )
