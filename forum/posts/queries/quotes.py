"""Passages that posts of a thread quote, as one member may read them now.

What they come to depends on posts elsewhere, too: so nothing of it is told by the thread's version. It is asked for anew
for each page of a thread that quotes (`Thread.beyond`), and what it came to is part of the key of all that is kept.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, case, exists, or_, select
from sqlalchemy.orm import Session, aliased

from ...accounts.models import Account
from ...boards.models import Board
from ...core.markup.quotes import QuoteMark
from ..models import Citation, Post, Revision, Thread
from ..names import shown_name
from .board_views import BoardView
from .set_apart import not_set_apart
from .visibility import seen_posts, thread_clause

_quoting, _later = aliased(Post), aliased(Revision)


@dataclass(frozen=True)
class Quote:
    """A passage, whose it is, and whether the post says something else now.

    Of a source that was removed there is no passage: `removed_by` is "author" or "staff".
    """

    passage: str
    author: str
    is_changed: bool
    removed_by: str = ""


@dataclass(frozen=True)
class Quotes:
    """The quotes of posts by the quoting post's id and the mark in it. What is not among them is not this reader's to see.

    `key` differs wherever a page for readers of one kind would.
    """

    found: Mapping[tuple[int, QuoteMark], Quote] = field(default_factory=dict)
    key: Hashable = ()


NO_QUOTES = Quotes()  # of a thread without any; one where none is to be seen now has others


def quotes_in(session: Session, view: BoardView, thread_id: int) -> Quotes:
    """The quotes in a thread of this board; one statement."""
    return _quotes(session, view, _quoting.thread_id == thread_id)


def readable_sources(view: BoardView) -> Any:
    """Which posts of a board this member may quote, and read a passage of: in a select of Post, Thread and Board."""
    return (
        Post.board_id == view.board.id,
        seen_posts(view),
        Thread.removed_at.is_(None),
        thread_clause(view.member, view.actor, view.at),
    )


def was_shown(number: Any) -> Any:
    """Whether a text of a post, by its number, ever was one that others read.

    What a post said before it appeared, or while only staff read it, is not, though it may have been quoted then.
    """
    later = exists().where(
        _later.post_id == Post.id, _later.number > number, _later.arrived_at <= Post.appears_at
    )
    return or_(Post.appears_at == Post.arrived_at, ~later)


def _quotes(session: Session, view: BoardView, which: Any) -> Quotes:
    # What a page for all readers of a kind does not show changes nothing of its key.
    for_all = and_(_quoting.appears_at <= view.at, not_set_apart(_quoting))
    rows: Iterable[Any] = session.execute(
        select(
            Citation.id, Citation.post_id, Citation.revision, Citation.starts, Citation.ends, Citation.passage,
            Post.public_id, Post.revision.label("now"), Account.name, Post.anonymity,
            case((Post.removed_at.is_(None), ""), (Post.removed_by_id == Post.author_id, "author"), else_="staff").label("removed_by"),
            case((for_all, 1), else_=0).label("for_all"),
        )
        .join(_quoting, _quoting.id == Citation.post_id)
        .join(Post, Post.id == Citation.source_id)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .join(Account, Account.id == Post.author_id)
        .where(which, *readable_sources(view), was_shown(Citation.revision))
        .order_by(Citation.id)
    )  # fmt: skip
    found, key = {}, []
    for row in rows:
        mark = QuoteMark(row.public_id, row.revision, row.starts, row.ends)
        passage, author = ("", "") if row.removed_by else (row.passage, _author(view, row))
        found[row.post_id, mark] = Quote(passage, author, row.now > row.revision, row.removed_by)
        if row.for_all:
            key.append((row.id, row.removed_by, row.now > row.revision, row.anonymity))
    return Quotes(found, tuple(key))


def _author(view: BoardView, row: Any) -> str:
    return shown_name(view.member, row.name, anonymous=row.anonymity != "none")
