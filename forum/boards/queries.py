"""What can be known of boards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, event, inspect, or_, select, true
from sqlalchemy.orm import Session

from ..core.caches import Cache
from ..core.errors import NotHere
from ..core.prepared import OneOrMany
from ..courses.models import Course, Enrollment, GroupMembership, Module, SectionMembership
from ..courses.policy import Member, Role
from ..courses.queries import RosterLine, holds_at, may_see_unpublished, roster
from .audience import audiences_of, is_for_member
from .models import Accommodation, Board, BoardClosing, Checkpoint, DueRule, Excusal, Extension
from .rules import state, values
from .schedule import current_rules, wall_of
from .specs import BoardSpec, CheckpointSpec, Part


def visible_boards(statement: Select[Any], member: Member, at: datetime) -> Select[Any]:
    """The board part of the visibility clause: of this course, there, and shown to this kind of member.

    `statement` has Board in its FROM. A board that has not opened is listed with its dates; what is in it, `actor`
    and `why_not_read` keep closed.
    """
    unpublished = may_see_unpublished(member)
    is_for = is_for_member(member, at, staff=unpublished)
    return only_visible(statement, member.course_id, at, unpublished=unpublished, is_for=is_for)


def only_visible(
    statement: Select[Any], course_id: Any, at: Any, *, unpublished: bool, is_for: Any
) -> Select[Any]:
    """The same clause of values or bind parameters, for who sees what is not published and for everyone else."""
    if not unpublished:
        statement = statement.outerjoin(Module, Module.id == Board.module_id)
    return statement.where(visible_terms(course_id, at, unpublished=unpublished, is_for=is_for))


def visible_terms(course_id: Any, at: Any, *, unpublished: bool, is_for: Any) -> Any:
    """The clause itself; unless `unpublished`, Module is joined to Board by an outer join. `is_for` is what
    `audience_terms` says of the reader."""
    there = and_(Board.course_id == course_id, Board.removed_at.is_(None), is_for)
    if unpublished:
        return there
    return and_(
        there,
        Board.published_at.is_not(None),
        Board.published_at <= at,
        or_(
            Board.module_id.is_(None),
            and_(
                Module.removed_at.is_(None),
                Module.published_at <= at,
                or_(Module.opens_at.is_(None), Module.opens_at <= at),
            ),
        ),
    )


def board_for(session: Session, member: Member, public_id: str, at: datetime, *, lock: bool = False) -> Board:
    """The board by its public id, if this member may know of it; else NotHere."""
    statement = visible_boards(select(Board).where(Board.public_id == public_id), member, at)
    if lock:
        statement = statement.with_for_update(of=Board)
    board = session.scalars(statement).first()
    if board is None:
        raise NotHere
    return board


@dataclass(frozen=True)
class KeptBoard:
    """A board and its checkpoints as of one version: rows that belong to no session, to be read only."""

    board: Board
    checkpoints: tuple[Checkpoint, ...]


_kept: Cache[KeptBoard] = Cache(2_000)


def kept_board(session: Session, board_id: int, version: int) -> KeptBoard:
    """The board at this version, from memory if it is there. Only for reading, and after access was checked."""
    if (known := _kept.get((board_id, version))) is not None:
        return known
    return kept_boards(session, {board_id: version})[board_id]


def kept_boards(session: Session, versions: Mapping[int, int]) -> dict[int, KeptBoard]:
    """Several boards by their ids, each at the version given; two statements for all that are not in memory."""
    found: dict[int, KeptBoard] = {}
    unknown: list[int] = []
    for board_id, version in versions.items():
        if (known := _kept.get((board_id, version))) is not None:
            found[board_id] = known
        else:
            unknown.append(board_id)
    if not unknown:
        return found
    rows: dict[int, list[Checkpoint]] = {board_id: [] for board_id in unknown}
    for row in session.execute(
        select(*Checkpoint.__table__.columns)
        .where(Checkpoint.board_id.in_(unknown), Checkpoint.removed_at.is_(None))
        .order_by(Checkpoint.position, Checkpoint.id)
    ):
        rows[row.board_id].append(Checkpoint(**row._mapping))
    for board in session.execute(select(*Board.__table__.columns).where(Board.id.in_(unknown))):
        made = found[board.id] = KeptBoard(Board(**board._mapping), tuple(rows[board.id]))
        if not session.info.get("writing"):  # what a transaction sees may yet be rolled back
            _kept.put((board.id, versions[board.id]), made)
    return found


@event.listens_for(Board, "before_update")
def _count_version(_mapper: Any, _connection: Any, board: Board) -> None:
    """What is kept goes by the version, so no change of a board may leave it as it was."""
    changed: Any = inspect(board).attrs
    if not changed.version.history.has_changes() and any(each.history.has_changes() for each in changed):
        board.version += 1


def boards_in(session: Session, member: Member, at: datetime) -> Sequence[Board]:
    """All boards of the course that a member may know of, in order."""
    return session.scalars(visible_boards(select(Board), member, at).order_by(Board.position, Board.id)).all()


def checkpoints_of(session: Session, board_ids: Sequence[int]) -> Mapping[int, list[Checkpoint]]:
    found: dict[int, list[Checkpoint]] = {board_id: [] for board_id in board_ids}
    for checkpoint in session.scalars(
        select(Checkpoint)
        .where(Checkpoint.board_id.in_(board_ids), Checkpoint.removed_at.is_(None))
        .order_by(Checkpoint.position, Checkpoint.id)
    ):
        found[checkpoint.board_id].append(checkpoint)
    return found


def first_post_minimum(checkpoints: Sequence[Checkpoint]) -> int:
    """The words that one's first post must have, by the first checkpoint that asks for one; 0 for none."""
    return next((checkpoint.min_words for checkpoint in checkpoints if checkpoint.kind == "first_post"), 0)


