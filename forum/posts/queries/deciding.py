"""What decides on a post, read under the site's lock in as few statements as can be."""

from functools import cache
from typing import Any

from sqlalchemy import Integer, String, bindparam, select
from sqlalchemy.orm import Session

from ...core.db import Instant
from ...core.errors import NotHere
from ...core.prepared import Prepared
from ..models import Post, Thread
from .appearing import appeared
from .board_views import BoardView
from .visibility import post_terms

_UNDER_KEY = Prepared(
    select(Post.id, Post.public_id, Post.thread_id, Post.arrived_at, Post.appears_at, Post.digest)
    .where(Post.author_id == bindparam("author", type_=Integer()), Post.key == bindparam("key", type_=String()))
)  # fmt: skip
_LOCKED = Prepared(
    select(Thread.id)
    .where(Thread.public_id == bindparam("thread", type_=String()),
           Thread.course_id == bindparam("course", type_=Integer()))
    .with_for_update()
)  # fmt: skip
_PARENT = select(
    Post.id, Post.path, Post.depth, Post.opens_thread, Post.removed_at, Post.held_at, Post.private_with_id
).where(Post.thread_id == bindparam("thread", type_=Integer()))
# It stands before all others; its position is not always 1, since a thread may have been split off.
_OPENING = Prepared(_PARENT.where(Post.opens_thread).order_by(Post.path).limit(1))


def post_under_key(session: Session, author_id: int, key: str) -> Any | None:
    """The author's post that came under an idempotency key: id, public_id, thread_id, arrived_at, appears_at, digest."""
    return _UNDER_KEY.first(session, {"author": author_id, "key": key})


def lock_thread(session: Session, course_id: int, public_id: str) -> None:
    """Let nobody else write in a thread until the transaction ends. On SQLite the site's own lock does that."""
    if session.get_bind().dialect.name != "sqlite":
        _LOCKED.first(session, {"thread": public_id, "course": course_id})


def opening_of(session: Session, thread_id: int) -> Any | None:
    """The post that opens a thread, as `parent_in` gives it; None for a prompt's thread."""
    return _OPENING.first(session, {"thread": thread_id})


@cache
def _seen_parent(staff: bool, others: bool) -> Prepared:
    seen = post_terms(
        bindparam("reader", type_=Integer()), bindparam("at", type_=Instant()), staff=staff, others=others
    )
    there = appeared(bindparam("at", type_=Instant()))  # one's own that waits cannot be answered yet
    return Prepared(_PARENT.where(Post.public_id == bindparam("parent", type_=String()), seen, there))


def parent_in(session: Session, view: BoardView, thread_id: int, public_id: str) -> Any:
    """A post of this thread that the member sees, to be answered: id, path, depth, opens_thread, removed_at, held_at, private_with_id.

    NotHere if there is none for them.
    """
    found = _seen_parent(view.actor == "staff", view.others_shown).first(
        session, {"thread": thread_id, "parent": public_id, "reader": view.member.account_id, "at": view.at}
    )
    if found is None:
        raise NotHere
    return found
