"""What staff see of posts to look at: flagged, held and removed ones, each with what it answered and why it is here."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from ..accounts.models import Account
from ..boards.models import Board
from ..boards.queries import visible_boards
from ..core.errors import NotHere
from ..courses.policy import Member
from ..posts.models import Post, Thread
from ..posts.queries import post_clause, thread_clause
from .models import Flag

SHOWN = 50  # of each kind on a page, the oldest first; of removed ones the newest
KINDS = ("flagged", "held", "removed")
_remover = aliased(Account)


@dataclass(frozen=True)
class FlagLine:
    """A flag that staff have not settled. `by` is empty for who wrote the post: they are never told who flagged it."""

    by: str | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class Answered:
    """What a post answers, as its context."""

    author: str
    html: str


@dataclass(frozen=True)
class Case:
    """A post that staff look at."""

    id: int
    public_id: str
    thread_public_id: str
    title: str
    author_id: int
    author: str
    author_public_id: str
    html: str
    at: datetime
    held_at: datetime | None
    removed_at: datetime | None
    removed_by: str | None
    by_author: bool
    removal_reason: str | None
    flags: Sequence[FlagLine]
    answers: Answered | None


_COLUMNS = (
    Post.id, Post.public_id, Post.parent_id, Post.author_id, Post.html, Post.appears_at, Post.held_at, Post.removed_at,
    Post.removed_by_id, Post.removal_reason, Thread.public_id.label("thread_public_id"), Thread.title,
    Board.title.label("board"), Account.name.label("author"), Account.public_id.label("author_public_id"),
    _remover.name.label("removed_by"),
)  # fmt: skip


def seen_by_staff(statement: Select, member: Member, at: datetime) -> Select:
    """A statement that has Post in its FROM, of what this member of staff may see of it."""
    statement = statement.join(Thread, Thread.id == Post.thread_id).join(Board, Board.id == Post.board_id)
    return visible_boards(statement, member, at).where(
        thread_clause(member, "staff", at),
        post_clause(member, "staff", at, others=True),
        Post.course_id == member.course_id,
    )


def _is(kind: str) -> Any:
    there = Post.removed_at.is_(None)
    return {
        "flagged": and_(Post.flags > 0, there),
        "held": and_(Post.held_at.is_not(None), there),
        "removed": and_(Post.removed_at.is_not(None), Post.removed_by_id != Post.author_id),
    }[kind]


def cases_in(session: Session, member: Member, kind: str, at: datetime) -> list[Case]:
    """Posts of a course that staff are to look at (or, `removed`, that staff took away); three statements at most."""
    order = Post.removed_at.desc() if kind == "removed" else Post.appears_at
    statement = seen_by_staff(_selected(), member, at).where(_is(kind)).order_by(order, Post.id).limit(SHOWN)
    return _cases(session, member, session.execute(statement).all(), at)


def count_cases(session: Session, member: Member, at: datetime) -> dict[str, int]:
    """How many there are of each kind that waits for staff; one statement."""
    kinds = [func.count().filter(_is(kind)).label(kind) for kind in ("flagged", "held")]
    waiting = or_(*(_is(kind) for kind in ("flagged", "held")))
    return dict(
        session.execute(seen_by_staff(select(*kinds).select_from(Post), member, at).where(waiting))
        .one()
        ._mapping
    )


def case_for(session: Session, member: Member, post_id: str, at: datetime) -> Case:
    """Any one post as staff look at it, by its public id; NotHere if it is not for this member."""
    rows = session.execute(seen_by_staff(_selected(), member, at).where(Post.public_id == post_id)).all()
    if not rows:
        raise NotHere
    return _cases(session, member, rows, at)[0]


def _selected() -> Select:
    return (
        select(*_COLUMNS)
        .select_from(Post)
        .join(Account, Account.id == Post.author_id)
        .outerjoin(_remover, _remover.id == Post.removed_by_id)
    )


def _cases(session: Session, member: Member, rows: Sequence[Any], at: datetime) -> list[Case]:
    flags = _flags(session, member, rows)
    parents = _parents(session, member, {row.parent_id for row in rows if row.parent_id is not None}, at)
    return [
        Case(
            row.id, row.public_id, row.thread_public_id, row.title or row.board, row.author_id, row.author,
            row.author_public_id, row.html, row.appears_at, row.held_at, row.removed_at, row.removed_by,
            row.removed_by_id == row.author_id, row.removal_reason, flags[row.id], parents.get(row.parent_id),
        )
        for row in rows
    ]  # fmt: skip


def _flags(session: Session, member: Member, rows: Sequence[Any]) -> dict[int, list[FlagLine]]:
    found: dict[int, list[FlagLine]] = defaultdict(list)
    own = {row.id for row in rows if row.author_id == member.account_id}
    if not rows:
        return found
    for flag, name in session.execute(
        select(Flag, Account.name)
        .join(Account, Account.id == Flag.account_id)
        .where(Flag.post_id.in_([row.id for row in rows]), Flag.settled_at.is_(None))
        .order_by(Flag.flagged_at, Flag.id)
    ):
        by = None if flag.post_id in own else name
        found[flag.post_id].append(FlagLine(by, flag.reason, flag.flagged_at))
    return found


def _parents(session: Session, member: Member, ids: set[int], at: datetime) -> dict[int, Answered]:
    """What posts answer, as far as this member sees it and it was not removed."""
    if not ids:
        return {}
    rows = session.execute(
        seen_by_staff(select(Post.id, Account.name, Post.html).join(Account, Account.id == Post.author_id), member, at)
        .where(Post.id.in_(ids), Post.removed_at.is_(None))
    )  # fmt: skip
    return {row.id: Answered(row.name, row.html) for row in rows}
