"""What can be done with boards: making and changing them, their dates, closing, extensions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ..core import markup
from ..core.moments import ZONE_DATABASE, Wall, due_instant, opening_instant, zone
from ..courses.models import Course
from ..courses.policy import Member
from ..ledger.commands import record, tell
from .models import Board, Checkpoint, DueRule, Excusal, Extension, PromptVersion
from .queries import next_board_position
from .rules import bounds, changes
from .schedule import current_rules, wall_of

PROMPT_LIMIT = 20_000


@dataclass(frozen=True)
class CheckpointSpec:
    """One checkpoint as a form or an import gives it; `id` names one that is there already."""

    kind: str
    id: int | None = None
    replies: int = 0
    people: int = 0
    min_words: int = 0
    due: Wall | None = None
    whose_zone: str = "course"


@dataclass(frozen=True)
class BoardSpec:
    """A whole board as a form or an import gives it."""

    title: str
    form: str = "threads"
    shown: str = "at_once"
    prompt: str = ""
    module_id: int | None = None
    opens: Wall | None = None
    cut_off: Wall | None = None
    grace_minutes: int = 5
    checkpoints: tuple[CheckpointSpec, ...] = ()
    classmates_only: bool = False
    students_start: bool = True
    pinned: bool = False


@dataclass(frozen=True)
class Trouble:
    """Why one field of a board can't stand as given: `place` is the checkpoint's number from 0 on."""

    name: str
    code: str
    place: int | None = None
    values: dict[str, object] = field(default_factory=dict)


class NotThisBoard(Exception):
    """The board was refused as a whole; nothing was changed. Each trouble belongs beside its field."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__(", ".join(f"{trouble.name}: {trouble.code}" for trouble in troubles))
        self.troubles = tuple(troubles)


def save_board(
    session: Session, member: Member, board: Board | None, spec: BoardSpec, *, at: datetime, reason: str = ""
) -> Board:
    """Make a board, or bring one to what `spec` says, dates in new versions. Raises NotThisBoard.

    Once students could see it, nothing gets harder or shorter (docs/time.md, rule 6).
    """
    course = session.get_one(Course, member.course_id)
    course_zone = zone(course.zone)
    troubles = [
        Trouble(problem.name, problem.code, problem.place, dict(problem.values))
        for problem in bounds.problems_of(
            spec.opens, [checkpoint.due for checkpoint in spec.checkpoints], spec.cut_off, course_zone
        )
    ]
    if board is not None:
        troubles += _what_rule_6_refuses(session, board, spec, course_zone, at, reason)
    if troubles:
        raise NotThisBoard(troubles)
    rendered = markup.render(spec.prompt, limit=PROMPT_LIMIT)
    is_new = board is None
    if board is None:
        board = Board(
            course_id=course.id, position=next_board_position(session, course.id), form=spec.form,
            title=spec.title, created_at=at, prompt_source="\0",
        )  # fmt: skip
        session.add(board)
    if board.prompt_source != spec.prompt or board.title != spec.title:
        board.title, board.prompt_source = spec.title, spec.prompt
        board.prompt_html, board.renderer_version = rendered.html, markup.RENDERER_VERSION
        session.flush()
        number = session.scalar(select(func.max(PromptVersion.number)).where(PromptVersion.board_id == board.id)) or 0
        session.add(
            PromptVersion(
                board_id=board.id, number=number + 1, title=spec.title, source=spec.prompt,
                author_id=member.account_id, at=at,
            )  # fmt: skip
        )
    board.form, board.shown, board.module_id = spec.form, spec.shown, spec.module_id
    board.grace_minutes, board.pinned = spec.grace_minutes, spec.pinned
    board.classmates_only, board.students_start = spec.classmates_only, spec.students_start
    if not is_new:
        board.version += 1
    session.flush()
    _write_dates(session, member, board, spec, course_zone, at, reason)
    record(
        session, "made" if is_new else "edited", "board", board.id, actor_id=member.account_id, at=at,
        course_id=course.id, version=board.version,
    )  # fmt: skip
    return board


