"""Closing boards by hand and opening them again: each closing is kept, since it excuses (docs/time.md, rule 6)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.moments import Wall
from ..courses.policy import Member
from ..ledger.commands import record
from .models import Board, BoardClosing, DueRule
from .schedule import wall_of


def close_board(session: Session, member: Member, board: Board, *, at: datetime) -> None:
    """Close by hand: closed whatever the dates say, until opened by hand."""
    if board.closed_at is None:
        board.closed_at = at
        board.version += 1
        record(
            session, "closed", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id
        )


def reopen_board(session: Session, member: Member, board: Board, *, at: datetime) -> None:
    """Open a board that was closed by hand; the closing is kept, since it excuses (docs/time.md, rule 6)."""
    if board.closed_at is not None:
        session.add(
            BoardClosing(board_id=board.id, closed_at=board.closed_at, reopened_at=at,
                         dated_again=is_dated_again(session, board))
        )  # fmt: skip
        record(session, "reopened", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
               closed_at=board.closed_at)  # fmt: skip
        board.closed_at = None
        board.version += 1
        session.flush()


def only_thread_closed(session: Session, board: Board, *, at: datetime) -> None:
    """Its only thread was closed by hand: that excuses as closing the board does (docs/time.md, rule 6)."""
    session.add(BoardClosing(board_id=board.id, closed_at=at, reopened_at=at))
    board.version = Board.version + 1


def only_thread_reopened(session: Session, board: Board, *, closed_at: datetime, at: datetime) -> None:
    """It is open again; with later dates given since, nobody is excused by that closing any more."""
    closing = session.scalars(
        select(BoardClosing).where(BoardClosing.board_id == board.id, BoardClosing.closed_at == closed_at)
    ).first()
    if closing is not None:
        closing.reopened_at, closing.dated_again = at, is_dated_again(session, board, closed_at)
        board.version = Board.version + 1


def _wall(rule: DueRule) -> Wall | None:
    return wall_of(rule.wall_on, rule.wall_minute)


def is_dated_again(session: Session, board: Board, closed_at: datetime | None = None) -> bool:
    """Whether each due date that lay after the closing was moved later since; without one given, that which holds."""
    closed_at = closed_at or board.closed_at
    if closed_at is None:
        return False
    versions: dict[int | None, list[DueRule]] = {}
    for rule in session.scalars(
        select(DueRule)
        .where(DueRule.board_id == board.id, DueRule.what == "due", DueRule.section_id.is_(None),
               DueRule.group_id.is_(None))
        .order_by(DueRule.version)
    ):  # fmt: skip
        earlier = versions.setdefault(rule.checkpoint_id, [])
        # One that only followed a zone since dates nothing again.
        if not earlier or rule.created_at <= closed_at or _wall(earlier[-1]) != _wall(rule):
            earlier.append(rule)
    cut_short = []
    for rules in versions.values():
        then = [rule for rule in rules if rule.created_at <= closed_at]
        if then and (then[-1].instant is None or then[-1].instant > closed_at):
            cut_short.append((then[-1].instant, rules[-1].instant, rules[-1].created_at))
    return bool(cut_short) and all(
        entered_at > closed_at and (now is None or (was is not None and now > was))
        for was, now, entered_at in cut_short
    )
