"""Posts of a thread that are set apart, for one reader: they stand beside the page that is made for all of a kind."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func
from sqlalchemy.orm import Session

from ..models import Post
from .post_pages import whole_posts
from .set_apart import is_set_apart
from .thread_views import ThreadView
from .visibility import seen_posts

# A private reply stands where the post stands that it answers; what is held, where it would stand for all.
_STANDS = case(
    (Post.private_with_id.is_(None), Post.path), else_=func.substr(Post.path, 1, func.length(Post.path) - 4)
)


def beside_in(session: Session, view: ThreadView, start: bytes, end: bytes | None) -> Sequence[Any]:
    """The posts set apart that this member may read on the page of a thread from `start` until before `end` (paths; None:
    its last), as a thread's page has them. What waits to be shown is not among them."""
    within = [start <= _STANDS] + ([end > _STANDS] if end is not None else [])
    return session.execute(
        whole_posts()
        .where(
            Post.thread_id == view.thread.id, is_set_apart(), seen_posts(view.board),
            Post.appears_at <= view.board.at, *within,
        )
        .order_by(Post.path, Post.id)
    ).all()  # fmt: skip