def _what_rule_6_refuses(
    session: Session, board: Board, spec: BoardSpec, course_zone: ZoneInfo, at: datetime, reason: str
) -> list[Trouble]:
    rules = {
        (rule.what, rule.checkpoint_id): rule
        for rule in current_rules(session, board.id)
        if rule.section_id is None and rule.group_id is None
    }
    rows = {row.id: row for row in _checkpoints(session, board.id)}
    shown_at = board.first_shown_at
    found: list[Trouble] = []

    def note(name: str, refusal: object, place: int | None = None) -> None:
        if refusal is not None:
            found.append(Trouble(name, refusal.code, place, dict(refusal.values)))  # type: ignore[attr-defined]

    before = rules.get(("opens", None))
    after = opening_instant(spec.opens, course_zone) if spec.opens else None
    if changes.was_shown(shown_at, at) and before is None and after is not None and after > at:
        found.append(Trouble("opens", "only_earlier", values={"stays": shown_at}))
    elif before is not None:
        note("opens", changes.why_not_move_opens(before.instant, after, at, shown_at=shown_at))
    before = rules.get(("cut_off", None))
    after = due_instant(spec.cut_off, course_zone) if spec.cut_off else None
    note(
        "cutoff",
        changes.why_not_move_cutoff(before.instant if before else None, after, at, shown_at=shown_at),
    )
    note("grace", changes.why_not_change_number("grace_minutes", board.grace_minutes, spec.grace_minutes, at, shown_at=shown_at))
    for place, checkpoint in enumerate(spec.checkpoints):
        after = due_instant(checkpoint.due, course_zone) if checkpoint.due else None
        row = rows.get(checkpoint.id) if checkpoint.id else None
        if row is None:
            note("due", changes.why_not_add_checkpoint(after, at, board_shown_at=shown_at, zone=course_zone), place)
            continue
        rule = rules.get(("due", row.id))
        if changes.was_shown(shown_at, at) and rule is not None and rule.whose_zone != checkpoint.whose_zone:
            found.append(Trouble("due", "zone_stays", place))
        note("due", changes.why_not_move_due(
            rule.instant if rule else None, after, at, shown_at=row.first_shown_at or shown_at,
            entered_at=rule.created_at if rule else row.created_at, reason=reason, zone=course_zone,
        ), place)  # fmt: skip
        for name in ("min_words", "replies", "people"):
            note(name, changes.why_not_change_number(
                name, getattr(row, name), getattr(checkpoint, name), at, shown_at=row.first_shown_at or shown_at,  # type: ignore[arg-type]
            ), place)  # fmt: skip
    return found


def _checkpoints(session: Session, board_id: int) -> Sequence[Checkpoint]:
    return session.scalars(
        select(Checkpoint).where(Checkpoint.board_id == board_id, Checkpoint.removed_at.is_(None))
    ).all()


def _write_dates(
    session: Session, member: Member, board: Board, spec: BoardSpec, course_zone: ZoneInfo, at: datetime, reason: str
) -> None:
    rows = {row.id: row for row in _checkpoints(session, board.id)}
    kept: set[int] = set()
    _write_rule(session, member, board, "opens", spec.opens, "course", course_zone, at, reason)
    _write_rule(session, member, board, "cut_off", spec.cut_off, "course", course_zone, at, reason)
    for position, wanted in enumerate(spec.checkpoints, start=1):
        row = rows.get(wanted.id) if wanted.id else None
        if row is None:
            row = Checkpoint(board_id=board.id, position=position, kind=wanted.kind, created_at=at)
            if board.published_at is not None:
                row.first_shown_at = at
            session.add(row)
        row.position, row.kind = position, wanted.kind
        row.replies, row.people, row.min_words = wanted.replies, wanted.people, wanted.min_words
        session.flush()
        kept.add(row.id)
        _write_rule(
            session, member, board, "due", wanted.due, wanted.whose_zone, course_zone, at, reason, checkpoint_id=row.id
        )
    for row in rows.values():
        if row.id not in kept:
            row.removed_at = at
    session.flush()


def _write_rule(
    session: Session,
    member: Member,
    board: Board,
    what: str,
    wall: Wall | None,
    whose_zone: str,
    course_zone: ZoneInfo,
    at: datetime,
    reason: str,
    *,
    checkpoint_id: int | None = None,
    section_id: int | None = None,
    group_id: int | None = None,
) -> None:
    """A new version of one date if it differs from the one that holds; saving unchanged changes nothing."""
    last = session.scalars(
        select(DueRule)
        .where(
            DueRule.board_id == board.id, DueRule.what == what, DueRule.checkpoint_id.is_not_distinct_from(checkpoint_id),
            DueRule.section_id.is_not_distinct_from(section_id), DueRule.group_id.is_not_distinct_from(group_id),
        )
        .order_by(DueRule.version.desc())
        .limit(1)
    ).first()  # fmt: skip
    before = wall_of(last.wall_on, last.wall_minute) if last else None
    if before == wall and (last is None or last.whose_zone == whose_zone or wall is None):
        return
    derive = opening_instant if what == "opens" else due_instant
    session.add(
        DueRule(
            board_id=board.id, checkpoint_id=checkpoint_id, section_id=section_id, group_id=group_id, what=what,
            version=(last.version if last else 0) + 1, wall_on=wall.on if wall else None,
            wall_minute=wall.minute.strftime("%H:%M") if wall and wall.minute is not None else None,
            whose_zone=whose_zone, zone=course_zone.key, instant=derive(wall, course_zone) if wall else None,
            zone_database=ZONE_DATABASE, author_id=member.account_id or None, reason=reason, created_at=at,
            shown_at=at if board.published_at is not None else None,
        )  # fmt: skip
    )
    session.flush()