def standing_of(board: Board, member: Member) -> state.BoardStanding:
    """What staff have done with the board, for the rules."""
    return state.BoardStanding(
        published_at=board.published_at,
        closed_by_hand=board.closed_at is not None,
        course_state=member.course_state,  # type: ignore[arg-type]
    )


def actor_of(member: Member) -> state.Actor:
    """As whom the rules of a board see a member."""
    if member.is_staff or may_see_unpublished(member):
        return "staff"
    return "student" if member.role == "student" else "observer"


# --- for those who set a course up ------------------------------------------------------------------------------------


def spec_of(session: Session, board: Board) -> BoardSpec:
    """A board as it stands, in the words of a form: saving this changes nothing."""
    rules, checkpoints = current_rules(session, board.id), checkpoints_of(session, [board.id])[board.id]
    return spec_from(board, rules, checkpoints, audiences_of(session, [board]).get(board.id, frozenset()))


def spec_from(
    board: Board, current: Iterable[DueRule], checkpoints: Iterable[Checkpoint],
    audience: frozenset[Part] = frozenset(),
) -> BoardSpec:  # fmt: skip
    """The same of rows that are loaded: the dates of the board that hold, its checkpoints in order, whom it is for."""
    rules = {
        (rule.what, rule.checkpoint_id): rule
        for rule in current
        if rule.section_id is None and rule.group_id is None
    }
    walls = {key: wall_of(rule.wall_on, rule.wall_minute) for key, rule in rules.items()}
    return BoardSpec(
        title=board.title, form=board.form, shown=board.shown, prompt=board.prompt_source, module_id=board.module_id,
        opens=walls.get(("opens", None)), cut_off=walls.get(("cut_off", None)), together=walls.get(("together", None)), grace_minutes=board.grace_minutes,
        checkpoints=tuple(
            CheckpointSpec(
                kind=row.kind, id=row.id, replies=row.replies, people=row.people, min_words=row.min_words,
                due=walls.get(("due", row.id)),
                whose_zone=rules["due", row.id].whose_zone if ("due", row.id) in rules else "course",
            )
            for row in checkpoints
        ),
        classmates_only=board.classmates_only, students_start=board.students_start, pinned=board.pinned,
        announcements_answered=board.announcements_answered, staff_questions=board.staff_questions, template=board.template, template_source=board.template_source,
        groups=board.groups, audience=audience,
    )  # fmt: skip


def students_of(
    session: Session,
    course_id: int,
    at: datetime,
    *,
    section_id: int | None = None,
    group_id: int | None = None,
    ever: bool = False,
) -> dict[int, datetime]:
    """The students of a course, or of one of its sections or groups, with the instant of their enrollment.

    `ever`: those too who were in the section or group before, and whose dates may still come from it.
    """
    statement = select(Enrollment.account_id, Enrollment.from_at).where(
        Enrollment.course_id == course_id, Enrollment.role == Role.STUDENT, holds_at(Enrollment, at)
    )
    parts: tuple[tuple[Any, Any, int | None], ...] = (
        (SectionMembership, SectionMembership.section_id, section_id),
        (GroupMembership, GroupMembership.group_id, group_id),
    )
    for memberships, key, part_id in parts:
        if part_id is not None:
            statement = statement.where(
                Enrollment.account_id.in_(
                    select(memberships.account_id).where(
                        key == part_id, true() if ever else holds_at(memberships, at)
                    )
                )
            )
    return {row.account_id: row.from_at for row in session.execute(statement)}


