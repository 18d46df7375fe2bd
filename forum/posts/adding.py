"""Storing a post, with all that stands or falls with it: its text, its place in the thread, the news of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from ..boards.rules import values
from ..core import markup
from ..core.db import Instant, new_public_id
from ..core.prepared import Prepared, inserting
from ..ledger.commands import tell
from .attaching import take_files
from .attachments import to_keep
from .citing import cite
from .drafts import Written
from .models import Post, Revision, Thread
from .names import is_nameless
from .queries import BoardView, free_position, own_facts
from .receipting import is_first_post, prove_post
from .rules import BESIDE, path_below, waiting_position


@dataclass(frozen=True)
class Posted:
    """A post that is there. Of one that is new: its `board` as it was when that was decided, and all that its author
    has on that board now, if it asks students for posts and a student wrote."""

    id: int
    public_id: str
    thread_id: int
    arrived_at: datetime
    appears_at: datetime
    board: BoardView | None = None
    own: Sequence[values.PostFacts] | None = None


_POST, _REVISION = inserting(Post.__table__), inserting(Revision.__table__)
_GROWN = Prepared(
    update(Thread)
    .where(Thread.id == bindparam("thread", type_=Integer()))
    .values(last_position=bindparam("at_position", type_=Integer()), posts=Thread.posts + 1, version=Thread.version + 1,
            last_post_at=bindparam("at_instant", type_=Instant()))
)  # fmt: skip


def add_post(
    session: Session, view: BoardView, thread: Thread, parent: Any, written: Written, at: datetime,
    now: datetime, shown_from: datetime | None = None, came_at: datetime | None = None,
    private_with: int | None = None,
) -> Posted:  # fmt: skip
    """Store the post with all that goes with it; what else is to stand or fall with it goes here.

    `now` is the instant of the request, which may be later than the arrival; `shown_from` the instant at which it is
    first shown, if its author chose one; `came_at` that from which it is there, of a post made for its author, which was
    nobody's to read since. What waits in a thread changes nothing of that thread, since others read its
    version; a thread that it opens is not there for them yet.

    `private_with` (an account id) is who reads it besides staff, of a private post in a thread that is for others: for
    them it changes nothing of that thread either.

    Eight statements, and four if it quotes. Its receipt is the last: it holds the head of the course's chain until the commit.
    """
    appears_at = shown_from or came_at or now
    waits = shown_from is not None and (thread.is_prompt or thread.last_position > 0)
    position = thread.last_position + 1
    if waits or private_with is not None:
        position = free_position(session, thread.id, waiting_position(appears_at) if waits else BESIDE)
    member = view.member
    # An answer to a thread's opening post stands beside the others at the first level.
    above = parent.path if parent is not None and not parent.opens_thread else None
    public_id, parent_id = new_public_id(), parent.id if parent else None
    opens_thread = position == 1 and not thread.is_prompt
    post_id: int = _POST.one(session, {
        "public_id": public_id, "course_id": member.course_id, "board_id": view.board.id, "thread_id": thread.id,
        "group_id": thread.group_id, "author_id": member.account_id, "parent_id": parent_id,
        "position": position, "path": path_below(above, position),
        "depth": 0 if above is None or parent is None else parent.depth + 1,
        "opens_thread": opens_thread, "arrived_at": at, "appears_at": appears_at,
        "key": written.key, "digest": written.digest, "html": written.html,
        "renderer_version": markup.RENDERER_VERSION, "words": written.words, "scheduled_for": shown_from, "files": (kept := to_keep(written.files)),
        "private_with_id": private_with, "asker_id": thread.asker_id,
        "anonymity": "peers" if is_nameless(thread, member.account_id) else "none",
    }).id  # fmt: skip
    _REVISION.one(session, {
        "post_id": post_id, "number": 1, "arrived_at": at, "author_id": member.account_id, "source": written.source,
        "html": written.html, "words": written.words, "files": kept,
    })  # fmt: skip
    if written.files:
        take_files(session, written.files, post_id, member.account_id)
    if "[quote " in written.html:
        cite(session, view, post_id, thread.id, written.html)
    if not waits and private_with is None:
        _GROWN.run(session, {"thread": thread.id, "at_position": position, "at_instant": appears_at})
        forget_thread(session, thread.id)
    tell(session, "post", course_id=member.course_id, visible_at=appears_at, actor_id=member.account_id,
         board_id=view.board.id, thread_id=thread.id, post_id=post_id, account_id=private_with or thread.asker_id)  # fmt: skip
    own = None
    if view.actor == "student" and view.checkpoints:
        own = own_facts(session, view.board.id, member.account_id)
    is_first = is_first_post(thread, parent_id, opens=opens_thread)
    prove_post(
        session, view, thread, written, post_id, public_id, is_first=is_first, at=at, issued_at=now,
        shown_from=shown_from,
    )  # fmt: skip
    return Posted(post_id, public_id, thread.id, at, appears_at, view, own)


def forget_thread(session: Session, thread_id: int) -> None:
    """A thread that the session has as an object is read anew when it is asked for."""
    known = session.identity_map.get(identity_key(Thread, thread_id))
    if known is not None:
        session.expire(known, ["last_position", "posts", "version", "last_post_at"])
