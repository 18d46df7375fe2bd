"""The posts of a thread, page by page, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from ...accounts.models import Account
from ...courses.models import Enrollment
from ...courses.queries import holds_at
from ..models import Post
from ..rules import PAGE
from .thread_views import ThreadView
from .visibility import seen_posts

_parent = aliased(Post)
_parent_author = aliased(Account)
_POST_COLUMNS = (
    Post.id, Post.public_id, Post.author_id, Post.parent_id, Post.position, Post.path, Post.depth, Post.opens_thread,
    Post.arrived_at, Post.appears_at, Post.html, Post.words, Post.revision, Post.edited_at, Post.removed_at,
    Post.removed_by_id, Post.held_at, Post.renderer_version, Account.name.label("author"),
    _parent.position.label("parent_position"), _parent.public_id.label("parent_public_id"),
    _parent.removed_at.label("parent_removed_at"), _parent_author.name.label("parent_author"),
    Enrollment.role.label("author_role"),
)  # fmt: skip


def posts_page(
    session: Session, view: ThreadView, *, start: bytes | None = None, limit: int = PAGE
) -> tuple[Sequence[Row], bytes | None, bytes | None]:
    """Posts of a thread in the order of its tree from `start` (a path) on, and where the next and previous page begin.

    Three statements at most, whatever the thread holds: pages are found by key, not by counting.
    """
    clause = and_(Post.thread_id == view.thread.id, seen_posts(view.board))
    statement = (
        select(*_POST_COLUMNS)
        .select_from(Post)
        .join(Account, Account.id == Post.author_id)
        .outerjoin(_parent, _parent.id == Post.parent_id)
        .outerjoin(_parent_author, _parent_author.id == _parent.author_id)
        .outerjoin(
            Enrollment,
            and_(
                Enrollment.course_id == Post.course_id,
                Enrollment.account_id == Post.author_id,
                holds_at(Enrollment, Post.arrived_at),
            ),
        )
        .where(clause)
        .order_by(Post.path, Post.id)
        .limit(limit + 1)
    )
    if start:
        statement = statement.where(Post.path >= start)
    rows = session.execute(statement).all()
    after = rows[limit].path if len(rows) > limit else None
    before = None
    if start:
        earlier = session.scalars(
            select(Post.path).where(clause, Post.path < start).order_by(Post.path.desc()).limit(limit)
        ).all()
        before = earlier[-1] if earlier else None
    return rows[:limit], after, before


@dataclass(frozen=True)
class Counts:
    """Of the posts that a member may see in a thread: how many there are, and, with placeholders of removed ones,
    how many answers in all and before a page. Nothing of it tells of a post that they may not see."""

    posts: int
    answers: int
    answers_before: int


def count_seen(session: Session, view: ThreadView, start: bytes | None = None) -> Counts:
    answers = Post.opens_thread.is_(False)
    row = session.execute(
        select(
            func.count().filter(Post.removed_at.is_(None)),
            func.count().filter(answers),
            func.count().filter(answers, Post.path < (start or b"")),
        ).where(Post.thread_id == view.thread.id, seen_posts(view.board))
    ).one()
    return Counts(*row)


def page_start_of(session: Session, view: ThreadView, post: Post) -> bytes | None:
    """Where a page of the thread begins that has this post on it; None for its first page."""
    seen = and_(Post.thread_id == view.thread.id, seen_posts(view.board), Post.path < post.path)
    before, in_branch = session.execute(
        select(func.count(), func.count().filter(Post.path >= post.path[:4])).where(seen)
    ).one()
    if before < PAGE:
        return None
    return post.path[:4] if in_branch < PAGE else post.path


def is_opening_removed(session: Session, thread_id: int) -> bool:
    """Whether the post that opened a thread was removed, and its title with it."""
    return bool(
        session.scalar(
            select(
                exists().where(Post.thread_id == thread_id, Post.opens_thread, Post.removed_at.is_not(None))
            )
        )
    )
