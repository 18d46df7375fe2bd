"""What a grade is given for: one student's posts on a board in context, each with its verdict and the text judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from ..accounts.models import Account
from ..boards.models import Board
from ..boards.rules import met, values
from ..core.errors import NotHere
from ..core.moments import Lateness, late_by
from ..courses.policy import Member
from ..courses.queries import member_of
from ..posts.models import Post, Revision, Thread
from ..posts.queries import BoardView, post_clause, post_facts, view_of
from ..posts.queries.appearing import for_all
from ..posts.standing import standing_of_one
from .queries import Student


@dataclass(frozen=True)
class Around:
    """A post that one of the student's answers, or that answers one; `html` is None where it stands elsewhere."""

    public_id: str
    author: str
    at: datetime
    html: str | None
    text: str
    removed: bool


@dataclass(frozen=True)
class EvidencePost:
    """One post as a grader reads it.

    `html` is the text that is judged (docs/time.md, rule 16), `later_html` the one that stands now if it is another.
    """

    public_id: str
    thread_public_id: str
    thread_title: str
    opens: bool
    arrived_at: datetime
    on_time: bool | None
    lateness: Lateness | None
    checkpoint_id: int | None
    html: str
    words: int
    files: Any
    later_html: str | None
    later_files: Any
    later_at: datetime | None
    edits: int
    edits_after_limit: int
    removed: Literal["before_limit", "after_limit", "by_staff"] | None
    removed_at: datetime | None
    ruled_out: bool
    held: bool
    answers: Around | None
    answered_by: tuple[Around, ...]


@dataclass(frozen=True)
class Evidence:
    view: BoardView
    states: tuple[values.Met, ...]
    posts: tuple[EvidencePost, ...]


def evidence_of(session: Session, member: Member, board: Board, student: Student, at: datetime) -> Evidence:
    """All that a student wrote on a board, as staff may read it, and what it met; a fixed number of statements."""
    theirs = member_of(session, student.account_id, board.course_id, at)
    if theirs is None:
        raise NotHere
    view = view_of(session, theirs, board, at)
    # Whether others' posts are shown to the student decides what the student is told, not what staff are.
    states = standing_of_one(session, replace(view, others_shown=True))
    rows = session.execute(
        select(Post, Thread.public_id.label("thread_id"), Thread.title, Thread.is_prompt)
        .join(Thread, Thread.id == Post.thread_id)
        .where(
            Post.board_id == board.id, Post.author_id == student.account_id,
            for_all(), post_clause(member, "staff", at, others=True),
        )
        .order_by(Post.arrived_at, Post.id)
    ).all()  # fmt: skip
    facts = {
        fact.id: fact
        for fact in post_facts(session, Post.board_id == board.id, Post.author_id == student.account_id)
    }
    ids = [row.Post.id for row in rows]
    revisions: dict[int, list[Any]] = {}
    for revision in session.execute(
        select(
            Revision.post_id,
            Revision.number,
            Revision.arrived_at,
            Revision.html,
            Revision.words,
            Revision.files,
        )
        .where(Revision.post_id.in_(ids))
        .order_by(Revision.post_id, Revision.number)
    ):
        revisions.setdefault(revision.post_id, []).append(revision)
    around = _around(session, member, ids, at)
    shown = set(ids)
    return Evidence(
        view, states,
        tuple(
            _post(row, facts[row.Post.id], revisions.get(row.Post.id, []), view, states, around, shown)
            for row in rows
        ),
    )  # fmt: skip


