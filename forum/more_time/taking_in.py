"""Words that were refused and kept, and making posts of them with their own arrival once more time is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.errors import NotHere, Refused
from ..courses.policy import Member
from ..posts import commands as posts
from ..posts.attachments import attached_in
from ..posts.commands import KeyUsed, Written
from ..posts.models import Draft, Post, Thread
from ..posts.queries import draft_at, lock_thread
from ..posts.rules import FOR_ALL, Place
from ..receipts import tokens
from ..receipts.models import Receipt
from ..receipts.queries import known_keys
from ..receipts.rules import words_digest


@dataclass(frozen=True)
class RefusedText:
    """Words kept after a refusal. `arrived_at` is what their receipt says; without one that is of these very words
    (they were changed since) it is None, and they can't be taken in."""

    place: Place
    thread: str | None
    arrived_at: datetime | None
    words: int
    is_empty: bool
    written: Written


def refused_texts(session: Session, account_id: int, board_id: int, board: str) -> list[RefusedText]:
    """One person's refused words that were meant for a board (its id and public id), by arrival; four statements at most.

    They are drafts, which nobody but their author reads: a page for staff may tell when they arrived and how long they
    are, never what they say, and only where the author asks to have them taken in.
    """
    drafts = [
        (draft, place)
        for draft in session.scalars(
            select(Draft).where(Draft.account_id == account_id, Draft.refused_at.is_not(None))
        )
        if (place := Place.parse(draft.place)) is not None and place.kind in FOR_ALL
    ]
    if not drafts:
        return []
    threads = _threads_of(session, board_id, [place for _draft, place in drafts])
    here = [
        (draft, place, None if place.kind == "board" else threads[place])
        for draft, place in drafts
        if place in threads or place == Place("board", board)
    ]
    receipts = session.execute(
        select(Receipt.place, Receipt.token, Receipt.salt, Receipt.arrived_at)
        .where(
            Receipt.account_id == account_id, Receipt.kind == "refused",
            Receipt.place.in_([str(place) for _draft, place, _thread in here]),
        )
        .order_by(Receipt.arrived_at, Receipt.id)
    ).all()  # fmt: skip
    found = []
    for draft, place, thread in here:
        arrived_at = next(
            (row.arrived_at for row in receipts if row.place == str(place) and _is_of(row, draft)),
            None,
        )
        files = attached_in(draft.files)
        written = posts.write(draft.source, draft.key, title=draft.title, draft=draft, files=files)
        found.append(
            RefusedText(place, thread, arrived_at, written.words, not written.source.strip(), written)
        )
    return sorted(found, key=lambda text: (text.arrived_at is None, text.arrived_at or 0, str(text.place)))


def _threads_of(session: Session, board_id: int, places: Sequence[Place]) -> dict[Place, str]:
    """The public id of the thread that each place on this board is in."""
    ids = {kind: [place.public_id for place in places if place.kind == kind] for kind in ("thread", "post")}
    found = {
        Place("thread", public_id): public_id
        for public_id in session.scalars(
            select(Thread.public_id).where(Thread.public_id.in_(ids["thread"]), Thread.board_id == board_id)
        )
    }
    for post, thread in session.execute(
        select(Post.public_id, Thread.public_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.public_id.in_(ids["post"]), Post.board_id == board_id)
    ):
        found[Place("post", post)] = thread
    return found


def _is_of(receipt: object, draft: Draft) -> bool:
    """Whether a receipt was given for these words, with these files."""
    salt, token = receipt.salt, receipt.token  # type: ignore[attr-defined]
    statement = tokens.read(token, known_keys()).statement if salt is not None else None
    files = [each.sha256 for each in attached_in(draft.files)]
    return statement is not None and statement.words == words_digest(salt, draft.source, files)


@dataclass(frozen=True)
class TakenIn:
    """What became of one refused text: the public id of its post, or a code that says why it is none."""

    text: RefusedText
    post: str | None
    code: str = ""


def lock_places(session: Session, course_id: int, texts: Sequence[RefusedText]) -> None:
    """Hold the threads that texts are to go to, before the board: in the order in which others take these locks."""
    for thread in sorted({text.thread for text in texts if text.thread is not None}):
        lock_thread(session, course_id, thread)


def take_in(
    session: Session, student: Member, texts: Sequence[RefusedText], *, at: datetime
) -> list[TakenIn]:
    """Make posts of refused words, each with its own arrival, as if they had been taken then.

    They are judged, and may still be refused, by the dates that hold now: call it after the grant, as the last thing of
    its transaction. `texts` were read before it; what their author changed since is left alone. They appear at `at`.
    """
    return [_taken(session, student, text, at) for text in texts]


def _taken(session: Session, student: Member, text: RefusedText, at: datetime) -> TakenIn:
    draft = draft_at(session, student.account_id, text.place)
    if (
        draft is None
        or text.arrived_at is None
        or draft.digest != text.written.text_digest
        or attached_in(draft.files) != text.written.files
    ):
        return TakenIn(text, None, "changed_since")
    if text.is_empty:
        return TakenIn(text, None, "empty")
    try:
        if text.thread is None:
            posted = posts.start_thread(
                session, student, text.place.public_id, text.written, at=text.arrived_at, appears_at=at
            )
        else:
            posted = posts.post_reply(
                session, student, text.thread, text.written, at=text.arrived_at, appears_at=at,
                parent_id=text.place.public_id if text.place.kind == "post" else None,
            )  # fmt: skip
    except NotHere:
        return TakenIn(text, None, "place_gone")
    except KeyUsed:
        return TakenIn(text, None, "changed_since")
    except Refused as refused:
        return TakenIn(text, None, refused.code)
    return TakenIn(text, posted.public_id)
