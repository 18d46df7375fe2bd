"""What staff announced lately, on the home of a course."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..boards.models import Board
from ..boards.queries import actor_of, boards_in
from ..core.db import db
from ..core.markup import excerpt, markup_of
from ..core.places import fills
from ..core.times import Moment, moment
from ..courses.policy import Member
from .models import Post, Thread
from .queries import post_clause, thread_clause, views_of

SHOWN = 3
EXCERPT = 200  # characters


@dataclass(frozen=True)
class Announcement:
    title: str
    url: str
    author: str
    at: Moment
    begins: str


@fills("course.announcements")
def on_course_home(member: Member, _course_id: int, at: datetime) -> Markup:
    """The latest announcements that a member may read; nothing where there are none."""
    rows, boards = latest_announcements(db.session(), member, at)
    if not rows:
        return Markup("")
    base = f"/c/{member.course_slug}"
    lines = [
        Announcement(row.title, f"{base}/threads/{row.public_id}", row.name,
                     moment(row.appears_at, member.zone, member.course_zone), excerpt(row.html, EXCERPT))
        for row in rows
    ]  # fmt: skip
    links = [(board.title, f"{base}/boards/{board.public_id}") for board in boards]
    return markup_of(render_template("posts/_announcements.html", announcements=lines, boards=links))


def latest_announcements(session: Session, member: Member, at: datetime) -> tuple[Sequence[Any], list[Board]]:
    """Opening posts on boards for announcements that this member reads, pinned threads first, newest first; and those
    boards. As many statements whatever there is."""
    boards = [
        board
        for board in boards_in(session, member, at)
        if board.form == "announcement" and board.published_at is not None
    ]
    readable = [
        view.board for view in views_of(session, member, boards, at) if view.why_not_read() is None
    ] if boards else []  # fmt: skip
    if not readable:
        return (), []
    actor = actor_of(member)
    rows = session.execute(
        select(Thread.public_id, Thread.title, Account.name, Post.appears_at, Post.html)
        .select_from(Thread)
        .join(Board, Board.id == Thread.board_id)
        .join(Post, and_(Post.thread_id == Thread.id, Post.opens_thread))
        .join(Account, Account.id == Post.author_id)
        .where(
            Thread.board_id.in_([board.id for board in readable]), thread_clause(member, actor, at),
            Thread.removed_at.is_(None), or_(Thread.appears_at.is_(None), Thread.appears_at <= at),
            Post.removed_at.is_(None), Post.appears_at <= at, post_clause(member, actor, at, others=True),
        )
        .order_by(Thread.pinned.desc(), Post.appears_at.desc(), Thread.id.desc())
        .limit(SHOWN)
    ).all()  # fmt: skip
    return rows, readable
