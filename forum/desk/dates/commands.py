"""Changing many dates at once: all or nothing, by the commands that change each of them alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...boards.commands import NotThisBoard, save_board, set_audience_dates
from ...boards.models import Board
from ...boards.queries import spec_of
from ...core.moments import Wall
from ...courses.commands import save_section
from ...courses.models import Course, Section
from ...courses.module_commands import set_module_opens
from ...courses.policy import Member
from ...ledger.commands import record
from ...lessons.commands import set_appears
from .judging import Judging, RowTrouble, Troubles, Wanted, changed_only, part_walls, spec_with
from .slots import CourseDates, Part, Slot, dates_in, instant_of


class NotTheseDates(Exception):
    """Some rows were refused, so nothing was changed; each trouble belongs beside its row."""

    def __init__(self, troubles: Troubles) -> None:
        super().__init__(", ".join(f"{key}: {one.code}" for key, one in troubles.items()))
        self.troubles = troubles


@dataclass(frozen=True)
class Changed:
    """How many dates were changed, and the rows that were left out."""

    number: int
    left_out: Troubles


def set_dates(
    session: Session, member: Member, wanted: Wanted, was: Wanted, *, at: datetime, reason: str, leave_out: bool
) -> Changed:  # fmt: skip
    """Bring the rows of `wanted` to their dates. Raises NotTheseDates, unless refused rows may be left out.

    `was` is what the person saw: a row that somebody changed meanwhile is refused (`meanwhile`). A reason that is
    missing is never a row left out.
    """
    _lock(session, member)
    dates = dates_in(session, member, at)
    slots = dates.by_key
    stale = {
        key: RowTrouble("meanwhile")
        for key, seen in was.items()
        if key in slots and slots[key].wall != seen and slots[key].wall != wanted.get(key)
    }
    changes = changed_only(
        list(slots.values()), {key: one for key, one in wanted.items() if key not in stale}
    )
    judging = Judging(session, member, dates, at=at, reason=reason)
    troubles = judging.troubles(changes)
    needs_reason = any(one.code == "reason_needed" for one in troubles.values())
    if needs_reason or ((troubles or stale) and not leave_out):
        raise NotTheseDates({**troubles, **stale})
    stands, refused = judging.what_can_stand(changes)
    _carry_out(session, member, dates, stands, at=at, reason=reason)
    if stands:
        record(
            session, "set_dates", "course", member.course_id, actor_id=member.account_id, at=at,
            course_id=member.course_id, dates=len(stands),
        )  # fmt: skip
    return Changed(len(stands), {**refused, **stale})


def _lock(session: Session, member: Member) -> None:
    """Hold the boards of the course, in one order, before anything that decides is read."""
    session.scalars(
        select(Board)
        .where(Board.course_id == member.course_id, Board.removed_at.is_(None))
        .order_by(Board.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _carry_out(
    session: Session, member: Member, dates: CourseDates, changes: Wanted, *, at: datetime, reason: str
) -> None:
    slots = dates.by_key
    course = session.get_one(Course, member.course_id)
    by_board: dict[int, dict[Part | None, dict[Slot, Wall | None]]] = {}
    for key, wall in changes.items():
        slot = slots[key]
        if slot.board is not None:
            by_board.setdefault(slot.board.id, {}).setdefault(slot.part, {})[slot] = wall
        elif slot.module is not None:
            set_module_opens(session, slot.module, wall, at=at, author_id=member.account_id)
        elif slot.lesson is not None:
            appears_at = instant_of(wall, member.course_zone, is_opening=True)
            set_appears(session, member, slot.lesson, appears_at, at=at)
        elif isinstance(slot.part, Section):
            save_section(
                session, course, slot.part, title=slot.part.title, ends_on=wall.on if wall else None, at=at,
                author_id=member.account_id,
            )  # fmt: skip
    for board_id, parts in by_board.items():
        board = dates.boards[board_id]
        for part in sorted(
            parts, key=lambda one: one is not None
        ):  # everyone's first: a part's fall back on them
            try:
                _set_board(session, member, dates, board, part, parts[part], at=at, reason=reason)
            except NotThisBoard as refused:
                first = refused.troubles[0]
                why = RowTrouble(first.code, first.name, first.values)
                raise NotTheseDates({slot.key: why for slot in parts[part]}) from None


def _set_board(
    session: Session, member: Member, dates: CourseDates, board: Board, part: Part | None,
    changes: Mapping[Slot, Wall | None], *, at: datetime, reason: str,
) -> None:  # fmt: skip
    if part is None:
        save_board(session, member, board, spec_with(spec_of(session, board), changes), at=at, reason=reason)
        return
    walls = part_walls(dates, board, part, changes)
    set_audience_dates(
        session, member, board, at=at, reason=reason, opens=walls.pop(("opens", None)),
        cut_off=walls.pop(("cut_off", None)), due={key: wall for (_what, key), wall in walls.items() if key},
        section_id=part.id if isinstance(part, Section) else None,
        group_id=None if isinstance(part, Section) else part.id,
    )  # fmt: skip
