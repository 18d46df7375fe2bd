"""A thread as one member sees it."""

from collections import namedtuple
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, String, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from ...accounts.models import Account
from ...boards import queries as boards
from ...boards.audience import audience_terms, seen_audience_terms
from ...boards.models import Board
from ...core.db import Instant
from ...core.errors import NotHere
from ...core.places import anything_in
from ...core.prepared import Prepared
from ...courses.asking import Asking, WhoAsks
from ...courses.models import Course, Module
from ...courses.policy import Member
from ...courses.queries import may_see_unpublished
from ..models import Draft, Post, ReadMark, Star, Thread
from .appearing import appeared
from .board_views import BoardView, kept_view_of
from .quotes import NO_QUOTES, Quotes, quotes_in
from .set_apart import is_set_apart
from .splits import NO_SPLITS, Splits, splits_of
from .visibility import thread_terms


@dataclass(frozen=True)
class Mark:
    """How far someone has read a thread: to a position, as of the instant of the page that showed it."""

    position: int
    at: datetime


@dataclass(frozen=True)
class ThreadView:
    """A thread as one member sees it: the thread, its board, their read mark and their draft of an answer.

    Where it was only to be read, `thread` is a `SeenThread`, and the board's row belongs to no session.
    """

    thread: Thread
    board: BoardView
    mark: Mark | None
    draft: Draft | None
    last_scheduled: datetime | None
    own_waiting: int = 0  # their posts here that wait to be shown
    beside: int = 0  # posts here that are set apart and for them to read, at most
    may_have_aside: bool = True  # whether higher rooms may have something to show beside the board
    starred: bool = False
    splits: Splits = NO_SPLITS
    quotes: Quotes = NO_QUOTES  # passages that posts here quote, as this member may read them


_SHOWN = (
    Thread.id, Thread.public_id, Thread.board_id, Thread.group_id, Thread.author_id, Thread.title, Thread.is_prompt,
    Thread.pinned, Thread.closed_at, Thread.removed_at, Thread.last_position, Thread.version,
    Thread.appears_at, Thread.last_post_at, Thread.marked, Thread.tags, Thread.asker_id, Thread.opening,
)  # fmt: skip
_named: Any = namedtuple  # its fields are known from the columns only
SeenThread = _named("SeenThread", [column.key for column in _SHOWN])
_now = bindparam("at", type_=Instant())
_thread = bindparam("thread", type_=String())
_place = bindparam("place", type_=String())


def _with_thread(statement: Select[Any], reader: Any) -> Select[Any]:
    """The columns of a thread's page, to a statement that has Thread and Board in its FROM."""
    # The instant stands in a CASE, so that SQLite takes the small index of posts that wait or waited.
    waiting = (
        select(func.max(case((appeared(_now), Post.appears_at))))
        .where(Post.thread_id == Thread.id, Post.appears_at > Post.arrived_at)
        .correlate(Thread)
        .scalar_subquery()
    )
    own_waiting = (
        select(func.count(case((and_(Post.appears_at > _now, Post.author_id == reader, Post.removed_at.is_(None), Post.scheduled_for.is_not(None)), 1))))
        .where(Post.thread_id == Thread.id, Post.appears_at > Post.arrived_at)
        .correlate(Thread, *([Account] if reader is Account.id else []))
        .scalar_subquery()
    )  # fmt: skip
    apart, mine = [
        select(func.count())
        .where(Post.thread_id == Thread.id, is_set_apart(), *which)
        .correlate(Thread, *([Account] if reader is Account.id else []))
        .scalar_subquery()
        for which in ((), (or_(Post.private_with_id == reader, Post.author_id == reader),))
    ]
    return (
        statement.add_columns(
            *(column.label(f"thread_{column.key}") for column in _SHOWN), Board.version.label("board_version"),
            ReadMark.position.label("mark_position"), ReadMark.at.label("mark_at"), Draft.id.label("draft_id"),
            waiting.label("last_scheduled"), own_waiting.label("own_waiting"), Star.at.is_not(None).label("starred"),
            apart.label("apart_for_staff"), mine.label("apart_for_one"), Thread.beyond.label("beyond"),
        )
        .outerjoin(ReadMark, and_(ReadMark.thread_id == Thread.id, ReadMark.account_id == reader))
        .outerjoin(Draft, and_(Draft.account_id == reader, Draft.place == _place))
        .outerjoin(Star, and_(Star.thread_id == Thread.id, Star.account_id == reader))
    )  # fmt: skip


@cache
def _thread_seen(unpublished: bool, staff: bool, as_student: bool) -> Prepared:
    """A thread by its public id under the visibility clause, for each kind of viewer."""
    reader = bindparam("reader", type_=Integer())
    course = bindparam("course", type_=Integer())
    seen_group = bindparam("seen_group", type_=Integer())
    statement = _with_thread(
        select()
        .select_from(Thread)
        .join(Board, Board.id == Thread.board_id)
        .where(Thread.public_id == _thread),
        reader,
    )
    is_for = audience_terms(reader, course, _now, staff=unpublished)
    if as_student:
        is_for = seen_audience_terms(bindparam("seen_section", type_=Integer()), seen_group)
    statement = boards.only_visible(statement, course, _now, unpublished=unpublished, is_for=is_for)
    return Prepared(
        statement.where(thread_terms(reader, course, seen_group, _now, staff=staff, as_student=as_student))
    )


