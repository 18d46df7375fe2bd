"""Quoting a passage of another post: the mark that stands for it, and what is kept with the post that quotes.

A quote refers to a post of the same board, to one of its texts, and keeps the passage apart from the words that quote it.
A mark that refers to nothing its writer may read has no passage; it is never a reason to refuse their words.
"""

from dataclasses import dataclass

from sqlalchemy import func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from ..accounts.models import Account
from ..boards.models import Board
from ..core.markup.quotes import QUOTE_LIMIT, QuoteMark, passage_in, plain_words, quote_marks_in
from .models import Citation, Post, Revision, Thread
from .names import shown_name
from .queries.board_views import BoardView
from .queries.quotes import Quote, readable_sources, was_shown

MOST_QUOTES = 30  # of a post; what is beyond them is not shown


@dataclass(frozen=True)
class _Source:
    id: int
    author: str
    passage: str


def mark_for(post: Post, first: str = "", last: str = "") -> tuple[QuoteMark | None, bool]:
    """The mark for a passage of a post as it stands now, from `first` to `last`, and whether those words are in it.

    If they are not, it is for the beginning of the post; None if the post has no words.
    """
    plain = plain_words(post.html)
    found = passage_in(plain, first, last)
    place = found or passage_in(plain)
    if place is None:
        return None, False
    return QuoteMark(post.public_id, post.revision, *place), found is not None


def cite(session: Session, view: BoardView, post_id: int, thread_id: int, html: str) -> None:
    """Keep what a text quotes with its post. Nothing is asked if it quotes nothing; four statements at most."""
    marks = quote_marks_in(html)[:MOST_QUOTES]
    if not marks:
        return
    known = {
        tuple(row)
        for row in session.execute(
            select(Citation.source_id, Citation.revision, Citation.starts, Citation.ends).where(
                Citation.post_id == post_id
            )
        )
    }
    rows = [
        {"post_id": post_id, "source_id": source.id, "revision": mark.revision, "starts": mark.start, "ends": mark.end,
         "passage": source.passage}
        for mark, source in _sources(session, view, marks).items()
        if source.id != post_id and (source.id, mark.revision, mark.start, mark.end) not in known
    ]  # fmt: skip
    if rows:
        session.execute(insert(Citation), rows)
        session.execute(update(Thread).where(Thread.id == thread_id).values(beyond=Thread.beyond + len(rows)))


def quotes_written(session: Session, view: BoardView, html: str) -> dict[QuoteMark, Quote]:
    """What a text that is not posted yet would quote, as its writer sees it."""
    marks = quote_marks_in(html)[:MOST_QUOTES]
    return {
        mark: Quote(source.passage, source.author, is_changed=False)
        for mark, source in _sources(session, view, marks).items()
    }


def _sources(session: Session, view: BoardView, marks: list[QuoteMark]) -> dict[QuoteMark, _Source]:
    """The marks that refer to words which this member may read, as of the instant of the view; one statement."""
    if not marks:
        return {}
    rows = session.execute(
        select(Post.id, Post.public_id, Account.name, Post.anonymity, Revision.number, Revision.html)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .join(Account, Account.id == Post.author_id)
        .join(Revision, Revision.post_id == Post.id)
        .where(
            *readable_sources(view), Post.removed_at.is_(None), Post.appears_at <= view.at, was_shown(Revision.number),
            tuple_(Post.public_id, Revision.number).in_([(mark.public_id, mark.revision) for mark in marks]),
        )
    )  # fmt: skip
    texts = {
        (row.public_id, row.number): (
            row.id, shown_name(view.member, row.name, anonymous=row.anonymity != "none"), plain_words(row.html)
        )
        for row in rows
    }  # fmt: skip
    found = {}
    for mark in marks:
        post_id, author, plain = texts.get((mark.public_id, mark.revision), (0, "", ""))
        if 0 <= mark.start < mark.end <= len(plain) and mark.end - mark.start <= QUOTE_LIMIT:
            found[mark] = _Source(post_id, author, plain[mark.start : mark.end])
    return found


def recount_beyond(session: Session, thread_id: int) -> None:
    """Count anew what the page of a thread shows of other places: after posts came into it or left it."""
    near, far = aliased(Post), aliased(Post)
    quotes = (
        select(func.count())
        .select_from(Citation)
        .join(Post, Post.id == Citation.post_id)
        .where(Post.thread_id == thread_id)
        .scalar_subquery()
    )
    answers = (
        select(func.count())
        .select_from(near)
        .join(far, far.id == near.parent_id)
        .where(near.thread_id != far.thread_id, or_(near.thread_id == thread_id, far.thread_id == thread_id))
        .scalar_subquery()
    )
    session.execute(update(Thread).where(Thread.id == thread_id).values(beyond=quotes + answers))
