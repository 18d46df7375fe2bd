"""Marking as new by hand: a read mark is taken back to just before a post.

What was written since that post, and the post itself, is new again, but for one's own posts and those that one answered.
Nothing but pressing *I have read to here* marks as read, so what was marked as new stays so until then.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from ..core.errors import Refused
from ..courses.policy import Member
from .models import ReadMark
from .queries import PostView

_JUST_BEFORE = timedelta(microseconds=1)


def mark_new_from(session: Session, member: Member, view: PostView) -> None:
    """A post and what came since is new to a member; nothing changes where they have read nothing yet.

    Refused: unread_own, where it is the member's own post and so never new to them.
    """
    post, thread = view.post, view.thread.thread
    if post.author_id == member.account_id:
        raise Refused("unread_own")
    mark = session.get(ReadMark, (member.account_id, thread.id)) if member.account_id else None
    if mark is None:
        return
    mark.position = min(mark.position, post.position - 1)
    mark.at = min(mark.at, post.appears_at - _JUST_BEFORE)
    session.flush()
