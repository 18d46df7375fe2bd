"""What can be done with posts handed in to be shown later: taking one back, showing one now, giving them their places.

Nothing here makes one appear: that is a comparison with the clock by whoever reads (docs/time.md, rule 15). All run inside
transaction().
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ..core.errors import NotHere, Refused
from ..courses.policy import Member
from ..ledger.commands import record, show_news
from .attaching import give_files_back
from .drafts import new_key, save_draft, write
from .models import Post, Thread
from .queries import appeared_since, draft_at, place_of, post_view, source_of
from .rules import Place, path_below


def settle_appeared(session: Session, thread_id: int, at: datetime) -> bool:
    """Give the posts of a thread that have appeared since somebody last wrote there their places, as they appeared.

    Until then they stand above all others, which is the same order: nobody wrote after them. Call it under the thread's
    lock, before anything else is written there. Whether there were any.
    """
    posts = appeared_since(session, thread_id, at)
    if not posts:
        return False
    thread = session.get_one(Thread, thread_id, populate_existing=True)
    for post in posts:
        thread.last_position += 1
        post.position = thread.last_position
        post.path = path_below(post.path[:-4] or None, post.position)
        if post.removed_at is None:
            thread.posts += 1
        thread.last_post_at = max(thread.last_post_at, post.appears_at)
    thread.version += 1
    session.flush()
    return True


@dataclass(frozen=True)
class Withdrawn:
    """A post that was taken back: where its words are a draft now, and whether words that were there stand above them."""

    place: Place
    is_joined: bool


def _own_waiting(session: Session, member: Member, post_id: str, at: datetime) -> tuple[Post, Thread]:
    view = post_view(session, member, post_id, at, lock=True)
    if view.post.author_id != member.account_id or view.post.scheduled_for is None:
        raise NotHere
    if view.post.appears_at <= at:
        raise Refused("has_appeared")
    return view.post, view.thread.thread


def withdraw_post(session: Session, member: Member, post_id: str, *, at: datetime) -> Withdrawn:
    """Take back what waits to be shown: it is a draft again, counts for nothing, and nobody else ever sees it."""
    post, thread = _own_waiting(session, member, post_id, at)
    place = Place(*place_of(session, post, thread))
    source, kept = source_of(session, post), draft_at(session, member.account_id, place)
    is_joined = kept is not None and bool(kept.source.strip()) and kept.source != source
    if is_joined and kept is not None:
        source = f"{kept.source.rstrip()}\n\n{source}"
    title = thread.title if post.opens_thread else ""
    draft = save_draft(
        session, member.account_id, member.course_id, place, write(source, new_key(), title=title), at=at
    )
    if draft is not None:
        give_files_back(session, post.files, draft, at)
    post.removed_at, post.removed_by_id = at, member.account_id
    if post.opens_thread:
        thread.removed_at = at
    session.flush()
    show_news(session, post.id, visible_at=None)
    record(
        session, "withdrawn", "post", post.id, actor_id=member.account_id, at=at, course_id=member.course_id
    )
    return Withdrawn(place, is_joined)


def show_now(session: Session, member: Member, post_id: str, *, at: datetime) -> None:
    """Show what waits at once; its arrival stays what it was."""
    post, thread = _own_waiting(session, member, post_id, at)
    post.appears_at = at
    if post.opens_thread:
        thread.appears_at = thread.last_post_at = at
    session.flush()
    settle_appeared(session, thread.id, at)
    show_news(session, post.id, visible_at=at)
    record(session, "shown", "post", post.id, actor_id=member.account_id, at=at, course_id=member.course_id)
