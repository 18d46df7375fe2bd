"""What staff mark in a thread: answers that they endorse, posts that they pin. Each mark says who set it and when.

All run inside transaction(), and change nothing when pressed twice: the first mark stays as it is.
"""

from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from ..boards.rules.values import Refusal
from ..core.errors import NotAllowed, Refused
from ..courses.policy import Action, Member
from ..ledger.commands import record
from .models import Post, Thread
from .queries import PostView, post_view


def why_not_mark(view: PostView) -> Refusal | None:
    """Why a post cannot be marked: it must be an answer that everyone in the discussion can read."""
    post = view.post
    if post.opens_thread:
        return Refusal("opening_not_marked")
    if post.removed_at is not None:
        return Refusal("removed_not_marked")
    if post.held_at is not None or post.private_with_id is not None or post.appears_at > view.thread.board.at:
        return Refusal("unseen_not_marked")
    return None


def why_not_endorse(view: PostView) -> Refusal | None:
    """Why a post cannot be endorsed: answers are, on boards of questions."""
    if view.thread.board.board.form != "question":
        return Refusal("no_question")
    return why_not_mark(view)


def endorse_answer(session: Session, member: Member, post_id: str, *, at: datetime) -> Post:
    """Mark an answer as endorsed; several of a thread may be."""
    view = _view(session, member, post_id, at)
    _refuse(why_not_endorse(view))
    if view.post.endorsed_at is None:
        view.post.endorsed_at, view.post.endorsed_by_id = at, member.account_id
        _note(session, member, view, "endorsed", at)
    return view.post


def take_back_endorsement(session: Session, member: Member, post_id: str, *, at: datetime) -> Post:
    """An answer is endorsed no longer: neither by whom nor when it was is kept with it."""
    view = _view(session, member, post_id, at)
    if view.post.endorsed_at is not None:
        view.post.endorsed_at = view.post.endorsed_by_id = None
        _note(session, member, view, "endorsement_taken_back", at)
    return view.post


def pin_post(session: Session, member: Member, post_id: str, *, at: datetime) -> Post:
    """Pin a post inside its thread: it is listed above the others."""
    view = _view(session, member, post_id, at)
    _refuse(why_not_mark(view))
    if view.post.pinned_at is None:
        view.post.pinned_at, view.post.pinned_by_id = at, member.account_id
        _note(session, member, view, "pinned", at)
    return view.post


def unpin_post(session: Session, member: Member, post_id: str, *, at: datetime) -> Post:
    view = _view(session, member, post_id, at)
    if view.post.pinned_at is not None:
        view.post.pinned_at = view.post.pinned_by_id = None
        _note(session, member, view, "unpinned", at)
    return view.post


def recount_marked(session: Session, thread_id: int) -> None:
    """Count the marked posts of a thread anew: after a mark, and after posts came into it or left it."""
    marked = (
        select(func.count())
        .select_from(Post)
        .where(Post.thread_id == thread_id, or_(Post.endorsed_at.is_not(None), Post.pinned_at.is_not(None)))
        .scalar_subquery()
    )
    session.execute(update(Thread).where(Thread.id == thread_id).values(marked=marked))


def _view(session: Session, member: Member, post_id: str, at: datetime) -> PostView:
    if not member.may(Action.MODERATE):
        raise NotAllowed
    return post_view(session, member, post_id, at, lock=True)


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal.code, refusal.values)


def _note(session: Session, member: Member, view: PostView, deed: str, at: datetime) -> None:
    view.thread.thread.version += 1
    session.flush()
    recount_marked(session, view.post.thread_id)
    record(session, deed, "post", view.post.id, actor_id=member.account_id, at=at, course_id=member.course_id)
