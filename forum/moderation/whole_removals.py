"""Removing all that one person wrote in a course in one act, as of a spammer, and bringing it back in one.

Each post is removed as staff remove a single one: a line stands in its place and its author reads the reason there. What
they handed in to be shown later is nobody's to see before, and stays. All run inside transaction().
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..core.errors import NotAllowed, NotHere, Refused
from ..courses.models import Enrollment
from ..courses.policy import Action, Member, Role
from ..courses.queries import holds_at
from ..ledger.commands import record
from ..ledger.models import AuditEntry
from ..posts.models import Post, Thread
from ..posts.waiting import settle_appeared
from .queries import seen_by_staff

REMOVED_ALL, RESTORED_ALL = "removed_all_posts", "restored_all_posts"


@dataclass(frozen=True)
class Written:
    """What one person wrote in a course, as a member of its staff sees it: posts that are there, threads that some of
    these open, boards that they are on."""

    posts: int
    threads: int
    boards: int


@dataclass(frozen=True)
class WholeRemoval:
    """That staff removed all posts of one person: the entry of the ledger, who did it, and what is still removed of it."""

    id: int
    at: datetime
    by: str | None
    reason: str
    posts: int


def written_by(session: Session, member: Member, author_id: int, at: datetime) -> Written:
    """What there is of one person's for staff to remove; one statement."""
    statement = select(
        func.count().label("posts"),
        func.count().filter(Post.opens_thread).label("threads"),
        func.count(Post.board_id.distinct()).label("boards"),
    ).select_from(Post)
    row = session.execute(seen_by_staff(statement, member, at).where(*_there(author_id, at))).one()
    return Written(row.posts, row.threads, row.boards)


def _there(author_id: int, at: datetime) -> tuple[Any, ...]:
    return Post.author_id == author_id, Post.removed_at.is_(None), Post.appears_at <= at


def whole_removals_of(session: Session, member: Member, author_id: int, at: datetime) -> list[WholeRemoval]:
    """The acts by which all posts of one person were removed and of which something is still removed, the last first."""
    statement = (
        select(
            AuditEntry.id, AuditEntry.at, Account.name, func.max(Post.removal_reason).label("reason"),
            func.count().label("posts"),
        )
        .select_from(Post)
        .join(AuditEntry, _is_of_the_act())
        .outerjoin(Account, Account.id == AuditEntry.actor_id)
    )  # fmt: skip
    rows = session.execute(
        seen_by_staff(statement, member, at)
        .where(Post.author_id == author_id)
        .group_by(AuditEntry.id, AuditEntry.at, Account.name)
        .order_by(AuditEntry.id.desc())
    )
    return [WholeRemoval(row.id, row.at, row.name, row.reason or "", row.posts) for row in rows]


def _is_of_the_act() -> Any:
    return (
        (AuditEntry.deed == REMOVED_ALL)
        & (AuditEntry.course_id == Post.course_id)
        & (AuditEntry.subject_id == Post.author_id)
        & (AuditEntry.at == Post.removed_at)
        & (AuditEntry.actor_id == Post.removed_by_id)
    )


def why_not_remove_all(session: Session, member: Member, author_id: int, at: datetime) -> str | None:
    """The code of why the posts of a person are not removed all at once: what staff of the course write is not."""
    is_staff = exists().where(
        Enrollment.course_id == member.course_id, Enrollment.account_id == author_id,
        Enrollment.role.in_((Role.ASSISTANT, Role.INSTRUCTOR)), holds_at(Enrollment, at),
    )  # fmt: skip
    return "written_by_staff" if session.scalar(select(is_staff)) else None


def remove_all_of(session: Session, member: Member, author_id: int, reason: str, *, at: datetime) -> int:
    """Remove all posts of one person that this member of the staff sees and that are there; how many they were.

    Owes their author a reason: `Refused` without one, and for what staff wrote.
    """
    if not member.may(Action.MODERATE):
        raise NotAllowed
    if not reason.strip():
        raise Refused("reason_missing")
    if (code := why_not_remove_all(session, member, author_id, at)) is not None:
        raise Refused(code)
    posts = _locked(session, member, at, *_there(author_id, at))
    for post in posts:
        post.removed_at, post.removed_by_id, post.removal_reason = at, member.account_id, reason
    _note(session, member, posts, author_id, at, removed=True)
    return len(posts)


def restore_all_of(session: Session, member: Member, author_id: int, act_id: int, *, at: datetime) -> int:
    """Bring back what one act of removing all posts of a person took and nobody has brought back since; how many they
    were. NotHere if there is no such act."""
    if not member.may(Action.MODERATE):
        raise NotAllowed
    act = session.get(AuditEntry, act_id)
    if act is None or (act.deed, act.course_id, act.subject_id) != (REMOVED_ALL, member.course_id, author_id):
        raise NotHere
    posts = _locked(
        session, member, at,
        Post.author_id == author_id, Post.removed_at == act.at, Post.removed_by_id == act.actor_id,
    )  # fmt: skip
    for post in posts:
        post.removed_at = post.removed_by_id = post.removal_reason = None
    _note(session, member, posts, author_id, at, removed=False)
    return len(posts)


def _locked(session: Session, member: Member, at: datetime, *which: Any) -> Sequence[Post]:
    """Posts that this member of the staff sees, their threads locked, with the places of what has appeared."""
    wanted = seen_by_staff(select(Post.thread_id).select_from(Post), member, at).where(*which)
    thread_ids = sorted(set(session.scalars(wanted)))
    session.execute(select(Thread.id).where(Thread.id.in_(thread_ids)).order_by(Thread.id).with_for_update())
    waited = select(Post.thread_id).where(Post.thread_id.in_(thread_ids), Post.scheduled_for.is_not(None))
    for thread_id in sorted(set(session.scalars(waited))):
        settle_appeared(session, thread_id, at)
    found = seen_by_staff(select(Post), member, at).where(*which).order_by(Post.id)
    return session.scalars(found.execution_options(populate_existing=True)).all()


def _note(
    session: Session, member: Member, posts: Sequence[Post], author_id: int, at: datetime, *, removed: bool
) -> None:  # fmt: skip
    """Tell the threads, which are read by others, and the ledger: of each post, and of the act."""
    shown: dict[int, int] = defaultdict(int)
    for post in posts:
        if not post.is_set_apart:
            shown[post.thread_id] += 1
    for thread in session.scalars(select(Thread).where(Thread.id.in_(shown))):
        thread.version += 1
        thread.posts += -shown[thread.id] if removed else shown[thread.id]
    session.flush()
    for post in posts:
        record(session, "removed" if removed else "restored", "post", post.id, actor_id=member.account_id, at=at,
               course_id=member.course_id)  # fmt: skip
    if posts:
        record(session, REMOVED_ALL if removed else RESTORED_ALL, "account", author_id, actor_id=member.account_id,
               at=at, course_id=member.course_id, posts=len(posts))  # fmt: skip
