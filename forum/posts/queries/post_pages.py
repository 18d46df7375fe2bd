"""The posts of a thread, page by page, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Integer, LargeBinary, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from ...accounts.models import Account
from ...core.db import Instant
from ...core.prepared import Prepared, at_most
from ...courses.models import Enrollment
from ...courses.queries import holds_at
from ..models import Post
from ..rules import PAGE
from .set_apart import is_set_apart, not_set_apart
from .thread_views import ThreadView
from .visibility import readers_terms, seen_posts, shared_terms

_parent = aliased(Post)
_parent_author = aliased(Account)
_endorser, _pinner = aliased(Account), aliased(Account)
_POST_COLUMNS = (
    Post.id, Post.public_id, Post.author_id, Post.parent_id, Post.position, Post.path, Post.depth, Post.opens_thread,
    Post.appears_at, Post.scheduled_for, Post.html, Post.revision, Post.edited_at, Post.removed_at, Post.removed_by_id, Post.held_at,
    Post.removal_reason, Post.files, Post.private_with_id, Post.anonymity,
    Account.name.label("author"), _parent.public_id.label("parent_public_id"),
    _parent.removed_at.label("parent_removed_at"), is_set_apart(_parent).label("parent_apart"), _parent_author.name.label("parent_author"), _parent.anonymity.label("parent_anonymity"),
    Enrollment.role.label("author_role"), Post.endorsed_at, _endorser.name.label("endorser"), Post.pinned_at,
    _pinner.name.label("pinner"),
)  # fmt: skip
_start = bindparam("start", type_=LargeBinary())


def whole_posts() -> Any:
    """A select of posts with all that their template shows of them."""
    return (
        select(*_POST_COLUMNS)
        .select_from(Post)
        .join(Account, Account.id == Post.author_id)
        .outerjoin(_parent, and_(_parent.id == Post.parent_id, _parent.thread_id == Post.thread_id))
        .outerjoin(_parent_author, _parent_author.id == _parent.author_id)
        .outerjoin(
            Enrollment,
            and_(
                Enrollment.course_id == Post.course_id,
                Enrollment.account_id == Post.author_id,
                holds_at(Enrollment, Post.arrived_at),
            ),
        )
        .outerjoin(_endorser, _endorser.id == Post.endorsed_by_id)
        .outerjoin(_pinner, _pinner.id == Post.pinned_by_id)
    )


class _Statements:
    """What is asked of the posts of a thread, for one kind of viewer."""

    def __init__(self, staff: bool, others: bool, somebody: bool) -> None:
        reader = bindparam("reader", type_=Integer()) if somebody else None
        at = bindparam("at", type_=Instant())
        # The page is made for all of a kind: what waits or is set apart its readers get beside it (`waiting_in`,
        # `beside_in`). Who sees no posts of others is a kind of one.
        of_kind = shared_terms(at)
        if not (staff or others):
            of_kind = and_(of_kind, readers_terms(reader, at, staff=False))
        seen = and_(Post.thread_id == bindparam("thread", type_=Integer()), of_kind)
        rows = whole_posts().where(seen).order_by(Post.path, Post.id)
        self.page = Prepared(rows.where(Post.path >= _start).limit(at_most(PAGE + 1)))
        is_marked = or_(Post.endorsed_at.is_not(None), Post.pinned_at.is_not(None))
        self.marked = Prepared(rows.where(is_marked, Post.removed_at.is_(None)))
        self.earlier = Prepared(
            select(Post.path).where(seen, Post.path < _start).order_by(Post.path.desc()).limit(at_most(PAGE))
        )
        answers = Post.opens_thread.is_(False)
        self.counts = Prepared(
            select(
                func.count().filter(Post.removed_at.is_(None)).label("posts"),
                func.count().filter(answers).label("answers"),
                func.count().filter(answers, Post.path < _start).label("answers_before"),
            )
            .select_from(Post)
            .where(seen)
        )


_statements = cache(_Statements)


def _asked_of(view: ThreadView, start: bytes | None) -> tuple[_Statements, dict[str, Any]]:
    board, reader = view.board, view.board.member.account_id
    kind = _statements(board.actor == "staff", board.others_shown, bool(reader))
    return kind, {"thread": view.thread.id, "at": board.at, "reader": reader, "start": start or b""}


def posts_page(
    session: Session, view: ThreadView, *, start: bytes | None = None
) -> tuple[Sequence[Any], bytes | None, bytes | None]:
    """Posts of a thread in the order of its tree from `start` (a path) on, and where the next and previous page begin.

    Two statements at most, whatever the thread holds: pages are found by key, not by counting.
    """
    statements, values = _asked_of(view, start)
    rows = statements.page.all(session, values)
    after = rows[PAGE].path if len(rows) > PAGE else None
    earlier = statements.earlier.all(session, values) if start else ()
    return rows[:PAGE], after, earlier[-1].path if earlier else None


def marked_posts(session: Session, view: ThreadView) -> Sequence[Any]:
    """The posts of a thread that staff endorsed or pinned, as `posts_page` gives them; nothing is asked if there are none."""
    if not view.thread.marked:
        return ()
    statements, values = _asked_of(view, None)
    return statements.marked.all(session, values)


@dataclass(frozen=True)
class Counts:
    """Of the posts that a member may see in a thread: how many there are, and, with placeholders of removed ones,
    how many answers in all and before a page. Nothing of it tells of a post that they may not see."""

    posts: int
    answers: int
    answers_before: int


def count_seen(session: Session, view: ThreadView, start: bytes | None = None) -> Counts:
    statements, values = _asked_of(view, start)
    return Counts(*statements.counts.all(session, values)[0])


def page_start_of(session: Session, view: ThreadView, post: Post) -> bytes | None:
    """Where a page of the thread begins that has this post on it; None for its first page.

    A private post stands under the one that it answers, on its page.
    """
    path = post.path if post.private_with_id is None else post.path[:-4]
    seen = and_(
        Post.thread_id == view.thread.id, seen_posts(view.board), Post.appears_at <= view.board.at,
        not_set_apart(), Post.path < path,
    )  # fmt: skip
    before, in_branch = session.execute(
        select(func.count(), func.count().filter(Post.path >= path[:4])).where(seen)
    ).one()
    if before < PAGE:
        return None
    return path[:4] if in_branch < PAGE else path


_OPENING_REMOVED = Prepared(
    select(
        exists()
        .where(
            Post.thread_id == bindparam("thread", type_=Integer()),
            Post.opens_thread,
            Post.removed_at.is_not(None),
        )
        .label("removed")
    )
)


def is_opening_removed(session: Session, thread_id: int) -> bool:
    """Whether the post that opened a thread was removed, and its title with it."""
    return bool(_OPENING_REMOVED.all(session, {"thread": thread_id})[0].removed)
