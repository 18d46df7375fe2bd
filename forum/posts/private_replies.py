"""A private reply by staff to one student: only that student and the staff who see them ever read it.

Nobody answers it, it counts for nobody's checkpoints, and it changes nothing in its thread that others could notice.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.errors import NotAllowed, Refused
from ..courses.models import Enrollment
from ..courses.policy import Action, Member, Role
from ..courses.queries import holds_at
from ..ledger.commands import record
from .adding import Posted, add_post
from .commands import repeated
from .drafts import Written, drop_draft
from .queries import PostView, lock_thread, post_view
from .rules import Place


def why_not_reply_privately(session: Session, view: PostView, at: datetime) -> Refused | None:
    """Why the author of a post cannot be answered privately now, the right of staff to do so having been asked."""
    if view.post.private_with_id is not None:
        return Refused("parent_private")
    if view.post.removed_at is not None:
        return Refused("parent_removed")
    student = select(Enrollment.id).where(
        Enrollment.course_id == view.post.course_id, Enrollment.account_id == view.post.author_id,
        Enrollment.role == Role.STUDENT, holds_at(Enrollment, at),
    )  # fmt: skip
    if session.execute(student.limit(1)).first() is None:
        return Refused("no_student")
    refusal = view.thread.board.why_not_post(view.thread.thread)
    return Refused(refusal.code, refusal.values) if refusal is not None else None


def reply_privately(
    session: Session, member: Member, post_id: str, written: Written, *, at: datetime, now: datetime
) -> Posted:
    """Answer one student's post so that only they and staff read it; `at` is its arrival, `now` the request's instant.

    NotAllowed for who is no staff; `Refused` as `why_not_reply_privately` says. The same key with the same words gives
    the post that is there already.
    """
    if not member.may(Action.REPLY_PRIVATELY):
        raise NotAllowed
    view = post_view(session, member, post_id, at)
    lock_thread(session, member.course_id, view.thread.thread.public_id)
    if (repeat := repeated(session, member.account_id, written)) is not None:
        return repeat
    view = post_view(session, member, post_id, at, lock=True)
    if (refused := why_not_reply_privately(session, view, now)) is not None:
        raise refused
    drop_draft(session, member.account_id, Place("private", post_id), written)
    posted = add_post(
        session, view.thread.board, view.thread.thread, view.post, written, at, now,
        private_with=view.post.author_id,
    )  # fmt: skip
    record(session, "replied_privately", "post", posted.id, actor_id=member.account_id, at=now,
           course_id=member.course_id, addressee=view.post.author_id)  # fmt: skip
    return posted
