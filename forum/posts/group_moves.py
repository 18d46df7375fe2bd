"""Moving a student from one group to another, with what they wrote in the first one's discussions.

What moves: threads that they opened for the group, with every answer in them; and in the group's discussion of a prompt
each post of theirs. Such a post stands at the end of the other discussion, beside the rest or under a post of theirs that
it answered. What others answered stays where it is. Whom a post answers is never changed, since it counts; across two
discussions the page does not show it. Receipts, grades and read marks hold no group and stay as they are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from ..boards.audience import audiences_of
from ..boards.models import Board
from ..boards.queries import visible_boards
from ..core.errors import NotHere, Refused
from ..courses import commands as courses
from ..courses.models import Course, Group, GroupMembership
from ..courses.policy import Action, Member
from ..courses.queries import holds_at
from ..ledger.commands import move_news_of, record
from .citing import recount_beyond
from .marking import recount_marked
from .models import Draft, EntrustedDraft, Post, Thread
from .queries import free_position
from .rules import BESIDE, Place, path_below
from .waiting import settle_appeared


@dataclass(frozen=True)
class Written:
    """What a student wrote in the discussions of one of their groups on one board."""

    board_id: int
    board_public_id: str
    title: str
    group_id: int
    posts: int


def written_in_groups(session: Session, member: Member, account_id: int, at: datetime) -> list[Written]:
    """What could move with a student, of the groups that they are in and the boards that the asking member sees."""
    if not member.may(Action.READ):
        return []
    statement: Any = (
        select(Board.id, Board.public_id, Board.title, Post.group_id, func.count().label("posts"))
        .select_from(Post)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .where(Post.author_id == account_id, Post.group_id.in_(_groups_now(account_id, member.course_id, at)),
               or_(Thread.is_prompt, Thread.author_id == account_id))
        .group_by(Board.id, Board.public_id, Board.title, Board.position, Post.group_id)
        .order_by(Board.position, Board.id, Post.group_id)
    )  # fmt: skip
    return [Written(*row) for row in session.execute(visible_boards(statement, member, at))]


def _groups_now(account_id: int, course_id: int, at: datetime) -> Select[Any]:
    return (
        select(GroupMembership.group_id)
        .join(Group, Group.id == GroupMembership.group_id)
        .where(
            Group.course_id == course_id,
            GroupMembership.account_id == account_id,
            holds_at(GroupMembership, at),
        )
    )


def move_to_group(
    session: Session, member: Member, account_id: int, *, leaves: Group, joins: Group, board_ids: Collection[int],
    at: datetime,
) -> int:  # fmt: skip
    """From `at` on a student is in `joins` in place of `leaves`, and what they wrote on these boards is of it too.

    How many posts moved. NotHere if they are not in `leaves`; Refused: same_group.
    """
    if leaves.id == joins.id:
        raise Refused("same_group")
    course = session.get_one(Course, member.course_id, with_for_update=True)
    mine = set(session.scalars(_groups_now(account_id, course.id, at)))
    if leaves.id not in mine:
        raise NotHere
    courses.set_groups(session, course, account_id, mine - {leaves.id} | {joins.id}, at=at)
    boards = _boards_of_both(session, member, joins, at)
    chosen = [board for board in boards if board.id in board_ids]
    moved = 0
    for board in boards:
        if board.form == "single":
            _move_drafts(session, board, account_id, leaves, joins)
    for board in chosen:
        moved += _move_threads(session, board, account_id, leaves, joins, at)
        moved += _move_answers(session, board, account_id, leaves, joins, at)
    record(session, "moved_group", "account", account_id, actor_id=member.account_id, at=at, course_id=course.id,
           from_group_id=leaves.id, to_group_id=joins.id, board_ids=sorted(board.id for board in chosen),
           posts=moved)  # fmt: skip
    return moved


def _boards_of_both(session: Session, member: Member, joins: Group, at: datetime) -> Sequence[Board]:
    """The boards of groups that the asking member sees and the new group has a place on."""
    if not member.may(Action.READ):
        return []
    grouped = select(Board).where(Board.groups != "none").order_by(Board.id)
    boards = session.scalars(visible_boards(grouped, member, at)).all()
    audiences = audiences_of(session, boards)
    named = {key: {group for kind, group in parts if kind == "group"} for key, parts in audiences.items()}
    return [board for board in boards if not named.get(board.id) or joins.id in named[board.id]]


def _move_threads(
    session: Session, board: Board, account_id: int, leaves: Group, joins: Group, at: datetime
) -> int:
    """Threads that they opened, as they are; how many posts of theirs are in them."""
    threads = session.scalars(
        select(Thread)
        .where(Thread.board_id == board.id, Thread.author_id == account_id, Thread.group_id == leaves.id)
        .order_by(Thread.id)
        .with_for_update()
    ).all()
    moved = 0
    for thread in threads:
        settle_appeared(session, thread.id, at)
        thread.group_id = joins.id
        thread.version += 1
        session.flush()
        session.execute(update(Post).where(Post.thread_id == thread.id).values(group_id=joins.id))
        moved += session.scalar(
            select(func.count()).select_from(Post).where(Post.thread_id == thread.id, Post.author_id == account_id)
        ) or 0  # fmt: skip
    return moved


def _move_answers(
    session: Session, board: Board, account_id: int, leaves: Group, joins: Group, at: datetime
) -> int:
    """Their posts in the group's discussion of the prompt, and what staff answered them privately; how many are theirs."""
    both = _discussions(session, board, leaves, joins, lock=True)
    if both is None:
        return 0
    old, new = both
    for thread in both:
        settle_appeared(session, thread.id, at)
    posts = session.scalars(
        select(Post)
        .where(
            Post.thread_id == old.id, or_(Post.author_id == account_id, Post.private_with_id == account_id)
        )
        .order_by(Post.path, Post.id)
    ).all()
    moved: dict[int, Post] = {}
    for post in posts:
        apart = post.position >= BESIDE  # private, or waits
        position = free_position(session, new.id, post.position) if apart else new.last_position + 1
        above = moved.get(post.parent_id or 0)
        post.thread_id, post.group_id = new.id, new.group_id
        post.position, post.path = position, path_below(above.path if above is not None else None, position)
        post.depth = above.depth + 1 if above is not None else 0
        moved[post.id] = post
        if not apart:
            new.last_position = position
            new.last_post_at = max(new.last_post_at, post.appears_at)
        if not apart and post.removed_at is None and post.held_at is None:
            old.posts, new.posts = old.posts - 1, new.posts + 1
        session.flush()
    if moved:
        old.version, new.version = old.version + 1, new.version + 1
        move_news_of(session, list(moved), thread_id=new.id)
        session.flush()
        for thread in both:
            recount_marked(session, thread.id)
            recount_beyond(session, thread.id)
    return sum(post.author_id == account_id for post in moved.values())


def _discussions(
    session: Session, board: Board, leaves: Group, joins: Group, *, lock: bool = False
) -> tuple[Thread, Thread] | None:
    """The discussions that two groups have of a board's prompt."""
    statement = (
        select(Thread)
        .where(Thread.board_id == board.id, Thread.is_prompt, Thread.group_id.in_([leaves.id, joins.id]))
        .order_by(Thread.id)
    )
    found = session.scalars(statement.with_for_update() if lock else statement).all()
    by_group = {thread.group_id: thread for thread in found}
    return (by_group[leaves.id], by_group[joins.id]) if len(by_group) == 2 else None


def _move_drafts(session: Session, board: Board, account_id: int, leaves: Group, joins: Group) -> None:
    """A draft of an answer goes where they write from now on, unless there is one there already."""
    both = _discussions(session, board, leaves, joins)
    if both is None:
        return
    old, new = (str(Place("thread", thread.public_id)) for thread in both)
    there = select(Draft.id).where(Draft.account_id == account_id, Draft.place == new)
    if session.scalar(there) is not None:
        return
    for table in (Draft, EntrustedDraft):
        session.execute(
            update(table).where(and_(table.account_id == account_id, table.place == old)).values(place=new)
        )
