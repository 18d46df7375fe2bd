"""The groups of a course and who is in them, kept for each version of its roster."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from ..core.caches import Cache
from ..core.prepared import Prepared
from ..courses.models import Group, GroupMembership
from ..courses.policy import Member
from ..courses.queries import groups_in, sections_in
from .specs import Part


@dataclass(frozen=True)
class GroupName:
    id: int
    public_id: str
    title: str  # with its set, if it is in one


_Stay = tuple[int, datetime, datetime | None]
_stays: Cache[tuple[_Stay, ...]] = Cache(20_000)
_names: Cache[tuple[GroupName, ...]] = Cache(1_000)

_STAYS = Prepared(
    select(GroupMembership.group_id, GroupMembership.from_at, GroupMembership.until_at)
    .join(Group, Group.id == GroupMembership.group_id)
    .where(Group.course_id == bindparam("course", type_=Integer()),
           GroupMembership.account_id == bindparam("account", type_=Integer()))
)  # fmt: skip
_NAMES = Prepared(
    select(Group.id, Group.public_id, Group.title, Group.set_title)
    .where(Group.course_id == bindparam("course", type_=Integer()))
    .order_by(Group.set_title, Group.title, Group.id)
)


def own_groups_of(session: Session, member: Member, at: datetime) -> frozenset[int]:
    """The groups that a member is in at an instant; of who looks as a student, the group that was chosen."""
    if member.as_student:
        return frozenset([member.seen_group_id] if member.seen_group_id else [])
    key = (member.course_id, member.account_id, member.roster_version)
    known = _stays.get(key)
    if known is None:
        rows = _STAYS.all(session, {"course": member.course_id, "account": member.account_id})
        known = tuple((row.group_id, row.from_at, row.until_at) for row in rows)
        if not session.info.get("writing"):
            _stays.put(key, known)
    return frozenset(
        group_id
        for group_id, from_at, until_at in known
        if from_at <= at and (until_at is None or until_at > at)
    )


def groups_named(session: Session, member: Member) -> tuple[GroupName, ...]:
    """All groups of the member's course by set and title."""
    key = (member.course_id, member.roster_version)
    known = _names.get(key)
    if known is None:
        known = tuple(
            GroupName(row.id, row.public_id, f"{row.set_title}: {row.title}" if row.set_title else row.title)
            for row in _NAMES.all(session, {"course": member.course_id})
        )
        if not session.info.get("writing"):
            _names.put(key, known)
    return known


def groups_among(names: Iterable[GroupName], audience: frozenset[Part]) -> tuple[GroupName, ...]:
    """The groups that a board has: all, or those that its audience names, if it names any."""
    named = {key for kind, key in audience if kind == "group"}
    return tuple(name for name in names if not named or name.id in named)


def parts_offered(session: Session, course_id: int) -> dict[str, tuple[Part, str]]:
    """The sections and groups of a course with their names, by what stands for them in a form."""
    found: dict[str, tuple[Part, str]] = {}
    for section in sections_in(session, course_id):
        found[f"section-{section.public_id}"] = (("section", section.id), section.title)
    for group in groups_in(session, course_id):
        name = f"{group.set_title}: {group.title}" if group.set_title else group.title
        found[f"group-{group.public_id}"] = (("group", group.id), name)
    return found
