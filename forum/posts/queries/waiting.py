"""What its author handed in to be shown later, and what has appeared of it since somebody last wrote there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ...boards.models import Board
from ...courses.models import Course
from ...receipts.models import Receipt
from ..models import Post, Thread
from ..rules import WAITING
from .appearing import appeared

_WAITING = (
    select(Post.id, Post.public_id, Post.board_id, Post.thread_id, Post.arrived_at, Post.appears_at, Post.html, Post.files,
           Post.words, Post.opens_thread, Thread.title, Thread.public_id.label("thread_public_id"),
           Course.slug, Course.title.label("course"), Receipt.verdict, Receipt.limit_at)
    .select_from(Post)
    .join(Thread, Thread.id == Post.thread_id)
    .join(Course, Course.id == Post.course_id)
    .outerjoin(Receipt, and_(Receipt.post_id == Post.id, Receipt.kind == "scheduled"))
    .where(Post.appears_at > Post.arrived_at, Post.scheduled_for.is_not(None), Post.removed_at.is_(None))
    .order_by(Post.appears_at, Post.id)
)  # fmt: skip


def waiting_of(session: Session, account_id: int, at: datetime) -> Sequence[Any]:
    """All that one person handed in to be shown later and that waits still; nobody else's. What appears first is first."""
    return session.execute(_WAITING.where(Post.author_id == account_id, Post.appears_at > at)).all()


def waiting_in(session: Session, account_id: int, thread_id: int, at: datetime) -> Sequence[Any]:
    """The same of one thread."""
    return session.execute(
        _WAITING.where(Post.thread_id == thread_id, Post.author_id == account_id, Post.appears_at > at)
    ).all()


def appeared_since(session: Session, thread_id: int, at: datetime) -> Sequence[Post]:
    """Posts of a thread that have appeared and have no place of their own yet, as they appeared."""
    return session.scalars(
        select(Post)
        .where(
            Post.thread_id == thread_id, Post.appears_at > Post.arrived_at, Post.position >= WAITING, appeared(at)
        )
        .order_by(Post.appears_at, Post.position)
    ).all()  # fmt: skip


def free_position(session: Session, thread_id: int, first: int) -> int:
    """The first position of a thread from `first` on that no post has."""
    taken = session.scalars(
        select(Post.position)
        .where(Post.thread_id == thread_id, Post.position >= first)
        .order_by(Post.position)
    ).all()
    return next(
        (first + place for place, used in enumerate(taken) if used != first + place), first + len(taken)
    )


def place_of(session: Session, post: Post, thread: Thread) -> tuple[str, str]:
    """Where a post's words were written: the kind and public id of its place, as drafts name it."""
    if post.opens_thread:
        return "board", str(session.get_one(Board, post.board_id).public_id)
    parent = session.get(Post, post.parent_id) if post.parent_id is not None else None
    if parent is None or parent.opens_thread:
        return "thread", thread.public_id
    return "post", parent.public_id