def students_seen_by(session: Session, member: Member, at: datetime) -> list[RosterLine]:
    """The students whom a member of the staff sees: all, or those of their own sections."""
    lines = roster(session, member.course_id, at, role=Role.STUDENT)
    if member.all_sections:
        return lines
    own = set(
        session.scalars(
            select(SectionMembership.section_id).where(
                SectionMembership.account_id == member.account_id, holds_at(SectionMembership, at)
            )
        )
    )
    return [line for line in lines if any(section_id in own for section_id, _title in line.sections)]


def module_for(session: Session, member: Member, public_id: str) -> Module:
    """The module by its public id, if it is of this course and there; else NotHere."""
    module = session.scalars(
        select(Module).where(
            Module.public_id == public_id, Module.course_id == member.course_id, Module.removed_at.is_(None)
        )
    ).first()
    if module is None:
        raise NotHere
    return module


def extension_for(session: Session, board: Board, public_id: str) -> Extension:
    """An extension of this board that holds, by its public id; else NotHere."""
    extension = session.scalars(
        select(Extension).where(
            Extension.public_id == public_id, Extension.board_id == board.id, Extension.withdrawn_at.is_(None)
        )
    ).first()
    if extension is None:
        raise NotHere
    return extension


def extensions_on(session: Session, board_id: int) -> Sequence[Extension]:
    """Every extension of a board, withdrawn ones too, newest first."""
    return session.scalars(
        select(Extension)
        .where(Extension.board_id == board_id)
        .order_by(Extension.created_at.desc(), Extension.id)
    ).all()


def excusals_on(session: Session, board_id: int) -> Sequence[Excusal]:
    """The excusals that hold on a board."""
    return session.scalars(
        select(Excusal)
        .where(Excusal.board_id == board_id, Excusal.withdrawn_at.is_(None))
        .order_by(Excusal.created_at.desc(), Excusal.id)
    ).all()


def accommodation_for(session: Session, member: Member, public_id: str) -> Accommodation:
    """An accommodation of this course that holds, by its public id; else NotHere."""
    found = session.scalars(
        select(Accommodation).where(
            Accommodation.public_id == public_id, Accommodation.course_id == member.course_id,
            Accommodation.withdrawn_at.is_(None),
        )
    ).first()  # fmt: skip
    if found is None:
        raise NotHere
    return found


def accommodations_in(session: Session, course_id: int) -> Sequence[Accommodation]:
    """The accommodations of a course that hold, newest first."""
    return session.scalars(
        select(Accommodation)
        .where(Accommodation.course_id == course_id, Accommodation.withdrawn_at.is_(None))
        .order_by(Accommodation.created_at.desc(), Accommodation.id)
    ).all()


def versions_of(session: Session, board_id: int) -> Sequence[DueRule]:
    """Every version of every date of a board, newest first."""
    return session.scalars(
        select(DueRule)
        .where(DueRule.board_id == board_id)
        .order_by(DueRule.created_at.desc(), DueRule.id.desc())
    ).all()


def closings_of(session: Session, board: Board) -> tuple[values.Closing, ...]:
    """The closings of a board by hand, the one that holds now too, for `met.states_of`."""
    return closings_in(session, [board])[board.id]


_CLOSINGS = OneOrMany(
    BoardClosing.board_id,
    lambda of_boards: select(BoardClosing.board_id, BoardClosing.closed_at, BoardClosing.dated_again).where(
        of_boards
    ),
)


def closings_in(session: Session, boards: Sequence[Board]) -> dict[int, tuple[values.Closing, ...]]:
    """The same for several boards, by board id; one statement."""
    found: dict[int, list[values.Closing]] = {board.id: [] for board in boards}
    for board_id, closed_at, dated_again in _CLOSINGS.all(session, list(found), {}):
        found[board_id].append(values.Closing(closed_at, dated_again))
    for board in boards:
        if board.closed_at is not None:
            found[board.id].append(values.Closing(board.closed_at))
    return {board_id: tuple(closings) for board_id, closings in found.items()}


def course_of(session: Session, member: Member) -> Course:
    return session.get_one(Course, member.course_id)
