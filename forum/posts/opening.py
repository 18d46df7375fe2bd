"""Opening a question to staff to the course: staff ask its author, who answers in one act, and staff open it then.

It appears to others at that instant, with all that is written in it, and counts from then on by its own arrival (docs/time.md,
rule 17). Without its author's name it is a student's for everybody but staff, for ever.
"""

from datetime import datetime

from sqlalchemy import case, literal, update
from sqlalchemy.orm import Session

from ..core.db import Instant
from ..core.errors import NotAllowed, NotHere, Refused
from ..courses.policy import Action, Member
from ..ledger.commands import open_news, record
from .models import Post, ReadMark, Thread
from .names import NAMELESS
from .queries import ThreadView, thread_view

NAMED, KEPT, ASKED = "named", "kept", "asked"
ANSWERS = (NAMED, NAMELESS, KEPT)


def _view(session: Session, member: Member, thread_id: str, at: datetime) -> ThreadView:
    view = thread_view(session, member, thread_id, at, lock=True)
    if view.thread.asker_id is None:
        raise Refused("is_open")
    return view


def _put(session: Session, member: Member, view: ThreadView, opening: str, deed: str, at: datetime) -> None:
    if view.thread.opening == opening:
        return
    view.thread.opening = opening
    view.thread.version += 1
    session.flush()
    record(
        session, deed, "thread", view.thread.id, actor_id=member.account_id, at=at, course_id=member.course_id
    )


def ask_to_open(session: Session, member: Member, thread_id: str, *, at: datetime) -> None:
    """Ask who asked whether the thread may be opened; again after a no. What they answered stands until they answer anew.

    NotAllowed for who is no staff; Refused (is_open, thread_removed).
    """
    if not member.may(Action.MODERATE):
        raise NotAllowed
    view = _view(session, member, thread_id, at)
    if view.thread.removed_at is not None:
        raise Refused("thread_removed")
    if view.thread.opening in ("", KEPT):
        _put(session, member, view, ASKED, "asked_to_open", at)


def answer_opening(session: Session, member: Member, thread_id: str, answer: str, *, at: datetime) -> None:
    """What its author answers: with the name, without it, or no; anew as often as they like until it is opened.

    NotHere for everybody else; Refused (is_open, not_asked).
    """
    if answer not in ANSWERS:
        raise NotHere
    view = _view(session, member, thread_id, at)
    if view.thread.asker_id != member.account_id:
        raise NotHere
    if not view.thread.opening:
        raise Refused("not_asked")
    _put(session, member, view, answer, f"answered_opening_{answer}", at)


def open_thread(session: Session, member: Member, thread_id: str, *, at: datetime) -> Thread:
    """Open it to the course as its author answered: from `at` on it is there for others, and new.

    NotAllowed for who is no staff; Refused (is_open, no_consent, thread_removed). Nothing takes it back but removing it.
    """
    if not member.may(Action.MODERATE):
        raise NotAllowed
    view = _view(session, member, thread_id, at)
    thread, asker_id = view.thread, view.thread.asker_id
    if thread.removed_at is not None:
        raise Refused("thread_removed")
    if thread.opening not in (NAMED, NAMELESS):
        raise Refused("no_consent")
    thread.asker_id = None
    thread.last_post_at = max(
        thread.last_post_at, at
    )  # no page of an instant before is kept under the new version
    session.flush()
    own = Post.author_id == asker_id
    session.execute(
        update(Post)
        .where(Post.thread_id == thread.id)
        .values(
            asker_id=None,
            appears_at=case((Post.appears_at > at, Post.appears_at), else_=literal(at, Instant())),
            anonymity=case((own, "peers"), else_=Post.anonymity)
            if thread.opening == NAMELESS
            else Post.anonymity,
        )
    )
    # What author and staff had read stays read.
    session.execute(update(ReadMark).where(ReadMark.thread_id == thread.id, ReadMark.at < at).values(at=at))
    open_news(session, thread.id, at=at)
    thread.version += 1
    session.flush()
    record(session, f"opened_{thread.opening}", "thread", thread.id, actor_id=member.account_id, at=at,
           course_id=member.course_id)  # fmt: skip
    return thread
