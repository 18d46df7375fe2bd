"""What can be done about posts of others: flagging them, taking a flag back, keeping what was flagged.

All run inside transaction() and lock the thread, under which the number of a post's flags is counted.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..core.errors import NotAllowed, Refused
from ..courses.policy import Action, Member
from ..ledger.commands import record
from ..posts.models import Post
from ..posts.queries import post_view
from .models import Flag
from .rules import is_settled


def flag_post(session: Session, member: Member, post_id: str, reason: str, *, at: datetime) -> None:
    """Ask staff to look at a post; once for each member, the reason given last stands."""
    post = post_view(session, member, post_id, at, lock=True).post
    if not member.may(Action.FLAG):
        raise NotAllowed
    if (code := why_not_flag(member, post)) is not None:
        raise Refused(code)
    flag = own_flag(session, member, post)
    if flag is None:
        flag = Flag(course_id=member.course_id, post_id=post.id, account_id=member.account_id)
        session.add(flag)
    elif is_settled(flag.settled_at, post.edited_at):
        raise Refused("flag_settled")
    flag.reason, flag.flagged_at, flag.settled_at, flag.settled_by_id = reason, at, None, None
    _count(session, post)
    record(session, "flagged", "post", post.id, actor_id=member.account_id, at=at, course_id=member.course_id)


def why_not_flag(member: Member, post: Post) -> str | None:
    """The code of why a post that this member sees is not flagged by them, whatever they flagged before."""
    if post.author_id == member.account_id:
        return "own_post"
    return "nothing_to_flag" if post.removed_at is not None else None


def own_flag(session: Session, member: Member, post: Post) -> Flag | None:
    """The asking member's flag on a post: there is no other way to a flag but the queue of staff."""
    return session.scalars(
        select(Flag).where(Flag.post_id == post.id, Flag.account_id == member.account_id)
    ).first()


def unflag_post(session: Session, member: Member, post_id: str, *, at: datetime) -> None:
    """Take one's own flag back; without one, nothing happens. What staff settled stays as it was."""
    post = post_view(session, member, post_id, at, lock=True).post
    flag = own_flag(session, member, post)
    if flag is None or flag.settled_at is not None:
        return
    session.delete(flag)
    _count(session, post)
    record(
        session, "unflagged", "post", post.id, actor_id=member.account_id, at=at, course_id=member.course_id
    )


def keep_post(session: Session, member: Member, post_id: str, *, at: datetime) -> int:
    """Settle all flags on a post: staff looked at it and it stays. How many they were."""
    post = post_view(session, member, post_id, at, lock=True).post
    if not member.may(Action.MODERATE):
        raise NotAllowed
    flags = session.scalars(select(Flag).where(Flag.post_id == post.id, Flag.settled_at.is_(None))).all()
    for flag in flags:
        flag.settled_at, flag.settled_by_id = at, member.account_id
    if flags:
        _count(session, post)
        record(session, "kept", "post", post.id, actor_id=member.account_id, at=at, course_id=member.course_id,
               flags=len(flags))  # fmt: skip
    return len(flags)


def _count(session: Session, post: Post) -> None:
    session.flush()
    post.flags = session.scalar(
        select(func.count()).select_from(Flag).where(Flag.post_id == post.id, Flag.settled_at.is_(None))
    ) or 0  # fmt: skip
    session.flush()
