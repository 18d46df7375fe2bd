"""What can be done with writing: posting, editing, removing, drafts, read marks.

All run inside transaction(); text was rendered and hashed before. Each loads what decides inside the lock.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..boards.closing_commands import only_thread_closed, only_thread_reopened
from ..boards.commands import asks_for_posts
from ..boards.rules import state
from ..core import markup
from ..core.db import upsert
from ..core.errors import NotAllowed, Refused
from ..courses.policy import Action, Member
from ..ledger.commands import record
from .adding import Posted, add_post
from .attaching import take_files
from .attachments import attached_in, to_keep
from .citing import cite
from .drafts import Written, drop_draft, new_key, save_draft, write
from .models import Post, ReadMark, Revision, Thread
from .prompt_threads import prompt_thread, prompts_beside
from .queries import (
    PostView,
    ThreadView,
    board_view,
    group_choices,
    has_own_thread,
    lock_thread,
    opening_of,
    parent_in,
    post_under_key,
    post_view,
    thread_view,
)
from .receipting import prove_edit
from .rules import Place, why_not_answered, why_not_show_at
from .starting_texts import first_words, is_first_kind
from .tags import put_tags
from .waiting import settle_appeared, show_now, withdraw_post

__all__ = [
    "KeyUsed", "Posted", "Written", "edit_post", "new_key", "post_reply", "prompt_thread", "read_to", "remove_post",
    "restore_post", "save_draft", "set_thread_closed", "set_thread_pinned", "set_thread_removed", "show_now",
    "start_thread", "why_not_edit", "withdraw_post", "write",
]  # fmt: skip


class KeyUsed(Exception):
    """The idempotency key belongs to other words: they come back as a draft with a new key."""


def _refuse(refusal: object) -> None:
    if refusal is not None:
        raise Refused(refusal.code, refusal.values)  # type: ignore[attr-defined]


def repeated(session: Session, author_id: int, written: Written) -> Posted | None:
    """The post that came under this key before; KeyUsed if its words were others."""
    post = post_under_key(session, author_id, written.key)
    if post is None:
        return None
    if post.digest != written.digest:
        raise KeyUsed
    return Posted(post.id, post.public_id, post.thread_id, post.arrived_at, post.appears_at)


def post_reply(
    session: Session, member: Member, thread_id: str, written: Written, *, at: datetime,
    parent_id: str | None = None, appears_at: datetime | None = None, shown_from: datetime | None = None,
    came_at: datetime | None = None,
) -> Posted:  # fmt: skip
    """An answer to a thread's opening or prompt, or to the post `parent_id` in it; `at` is the arrival.

    `appears_at` is the instant of the request, where a signed arrival lies before it; `shown_from` is when the post is
    shown first, if that is later: it is handed in all the same; `came_at` as in `add_post`. The same key with the same
    words gives the post that is there already: asked under the lock, where a press at the same moment ends.
    """
    lock_thread(session, member.course_id, thread_id)
    if (repeat := repeated(session, member.account_id, written)) is not None:
        return repeat
    now = appears_at or at
    view = thread_view(session, member, thread_id, at, plain=True)
    if view.last_scheduled is not None and settle_appeared(session, view.thread.id, now):
        view = thread_view(session, member, thread_id, at, plain=True)
    _refuse(view.board.why_not_post(view.thread))
    written = first_words(view.board.board, written, is_first=view.thread.is_prompt and parent_id is None)
    if shown_from is not None:
        is_first = view.thread.is_prompt and parent_id is None
        _refuse(why_not_show_at(shown_from, now, view.board.next_limit(is_first=is_first), member.zone))
    parent: Any = None
    place = Place("thread", thread_id)
    if parent_id is not None:
        parent = parent_in(session, view.board, view.thread.id, parent_id)
        if parent.removed_at is not None:
            raise Refused("parent_removed")
        if (apart := why_not_answered(parent)) is not None:
            raise Refused(apart)
        place = Place("post", parent_id)
    elif not view.thread.is_prompt:
        parent = opening_of(session, view.thread.id)
    # Before the post: the head of the chain is the last thing that is locked.
    drop_draft(session, member.account_id, place, written)
    return add_post(session, view.board, view.thread, parent, written, at, now, shown_from, came_at)


def start_thread(
    session: Session, member: Member, board_id: str, written: Written, *, at: datetime,
    group: str | None = None, appears_at: datetime | None = None, shown_from: datetime | None = None,
    came_at: datetime | None = None, for_staff: bool = False,
) -> Posted:  # fmt: skip
    """A new thread with its opening post; `at`, `appears_at`, `shown_from` and `came_at` as in `post_reply`.

    `for_staff`: only its author and the staff who see them read it, and it counts for nothing.
    """
    if (repeat := repeated(session, member.account_id, written)) is not None:
        return repeat
    view = board_view(session, member, board_id, at, lock=True)
    if (repeat := repeated(session, member.account_id, written)) is not None:
        return repeat
    _refuse(view.why_not_ask_staff() if for_staff else view.why_not_start(has_own_thread(session, view)))
    written = first_words(view.board, written, is_first=True)
    choices = group_choices(session, view)
    now = appears_at or at
    if shown_from is not None:
        _refuse(why_not_show_at(shown_from, now, view.next_limit(is_first=True), member.zone))
    thread = Thread(
        course_id=member.course_id, board_id=view.board.id, author_id=member.account_id,
        group_id=choices.chosen(group) if choices is not None else None,
        title=written.title, created_at=at, last_post_at=at, appears_at=shown_from,
        asker_id=member.account_id if for_staff else None,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    put_tags(session, thread, written.tags or ())
    drop_draft(session, member.account_id, Place("staff" if for_staff else "board", board_id), written)
    return add_post(session, view, thread, None, written, at, now, shown_from, came_at)


def _has_posts(session: Session, board_id: int) -> bool:
    return session.scalar(select(Post.id).where(Post.board_id == board_id).limit(1)) is not None


asks_for_posts.append(_has_posts)


def edit_post(
    session: Session,
    member: Member,
    post_id: str,
    written: Written,
    *,
    at: datetime,
    revision: int,
    reason: str = "",
    issued_at: datetime | None = None,
) -> Post:
    """A new text of a post; the one before is kept. `revision` is the number that the form began from.

    `issued_at` is the instant of the request, where a signed arrival (`at`) lies before it.

    Pressed twice it is one edit, and saved as it was it is none.
    """
    view = post_view(session, member, post_id, at, lock=True)
    issued_at = at if issued_at is None else issued_at
    _may_change(view, member)
    _settle(session, view, issued_at)
    post, thread = view.post, view.thread.thread
    last = session.scalars(
        select(Revision).where(Revision.post_id == post.id, Revision.number == post.revision)
    ).one()
    title = written.title if post.opens_thread and written.title else thread.title
    files = to_keep(written.files)
    unchanged = last.source == written.source and title == thread.title and last.files == files
    pressed_twice = post.revision == revision + 1 and last.author_id == member.account_id
    if unchanged and post.removed_at is None and (post.revision == revision or pressed_twice):
        drop_draft(session, member.account_id, Place("edit", post_id), written)
        return post
    if post.revision != revision:
        raise Refused("edited_meanwhile")
    _refuse(why_not_edit(view))
    board = view.thread.board.board
    written = first_words(board, written, is_first=is_first_kind(board, post))
    at = max(at, last.arrived_at)
    post.revision += 1
    session.add(
        Revision(
            post_id=post.id, number=post.revision, arrived_at=at, author_id=member.account_id, source=written.source,
            html=written.html, words=written.words, reason=reason, files=files,
        )
    )  # fmt: skip
    take_files(session, written.files, post.id, member.account_id, already=attached_in(post.files))
    post.files = files
    post.html, post.words, post.renderer_version = written.html, written.words, markup.RENDERER_VERSION
    post.edited_at = at
    if post.appears_at <= issued_at and not post.is_set_apart:  # else nothing that all read changes
        thread.version += 1
    thread.title = title
    session.flush()
    cite(session, view.thread.board, post.id, thread.id, written.html)
    drop_draft(session, member.account_id, Place("edit", post_id), written)
    record(session, "edited", "post", post.id, actor_id=member.account_id, at=at, course_id=member.course_id,
           revision=post.revision)  # fmt: skip
    prove_edit(session, view.thread.board, thread, post, written, at=at, issued_at=max(at, issued_at))
    return post


def _settle(session: Session, view: PostView, at: datetime) -> None:
    if view.thread.last_scheduled is not None:
        settle_appeared(session, view.thread.thread.id, at)


def why_not_edit(view: PostView) -> object:
    """Why this member cannot edit this post now, the author's or staff's rights having been asked."""
    board, thread = view.thread.board, view.thread.thread
    return state.why_not_edit(
        board.standing,
        board.dates,
        board.at,
        thread=state.ThreadStanding(thread.closed_at is not None, thread.removed_at is not None),
        actor=board.actor,
        post_removed=view.post.removed_at is not None,
    )


def _may_change(view: PostView, member: Member) -> None:
    if view.post.author_id != member.account_id and not member.may(Action.MODERATE):
        raise NotAllowed
    if not member.may(Action.POST):
        raise NotAllowed


def remove_post(session: Session, member: Member, post_id: str, *, at: datetime, reason: str = "") -> Thread:
    """Take a post away; a placeholder and its replies stay. Its author always may (docs/time.md, rule 16).

    Staff owe its author a reason.
    """
    view = post_view(session, member, post_id, at, lock=True)
    _may_change(view, member)
    post, thread = view.post, view.thread.thread
    if post.author_id != member.account_id and not reason.strip():
        raise Refused("reason_missing")
    if post.appears_at > at:
        withdraw_post(session, member, post_id, at=at)
        return thread
    _settle(session, view, at)
    if post.removed_at is None:
        post.removed_at, post.removed_by_id, post.removal_reason = at, member.account_id, reason or None
        if not post.is_set_apart:
            thread.version += 1
            thread.posts -= 1
        session.flush()
        record(
            session, "removed", "post", post.id, actor_id=member.account_id, at=at, course_id=member.course_id
        )
    return thread


def restore_post(session: Session, member: Member, post_id: str, *, at: datetime) -> Thread:
    """Bring a removed post back: whoever removed it, and staff any.

    That its author had taken it away for a time stays among its texts: what did not stand at the limit does not
    count by coming back after it (docs/time.md, rule 16).
    """
    view = post_view(session, member, post_id, at, lock=True)
    post, thread = view.post, view.thread.thread
    if post.removed_by_id != member.account_id and not member.may(Action.MODERATE):
        raise NotAllowed
    _settle(session, view, at)
    if post.removed_at is not None:
        if post.removed_by_id == post.author_id:
            _note_absence(session, view, at)
        post.removed_at = post.removed_by_id = post.removal_reason = None
        if not post.is_set_apart:
            thread.version += 1
            thread.posts += 1
        session.flush()
        record(
            session,
            "restored",
            "post",
            post.id,
            actor_id=member.account_id,
            at=at,
            course_id=member.course_id,
        )
    return thread


def _note_absence(session: Session, view: PostView, at: datetime) -> None:
    post, dates = view.post, view.thread.board.dates.dates
    own = view.thread.board.member.account_id == post.author_id
    if post.removed_at is None or (
        own and not any(d.limit and post.removed_at < d.limit <= at for d in dates)
    ):
        return
    last = session.scalars(
        select(Revision).where(Revision.post_id == post.id, Revision.number == post.revision)
    ).one()
    for source, html, words, files, when in (
        ("", "", 0, None, post.removed_at), (last.source, last.html, last.words, last.files, at)
    ):  # fmt: skip
        post.revision += 1
        session.add(
            Revision(
                post_id=post.id, number=post.revision, arrived_at=when, author_id=post.author_id, source=source,
                html=html, words=words, files=files,
            )
        )  # fmt: skip
    post.edited_at = at


def set_thread_closed(
    session: Session, member: Member, thread_id: str, closed: bool, *, at: datetime
) -> Thread:
    view = thread_view(session, member, thread_id, at, lock=True)
    before = view.thread.closed_at
    # The discussions of all groups under one prompt are closed and opened together.
    for thread in prompts_beside(session, view.thread) if view.thread.is_prompt else [view.thread]:
        thread.closed_at = (before or at) if closed else None
        thread.version += 1
    if view.thread.is_prompt:  # all that the board takes
        if closed and before is None:
            only_thread_closed(session, view.board.board, at=at)
        elif before is not None and not closed:
            only_thread_reopened(session, view.board.board, closed_at=before, at=at)
    session.flush()
    record(session, "closed" if closed else "reopened", "thread", view.thread.id, actor_id=member.account_id, at=at,
           course_id=member.course_id)  # fmt: skip
    return view.thread


def set_thread_removed(
    session: Session, member: Member, thread_id: str, removed: bool, *, at: datetime
) -> Thread:
    """Take a whole thread out of sight of all but staff, or bring it back as it was. A prompt's thread stays."""
    view = thread_view(session, member, thread_id, at, lock=True)
    if view.thread.is_prompt:
        raise NotAllowed
    view.thread.removed_at = (view.thread.removed_at or at) if removed else None
    view.thread.version += 1
    session.flush()
    record(session, "removed" if removed else "restored", "thread", view.thread.id, actor_id=member.account_id, at=at,
           course_id=member.course_id)  # fmt: skip
    return view.thread


