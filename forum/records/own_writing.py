"""All that one person wrote, read in parts: their posts with every text of theirs, their drafts, their receipts.

Nothing here is another's: of what a post answers there is the address alone, of what staff wrote into it the time alone,
and a board that its author cannot see any more has no title.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from ..boards.models import Board
from ..boards.queries import boards_in
from ..core.files import File
from ..courses.models import Course
from ..courses.policy import Action
from ..courses.queries import member_of
from ..posts.models import Draft, Post, Revision, Thread
from ..receipts.models import Receipt

BATCH = 200  # posts with their texts in memory at once


@dataclass(frozen=True)
class CourseLine:
    """What one person has in a course; `size` in bytes, of what they attached."""

    id: int
    slug: str
    code: str
    title: str
    posts: int
    drafts: int
    receipts: int
    size: int


@dataclass(frozen=True)
class Written:
    """A post of the person with its own texts, when others wrote in it, and its receipts."""

    row: Any
    texts: tuple[Any, ...]
    changed_by_staff_at: tuple[datetime, ...]
    receipts: tuple[Any, ...]


def courses_written_in(session: Session, account_id: int, slug: str | None = None) -> list[CourseLine]:
    """The courses in which a person has anything of their own, or the one of them with this slug; four statements."""
    counts: dict[int, list[int]] = {}
    own: tuple[tuple[Any, Any, Any], ...] = (
        (Post, func.count(Post.id), Post.author_id == account_id),
        (Draft, func.count(Draft.id), Draft.account_id == account_id),
        (Receipt, func.count(Receipt.id), Receipt.account_id == account_id),
        (File, func.sum(File.size), _own_files(account_id)),
    )  # fmt: skip
    for number, (table, what, whose) in enumerate(own):
        for course_id, many in session.execute(
            select(table.course_id, what).where(whose).group_by(table.course_id)
        ):
            counts.setdefault(course_id, [0, 0, 0, 0])[number] = int(many)
    rows = session.execute(
        select(Course.id, Course.slug, Course.code, Course.title)
        .where(Course.id.in_(counts), *([Course.slug == slug] if slug is not None else []))
        .order_by(Course.starts_on, Course.code, Course.id)
    )
    return [CourseLine(*row, *counts[row.id]) for row in rows]


def _own_files(account_id: int) -> ColumnElement[bool]:
    return and_(
        File.author_id == account_id, File.place_kind.in_(("post", "draft")), File.removed_at.is_(None)
    )


def own_files(session: Session, account_id: int, course_ids: Sequence[int]) -> Sequence[Any]:
    """What the person attached to their posts and drafts, the oldest first."""
    return session.execute(
        select(File.public_id, File.name, File.size, File.stored_as)
        .where(_own_files(account_id), File.course_id.in_(course_ids))
        .order_by(File.id)
    ).all()


def titles_seen(session: Session, account_id: int, course_ids: Sequence[int], at: datetime) -> dict[int, str]:
    """Titles, by id, of the boards that the person can see now, course by course."""
    found: dict[int, str] = {}
    for course_id in course_ids:
        member = member_of(session, account_id, course_id, at)
        if member is not None and member.may(Action.READ):
            found |= {board.id: board.title for board in boards_in(session, member, at)}
    return found


_answered = aliased(Post)


def posts_by(session: Session, account_id: int, course_id: int) -> Iterator[Written]:
    """A person's posts of a course, board after board as they arrived; three statements for BATCH of them."""
    ids = session.scalars(
        select(Post.id)
        .join(Board, Board.id == Post.board_id)
        .where(Post.author_id == account_id, Post.course_id == course_id)
        .order_by(Board.position, Board.id, Post.arrived_at, Post.id)
    ).all()
    for start in range(0, len(ids), BATCH):
        yield from _batch(session, account_id, ids[start : start + BATCH])


def _batch(session: Session, account_id: int, ids: Sequence[int]) -> list[Written]:
    texts: dict[int, list[Any]] = {}
    changed: dict[int, list[datetime]] = {}
    for row in session.execute(
        select(Revision.post_id, Revision.number, Revision.arrived_at, Revision.author_id, Revision.source,
               Revision.html, Revision.words, Revision.files)
        .where(Revision.post_id.in_(ids))
        .order_by(Revision.number)
    ):  # fmt: skip
        if row.author_id == account_id:
            texts.setdefault(row.post_id, []).append(row)
        else:
            changed.setdefault(row.post_id, []).append(row.arrived_at)
    receipts: dict[int, list[Any]] = {}
    for row in receipts_by(session, account_id, Receipt.post_id.in_(ids)):
        receipts.setdefault(row.post_id, []).append(row)
    rows = session.execute(
        select(Post.id, Post.public_id, Post.board_id, Post.arrived_at, Post.appears_at, Post.scheduled_for, Post.removed_at,
               Post.removed_by_id, Post.author_id, Post.opens_thread, Board.public_id.label("board"), Board.form,
               Thread.public_id.label("thread"), Thread.title, Thread.author_id.label("opened_by"),
               _answered.public_id.label("answered"))
        .join(Board, Board.id == Post.board_id)
        .join(Thread, Thread.id == Post.thread_id)
        .outerjoin(_answered, _answered.id == Post.parent_id)
        .where(Post.id.in_(ids))
    ).all()  # fmt: skip
    made = {
        row.id: Written(
            row, tuple(texts.get(row.id, ())), tuple(changed.get(row.id, ())), tuple(receipts.get(row.id, ()))
        )
        for row in rows
    }
    return [made[post_id] for post_id in ids if post_id in made]


def receipts_by(session: Session, account_id: int, *where: Any) -> Sequence[Any]:
    return session.execute(
        select(Receipt.public_id, Receipt.post_id, Receipt.revision, Receipt.kind, Receipt.place, Receipt.arrived_at,
               Receipt.due_at, Receipt.limit_at, Receipt.appears_at, Receipt.verdict, Receipt.token, Receipt.salt)
        .where(Receipt.account_id == account_id, *where)
        .order_by(Receipt.id)
    ).all()  # fmt: skip


def receipts_without_post(session: Session, account_id: int, course_id: int) -> Sequence[Any]:
    """Those of words that were refused."""
    return receipts_by(session, account_id, Receipt.course_id == course_id, Receipt.post_id.is_(None))


def drafts_by(session: Session, account_id: int, course_id: int) -> Sequence[Any]:
    return session.execute(
        select(Draft.place, Draft.title, Draft.source, Draft.saved_at, Draft.words, Draft.files)
        .where(Draft.account_id == account_id, Draft.course_id == course_id)
        .order_by(Draft.saved_at, Draft.id)
    ).all()
