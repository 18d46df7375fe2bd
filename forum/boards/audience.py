"""Whom a board is for: everyone of the course, or the sections and groups of its audience."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from ..core.caches import Cache
from ..courses.models import Enrollment, GroupMembership, SectionMembership
from ..courses.policy import Member
from ..courses.queries import holds_at
from .models import Board, BoardAudience
from .specs import BoardSpec, Part, Trouble

_reach = aliased(Enrollment)


def audience_terms(reader: Any, course_id: Any, at: Any, *, staff: bool) -> Any:
    """The audience's part of the visibility clause, of values or bind parameters; Board is in the FROM.

    Who reads belongs to one of its parts now. Staff are kept from nothing but boards for sections that are not theirs,
    if they are there for single sections only.
    """
    # What is asked inside is told outright which tables are those around it: the reader may be one of them.
    sections = (
        select(SectionMembership.section_id)
        .where(SectionMembership.account_id == reader, holds_at(SectionMembership, at))
        .correlate_except(SectionMembership)
    )
    if not staff:
        groups = (
            select(GroupMembership.group_id)
            .where(GroupMembership.account_id == reader, holds_at(GroupMembership, at))
            .correlate_except(GroupMembership)
        )
        return _is_for(BoardAudience.section_id.in_(sections), BoardAudience.group_id.in_(groups))
    only_own = (
        exists()
        .where(_reach.course_id == course_id, _reach.account_id == reader, _reach.all_sections.is_(False),
               holds_at(_reach, at))
        .correlate_except(_reach)
    )  # fmt: skip
    of_theirs = _is_for(BoardAudience.section_id.in_(sections), BoardAudience.group_id.is_not(None))
    return or_(of_theirs, ~only_own)


def is_for_member(member: Member, at: datetime, *, staff: bool) -> Any:
    """The same for one member; of who looks as a student, by the section and group that were chosen."""
    if member.as_student:
        return _is_for(
            BoardAudience.section_id == (member.seen_section_id or 0),
            BoardAudience.group_id == (member.seen_group_id or 0),
        )
    return audience_terms(member.account_id, member.course_id, at, staff=staff)


def seen_audience_terms(section_id: Any, group_id: Any) -> Any:
    """The same of bind parameters, for who looks as a student."""
    return _is_for(BoardAudience.section_id == section_id, BoardAudience.group_id == group_id)


def _is_for(*parts: Any) -> Any:
    named = exists().where(BoardAudience.board_id == Board.id, or_(*parts)).correlate_except(BoardAudience)
    return or_(Board.limited.is_(False), named)


def audiences_of(session: Session, boards: Iterable[Any]) -> dict[int, frozenset[Part]]:
    """The parts that limited boards are for, by board id; no statement if none of them is limited."""
    ids = [board.id for board in boards if board.limited]
    if not ids:
        return {}
    found: dict[int, frozenset[Part]] = dict.fromkeys(ids, frozenset())
    for row in session.execute(
        select(BoardAudience.board_id, BoardAudience.section_id, BoardAudience.group_id).where(
            BoardAudience.board_id.in_(ids)
        )
    ):
        part = ("section", row.section_id) if row.section_id is not None else ("group", row.group_id)
        found[row.board_id] |= {part}
    return found


_kept: Cache[frozenset[Part]] = Cache(2_000)


def kept_audiences(session: Session, boards: Iterable[Board]) -> dict[int, frozenset[Part]]:
    """The same, from memory where this version of a board is there."""
    found: dict[int, frozenset[Part]] = {}
    unknown = []
    for board in boards:
        if (known := _kept.get((board.id, board.version))) is not None:
            found[board.id] = known
        elif board.limited:
            unknown.append(board)
    asked = audiences_of(session, unknown)
    for board in unknown:
        if not session.info.get("writing"):
            _kept.put((board.id, board.version), asked[board.id])
    return found | asked


def write_audience(session: Session, board_id: int, wanted: frozenset[Part]) -> None:
    """Let a board be for these parts and no others."""
    session.execute(delete(BoardAudience).where(BoardAudience.board_id == board_id))
    for kind, key in sorted(wanted):
        session.add(BoardAudience(board_id=board_id, **{f"{kind}_id": key}))
    session.flush()


def why_not_regroup(
    session: Session, board: Board, spec: BoardSpec, has_posts: Callable[[Session, int], bool]
) -> list[Trouble]:
    """Once there are posts the groups of a board stay, and whom it is for only grows: nobody is kept from what they
    wrote there."""
    before = audiences_of(session, [board]).get(board.id, frozenset())
    regrouped = board.groups != spec.groups
    narrowed = spec.audience != before and bool(spec.audience) and not (before and before <= spec.audience)
    if not (regrouped or narrowed) or not has_posts(session, board.id):
        return []
    found = [Trouble("groups", "groups_stay")] if regrouped else []
    return found + ([Trouble("audience", "audience_grows")] if narrowed else [])


def belongs(audience: frozenset[Part], section_ids: Iterable[int], group_ids: Iterable[int]) -> bool:
    """Whether somebody of these sections and groups is of an audience; an empty one is everyone's."""
    theirs = {("section", key) for key in section_ids} | {("group", key) for key in group_ids}
    return not audience or not audience.isdisjoint(theirs)
