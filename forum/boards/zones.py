"""What boards do when the zone of their course or the zone database changes (docs/time.md, rules 5 and 6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from ..core.moments import ZONE_DATABASE, Wall, due_instant, opening_instant, zone
from ..core.times import zone_words
from ..core.zone_databases import INSTALLED, kept_in
from ..courses.commands import follows_zone
from ..courses.models import Course
from ..ledger.commands import record, tell
from .models import Board, DueRule, Extension
from .own_zone_moves import OwnMove, keep_promises, own_moves
from .rules.changes import followed
from .schedule import current_rules_of, wall_of

ReadZone = Callable[[str], ZoneInfo]


@dataclass(frozen=True)
class Step:
    """Where one date comes to by a zone and a zone database: what it comes to, and what stands with students."""

    row: DueRule | Extension
    before: datetime
    derived: datetime
    stands: datetime
    is_cut_off: bool = False  # of an extension, which has two dates

    @property
    def is_shown(self) -> bool:
        return isinstance(self.row, Extension) or self.row.shown_at is not None


@dataclass(frozen=True)
class Followed:
    """What a new zone database did: the dates that moved, and the own-zone dates whose promise is kept as more time."""

    moved: list[Step]
    kept: list[OwnMove]


@follows_zone
def follow_zone(session: Session, course: Course, at: datetime) -> None:
    """Derive the dates of the course's boards anew in its zone, as `course.zone` now says.

    What students could not see yet follows wholly. What they saw is a promise: the past stays, an opening that
    lies ahead moves only earlier, everything else only later, in a new version that the history tells of.
    """
    boards = session.scalars(select(Board).where(Board.course_id == course.id)).all()
    reason = _("The time zone of the course changed to %(zone)s.", zone=zone_words(course.zone))
    _take(
        session, boards, steps_of(session, boards, at, to_zone=course.zone), at, reason, to_zone=course.zone
    )
    session.execute(update(Board).where(Board.course_id == course.id).values(version=Board.version + 1))


def is_outdated(session: Session) -> bool:
    """Whether there are dates that another zone database than the installed one gave; one statement."""
    return session.scalar(_outdated().limit(1)) is not None


def _outdated() -> Select[Any]:
    return select(DueRule.board_id).where(
        DueRule.zone_database != ZONE_DATABASE, DueRule.withdrawn_at.is_(None), DueRule.wall_on.is_not(None)
    )


def follow_database(session: Session, at: datetime, kept: Path) -> Followed:
    """Derive all dates anew that another zone database than the installed one gave; `kept`: where those before are.

    The same rule: nothing past moves, and nothing that students saw moves earlier (an opening: later). Running it
    again changes nothing.
    """
    if not is_outdated(session):
        return Followed([], [])
    given = select(Extension.board_id).where(Extension.withdrawn_at.is_(None))
    boards = session.scalars(
        select(Board).where(or_(Board.id.in_(_outdated()), Board.id.in_(given)), Board.removed_at.is_(None))
    ).all()
    moves = own_moves_since(session, boards, at, kept)
    own = keep_promises(session, moves, at)
    reason = _("The rules of time zones changed (zone database %(version)s).", version=ZONE_DATABASE)
    steps = [
        step for step in steps_of(session, boards, at)
        if isinstance(step.row, Extension) or step.row.zone_database != ZONE_DATABASE
    ]  # fmt: skip
    moved = _take(session, boards, steps, at, reason)
    changed = {step.row.board_id for step in steps if step.stands != step.before}
    changed |= {move.rule.board_id for move in moves}
    session.execute(update(Board).where(Board.id.in_(changed)).values(version=Board.version + 1))
    if moved or own:
        record(session, "zones_followed", "site", None, actor_id=None, at=at, database=ZONE_DATABASE,
               moved=len(moved), kept=sum(len(move.account_ids) for move in own))  # fmt: skip
    return Followed(moved, own)


def own_moves_since(session: Session, boards: Sequence[Board], at: datetime, kept: Path) -> list[OwnMove]:
    """Own-zone dates that the installed zone database puts elsewhere than the one that gave them, where it was kept."""
    versions: dict[tuple[int, str], None] = {}
    for course_id, version in session.execute(
        select(Board.course_id, DueRule.zone_database)
        .join(DueRule, DueRule.board_id == Board.id)
        .where(Board.id.in_([board.id for board in boards]), DueRule.whose_zone == "own",
               DueRule.zone_database != ZONE_DATABASE)
        .distinct()
    ):  # fmt: skip
        versions[course_id, version] = None
    found: list[OwnMove] = []
    for course_id, version in versions:
        if old := kept_in(kept, version):
            course = session.get_one(Course, course_id)
            found += own_moves(session, course, at, old, INSTALLED, written_by=version)
    return found


def steps_of(
    session: Session,
    boards: Sequence[Board],
    at: datetime,
    *,
    to_zone: str | None = None,
    read: ReadZone = zone,
) -> list[Step]:
    """Each date that holds on these boards, and where it would come to; two statements.

    In its own zone by what `read` gives for a name, or in the course's new zone `to_zone`.
    """
    ids = [board.id for board in boards]
    found: list[Step] = []

    def step(row: DueRule | Extension, wall: Wall | None, before: datetime | None, *, opens: bool = False,
             shown: bool = True, cut_off: bool = False) -> None:  # fmt: skip
        if wall is None or before is None:
            return
        derived = (opening_instant if opens else due_instant)(wall, read(to_zone or row.zone))
        stands = followed(before, derived, at, is_opening=opens) if shown else derived
        found.append(Step(row, before, derived, stands, cut_off))

    for rules in current_rules_of(session, ids).values():
        for rule in rules:
            step(rule, wall_of(rule.wall_on, rule.wall_minute), rule.instant, opens=rule.what == "opens",
                 shown=rule.shown_at is not None)  # fmt: skip
    for row in session.scalars(
        select(Extension)
        .where(Extension.board_id.in_(ids), Extension.withdrawn_at.is_(None))
        .order_by(Extension.id)
    ):
        step(row, wall_of(row.due_on, row.due_minute), row.due_at)
        step(row, wall_of(row.cut_off_on, row.cut_off_minute), row.cut_off_at, cut_off=True)
    return found


def _take(
    session: Session, boards: Sequence[Board], steps: Sequence[Step], at: datetime, reason: str,
    *, to_zone: str | None = None,
) -> list[Step]:  # fmt: skip
    """Write what moves; the steps that moved what students saw. Those whom it concerns are told."""
    moved: list[Step] = []
    for step in steps:
        row = step.row
        if isinstance(row, Extension):
            _extend(row, step, to_zone or row.zone)
        elif not step.is_shown:
            row.instant, row.zone, row.zone_database = step.stands, to_zone or row.zone, ZONE_DATABASE
        elif step.stands != step.before:
            session.add(_next_version(row, step.stands, to_zone or row.zone, at, reason))
        elif to_zone is None and step.derived == step.before:
            row.zone_database = ZONE_DATABASE  # both give the same
        if step.is_shown and step.stands != step.before:
            moved.append(step)
    session.flush()
    changed = {step.row.board_id for step in moved}
    for board in boards:
        if board.id in changed and board.published_at is not None:
            tell(session, "dates_changed", course_id=board.course_id, visible_at=at, board_id=board.id)
    return moved


def _extend(row: Extension, step: Step, zone_name: str) -> None:
    if step.stands == step.before:
        return
    if step.is_cut_off:
        row.cut_off_at = step.stands
    else:
        row.due_at, row.zone = step.stands, zone_name


def _next_version(row: DueRule, stands: datetime, zone_name: str, at: datetime, reason: str) -> DueRule:
    """The same wall for the same people, as it stands from now on; nobody wrote it."""
    return DueRule(
        board_id=row.board_id, checkpoint_id=row.checkpoint_id, section_id=row.section_id, group_id=row.group_id,
        what=row.what, version=row.version + 1, wall_on=row.wall_on, wall_minute=row.wall_minute,
        whose_zone=row.whose_zone, zone=zone_name, instant=stands, zone_database=ZONE_DATABASE,
        past_in_zones=row.past_in_zones, author_id=None,
        reason=reason, created_at=at, shown_at=at,
    )  # fmt: skip
