"""The posts of a whole thread, as they are printed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from ..models import Post
from .post_pages import whole_posts
from .thread_views import ThreadView
from .visibility import seen_posts

MOST = 1_000  # posts of one document


def posts_to_print(
    session: Session, view: ThreadView, *, start: bytes | None = None
) -> tuple[Sequence[Any], bytes | None]:
    """Posts of a thread in reading order from `start` (a path) on, and where the next document begins; one statement.

    What is for one reader alone is left out: private replies, and what waits to be shown. Paper is handed on.
    """
    rows = session.execute(
        whole_posts()
        .where(
            Post.thread_id == view.thread.id, seen_posts(view.board), Post.appears_at <= view.board.at,
            Post.private_with_id.is_(None), Post.path >= (start or b""),
        )
        .order_by(Post.path, Post.id)
        .limit(MOST + 1)
    ).all()  # fmt: skip
    return rows[:MOST], rows[MOST].path if len(rows) > MOST else None