def set_audience_dates(
    session: Session,
    member: Member,
    board: Board,
    *,
    at: datetime,
    section_id: int | None = None,
    group_id: int | None = None,
    opens: Wall | None = None,
    cut_off: Wall | None = None,
    due: dict[int, Wall | None] | None = None,
    reason: str = "",
) -> None:
    """A section's or group's own dates; what is None falls through to the course's (docs/time.md, rule 8)."""
    course_zone = zone(session.get_one(Course, member.course_id).zone)
    part = {"section_id": section_id, "group_id": group_id}
    _write_rule(session, member, board, "opens", opens, "course", course_zone, at, reason, **part)
    _write_rule(session, member, board, "cut_off", cut_off, "course", course_zone, at, reason, **part)
    for checkpoint_id, wall in (due or {}).items():
        _write_rule(
            session, member, board, "due", wall, "course", course_zone, at, reason, checkpoint_id=checkpoint_id, **part
        )
    board.version += 1
    record(session, "audience_dates", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           section_id=section_id, group_id=group_id)  # fmt: skip


def publish_board(session: Session, member: Member, board: Board, *, at: datetime) -> None:
    """Show the board to students; from its first showing on, its dates are promises."""
    if board.published_at is not None:
        return
    board.published_at = at
    if board.first_shown_at is None:
        board.first_shown_at = at
    session.execute(
        update(Checkpoint)
        .where(Checkpoint.board_id == board.id, Checkpoint.first_shown_at.is_(None))
        .values(first_shown_at=at)
    )
    session.execute(update(DueRule).where(DueRule.board_id == board.id).values(shown_at=at))
    board.version += 1
    session.flush()
    tell(session, "board_published", course_id=board.course_id, visible_at=at, board_id=board.id,
         actor_id=member.account_id)  # fmt: skip
    record(session, "published", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id)


def hide_board(session: Session, member: Member, board: Board, *, at: datetime) -> None:
    board.published_at = None
    board.version += 1
    record(session, "hid", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id)


def close_board(session: Session, member: Member, board: Board, *, at: datetime) -> None:
    """Close by hand: closed whatever the dates say, until opened by hand."""
    if board.closed_at is None:
        board.closed_at = at
        board.version += 1
        record(session, "closed", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id)


def reopen_board(session: Session, member: Member, board: Board, *, at: datetime) -> None:
    if board.closed_at is not None:
        record(session, "reopened", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
               closed_at=board.closed_at)  # fmt: skip
        board.closed_at = None
        board.version += 1


def grant_extension(
    session: Session,
    member: Member,
    board: Board,
    *,
    at: datetime,
    account_id: int | None = None,
    section_id: int | None = None,
    group_id: int | None = None,
    checkpoint_id: int | None = None,
    due: Wall | None = None,
    no_due: bool = False,
    cut_off: Wall | None = None,
    moves_later: bool = True,
    reason: str = "",
) -> Extension:
    """Give more time to one student, section or group (docs/time.md, rule 9)."""
    if (account_id, section_id, group_id).count(None) != 2:
        raise ValueError("an extension is for one student, one section or one group")
    course_zone = zone(session.get_one(Course, member.course_id).zone)
    extension = Extension(
        board_id=board.id, checkpoint_id=checkpoint_id, account_id=account_id, section_id=section_id,
        group_id=group_id, no_due=no_due, due_on=due.on if due else None,
        due_minute=due.minute.strftime("%H:%M") if due and due.minute is not None else None,
        due_at=due_instant(due, course_zone) if due else None, cut_off_on=cut_off.on if cut_off else None,
        cut_off_minute=cut_off.minute.strftime("%H:%M") if cut_off and cut_off.minute is not None else None,
        cut_off_at=due_instant(cut_off, course_zone) if cut_off else None, zone=course_zone.key,
        moves_later=moves_later, reason=reason, author_id=member.account_id or None, created_at=at,
    )  # fmt: skip
    session.add(extension)
    board.version += 1
    session.flush()
    record(session, "extended", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           extension_id=extension.id, account_id=account_id, section_id=section_id, group_id=group_id)  # fmt: skip
    return extension


def excuse(
    session: Session, member: Member, board: Board, account_id: int, *, at: datetime, checkpoint_id: int | None = None,
    reason: str = "",
) -> None:  # fmt: skip
    session.add(
        Excusal(board_id=board.id, checkpoint_id=checkpoint_id, account_id=account_id, reason=reason,
                author_id=member.account_id or None, created_at=at)
    )  # fmt: skip
    board.version += 1
    record(session, "excused", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           account_id=account_id)  # fmt: skip
