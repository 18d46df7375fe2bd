"""The tags of a course, and those of a thread as it holds them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from ...core.errors import NotHere
from ...courses.policy import Member
from ..models import Tag, Thread, ThreadTag

TagName = tuple[str, str]
"""A tag as it is shown: its public id and its name."""


def tags_of(thread_tags: str) -> tuple[TagName, ...]:
    """The tags of a thread from what it holds of them."""
    return tuple(
        (public_id, name)
        for public_id, _space, name in (line.partition(" ") for line in thread_tags.splitlines())
    )


def tags_in(session: Session, course_id: int) -> list[TagName]:
    """All tags of a course, by name."""
    rows = session.execute(
        select(Tag.public_id, Tag.name).where(Tag.course_id == course_id).order_by(Tag.name_key)
    )
    return [(row.public_id, row.name) for row in rows]


def tags_counted(session: Session, course_id: int) -> list[tuple[str, str, int]]:
    """The same, each with how many threads have it."""
    rows = session.execute(
        select(Tag.public_id, Tag.name, func.count(ThreadTag.thread_id))
        .outerjoin(ThreadTag, ThreadTag.tag_id == Tag.id)
        .where(Tag.course_id == course_id)
        .group_by(Tag.id, Tag.public_id, Tag.name, Tag.name_key)
        .order_by(Tag.name_key)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def tag_for(session: Session, member: Member, public_id: str) -> Tag:
    """A tag of this course by its public id; else NotHere."""
    tag = session.scalars(
        select(Tag).where(Tag.public_id == public_id, Tag.course_id == member.course_id)
    ).first()
    if tag is None:
        raise NotHere
    return tag


def has_tag(public_id: str) -> Any:
    """Whether a thread of a list has a tag."""
    return exists(
        select(ThreadTag.tag_id)
        .join(Tag, Tag.id == ThreadTag.tag_id)
        .where(ThreadTag.thread_id == Thread.id, Tag.public_id == public_id)
        .correlate(Thread)
    )


def is_any(tags: Sequence[TagName], public_id: str) -> bool:
    return any(public_id == each for each, _name in tags)
