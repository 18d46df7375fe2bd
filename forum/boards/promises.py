"""What of a change docs/time.md, rule 6, refuses, since students could see the board before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.moments import Wall, due_instant, opening_instant
from ..courses.models import Module
from .models import Board, Checkpoint, DueRule
from .rules import changes, values
from .schedule import current_rules, wall_of
from .specs import BoardSpec, Trouble


def what_rule_6_refuses(
    session: Session, board: Board, spec: BoardSpec, course_zone: ZoneInfo, at: datetime, reason: str
) -> list[Trouble]:
    """Every field of a board that would get harder or shorter."""
    current, rows = current_rules(session, board.id), checkpoints_on(session, board.id)
    return what_gets_harder(board, current, rows, spec, course_zone, at, reason)


def what_gets_harder(
    board: Board,
    current: Iterable[DueRule],
    checkpoints: Iterable[Checkpoint],
    spec: BoardSpec,
    course_zone: ZoneInfo,
    at: datetime,
    reason: str,
) -> list[Trouble]:
    """The same of rows that are loaded: the dates of the board that hold, and its checkpoints."""
    rules = {
        (rule.what, rule.checkpoint_id): rule
        for rule in current
        if rule.section_id is None and rule.group_id is None
    }
    rows = {row.id: row for row in checkpoints}
    shown_at = board.first_shown_at
    found: list[Trouble] = []

    def note(name: str, refusal: values.Refusal | None, place: int | None = None) -> None:
        if refusal is not None:
            found.append(Trouble(name, refusal.code, place, dict(refusal.values)))

    def comes_to(wall: Wall | None, rule: DueRule | None, *, opens: bool = False) -> datetime | None:
        """What a wall comes to; one that stands unchanged stays what it was shown as (rule 5)."""
        if wall is None or (rule is not None and wall == wall_of(rule.wall_on, rule.wall_minute)):
            return rule.instant if wall is not None and rule is not None else None
        return (opening_instant if opens else due_instant)(wall, course_zone)

    before = rules.get(("opens", None))
    after = comes_to(spec.opens, before, opens=True)
    if changes.was_shown(shown_at, at) and before is None and after is not None and after > at:
        found.append(Trouble("opens", "only_earlier", values={"stays": shown_at}))
    elif before is not None:
        note("opens", changes.why_not_move_opens(before.instant, after, at, shown_at=shown_at))
    before = rules.get(("cut_off", None))
    after = comes_to(spec.cut_off, before)
    note(
        "cutoff",
        changes.why_not_move_cutoff(before.instant if before else None, after, at, shown_at=shown_at),
    )
    note("grace", changes.why_not_change_number("grace_minutes", board.grace_minutes, spec.grace_minutes, at, shown_at=shown_at))  # fmt: skip
    if changes.was_shown(shown_at, at):
        if board.shown == "at_once" and spec.shown != "at_once":
            found.append(Trouble("shown", "stays_open"))
        if (
            spec.classmates_only
            and not board.classmates_only
            and any(row.kind == "replies" for row in rows.values())
        ):
            found.append(Trouble("classmates_only", "not_harder"))
        if board.students_start and not spec.students_start and rows:
            found.append(Trouble("students_start", "not_harder"))
    for place, checkpoint in enumerate(spec.checkpoints):
        row = rows.get(checkpoint.id) if checkpoint.id else None
        rule = rules.get(("due", row.id)) if row is not None else None
        after = comes_to(checkpoint.due, rule)
        if row is None:
            note(
                "due",
                changes.why_not_add_checkpoint(after, at, board_shown_at=shown_at, zone=course_zone),
                place,
            )
            continue
        row_shown_at = row.first_shown_at or shown_at
        if changes.was_shown(row_shown_at, at):
            if row.kind != checkpoint.kind:
                found.append(Trouble("kind", "kind_stays", place))
            if rule is not None and checkpoint.due is not None and rule.whose_zone != checkpoint.whose_zone:
                found.append(Trouble("whose", "zone_stays", place))
        note("due", changes.why_not_move_due(
            rule.instant if rule else None, after, at, shown_at=row_shown_at,
            entered_at=_entered_at(rule, row), reason=reason, zone=course_zone,
        ), place)  # fmt: skip
        for name in ("min_words", "replies", "people"):
            note(name, changes.why_not_change_number(
                name, getattr(row, name), getattr(checkpoint, name), at, shown_at=row_shown_at,
            ), place)  # fmt: skip
    return found


def _entered_at(rule: DueRule | None, row: Checkpoint) -> datetime:
    """When somebody wrote a date; a version that only followed a zone is no entry to correct."""
    return row.created_at if rule is None or rule.author_id is None else rule.created_at


def checkpoints_on(session: Session, board_id: int) -> Sequence[Checkpoint]:
    """The checkpoints of a board in their order."""
    return session.scalars(
        select(Checkpoint)
        .where(Checkpoint.board_id == board_id, Checkpoint.removed_at.is_(None))
        .order_by(Checkpoint.position, Checkpoint.id)
    ).all()


def takes_boards_away(
    module: Module, wall: Wall | None, course_zone: ZoneInfo, at: datetime, *, has_shown_boards: bool
) -> bool:
    """Whether a new opening date of a module would take boards away that students could see in it."""
    if wall is None or module.published_at is None or (module.opens_at is not None and module.opens_at > at):
        return False
    return has_shown_boards and opening_instant(wall, course_zone) > at


def what_gets_shorter(
    before: Mapping[int, values.StudentBoard],
    after: Mapping[int, values.StudentBoard],
    at: datetime,
    *,
    shown_at: datetime | None,
    entered_at: datetime,
    reason: str,
    zone: ZoneInfo,
) -> values.Refusal | None:
    """Why the dates of people (by account id) cannot become those of `after`, or None.

    A shorter time may be taken back as a mistake, where rule 6 lets it; *opens* never moves later. Of several
    refusals the one that names the latest instant is given. Codes: later_stays, reason_needed, only_earlier.
    """
    refusals: list[values.Refusal] = []
    for account_id, old in before.items():
        new = after[account_id]
        was = {date.checkpoint_id: date.due for date in old.dates}
        pairs = [(was[date.checkpoint_id], date.due) for date in new.dates if date.checkpoint_id in was]
        for one, other in [*pairs, (old.cutoff_at, new.cutoff_at)]:
            refusal = changes.why_not_move_due(
                one, other, at, shown_at=shown_at, entered_at=entered_at, reason=reason, zone=zone
            )
            if refusal is not None:
                refusals.append(refusal)
        opens = changes.why_not_move_opens(old.opens_at or shown_at, new.opens_at, at, shown_at=shown_at)
        if opens is not None:
            refusals.append(opens)
    return _gravest(refusals)


def _gravest(refusals: Iterable[values.Refusal]) -> values.Refusal | None:
    order = ("later_stays", "only_earlier", "reason_needed")
    return min(
        refusals,
        key=lambda refusal: (order.index(refusal.code), -_stamp(refusal.values.get("stays"))),
        default=None,
    )


def _stamp(value: object) -> float:
    return value.timestamp() if isinstance(value, datetime) else float("inf")