def thread_view(
    session: Session, member: Member, public_id: str, at: datetime, *, lock: bool = False, plain: bool = False
) -> ThreadView:
    """The thread by its public id with all that its page asks of it; NotHere if it is not for this member.

    With `lock`, or inside a transaction, the thread and the draft are rows that may be changed; the board is not.
    `plain` is for who only decides by it, in a transaction too: one statement, the thread to be read only, no draft.
    """
    actor = boards.actor_of(member)
    row = _thread_seen(may_see_unpublished(member), actor == "staff", member.as_student).first(
        session,
        {"thread": public_id, "course": member.course_id, "reader": member.account_id, "at": at,
         "place": f"thread:{public_id}", "seen_group": member.seen_group_id, "seen_section": member.seen_section_id},
    )  # fmt: skip
    if row is None:
        raise NotHere
    if (lock or session.info.get("writing")) and not plain:
        found = select(Thread).where(Thread.id == row.thread_id).execution_options(populate_existing=lock)
        thread = session.scalars(found.with_for_update() if lock else found).one()
        return _view_of_row(session, member, row, thread, at)
    seen = SeenThread._make(row[: len(_SHOWN)])
    return _view_of_row(session, member, row, seen, at, with_draft=not plain)


# The kinds of viewers whose clause the statement of `asks_for_thread` holds: (unpublished, staff) as in `_thread_seen`.
_KINDS = {"seen_by_staff": (True, True), "seen_by_others": (False, False)}


def _beside_who_asks(statement: Select[Any]) -> Select[Any]:
    statement = _with_thread(
        statement.outerjoin(Thread, Thread.public_id == _thread)
        .outerjoin(Board, Board.id == Thread.board_id)
        .outerjoin(Module, Module.id == Board.module_id),
        Account.id,
    )
    clauses = [
        and_(
            boards.visible_terms(
                Course.id,
                _now,
                unpublished=unpublished,
                is_for=audience_terms(Account.id, Course.id, _now, staff=unpublished),
            ),
            thread_terms(Account.id, Course.id, None, _now, staff=staff, as_student=False),
        ).label(name)
        for name, (unpublished, staff) in _KINDS.items()
    ]
    return statement.add_columns(
        *clauses,
        or_(
            anything_in("board.asked", Account.id, Board.id), anything_in("board.aside", Account.id, Board.id)
        ).label("has_aside"),
    )


asks_for_thread = WhoAsks(
    _beside_who_asks, lambda address: {"thread": address["thread"], "place": f"thread:{address['thread']}"}
)


def asked_thread(
    session: Session, member: Member, asking: Asking, public_id: str, at: datetime
) -> ThreadView:
    """What `thread_view` gives, from the row of `asks_for_thread`: no statement more, if board and dates are kept.

    Who looks as a student of nobody is not whom the row tells of, and is asked for by `thread_view`.
    """
    kind = (may_see_unpublished(member), boards.actor_of(member) == "staff")
    column = next((name for name, each in _KINDS.items() if each == kind), None)
    if column is None or member.as_student:
        return thread_view(session, member, public_id, at)
    row = asking.row
    if not getattr(row, column):
        raise NotHere
    first = row._fields.index("thread_id")
    return _view_of_row(
        session, member, row, SeenThread._make(row[first : first + len(_SHOWN)]), at, may_have_aside=bool(row.has_aside)
    )  # fmt: skip


def _view_of_row(
    session: Session,
    member: Member,
    row: Any,
    thread: Thread,
    at: datetime,
    *,
    may_have_aside: bool = True,
    with_draft: bool = True,
) -> ThreadView:
    view = kept_view_of(session, member, row.thread_board_id, row.board_version, at)
    refusal = view.why_not_read()
    if refusal is not None and refusal.code != "not_yet_open":
        raise NotHere
    if not view.others_shown and not thread.is_prompt and thread.author_id != member.account_id:
        raise NotHere
    return ThreadView(
        thread,
        view,
        Mark(row.mark_position, row.mark_at) if row.mark_at is not None else None,
        session.get(Draft, row.draft_id) if with_draft and row.draft_id is not None else None,
        row.last_scheduled,
        row.own_waiting,
        row.apart_for_staff if view.actor == "staff" else row.apart_for_one,
        may_have_aside,
        bool(row.starred),
        splits_of(session, view, thread.id) if with_draft and row.beyond else NO_SPLITS,
        quotes_in(session, view, thread.id) if with_draft and row.beyond else NO_QUOTES,
    )


def was_removed(session: Session, member: Member, public_id: str, at: datetime) -> bool:
    """Whether there was such a thread on a board that this member sees, and staff removed it."""
    statement = (
        select(Thread.id).join(Board, Board.id == Thread.board_id).where(Thread.public_id == public_id)
    )
    statement = boards.visible_boards(statement, member, at).where(
        Thread.removed_at.is_not(None), or_(Thread.asker_id.is_(None), Thread.asker_id == member.account_id)
    )
    return session.execute(statement).first() is not None


def was_in_removed(session: Session, member: Member, post_public_id: str, at: datetime) -> bool:
    """The same for the thread that a post is in."""
    thread = session.scalar(
        select(Thread.public_id)
        .join(Post, Post.thread_id == Thread.id)
        .where(Post.public_id == post_public_id)
    )
    return thread is not None and was_removed(session, member, thread, at)


def single_thread_of(session: Session, view: BoardView) -> str | None:
    """The public id of the only discussion that a board of one has for this member; None if there are several, or none.

    Who reads the discussions of other groups too gets a list, and staff always do.
    """
    board = view.board
    statement = select(Thread.public_id).where(
        Thread.board_id == board.id, Thread.is_prompt, Thread.removed_at.is_(None)
    )
    if board.groups == "none":
        found = session.scalar(statement.where(Thread.group_id.is_(None)))
        if found is None:
            raise NotHere
        return found
    if board.groups == "visible" or view.actor == "staff" or len(view.own_groups) != 1:
        return None
    return session.scalar(statement.where(Thread.group_id.in_(view.own_groups)))
