"""Proof of arrival of what is written here: which due instant a text is held against, and what is kept to check it by."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import exists, literal, or_, select
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..boards.models import Board
from ..courses.policy import Member
from ..receipts import evidence
from ..receipts.commands import Arrived, HeldAgainst, issue_receipt
from ..receipts.models import Receipt
from ..receipts.queries import refusal_of_words
from ..receipts.rules import KeptPost, KeptText, class_of_refusal, text_hash
from .attaching import FileDigests
from .attachments import attached_in
from .drafts import Written
from .models import Post, Revision, Thread
from .queries import BoardView, view_of
from .queries.appearing import appeared
from .rules import Place


def _digests_of(written: Written) -> tuple[str, ...]:
    return tuple(each.sha256 for each in written.files)


def held_against(view: BoardView, *, is_first: bool) -> HeldAgainst:
    """The due instant of the checkpoint that a first post, or a reply, can meet; none for staff."""
    if view.actor != "student":
        return HeldAgainst()
    kinds = {row.id: row.kind for row in view.checkpoints}
    wanted = "first_post" if is_first else "replies"
    for date in view.dates.dates:
        if kinds.get(date.checkpoint_id) == wanted:
            return HeldAgainst(date.due, date.limit)
    return HeldAgainst()


def is_first_post(thread: Thread, parent_id: int | None, *, opens: bool) -> bool:
    """Whether a post is of the kind that meets the first checkpoint: it opens a thread, or answers the prompt.

    A reply that was split off opens a thread, and is a reply still.
    """
    return parent_id is None and (opens or thread.is_prompt)


def prove_post(
    session: Session, view: BoardView, thread: Thread, written: Written, post_id: int, public_id: str, *, is_first: bool,
    at: datetime, issued_at: datetime, shown_from: datetime | None = None,
) -> None:  # fmt: skip
    """The receipt of a post that was taken; call it as the last thing of the deed. What only staff read is held against
    nothing."""
    against = HeldAgainst() if thread.asker_id is not None else held_against(view, is_first=is_first)
    arrived = Arrived(
        "scheduled" if shown_from is not None else "accepted", str(Place("thread", thread.public_id)), written.source,
        post_id, public_id, 1, files=_digests_of(written),
    )  # fmt: skip
    issue_receipt(session, view.member.account_id, view.member.course_id, arrived, against, at=at, issued_at=issued_at,
                  appears_at=shown_from)  # fmt: skip


def prove_edit(
    session: Session, view: BoardView, thread: Thread, post: Post, written: Written, *, at: datetime,
    issued_at: datetime,
) -> None:  # fmt: skip
    """The receipt of its author's edit before the limit. What comes after is not judged, and needs none."""
    if post.author_id != view.member.account_id:
        return
    is_first = is_first_post(thread, post.parent_id, opens=post.opens_thread)
    against = HeldAgainst() if post.asker_id is not None else held_against(view, is_first=is_first)
    limit = against.limit_at or (view.dates.own_limit if view.actor == "student" else None)
    if limit is not None and at >= limit:
        return
    arrived = Arrived("edit", str(Place("thread", thread.public_id)), written.source, post.id, post.public_id,
                      post.revision, files=_digests_of(written))  # fmt: skip
    issue_receipt(
        session, view.member.account_id, view.member.course_id, arrived, against, at=at, issued_at=issued_at
    )


def prove_refusal(
    session: Session, member: Member, place: Place, written: Written, code: str, *, at: datetime, issued_at: datetime
) -> str | None:  # fmt: skip
    """The receipt of words that were refused and kept; its public id. The same words sent again have the one before.

    None if the place is nowhere in this course.
    """
    found = _place(session, member, place, issued_at)
    if found is None:
        return None
    files = _digests_of(written)
    before = refusal_of_words(session, member.account_id, str(place), written.source, files)
    if before is not None:
        return before
    view, is_first = found
    against = HeldAgainst() if place.kind == "staff" else held_against(view, is_first=is_first)
    arrived = Arrived("refused", str(place), written.source, refusal=class_of_refusal(code), files=files)
    return issue_receipt(session, member.account_id, member.course_id, arrived, against,
                         at=at, issued_at=issued_at)  # fmt: skip


