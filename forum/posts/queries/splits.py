"""Where a thread was split: what was its own once, as one member may see it now.

A branch that became a thread still answers a post of the one that it was in; so nothing else is kept of a split.
"""

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from ...boards.models import Board
from ..models import Post, Thread
from .board_views import BoardView
from .quotes import readable_sources

_near, _opening = aliased(Post), aliased(Post)


@dataclass(frozen=True)
class SplitOff:
    """A branch that is a thread of its own: the post here that it answers, and the thread; no title where its opening was
    removed."""

    below_id: int
    thread: str
    title: str | None


@dataclass(frozen=True)
class Splits:
    """What was split off from a thread, and what it was split off from: the post that its opening answers, with the title of
    that post's thread (None where its opening was removed). `answered` are posts here that this reader answered in a thread of its own."""

    gone: tuple[SplitOff, ...] = ()
    came_from: tuple[str, str | None] | None = None
    answered: frozenset[int] = frozenset()


NO_SPLITS = Splits()


def splits_of(session: Session, view: BoardView, thread_id: int) -> Splits:
    """Three statements; under the visibility clause, as of the instant of the view."""
    gone = session.execute(
        select(_near.id, Thread.public_id, Thread.title, Post.removed_at)
        .select_from(Post)
        .join(_near, _near.id == Post.parent_id)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .where(
            _near.thread_id == thread_id, Post.thread_id != thread_id, Post.opens_thread, *readable_sources(view)
        )
        .order_by(Post.position)
    )  # fmt: skip
    came = session.execute(
        select(Post.public_id, Thread.title, _opening.removed_at)
        .select_from(Post)
        .join(_near, _near.parent_id == Post.id)
        .join(Thread, Thread.id == Post.thread_id)
        .outerjoin(_opening, and_(_opening.thread_id == Thread.id, _opening.opens_thread))
        .join(Board, Board.id == Post.board_id)
        .where(
            _near.thread_id == thread_id, _near.opens_thread, Post.thread_id != thread_id, *readable_sources(view)
        )
    ).first()  # fmt: skip
    answered = session.scalars(
        select(Post.parent_id)
        .join(_near, _near.id == Post.parent_id)
        .where(
            _near.thread_id == thread_id, Post.thread_id != thread_id, Post.author_id == view.member.account_id,
            Post.removed_at.is_(None), Post.appears_at <= view.at,
        )
    )  # fmt: skip
    return Splits(
        tuple(SplitOff(row.id, row.public_id, row.title if row.removed_at is None else None) for row in gone),
        (came.public_id, came.title if came.removed_at is None else None) if came is not None else None,
        frozenset(each for each in answered if each is not None),
    )