def set_thread_pinned(
    session: Session, member: Member, thread_id: str, pinned: bool, *, at: datetime
) -> Thread:
    view = thread_view(session, member, thread_id, at, lock=True)
    view.thread.pinned = pinned
    view.thread.version += 1
    session.flush()
    record(session, "pinned" if pinned else "unpinned", "thread", view.thread.id, actor_id=member.account_id, at=at,
           course_id=member.course_id)  # fmt: skip
    return view.thread


# --- reading -----------------------------------------------------------------------------------------------------------


def read_to(session: Session, member: Member, view: ThreadView, *, position: int, as_of: datetime) -> None:
    """Note that a thread was read up to a position, as the page of `as_of` showed it; never back."""
    if not member.account_id or not view.board.others_shown:
        return  # what is not shown yet can't have been read
    position = max(0, min(position, view.thread.last_position))
    mark = session.get(ReadMark, (member.account_id, view.thread.id))
    if mark is None:
        upsert(
            session, ReadMark.__table__,
            {"account_id": member.account_id, "thread_id": view.thread.id, "position": position, "at": as_of},
            keys=["account_id", "thread_id"], update=[],
        )  # fmt: skip
        return
    mark.position = max(mark.position, position)
    mark.at = max(mark.at, as_of)
    session.flush()