def _place(session: Session, member: Member, place: Place, at: datetime) -> tuple[BoardView, bool] | None:
    """The board that words were meant for, and whether as a first post; the refusal said already who may know of it."""
    statement = select(Board, Thread.is_prompt, Post.parent_id, Post.opens_thread).where(
        Board.course_id == member.course_id
    )
    if place.kind in ("board", "staff"):
        statement = (
            select(Board, literal(False), literal(None), literal(place.kind == "board"))
            .where(Board.course_id == member.course_id, Board.public_id == place.public_id)
        )  # fmt: skip
    elif place.kind == "thread":
        statement = (
            select(Board, Thread.is_prompt, literal(None), literal(False))
            .join(Thread, Thread.board_id == Board.id)
            .where(Board.course_id == member.course_id, Thread.public_id == place.public_id)
        )  # fmt: skip
    else:
        statement = (
            statement.join(Thread, Thread.board_id == Board.id)
            .join(Post, Post.thread_id == Thread.id)
            .where(Post.public_id == place.public_id)
        )
    row = session.execute(statement).first()
    if row is None:
        return None
    board, is_prompt, parent_id, opens = row
    is_first = place.kind != "post" and parent_id is None and (opens or is_prompt)
    return view_of(session, member, board, at), is_first


# --- what is kept of posts, for who checks receipts --------------------------------------------------------------------


def _posts_kept(session: Session, post_ids: Collection[int], reads_files: bool) -> Mapping[int, KeptPost]:
    """The posts with their authors and all their texts, by id; two statements, one more where files are attached, whose bytes are read."""
    if not post_ids:
        return {}
    texts: dict[int, dict[int, KeptText]] = {}
    rows = session.execute(
        select(Revision.post_id, Revision.number, Revision.arrived_at, Revision.source, Revision.files).where(
            Revision.post_id.in_(post_ids)
        )
    ).all()
    bytes_of = FileDigests(session, [row.files for row in rows], reads=reads_files)
    for post_id, number, arrived_at, source, files in rows:
        texts.setdefault(post_id, {})[number] = KeptText(arrived_at, text_hash(source), bytes_of.of(files))
    posts = session.execute(
        select(Post.id, Post.public_id, Post.arrived_at, Account.public_id)
        .join(Account, Account.id == Post.author_id)
        .where(Post.id.in_(post_ids))
    )
    return {
        post_id: KeptPost(public_id, author, arrived_at, texts.get(post_id, {}))
        for post_id, public_id, arrived_at, author in posts
    }


def _posts_without(session: Session, course_id: int, since: datetime) -> list[str]:
    has_one = exists().where(Receipt.post_id == Post.id, Receipt.kind.in_(("accepted", "scheduled")))
    return list(
        session.scalars(
            select(Post.public_id)
            .where(Post.course_id == course_id, Post.appears_at > since, ~has_one)
            .order_by(Post.id)
        )
    )


def _words_of(session: Session, post_id: int, revision: int, reader_id: int, at: datetime) -> str | None:
    """What waits to be shown is its author's alone until then."""
    return session.scalar(
        select(Revision.source)
        .join(Post, Post.id == Revision.post_id)
        .where(
            Revision.post_id == post_id, Revision.number == revision,
            or_(Post.author_id == reader_id, appeared(at)),
        )
    )  # fmt: skip


def _files_of(session: Session, post_id: int, revision: int) -> list[tuple[str, str]]:
    kept = session.scalar(
        select(Revision.files).where(Revision.post_id == post_id, Revision.number == revision)
    )
    return [(each.name, each.sha256) for each in attached_in(kept)]


evidence.posts_kept.append(_posts_kept)
evidence.files_of.append(_files_of)
evidence.posts_without.append(_posts_without)
evidence.words_of.append(_words_of)
