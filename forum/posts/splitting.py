"""Splitting a thread: a post and all below it become a thread of its own on the same board.

Positions stay as they are, so that order and what each person has read stay exact: a read mark of the old thread is one of
the new thread, too. Whom a post answers is never changed, since it counts (docs/time.md, rule 17): the post that opens the
new thread still answers the one that it answered, and meets what it met as a reply.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session

from ..boards.rules.values import Refusal
from ..core.errors import NotAllowed, Refused
from ..courses.policy import Action, Member
from ..ledger.commands import move_news_of, record
from .citing import recount_beyond
from .marking import recount_marked
from .models import Post, ReadMark, Thread
from .names import NAMELESS
from .queries import PostView, post_view
from .rules import BESIDE, SPLIT_FORMS, path_below
from .waiting import settle_appeared


@dataclass(frozen=True)
class Split:
    """A thread that was made of a branch: its public id, that of the thread it was in, and how many posts went along."""

    public_id: str
    left: str
    posts: int


def why_not_split(view: PostView) -> Refusal | None:
    """Why no thread can be made of this post and what is below it. Codes: split_form, split_asked, split_nameless,
    split_opening, split_private, split_unseen."""
    post = view.post
    if view.thread.board.board.form not in SPLIT_FORMS or view.thread.thread.is_prompt:
        return Refusal("split_form")
    if post.asker_id is not None:
        return Refusal("split_asked")
    if view.thread.thread.opening == NAMELESS:
        return Refusal("split_nameless")
    if post.opens_thread:
        return Refusal("split_opening")
    if post.private_with_id is not None:
        return Refusal("split_private")
    if post.removed_at is not None or post.held_at is not None or post.appears_at > view.thread.board.at:
        return Refusal("split_unseen")
    return None


def posts_below(session: Session, post: Post) -> int:
    """How many posts that all can read would go along with this one."""
    branch = _branch(session, post)
    return sum(_is_plain(each) for each in branch) - 1


def split_thread(session: Session, member: Member, post_id: str, title: str, *, at: datetime) -> Split:
    """Make a thread of a post and all below it; Refused as `why_not_split` says."""
    if not member.may(Action.MODERATE):
        raise NotAllowed
    view = post_view(session, member, post_id, at, lock=True)
    if (refusal := why_not_split(view)) is not None:
        raise Refused(refusal.code, refusal.values)
    old = view.thread.thread
    settle_appeared(session, old.id, at)
    branch = _branch(session, view.post)
    new = Thread(
        course_id=old.course_id, board_id=old.board_id, group_id=old.group_id, author_id=view.post.author_id, title=title,
        created_at=view.post.arrived_at, last_post_at=view.post.appears_at, last_position=old.last_position,
    )  # fmt: skip
    session.add(new)
    session.flush()
    _put(branch, new)
    plain = [post for post in branch if _is_plain(post)]
    new.posts = len(plain)
    old.posts -= len(plain)
    old.version += 1
    session.flush()
    for thread in (old, new):
        thread.last_post_at = session.scalar(
            select(func.max(Post.appears_at)).where(
                Post.thread_id == thread.id, Post.position < BESIDE, Post.appears_at <= at
            )
        ) or thread.last_post_at  # fmt: skip
    session.execute(
        insert(ReadMark).from_select(
            ["account_id", "thread_id", "position", "at"],
            select(ReadMark.account_id, literal(new.id), ReadMark.position, ReadMark.at).where(
                ReadMark.thread_id == old.id
            ),
        )
    )
    move_news_of(session, [post.id for post in branch], thread_id=new.id)
    session.flush()
    for thread in (old, new):
        recount_marked(session, thread.id)
        recount_beyond(session, thread.id)
    record(session, "split", "thread", old.id, actor_id=member.account_id, at=at, course_id=member.course_id,
           post_id=view.post.id, to_thread=new.id, posts=len(branch))  # fmt: skip
    return Split(new.public_id, old.public_id, len(plain))


def _branch(session: Session, post: Post) -> Sequence[Any]:
    """A post and all below it, those that are private or wait too, each after what it answers."""
    rows = session.scalars(select(Post).where(Post.thread_id == post.thread_id).order_by(Post.id)).all()
    ids, found = {post.id}, [post]
    for row in rows:  # who answers was written after what they answer
        if row.parent_id in ids:
            ids.add(row.id)
            found.append(row)
    return found


def _put(branch: Sequence[Any], thread: Thread) -> None:
    """Give the posts of a branch their places in its own thread; the first opens it, and answers to that stand beside it."""
    opening = branch[0]
    opening.opens_thread = True
    places: dict[int, Any] = {}
    for post in branch:
        above = places.get(post.parent_id) if post.parent_id != opening.id and post is not opening else None
        post.thread_id = thread.id
        post.depth = above.depth + 1 if above is not None else 0
        post.path = path_below(above.path if above is not None else None, post.position)
        places[post.id] = post


def _is_plain(post: Post) -> bool:
    return (
        post.removed_at is None
        and post.held_at is None
        and post.private_with_id is None
        and post.position < BESIDE
    )
