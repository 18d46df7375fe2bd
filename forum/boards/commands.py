"""What can be done with boards: making and changing them, their dates, publishing and closing."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ..core import markup
from ..core.moments import ZONE_DATABASE, Wall, due_instant, opening_instant, zone
from ..courses.commands import on_state_set
from ..courses.models import Course
from ..courses.policy import Member
from ..ledger.commands import record, tell
from ..lessons.queries import next_position
from .audience import why_not_regroup, write_audience
from .closing_commands import close_board as close_board
from .closing_commands import is_dated_again as is_dated_again
from .closing_commands import reopen_board as reopen_board
from .extension_commands import excuse as excuse
from .extension_commands import grant_extension as grant_extension
from .models import Board, Checkpoint, DueRule, PromptVersion
from .promises import checkpoints_on, what_gets_shorter, what_rule_6_refuses
from .queries import spec_of, students_of
from .rules import bounds
from .schedule import current_rules, dates_of_everyone, wall_of
from .specs import BoardSpec, NotThisBoard, Trouble
from .specs import CheckpointSpec as CheckpointSpec
from .together_troubles import together_troubles

PROMPT_LIMIT = 20_000

# What rooms above must know or do at once, inside the transaction of the deed.
on_board_saved: list[Callable[[Session, Board, datetime], None]] = []
asks_for_posts: list[Callable[[Session, int], bool]] = []


def has_posts(session: Session, board_id: int) -> bool:
    """Whether anybody ever wrote on a board; its form stays from then on."""
    return any(ask(session, board_id) for ask in asks_for_posts)


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
    current = current_rules(session, board.id) if board is not None else ()
    troubles += together_troubles(board, current, spec, course_zone, at)
    if board is not None:
        if not troubles and spec == spec_of(session, board):
            return board  # saving unchanged changes nothing (rule 2)
        troubles += what_rule_6_refuses(session, board, spec, course_zone, at, reason)
        if board.form != spec.form and has_posts(session, board.id):
            troubles.append(Trouble("form", "form_stays"))
        troubles += why_not_regroup(session, board, spec, has_posts)
    if troubles:
        raise NotThisBoard(troubles)
    is_new = board is None
    if board is None:
        board = Board(
            course_id=course.id, position=next_position(session, course.id), form=spec.form,
            title=spec.title, created_at=at, prompt_source="\0",
        )  # fmt: skip
        session.add(board)
    if board.prompt_source != spec.prompt or board.title != spec.title:
        rendered = markup.render(spec.prompt, limit=PROMPT_LIMIT)
        board.title, board.prompt_source = spec.title, spec.prompt
        board.prompt_html, board.renderer_version = rendered.html, markup.RENDERER_VERSION
        session.flush()
        number = (
            session.scalar(select(func.max(PromptVersion.number)).where(PromptVersion.board_id == board.id))
            or 0
        )
        session.add(
            PromptVersion(
                board_id=board.id,
                number=number + 1,
                title=spec.title,
                source=spec.prompt,
                author_id=member.account_id,
                at=at,
            )
        )
    board.form, board.shown, board.module_id = spec.form, spec.shown, spec.module_id
    board.grace_minutes, board.pinned = spec.grace_minutes, spec.pinned
    board.classmates_only, board.students_start = spec.classmates_only, spec.students_start
    board.announcements_answered = spec.announcements_answered
    board.staff_questions = spec.staff_questions
    board.template, board.template_source = spec.template, spec.template_source
    board.groups, board.limited = spec.groups, bool(spec.audience)
    if not is_new:
        board.version += 1
    session.flush()
    write_audience(session, board.id, spec.audience)
    earlier_dates = _dates_written(session, board.id)
    _write_dates(session, member, board, spec, course_zone, at, reason)
    if board.published_at is not None and _dates_written(session, board.id) != earlier_dates:
        tell(session, "dates_changed", course_id=course.id, visible_at=at, board_id=board.id,
             actor_id=member.account_id)  # fmt: skip
    for follow in on_board_saved:
        follow(session, board, at)
    record(
        session, "made" if is_new else "edited", "board", board.id, actor_id=member.account_id, at=at,
        course_id=course.id, version=board.version,
    )  # fmt: skip
    return board


def _dates_written(session: Session, board_id: int) -> int:
    return session.scalar(select(func.count()).select_from(DueRule).where(DueRule.board_id == board_id)) or 0


def _write_dates(
    session: Session,
    member: Member,
    board: Board,
    spec: BoardSpec,
    course_zone: ZoneInfo,
    at: datetime,
    reason: str,
) -> None:
    rows = {row.id: row for row in checkpoints_on(session, board.id)}
    kept: set[int] = set()
    _write_rule(session, member, board, "opens", spec.opens, "course", course_zone, at, reason)
    _write_rule(session, member, board, "cut_off", spec.cut_off, "course", course_zone, at, reason)
    _write_rule(session, member, board, "together", spec.together, "course", course_zone, at, reason)
    for position, wanted in enumerate(spec.checkpoints, start=1):
        row = rows.get(wanted.id) if wanted.id else None
        if row is None:
            row = Checkpoint(board_id=board.id, position=position, kind=wanted.kind, created_at=at)
            if _is_shown(board):
                row.first_shown_at = at
            session.add(row)
        row.position, row.kind = position, wanted.kind
        row.replies, row.people, row.min_words = wanted.replies, wanted.people, wanted.min_words
        session.flush()
        kept.add(row.id)
        _write_rule(
            session,
            member,
            board,
            "due",
            wanted.due,
            wanted.whose_zone,
            course_zone,
            at,
            reason,
            checkpoint_id=row.id,
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
            board_id=board.id,
            checkpoint_id=checkpoint_id,
            section_id=section_id,
            group_id=group_id,
            what=what,
            version=(last.version if last else 0) + 1,
            wall_on=wall.on if wall else None,
            wall_minute=wall.minute.strftime("%H:%M") if wall and wall.minute is not None else None,
            whose_zone=whose_zone,
            zone=course_zone.key,
            instant=derive(wall, course_zone) if wall else None,
            zone_database=ZONE_DATABASE,
            author_id=member.account_id or None,
            reason=reason,
            created_at=at,
            shown_at=at if _is_shown(board) else None,
        )
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
    """A section's or group's own dates; what is None falls through to the course's (docs/time.md, rule 8).

    `due` is by checkpoint id. Raises NotThisBoard: `place` is then the place of the checkpoint on the board.
    """
    course = session.get_one(Course, member.course_id)
    course_zone = zone(course.zone)
    part = {"section_id": section_id, "group_id": group_id}
    rows = checkpoints_on(session, board.id)
    own = {(rule.what, rule.checkpoint_id): rule for rule in current_rules(session, board.id)
           if rule.section_id is None and rule.group_id is None}  # fmt: skip

    def falls_to(what: str, wall: Wall | None, checkpoint_id: int | None = None) -> Wall | None:
        rule = own.get((what, checkpoint_id))
        return wall or (wall_of(rule.wall_on, rule.wall_minute) if rule else None)

    problems = bounds.problems_of(
        falls_to("opens", opens), [falls_to("due", (due or {}).get(row.id), row.id) for row in rows],
        falls_to("cut_off", cut_off), course_zone,
    )  # fmt: skip
    if problems:
        raise NotThisBoard([Trouble(one.name, one.code, one.place, dict(one.values)) for one in problems])
    people = students_of(session, member.course_id, at, section_id=section_id, group_id=group_id, ever=True)
    before = dates_of_everyone(session, board, course, people, at)
    own_entry = _last_entry(session, board.id, section_id, group_id)
    entered_at = own_entry or _last_entry(session, board.id, None, None) or board.created_at
    written = _dates_written(session, board.id)
    _write_rule(session, member, board, "opens", opens, "course", course_zone, at, reason, **part)
    _write_rule(session, member, board, "cut_off", cut_off, "course", course_zone, at, reason, **part)
    for checkpoint_id, wall in (due or {}).items():
        _write_rule(
            session,
            member,
            board,
            "due",
            wall,
            "course",
            course_zone,
            at,
            reason,
            checkpoint_id=checkpoint_id,
            **part,
        )
    if _dates_written(session, board.id) == written:
        return
    refusal = what_gets_shorter(
        before, dates_of_everyone(session, board, course, people, at), at, shown_at=board.first_shown_at,
        entered_at=entered_at, reason=reason, zone=course_zone,
    )  # fmt: skip
    if refusal is not None:
        raise NotThisBoard([Trouble("part", refusal.code, None, dict(refusal.values))])
    board.version += 1
    if board.published_at is not None:
        tell(session, "dates_changed", course_id=board.course_id, visible_at=at, board_id=board.id,
             actor_id=member.account_id)  # fmt: skip
    record(session, "audience_dates", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id,
           section_id=section_id, group_id=group_id)  # fmt: skip


def _last_entry(
    session: Session, board_id: int, section_id: int | None, group_id: int | None
) -> datetime | None:
    return session.scalar(
        select(func.max(DueRule.created_at)).where(
            DueRule.board_id == board_id, DueRule.section_id.is_not_distinct_from(section_id),
            DueRule.group_id.is_not_distinct_from(group_id),
        )
    )  # fmt: skip


def publish_board(session: Session, member: Member, board: Board, *, at: datetime) -> None:
    """Show the board to students; from its first showing on, its dates are promises. While the course is in preparation
    nobody sees it yet: that comes when the course is opened."""
    if board.published_at is not None:
        return
    board.published_at = at
    board.version += 1
    if session.get_one(Course, board.course_id).state != "preparation":
        _note_shown(session, board, at)
        tell(session, "board_published", course_id=board.course_id, visible_at=at, board_id=board.id,
             actor_id=member.account_id)  # fmt: skip
    session.flush()
    record(
        session, "published", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id
    )


def _is_shown(board: Board) -> bool:
    """Whether students can see it now: published, in a course that was opened."""
    return board.published_at is not None and board.first_shown_at is not None


def _note_shown(session: Session, board: Board, at: datetime) -> None:
    if board.first_shown_at is None:
        board.first_shown_at = at
    session.execute(
        update(Checkpoint)
        .where(Checkpoint.board_id == board.id, Checkpoint.first_shown_at.is_(None))
        .values(first_shown_at=at)
    )
    session.execute(update(DueRule).where(DueRule.board_id == board.id).values(shown_at=at))


def _show_when_opened(session: Session, course: Course, at: datetime) -> None:
    """When a course leaves preparation its published boards are shown for the first time."""
    if course.state == "preparation":
        return
    waiting = select(Board).where(
        Board.course_id == course.id, Board.published_at.is_not(None), Board.first_shown_at.is_(None),
        Board.removed_at.is_(None),
    )  # fmt: skip
    for board in session.scalars(waiting).all():
        _note_shown(session, board, at)
        board.version += 1
    session.flush()


on_state_set.append(_show_when_opened)


def hide_board(session: Session, member: Member, board: Board, *, at: datetime) -> None:
    board.published_at = None
    board.version += 1
    record(session, "hid", "board", board.id, actor_id=member.account_id, at=at, course_id=board.course_id)
