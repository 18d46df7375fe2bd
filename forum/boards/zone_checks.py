"""What another zone database would do to the dates of a site, and for whom, in lines for an administrator."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.moments import ZONE_DATABASE
from ..core.times import zone_words
from ..core.zone_databases import INSTALLED, NoSuchZone, ZoneDatabase
from ..courses.models import Course
from ..courses.policy import Role
from ..courses.queries import RosterLine, roster
from .models import Board, Checkpoint, DueRule, Extension
from .own_zone_moves import OwnMove, own_moves
from .rules.changes import followed
from .sentences import checkpoint_words
from .zones import Step, own_moves_since, steps_of


@dataclass(frozen=True)
class Moving:
    """A date ahead that the other database puts elsewhere: what it is, and how many students of which zone have it."""

    course: str
    board: str
    what: str
    before: datetime
    derived: datetime
    stands: datetime
    is_shown: bool
    students: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Check:
    """What would move, and how many past dates would be read differently and stay."""

    movings: list[Moving]
    past: int
    missing: list[str]


def check(session: Session, at: datetime, database: ZoneDatabase, kept: Path) -> Check:
    """Every date ahead that another database than the one in use would move; some statements a course.

    With the installed database: what has not followed it yet.
    """
    is_installed = database.version == INSTALLED.version and database.read is INSTALLED.read
    movings: list[Moving] = []
    past = 0
    missing: set[str] = set()
    database = _noting(database, missing)
    for course in session.scalars(select(Course).order_by(Course.slug)):
        boards = session.scalars(
            select(Board)
            .where(Board.course_id == course.id, Board.removed_at.is_(None))
            .order_by(Board.position)
        ).all()
        titles = {board.id: board.title for board in boards}
        names = _names(session, titles)
        people = roster(session, course.id, at, role=Role.STUDENT)
        for step in _steps(session, boards, at, database):
            if not _differs(step, is_installed=is_installed):
                continue
            if step.before <= at:
                past += 1
                continue
            movings.append(Moving(
                course.slug, titles[step.row.board_id], _what(step, names), step.before, step.derived, step.stands,
                step.is_shown, _living(step.row, people, course.zone),
            ))  # fmt: skip
        own = (
            own_moves_since(session, boards, at, kept)
            if is_installed
            else own_moves(session, course, at, INSTALLED, database, written_by=None)
        )
        for move in own:
            if move.before <= at:
                past += 1
                continue
            movings.append(_own(move, course, titles, names, at))
    movings.sort(key=lambda moving: (moving.course, moving.before, moving.board))
    return Check(movings, past, sorted(missing))


def _noting(database: ZoneDatabase, missing: set[str]) -> ZoneDatabase:
    """The same database, with a note of each zone that it lacks."""

    def read(name: str) -> ZoneInfo:
        try:
            return database.read(name)
        except NoSuchZone:
            missing.add(name)
            raise

    return ZoneDatabase(database.version, read)


def _steps(session: Session, boards: Sequence[Board], at: datetime, database: ZoneDatabase) -> Iterator[Step]:
    """The dates in the zone of each; one whose zone the database lacks is left as it is."""

    def read(name: str) -> ZoneInfo:
        try:
            return database.read(name)
        except NoSuchZone:
            return INSTALLED.read(name)

    yield from steps_of(session, boards, at, read=read)


def _differs(step: Step, *, is_installed: bool) -> bool:
    if step.derived == step.before:
        return False
    if is_installed and isinstance(step.row, DueRule):
        return step.row.zone_database != ZONE_DATABASE
    return not is_installed or step.stands != step.before


def _names(session: Session, board_ids: Sequence[int] | dict[int, str]) -> dict[int, str]:
    rows = session.scalars(select(Checkpoint).where(Checkpoint.board_id.in_(list(board_ids))))
    return {row.id: checkpoint_words(row) for row in rows}


def _what(step: Step, names: dict[int, str]) -> str:
    row = step.row
    due = names.get(row.checkpoint_id or 0, _("everything that is due"))
    if isinstance(row, Extension):
        return _("more time, cut-off") if step.is_cut_off else _("more time, %(what)s", what=due)
    named = {"opens": _("opening"), "cut_off": _("cut-off"), "together": _("posts shown together")}.get(
        row.what, due
    )
    return _("%(what)s (of a section or group)", what=named) if row.section_id or row.group_id else named


def _living(row: DueRule | Extension, people: Sequence[RosterLine], course_zone: str) -> Counter[str]:
    """The students of a date by the zone that they live in."""
    account_id = row.account_id if isinstance(row, Extension) else None
    return Counter(
        line.zone or course_zone
        for line in people
        if (account_id is None or line.account_id == account_id)
        and (row.section_id is None or row.section_id in {section for section, _title in line.sections})
        and (row.group_id is None or row.group_id in {group for group, _title in line.groups})
        and not (isinstance(row, DueRule) and row.whose_zone == "own" and line.zone)  # those have their own
    )


def _own(
    move: OwnMove, course: Course, titles: dict[int, str], names: dict[int, str], at: datetime
) -> Moving:
    what = _("%(what)s, in their own zone", what=names.get(move.rule.checkpoint_id or 0, ""))
    return Moving(
        course.slug, titles[move.rule.board_id], what, move.before, move.derived,
        followed(move.before, move.derived, at), True, Counter({move.zone_name: len(move.account_ids)}),
    )  # fmt: skip


def lines_of(found: Check, database: ZoneDatabase) -> list[str]:
    """A line for each date, and a summary."""
    lines = [_line(moving) for moving in found.movings]
    moved = sum(moving.stands != moving.before for moving in found.movings)
    stay = len(found.movings) - moved
    lines.append(
        _("Zone database %(other)s, where %(here)s is installed:", other=database.version, here=ZONE_DATABASE) + " "
        + "; ".join([
            ngettext("%(num)d date ahead moves", "%(num)d dates ahead move", moved),
            ngettext("%(num)d stays as it was shown", "%(num)d stay as they were shown", stay),
            ngettext("%(num)d past date would read differently and stays", "%(num)d past dates would read differently and stay", found.past),
        ]) + "."
    )  # fmt: skip
    if found.missing:
        lines.append(
            _(
                "It lacks these zones, whose dates were not compared: %(names)s.",
                names=", ".join(found.missing),
            )
        )
    return lines


def _line(moving: Moving) -> str:
    students = ngettext("%(num)d student", "%(num)d students", moving.students.total())
    by_zone = ", ".join(f"{number} {zone_words(name)}" for name, number in moving.students.most_common())
    whom = f"{students} ({by_zone})" if by_zone else students
    if moving.stands == moving.derived:
        comes = _("%(before)s moves to %(after)s", before=_utc(moving.before), after=_utc(moving.derived))
    else:
        comes = _("%(before)s stays, as it was shown; the rule alone would be %(after)s", before=_utc(moving.before),
                  after=_utc(moving.derived))  # fmt: skip
    if not moving.is_shown:
        comes += _(" (students have not seen it)")
    return f"{moving.course} · {moving.board} · {moving.what}: {comes}. {whom}."


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
