"""Posts set apart: held for review, or private. Staff see them, and else only who wrote them or whom they are for.

What is kept of a page for all readers of a kind never has them; each of their readers gets them beside it
(`posts/beside.py`). As long as a post is one of these, nothing that is done to it changes its thread's version.
"""

from typing import Any

from sqlalchemy import and_, or_

from ..models import Post


def is_set_apart(post: Any = Post) -> Any:
    """Whether a post is not for everybody on its board; written as its index `ix_post_set_apart` is."""
    return or_(post.held_at.is_not(None), post.private_with_id.is_not(None))


def not_set_apart(post: Any = Post) -> Any:
    """Whether it is not set apart."""
    return and_(post.held_at.is_(None), post.private_with_id.is_(None))
