"""The threads of a board."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased

from ...accounts.models import Account
from ...boards.models import Board
from ...core.db import Instant
from ...courses.policy import Action
from ..models import Post, ReadMark, Star, Thread
from ..names import shown_name
from .appearing import for_all
from .board_views import BoardView
from .news import is_new_clause
from .tags import TagName, has_tag, tags_of
from .thread_filters import FILTERS
from .thread_views import ThreadView
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
    flagged: int = 0  # posts that members flagged, for staff
    endorsed: int = 0  # answers that staff endorsed
    starred: bool = False
    group_id: int | None = None
    is_prompt: bool = False
    tags: tuple[TagName, ...] = ()
    for_staff: bool = False  # only staff and who asked read it


@dataclass(frozen=True)
class ThreadList:
    """A page of the threads of a board: `total` counts those of all its pages, `more` is the key of the next one."""

    lines: list[ThreadLine]
    total: int
    more: ListKey | None


def threads_page(
    session: Session,
    view: BoardView,
    *,
    after: ListKey | None = None,
    show: str = "",
    tag: str = "",
    limit: int = 50,
    group_ids: Collection[int] = (),
) -> ThreadList:
    """Threads of a board: pinned ones, then open, then closed ones, each with the newest activity first.

    The next page goes on after a key (group, instant, id). A thread whose opening post was removed shows neither its
    title nor its author. `show` is a key of FILTERS, `tag` the public id of a tag; empty for all. `group_ids` leaves the
    threads of these groups and those of everyone.
    """
    member, at = view.member, view.at
    listed = _listed(view, show, group_ids, tag)
    statement = select(listed).order_by(*_in_order(listed)).limit(limit + 1)
    if after is not None:
        statement = statement.where(_beyond(listed, after))
    rows = session.execute(statement).all()
    lines = [
        ThreadLine(row.public_id, None if row.opening_removed_at else row.title,
                   None if row.opening_removed_at or row.name is None else _name(view, row), row.pinned, row.closed_at is not None, row.seen or 0,
                   row.new or 0, row.last_at, row.author_id == member.account_id, row.removed_at is not None,
                   row.appears_at is not None and row.appears_at > at,
                   (row.flagged or 0) if view.member.may(Action.MODERATE) else 0, row.endorsed or 0, row.starred,
                   row.group_id, row.is_prompt, () if row.opening_removed_at else tags_of(row.tags), row.asker_id is not None)
        for row in rows[:limit]
    ]  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    more = (last.list_group, last.last_at, last.id) if last is not None else None
    return ThreadList(lines, rows[0].total if rows else 0, more)


def _name(view: BoardView, row: Any) -> str:
    return shown_name(view.member, row.name, anonymous=row.opening_anonymity not in (None, "none"))


def thread_beside(session: Session, view: ThreadView, *, backwards: bool = False) -> str | None:
    """The thread after (or before) this one in the list of its board, by its public id; None if it is the last one.

    Only threads of that list, which are those that the member may see.
    """
    listed = _listed(view.board)
    here = session.execute(
        select(listed.c.list_group, listed.c.last_at, listed.c.id).where(listed.c.id == view.thread.id)
    ).first()
    if here is None:
        return None
    found: str | None = session.scalar(
        select(listed.c.public_id)
        .where(_beyond(listed, (here.list_group, here.last_at, here.id), backwards=backwards))
        .order_by(*_in_order(listed, backwards=backwards))
        .limit(1)
    )
    return found


def _in_order(listed: Any, *, backwards: bool = False) -> list[Any]:
    group, last_at, number = listed.c.list_group, listed.c.last_at, listed.c.id
    return [group.desc(), last_at, number] if backwards else [group, last_at.desc(), number.desc()]


def _beyond(listed: Any, key: ListKey, *, backwards: bool = False) -> Any:
    """What comes after a key in the list, or before it."""
    group, last_at, number = listed.c.list_group, listed.c.last_at, listed.c.id
    instant = literal(key[1], Instant())
    if backwards:
        return or_(group < key[0],
                   and_(group == key[0], or_(last_at > instant, and_(last_at == instant, number > key[2]))))  # fmt: skip
    return or_(group > key[0],
               and_(group == key[0], or_(last_at < instant, and_(last_at == instant, number < key[2]))))  # fmt: skip


def _listed(view: BoardView, show: str = "", group_ids: Collection[int] = (), tag: str = "") -> Any:
    """The threads of a board's list as a table, each with what its line says, and how many they are (`total`)."""
    member, at = view.member, view.at
    clause = and_(Thread.board_id == view.board.id, thread_clause(member, view.actor, at))
    if not view.others_shown:
        clause = and_(clause, or_(Thread.author_id == member.account_id, Thread.is_prompt))
    if group_ids:
        clause = and_(clause, or_(Thread.group_id.is_(None), Thread.group_id.in_(group_ids)))
    counted = (
        select(
            Post.thread_id,
            func.count().label("seen"),
            func.max(Post.appears_at).label("last_at"),
            func.count().filter(is_new_clause(member.account_id, at)).label("new"),
            func.count().filter(Post.flags > 0).label("flagged"),
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
    return (
        select(Thread.id, Thread.public_id, Thread.title, Thread.pinned, Thread.closed_at, Thread.author_id,
               Thread.removed_at, Thread.appears_at, Thread.group_id, Thread.is_prompt, Thread.tags, Thread.asker_id, Account.name, counted.c.seen,
               counted.c.new, counted.c.endorsed, counted.c.flagged, last_at.label("last_at"),
               group.label("list_group"), opening.removed_at.label("opening_removed_at"),
               opening.anonymity.label("opening_anonymity"),
               Star.at.is_not(None).label("starred"), func.count().over().label("total"))
        .select_from(Thread)
        .join(Board, Board.id == Thread.board_id)
        .outerjoin(Account, Account.id == Thread.author_id)
        .outerjoin(opening, and_(opening.thread_id == Thread.id, opening.opens_thread))
        .outerjoin(counted, counted.c.thread_id == Thread.id)
        .outerjoin(Star, and_(Star.thread_id == Thread.id, Star.account_id == member.account_id))
        .where(clause, or_(Thread.removed_at.is_(None), Thread.is_prompt.is_(False)), FILTERS[show](counted) if show else true(),
               and_(has_tag(tag), opening.removed_at.is_(None)) if tag else true())
        .subquery("listed")
    )  # fmt: skip


def own_first_words(session: Session, view: BoardView) -> int | None:
    """The words of one's longest post that can be the first one of a board; None if there is none."""
    first = and_(Post.parent_id.is_(None), Post.opens_thread if view.board.form != "single" else true())
    return session.scalar(
        select(func.max(Post.words)).where(
            Post.board_id == view.board.id,
            Post.author_id == view.member.account_id,
            Post.removed_at.is_(None),
            for_all(),
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
                    Thread.asker_id.is_(None),
                )
            )
        )
    )
