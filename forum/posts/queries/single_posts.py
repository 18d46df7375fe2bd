"""One post with its thread, its texts, and drafts of their author."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...accounts.models import Account
from ...core.errors import NotHere
from ...courses.policy import Member
from ..models import Draft, Post, Revision, Thread
from ..names import shown_name
from ..rules import Place
from .thread_views import ThreadView, thread_view
from .visibility import seen_posts


@dataclass(frozen=True)
class PostView:
    post: Post
    thread: ThreadView
    author: str


def post_view(
    session: Session, member: Member, public_id: str, at: datetime, *, lock: bool = False
) -> PostView:
    """One post by its public id with its thread; NotHere if it is not for this member."""
    row = session.execute(
        select(Post.id, Thread.public_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.public_id == public_id, Post.course_id == member.course_id)
    ).first()
    if row is None:
        raise NotHere
    thread = thread_view(session, member, row.public_id, at, lock=lock)
    post = session.scalars(
        select(Post)
        .where(Post.id == row.id, seen_posts(thread.board))
        .execution_options(populate_existing=lock)
    ).first()
    if post is None:
        raise NotHere
    # A thread's page says when its board opens; a post of it is nobody's to read before, but its author's.
    if post.author_id != member.account_id and thread.board.why_not_read() is not None:
        raise NotHere
    author = session.get_one(Account, post.author_id).name
    return PostView(post, thread, shown_name(member, author, anonymous=post.anonymity != "none"))


def revisions_of(
    session: Session, member: Member, post: Post, *, since_shown: bool = False
) -> Sequence[tuple[Revision, str]]:
    """The texts of a post with who wrote each as a member is told it, first to last.

    `since_shown` leaves out those from before the post was shown: when it was handed in, or what it said as long as only
    staff read it, is its author's and staff's to know.
    """
    found = [
        (revision, shown_name(member, name, anonymous=_is_anonymous(post, revision)))
        for revision, name in session.execute(
            select(Revision, Account.name)
            .join(Account, Account.id == Revision.author_id)
            .where(Revision.post_id == post.id)
            .order_by(Revision.number)
        )
    ]
    if not since_shown or post.appears_at == post.arrived_at:
        return found
    first = max(
        (place for place, (text, _) in enumerate(found) if text.arrived_at <= post.appears_at), default=0
    )
    return found[first:]


def _is_anonymous(post: Post, revision: Revision) -> bool:
    return post.anonymity != "none" and revision.author_id == post.author_id


def source_of(session: Session, post: Post) -> str:
    """The latest text of a post as it was typed."""
    return (
        session.scalar(
            select(Revision.source).where(Revision.post_id == post.id, Revision.number == post.revision)
        )
        or ""
    )


def draft_at(session: Session, account_id: int, place: Place) -> Draft | None:
    """The author's own draft for a place; there is no other way to a draft."""
    return session.scalars(
        select(Draft).where(Draft.account_id == account_id, Draft.place == str(place))
    ).first()
