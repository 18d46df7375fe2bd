"""The one instant at which a class sees all posts, and who waits longer: docs/time.md, rules 14 and 23."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from forum.boards.rules.bounds import FIRST_YEAR, LAST_YEAR, Problem, is_in_bounds
from forum.boards.rules.shown import OthersShown, together_from
from forum.boards.rules.values import BoardRules, StudentBoard, StudentDates
from forum.core.moments import Wall, due_instant

# Nowhere is a date over later; what is due in each student's own zone is over everywhere then.
LAST_ZONE = ZoneInfo("Etc/GMT+12")
NEVER = datetime.max.replace(tzinfo=UTC)

DatesOf = Callable[[BoardRules, StudentDates], StudentBoard]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked on a board, as far as it bears on when posts can be shown."""

    kind: str
    due: Wall | None
    whose_zone: str = "course"


@dataclass(frozen=True, slots=True)
class Class:
    """What holds for a class without what is one person's own: `variants` are its sections and groups as students."""

    board: BoardRules
    variants: Sequence[StudentDates] = field(default=())


def first_limit(board: BoardRules, dates: StudentBoard) -> datetime | None:
    """The last limit of a student's first posts; None: none is asked by a date. Without a due date it is their cut-off."""
    first = {rule.id for rule in board.checkpoints if rule.kind == "first_post"}
    limits = [
        (dates.cutoff_at or NEVER) if date.no_due else date.limit
        for date in dates.dates
        if date.checkpoint_id in first
    ]
    return max((limit for limit in limits if limit is not None), default=None)


def class_zone(board: BoardRules) -> ZoneInfo:
    """The zone in which a class is the last to be done with its first posts."""
    own = any(
        rule.kind == "first_post" and rule.due is not None and rule.due.whose == "own"
        for rule in board.checkpoints
    )
    return LAST_ZONE if own else board.course_zone


def together_at(of: Class, dates_of: DatesOf) -> datetime | None:
    """When a class sees all posts; None where no such instant was written.

    Never before its first-post limit, that of its last section or group; later by what outages gave back to what was
    due then.
    """
    if of.board.together is None:
        return None
    limit, credit = None, timedelta()
    unmoved = replace(of.board, outages=())
    for student in of.variants:
        own = first_limit(of.board, dates_of(of.board, student))
        if own is None or own == NEVER:
            continue  # no due date for a part of the class: nothing to wait for
        limit = own if limit is None else max(limit, own)
        before = first_limit(unmoved, dates_of(unmoved, replace(student, credit={})))
        if before is not None:
            credit = max(credit, own - before)
    return together_from(of.board.together, limit, credit)


def settled(steps: Iterable[tuple[datetime, datetime | None]], shown_at: datetime | None) -> datetime | None:
    """The instant that a class's dates came to first and that passed; what was opened stays open.

    `steps` are, oldest first, instants at which dates were changed with what it was just before; None if it had passed
    at none of them. `shown_at` is when students could first see the board.
    """
    if shown_at is None:
        return None
    for changed_at, instant in steps:
        if instant is not None and max(instant, shown_at) <= changed_at:
            return instant
    return None


def held_until(
    board: BoardRules, student: StudentDates, dates: StudentBoard, dates_of: DatesOf
) -> datetime | None:
    """Until when a student sees others' posts only with a first post of their own; None: no longer than the class.

    More time that was given after they were shown to this student holds nothing back any more.
    """
    limit = first_limit(board, dates)
    if board.together_at is None or limit is None or limit <= board.together_at:
        return None
    rules = sorted(board.earlier, key=lambda pair: pair[0])
    given = [one.given_at for one in student.extensions if one.given_at is not None]
    given += [one.given_at for one in student.accommodations if one.given_at is not None]
    now = replace(board, together_at=None)
    for changed_at in sorted({*given, *(until for until, _rules in rules)}):
        if changed_at < board.together_at:
            continue
        then = next((each for until, each in rules if until >= changed_at), now)
        before = first_limit(then, dates_of(then, _without(student, changed_at)))
        opened_at = max(before or board.together_at, board.together_at)
        if opened_at <= changed_at:
            return opened_at if opened_at > board.together_at else None
    return limit


def _without(student: StudentDates, since: datetime) -> StudentDates:
    """What a student had before an instant."""
    return replace(
        student,
        extensions=tuple(one for one in student.extensions if one.given_at is None or one.given_at < since),
        accommodations=tuple(
            one for one in student.accommodations if one.given_at is None or one.given_at < since
        ),
    )


def earliest_of(asked: Iterable[Asked], grace_minutes: int, zone: ZoneInfo) -> datetime | None:
    """Before when the posts of a board can't be shown: the class's first-post limit, the last zone's of an own-zone one."""
    found = [
        due_instant(one.due, LAST_ZONE if one.whose_zone == "own" else zone)
        for one in asked
        if one.kind == "first_post" and one.due is not None and is_in_bounds(one.due)
    ]
    return max(found) + timedelta(minutes=grace_minutes) if found else None


def problems_of(
    shown: OthersShown | str, together: Wall | None, asked: Sequence[Asked], grace_minutes: int, zone: ZoneInfo,
    *, has_passed: bool = False,
) -> tuple[Problem, ...]:  # fmt: skip
    """What is wrong with the instant at which posts are to be shown together; empty if nothing is.

    `zone` is the course's; `has_passed`: posts were shown already, and what is due later now does not change that.
    Codes: together_needed, together_not_chosen, together_without_first, out_of_bounds, together_before_limit
    (earliest), and beside a due date of replies due_before_together (shown_at).
    """
    if shown != "together":
        return (Problem("together", "together_not_chosen"),) if together is not None else ()
    if together is None:
        return (Problem("together", "together_needed"),)
    if not is_in_bounds(together):
        return (
            Problem("together", "out_of_bounds", None, {"first_year": FIRST_YEAR, "last_year": LAST_YEAR}),
        )
    if not any(one.kind == "first_post" for one in asked):
        return (Problem("together", "together_without_first"),)
    if has_passed:
        return ()
    at, earliest = due_instant(together, zone), earliest_of(asked, grace_minutes, zone)
    if earliest is not None and at < earliest:
        return (Problem("together", "together_before_limit", None, {"earliest": earliest}),)
    return tuple(
        Problem("due", "due_before_together", place, {"shown_at": at})
        for place, one in enumerate(asked)
        if one.kind == "replies" and one.due is not None and is_in_bounds(one.due) and due_instant(one.due, zone) <= at
    )  # fmt: skip
