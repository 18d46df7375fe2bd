"""A thread as one member sees it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Integer, String, and_, bindparam, func, select
from sqlalchemy.orm import Session

from ...boards import queries as boards
from ...boards.models import Board
from ...core.db import Instant
from ...core.errors import NotHere
from ...core.prepared import Prepared
from ...courses.policy import Member
from ...courses.queries import may_see_unpublished
from ..models import Draft, Post, ReadMark, Thread
from .board_views import BoardView, view_of
from .visibility import thread_terms


@dataclass(frozen=True)
class Mark:
    """How far someone has read a thread: to a position, as of the instant of the page that showed it."""

    position: int
    at: datetime


@dataclass(frozen=True)
class ThreadView:
    """A thread as one member sees it: the thread, its board, their read mark and their draft of an answer.

    Where it was only to be read, `thread` is a named tuple of the row, and the board's row belongs to no session.
    """

    thread: Thread
    board: BoardView
    mark: Mark | None
    draft: Draft | None
    last_scheduled: datetime | None


_THREAD = Thread.__table__
_THREAD_COLUMNS = tuple(column for column in _THREAD.columns)
_now = bindparam("at", type_=Instant())


@cache
def _thread_seen(unpublished: bool, staff: bool, as_student: bool) -> Prepared:
    """A thread by its public id under the visibility clause, for each kind of viewer."""
    reader = bindparam("reader", type_=Integer())
    waiting = (
        select(func.max(Post.appears_at))
        .where(Post.thread_id == Thread.id, Post.appears_at > Post.arrived_at, Post.appears_at <= _now)
        .correlate(Thread)
        .scalar_subquery()
    )
    statement = (
        select(*_THREAD_COLUMNS, Board.version.label("board_version"), ReadMark.position.label("mark_position"),
               ReadMark.at.label("mark_at"), Draft.id.label("draft_id"), waiting.label("last_scheduled"))
        .select_from(Thread)
        .join(Board, Board.id == Thread.board_id)
        .outerjoin(ReadMark, and_(ReadMark.thread_id == Thread.id, ReadMark.account_id == reader))
        .outerjoin(Draft, and_(Draft.account_id == reader, Draft.place == bindparam("place", type_=String())))
        .where(Thread.public_id == bindparam("thread", type_=String()))
    )  # fmt: skip
    course = bindparam("course", type_=Integer())
    seen_group = bindparam("seen_group", type_=Integer())
    statement = boards.only_visible(statement, course, _now, unpublished=unpublished)
    return Prepared(
        statement.where(thread_terms(reader, course, seen_group, staff=staff, as_student=as_student))
    )


def thread_view(
    session: Session, member: Member, public_id: str, at: datetime, *, lock: bool = False
) -> ThreadView:
    """The thread by its public id with all that its page asks of it; NotHere if it is not for this member.

    With `lock`, or inside a transaction, the thread and the draft are rows that may be changed; the board is not.
    """
    actor = boards.actor_of(member)
    row = _thread_seen(may_see_unpublished(member), actor == "staff", member.as_student).first(
        session,
        {"thread": public_id, "course": member.course_id, "reader": member.account_id, "at": at,
         "place": f"thread:{public_id}", "seen_group": member.seen_group_id},
    )  # fmt: skip
    if row is None:
        raise NotHere
    thread = row
    if lock or session.info.get("writing"):
        found = select(Thread).where(Thread.id == row.id).execution_options(populate_existing=lock)
        thread = session.scalars(found.with_for_update() if lock else found).one()
    view = view_of(session, member, boards.kept_board(session, row.board_id, row.board_version).board, at)
    refusal = view.why_not_read()
    if refusal is not None and refusal.code != "not_yet_open":
        raise NotHere
    if not view.others_shown and not thread.is_prompt and thread.author_id != member.account_id:
        raise NotHere
    return ThreadView(
        thread,
        view,
        Mark(row.mark_position, row.mark_at) if row.mark_at is not None else None,
        session.get(Draft, row.draft_id) if row.draft_id is not None else None,
        row.last_scheduled,
    )


def was_removed(session: Session, member: Member, public_id: str, at: datetime) -> bool:
    """Whether there was such a thread on a board that this member sees, and staff removed it."""
    statement = (
        select(Thread.id).join(Board, Board.id == Thread.board_id).where(Thread.public_id == public_id)
    )
    statement = boards.visible_boards(statement, member, at).where(Thread.removed_at.is_not(None))
    return session.execute(statement).first() is not None


def was_in_removed(session: Session, member: Member, post_public_id: str, at: datetime) -> bool:
    """The same for the thread that a post is in."""
    thread = session.scalar(
        select(Thread.public_id)
        .join(Post, Post.thread_id == Thread.id)
        .where(Post.public_id == post_public_id)
    )
    return thread is not None and was_removed(session, member, thread, at)


def single_thread_of(session: Session, board_id: int) -> Thread:
    thread = session.scalars(select(Thread).where(Thread.board_id == board_id, Thread.is_prompt)).first()
    if thread is None:
        raise NotHere
    return thread
