"""The one visibility clause, for every door."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from ...accounts.models import Account
from ...boards.models import Board
from ...boards.rules import state
from ...courses.models import Enrollment, Group, GroupMembership, SectionMembership
from ...courses.policy import Member
from ...courses.queries import holds_at
from ..models import Post, Thread
from .appearing import appeared, author_stayed, not_withdrawn
from .board_views import BoardView
from .set_apart import is_set_apart, not_set_apart


def seen_posts(view: BoardView) -> Any:
    """Which posts of a board this member may see at this instant; removed ones are shown as placeholders."""
    return post_clause(view.member, view.actor, view.at, others=view.others_shown)


def post_clause(member: Member, actor: state.Actor, at: datetime, *, others: bool) -> Any:
    return post_terms(member.account_id, at, staff=actor == "staff", others=others)


def post_terms(account_id: Any, at: Any, *, staff: bool, others: bool) -> Any:
    """The same clause of values or bind parameters, for each kind of viewer. `account_id` None or 0 wrote nothing."""
    theirs = readers_terms(account_id, at, staff=staff)
    return or_(and_(shared_terms(at), Post.asker_id.is_(None)), theirs) if staff or others else theirs


def shared_terms(at: Any) -> Any:
    """What of a thread all see who see the thread and others' posts in it, whoever they are: only this may stand in what
    is kept for them."""
    return and_(appeared(at), not_set_apart())


def readers_terms(account_id: Any, at: Any, *, staff: bool) -> Any:
    """What of it is for one reader besides: their own posts, waiting and held ones too, what is to them, and for
    staff what is held, and what is with a student alone whom they see."""
    if account_id is None:
        return false()
    own = and_(Post.author_id == account_id, not_withdrawn())
    if staff:
        # A private post in a question to staff only is with the student who asked.
        student = func.coalesce(Post.private_with_id, Post.asker_id)
        for_some = or_(is_set_apart(), Post.asker_id.is_not(None))
        theirs = and_(for_some, or_(student.is_(None), _sees_student(student, Post, account_id, at)))
    else:
        to_them = or_(Post.private_with_id == account_id, Post.asker_id == account_id)
        theirs = and_(to_them, Post.held_at.is_(None))
    return or_(own, and_(appeared(at), theirs))


_theirs, _mine, _reach = aliased(SectionMembership), aliased(SectionMembership), aliased(Enrollment)


def _sees_student(student: Any, table: Any, account_id: Any, at: Any) -> Any:
    """Whether a member of the staff sees the student whom a row of a table names: of all sections, or of their own."""
    all_sections = exists().where(
        _reach.account_id == account_id,
        _reach.course_id == table.course_id,
        _reach.all_sections,
        holds_at(_reach, at),
    )
    own_sections = exists().where(
        _mine.account_id == account_id, holds_at(_mine, at), _theirs.section_id == _mine.section_id,
        _theirs.account_id == student, holds_at(_theirs, at),
    )  # fmt: skip
    outside = [table, Account] if account_id is Account.id else [table]
    return or_(all_sections.correlate(*outside), own_sections.correlate(*outside))


def thread_clause(member: Member, actor: state.Actor, at: datetime) -> Any:
    """Which threads of a visible board a member may see, by groups, removal and whom they are for; posts have a clause of their own."""
    seen_group_id = member.seen_group_id if member.as_student else None
    return thread_terms(
        member.account_id,
        member.course_id,
        seen_group_id,
        at,
        staff=actor == "staff",
        as_student=member.as_student,
    )


def thread_terms(
    account_id: Any, course_id: Any, seen_group_id: Any, at: Any, *, staff: bool, as_student: bool
) -> Any:
    came = and_(Thread.appears_at <= at, author_stayed(Thread))
    there = or_(
        Thread.appears_at.is_(None),
        and_(
            or_(Thread.removed_at.is_(None), Thread.removed_at >= Thread.appears_at),
            or_(came, Thread.author_id == account_id),
        ),
    )
    for_them = or_(Thread.asker_id.is_(None), Thread.asker_id == account_id)
    if staff:
        return and_(there, or_(for_them, _sees_student(Thread.asker_id, Thread, account_id, at)))
    mine = select(GroupMembership.group_id).where(
        GroupMembership.account_id == account_id, holds_at(GroupMembership, at)
    )
    if as_student:
        mine = select(Group.id).where(Group.id == seen_group_id, Group.course_id == course_id)
    return and_(
        there,
        for_them,
        Thread.removed_at.is_(None),
        or_(Thread.group_id.is_(None), Board.groups == "visible", Thread.group_id.in_(mine)),
    )
