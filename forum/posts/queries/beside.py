"""Private posts of a thread, for one reader: they stand beside the page that is made for all of a kind."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from ..models import Post
from .post_pages import whole_posts
from .thread_views import ThreadView
from .visibility import seen_posts


def beside_in(session: Session, view: ThreadView, above: Sequence[int]) -> Sequence[Any]:
    """The private posts that this member may read among the answers to some posts (by id), as a thread's page has them."""
    return session.execute(
        whole_posts()
        .where(
            Post.thread_id == view.thread.id, Post.private_with_id.is_not(None), seen_posts(view.board),
            Post.parent_id.in_(above),
        )
        .order_by(Post.appears_at, Post.position)
    ).all()  # fmt: skip
