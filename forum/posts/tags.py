"""The tags of a course: a list that staff keep, from which whoever starts a thread chooses.

All run inside transaction(). A thread holds its tags once more as they are shown, so that lists and pages ask nothing
for them; whoever changes a tag writes them anew.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from ..accounts.rules import folded
from ..core.errors import NotAllowed, Refused
from ..courses.policy import Action, Member
from ..ledger.commands import record
from .models import Tag, Thread, ThreadTag
from .queries import thread_view
from .queries.tags import tag_for
from .rules import MOST_TAGS, MOST_TAGS_OF_A_COURSE


def add_tag(session: Session, member: Member, name: str, *, at: datetime) -> Tag:
    """One more tag; Refused (tag_taken) if there is one of this name, case and accents aside."""
    _staff(member)
    _refuse_taken(session, member, name)
    number = session.scalar(select(func.count()).select_from(Tag).where(Tag.course_id == member.course_id))
    if (number or 0) >= MOST_TAGS_OF_A_COURSE:
        raise Refused("too_many_tags")
    tag = Tag(course_id=member.course_id, name=name, name_key=folded(name), created_at=at)
    session.add(tag)
    session.flush()
    _record(session, member, "made", tag, at)
    return tag


def rename_tag(session: Session, member: Member, tag_id: str, name: str, *, at: datetime) -> Tag:
    _staff(member)
    tag = tag_for(session, member, tag_id)
    if tag.name == name:
        return tag
    _refuse_taken(session, member, name, but=tag.id)
    tag.name, tag.name_key = name, folded(name)
    session.flush()
    _write_anew(session, _threads_with(session, tag.id))
    _record(session, member, "renamed", tag, at)
    return tag


def join_tags(session: Session, member: Member, tag_id: str, into_id: str, *, at: datetime) -> Tag:
    """Make two tags one: every thread of the first gets the second, and the first is gone."""
    _staff(member)
    tag, into = tag_for(session, member, tag_id), tag_for(session, member, into_id)
    if tag.id == into.id:
        raise Refused("same_tag")
    threads, there = _threads_with(session, tag.id), set(_threads_with(session, into.id))
    new = [{"thread_id": thread_id, "tag_id": into.id} for thread_id in threads if thread_id not in there]
    if new:
        session.execute(insert(ThreadTag), new)
    _drop(session, tag, threads)
    record(session, "joined", "tag", tag.id, actor_id=member.account_id, at=at, course_id=member.course_id,
           into_id=into.id, threads=len(threads))  # fmt: skip
    return into


def remove_tag(session: Session, member: Member, tag_id: str, *, at: datetime) -> None:
    """Take a tag off the list and off every thread; the threads stay."""
    _staff(member)
    tag = tag_for(session, member, tag_id)
    threads = _threads_with(session, tag.id)
    _drop(session, tag, threads)
    record(session, "removed", "tag", tag.id, actor_id=member.account_id, at=at, course_id=member.course_id,
           threads=len(threads))  # fmt: skip


def tag_thread(
    session: Session, member: Member, thread_id: str, tag_ids: Sequence[str], *, at: datetime
) -> Thread:
    """Give a thread these tags in place of those it has: its author as long as they may write there, and staff."""
    view = thread_view(session, member, thread_id, at, lock=True)
    thread = view.thread
    if thread.is_prompt or not (thread.author_id == member.account_id or member.may(Action.MODERATE)):
        raise NotAllowed
    refusal = view.board.why_not_post(thread)
    if refusal is not None:
        raise Refused(refusal.code, refusal.values)
    before = thread.tags
    session.execute(delete(ThreadTag).where(ThreadTag.thread_id == thread.id))
    put_tags(session, thread, tag_ids)
    if thread.tags != before:
        thread.version += 1
        session.flush()
        record(session, "tagged", "thread", thread.id, actor_id=member.account_id, at=at,
               course_id=member.course_id)  # fmt: skip
    return thread


def put_tags(session: Session, thread: Thread, tag_ids: Sequence[str]) -> None:
    """Give tags to a thread that has none; one that is gone meanwhile is left out."""
    tags = session.scalars(
        select(Tag).where(Tag.course_id == thread.course_id, Tag.public_id.in_(tag_ids)).order_by(Tag.name_key)
    ).all()[:MOST_TAGS] if tag_ids else []  # fmt: skip
    if tags:
        session.execute(insert(ThreadTag), [{"thread_id": thread.id, "tag_id": tag.id} for tag in tags])
    thread.tags = shown_tags((tag.public_id, tag.name) for tag in tags)
    session.flush()


def shown_tags(tags: Iterable[tuple[str, str]]) -> str:
    """Tags (public id, name) as a thread holds them: one a line."""
    return "\n".join(f"{public_id} {name}" for public_id, name in tags)


def _threads_with(session: Session, tag_id: int) -> list[int]:
    return list(session.scalars(select(ThreadTag.thread_id).where(ThreadTag.tag_id == tag_id)))


def _drop(session: Session, tag: Tag, threads: list[int]) -> None:
    session.execute(delete(ThreadTag).where(ThreadTag.tag_id == tag.id))
    session.delete(tag)
    session.flush()
    _write_anew(session, threads)


def _write_anew(session: Session, threads: list[int]) -> None:
    """What threads hold of their tags, from the tags as they are now."""
    if not threads:
        return
    found: dict[int, list[tuple[str, str]]] = {thread_id: [] for thread_id in threads}
    rows = (
        select(ThreadTag.thread_id, Tag.public_id, Tag.name)
        .join(Tag, Tag.id == ThreadTag.tag_id)
        .where(ThreadTag.thread_id.in_(threads))
        .order_by(Tag.name_key)
    )
    for thread_id, public_id, name in session.execute(rows):
        found[thread_id].append((public_id, name))
    for thread_id, tags in found.items():
        session.execute(
            update(Thread)
            .where(Thread.id == thread_id)
            .values(tags=shown_tags(tags), version=Thread.version + 1)
        )


def _staff(member: Member) -> None:
    if not member.may(Action.MODERATE):
        raise NotAllowed


def _refuse_taken(session: Session, member: Member, name: str, but: int | None = None) -> None:
    same = select(Tag.id).where(Tag.course_id == member.course_id, Tag.name_key == folded(name))
    if session.scalar(same.where(Tag.id != (but or 0))) is not None:
        raise Refused("tag_taken")


def _record(session: Session, member: Member, deed: str, tag: Tag, at: datetime) -> None:
    record(session, deed, "tag", tag.id, actor_id=member.account_id, at=at, course_id=member.course_id)