def _around(
    session: Session, member: Member, ids: Sequence[int], at: datetime
) -> dict[str, dict[int, list[Any]]]:
    """What these posts answer, and what answers them: two statements, by the post's id."""
    own = aliased(Post)
    columns = (Post.id, Post.public_id, Post.appears_at, Post.html, Post.removed_at, Account.name)
    seen = post_clause(member, "staff", at, others=True)
    found: dict[str, dict[int, list[Any]]] = {"parent": {}, "child": {}}
    for kind, link, key in (
        ("parent", Post.id == own.parent_id, own.id),
        ("child", Post.parent_id == own.id, own.id),
    ):
        for row in session.execute(
            select(*columns, key.label("own_id"))
            .join(own, link)
            .join(Account, Account.id == Post.author_id)
            .where(own.id.in_(ids), seen)
            .order_by(Post.appears_at, Post.id)
        ):
            found[kind].setdefault(row.own_id, []).append(row)
    return found


def _post(
    row: Any, fact: values.PostFacts, revisions: Sequence[Any], view: BoardView, states: Sequence[values.Met],
    around: dict[str, dict[int, list[Any]]], shown: set[int],
) -> EvidencePost:  # fmt: skip
    post: Post = row.Post
    dates = {date.checkpoint_id: date for date in view.dates.dates}
    checkpoint_id = next((one.checkpoint_id for one in states if post.id in one.post_ids), None)
    date = dates.get(checkpoint_id) if checkpoint_id is not None else _last(view.dates.dates)
    limit = date.limit if date is not None else None
    met_by_it = next((line for line in view.checkpoints if line.id == checkpoint_id), None)
    minimum = met_by_it.min_words if met_by_it is not None else 0
    is_first = met_by_it is not None and met_by_it.kind == "first_post"
    place = met.judged_revision(fact, limit, minimum, view.others_from if is_first else None)
    latest = revisions[-1] if revisions else None
    judged = revisions[place] if place is not None and place < len(revisions) else latest
    on_time = None if limit is None else post.arrived_at < limit
    late = date is not None and date.due is not None and on_time is False
    by_author = post.removed_at is not None and post.removed_by_id == post.author_id
    removed: Literal["before_limit", "after_limit", "by_staff"] | None = None
    if post.removed_at is not None:
        counts = by_author and limit is not None and post.removed_at >= limit
        removed = "by_staff" if not by_author else "after_limit" if counts else "before_limit"
    changed = judged is not None and latest is not None and judged.number != latest.number
    return EvidencePost(
        public_id=post.public_id,
        thread_public_id=row.thread_id,
        thread_title="" if row.is_prompt else row.title,
        opens=fact.opens,
        arrived_at=post.arrived_at,
        on_time=on_time,
        lateness=late_by(date.due, post.arrived_at, date.zone) if late and date and date.due else None,
        checkpoint_id=checkpoint_id,
        html=judged.html if judged is not None else post.html,
        words=judged.words if judged is not None else post.words,
        files=judged.files if judged is not None else post.files,
        later_html=latest.html if changed and latest is not None else None,
        later_files=latest.files if changed and latest is not None else None,
        later_at=latest.arrived_at if changed and latest is not None else None,
        edits=max(len(revisions) - 1, 0),
        edits_after_limit=sum(1 for one in revisions[1:] if limit is not None and one.arrived_at >= limit),
        removed=removed,
        removed_at=post.removed_at,
        ruled_out=post.ruled_out_at is not None,
        held=post.held_at is not None,
        answers=next((_near(one, shown) for one in around["parent"].get(post.id, ())), None),
        answered_by=tuple(_near(one, shown) for one in around["child"].get(post.id, ())),
    )


def _near(row: Any, shown: set[int]) -> Around:
    """A post beside the student's; what stands on the page once already is not put there twice."""
    first = row.id not in shown
    shown.add(row.id)
    removed = row.removed_at is not None
    return Around(
        row.public_id, row.name, row.appears_at, row.html if first and not removed else None,
        "" if removed else row.html, removed,
    )  # fmt: skip


def _last(dates: Sequence[values.DueDate]) -> values.DueDate | None:
    """The date whose limit is the board's last, against which posts that meet nothing are held."""
    dated = [date for date in dates if date.limit is not None]
    return max(dated, key=lambda date: date.limit) if dated else None  # type: ignore[arg-type, return-value]
