"""When things are due: docs/time.md, rules 5, 7, 8, 9, 10, 14 and 18, for one student or for all of a board."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from forum.boards.rules.outages import moved_by
from forum.boards.rules.together import held_until
from forum.boards.rules.values import (
    Accommodation,
    AudienceDates,
    BoardRules,
    DueDate,
    DueRule,
    Extension,
    FrozenZone,
    PartDates,
    Reason,
    StudentBoard,
    StudentDates,
    ZoneChange,
)
from forum.boards.rules.walks import LocalDue, Walk, is_later
from forum.core.moments import (
    Wall,
    due_instant,
    end_of_day,
    last_minute,
    opening_instant,
    shift_days,
)


def frozen_zone(
    changes: Sequence[ZoneChange], board_opened_at: datetime, enrolled_at: datetime, course_zone: ZoneInfo
) -> FrozenZone:
    """The zone that a student's own-zone rules of a board are read in (rule 7).

    `changes` are the account's zones, oldest first. The zone is the one they had when the board opened (for a
    board without *opens*: when it was published), or when they enrolled, if later. A later change counts only
    for boards that open at least 7 days after it.
    """
    if not changes:
        return FrozenZone(course_zone, True)
    zone = changes[0].zone
    for change in changes[1:]:
        if enrolled_at > board_opened_at:
            counts = change.from_at <= enrolled_at
        else:
            counts = shift_days(change.from_at, 7, course_zone) <= board_opened_at
        if counts:
            zone = change.zone
    return FrozenZone(zone, False)


def rule_instant(rule: DueRule, course_zone: ZoneInfo, own_zone: ZoneInfo | None) -> datetime:
    """What a due rule comes to; what was promised stands (rule 5). `own_zone` None: the reader has none."""
    at = _resolved(rule, course_zone, own_zone).at
    assert at is not None
    return at


def _resolved(rule: DueRule, course_zone: ZoneInfo, own_zone: ZoneInfo | None) -> LocalDue:
    zone = rule.zone or course_zone
    if rule.whose == "own":
        zone = own_zone or zone
        for name, past_at in rule.past_in:
            if name == zone.key:
                return LocalDue(past_at, zone)
    at = due_instant(rule.wall, zone)
    if rule.promised_at is not None and rule.promised_at != at:
        return LocalDue(rule.promised_at, zone)
    return LocalDue(at, zone, rule.wall)


def _latest(dues: Iterable[LocalDue]) -> LocalDue | None:
    found: LocalDue | None = None
    for due in dues:
        if found is None or due.later_than(found):
            found = due
    return found


def _extended_to(extension: Extension, board: BoardRules, zone: ZoneInfo | None) -> LocalDue | None:
    if extension.no_due:
        return LocalDue(None, board.course_zone)
    if extension.due is None:
        return None
    return _resolved(extension.due, board.course_zone, zone)


def _days_between(earlier: LocalDue, later: LocalDue) -> int:
    """Calendar days from one due date to the other, in the zone of the first."""
    if earlier.at is None or later.at is None:
        return 0
    zone = earlier.zone
    return (last_minute(later.at, zone).on - last_minute(earlier.at, zone).on).days


def _accommodated(
    due: LocalDue, accommodations: Sequence[Accommodation]
) -> tuple[LocalDue, Accommodation | None]:  # rule 9 b
    best, chosen = due, None
    if due.at is None:
        return due, None
    for allowance in accommodations:
        if due.at <= opening_instant(Wall(allowance.from_on), due.zone):
            continue
        if allowance.until_on is not None and due.at > end_of_day(allowance.until_on, due.zone):
            continue
        moved = due.plus_days(allowance.days).plus(timedelta(hours=allowance.hours))
        if moved.later_than(best):
            best, chosen = moved, allowance
    return best, chosen


def _extend(
    walks: Sequence[Walk],
    extensions: Sequence[Extension],
    scopes: tuple[str, ...],
    board: BoardRules,
    zone: ZoneInfo | None,
) -> None:
    """Take the extensions of these scopes, and move what follows by as many days (rule 9 a and c)."""
    before = [walk.due for walk in walks]
    for extension in extensions:
        if extension.scope not in scopes:
            continue
        to = _extended_to(extension, board, zone)
        if to is None:
            continue
        for place, walk in enumerate(walks):
            if extension.checkpoint_id not in (None, walk.rule.id):
                continue
            walk.take(to, "extension", scope=extension.scope)
            if extension.checkpoint_id is None or not extension.moves_later:
                continue
            days = _days_between(before[place], to)
            for later, start in zip(walks[place + 1 :], before[place + 1 :], strict=True):
                if days > 0:
                    moved = start.plus_days(days)
                    later.take(moved, "moved_with_earlier", days=days, checkpoint_id=walk.rule.id)


def _own_zone(student: StudentDates) -> ZoneInfo | None:
    return None if student.without_zone else student.zone


def student_board(board: BoardRules, student: StudentDates) -> StudentBoard:
    """All dates of a board for one student, with their reasons (rules 8, 9 and 18).

    Reasons are codes in the order in which they took effect: rule, section, promised, extension,
    moved_with_earlier, accommodation, kept_on_change, credit (one for each outage), credit_added,
    not_before_earlier; of a cut-off: cutoff, section, kept_on_change, accommodation, credit, extension, course_end,
    own_limit.
    """
    zone = _own_zone(student)
    ordered = sorted(board.checkpoints, key=lambda checkpoint: (checkpoint.position, checkpoint.id))
    here = tuple(extension for extension in student.extensions if extension.scope != "student")
    walks, allowance = _in_parts(PartDates(board, student.audiences, here), student)
    for left in student.left:
        then, now = (_in_parts(part, student)[0] for part in (left.then, left.now))
        for key in left.shown & walks.keys() & then.keys() & now.keys():
            walks[key].take(_earlier(then[key].due, now[key].due), "kept_on_change")
    _extend(list(walks.values()), student.extensions, ("student",), board, zone)
    credit = timedelta()
    for walk in walks.values():
        added = student.credit.get(walk.rule.id, timedelta())
        credit = max(credit, walk.give_back(board.outages, student.zone, added))
    for earlier, later_walk in pairwise(walks.values()):
        later_walk.take(
            LocalDue(earlier.due.at, later_walk.due.zone), "not_before_earlier", checkpoint_id=earlier.rule.id
        )

    grace = timedelta(minutes=board.grace_minutes)
    found = {checkpoint.id: DueDate(checkpoint.id, None, None, board.course_zone) for checkpoint in ordered}
    for walk in walks.values():
        at = walk.due.at
        limit = None if at is None else at + grace
        found[walk.rule.id] = DueDate(
            walk.rule.id, at, limit, walk.due.zone, tuple(walk.reasons), walk.no_due
        )
    dates = tuple(found[checkpoint.id] for checkpoint in ordered)
    cutoff, reasons = _cutoff(board, student, dates, allowance, credit)
    made = StudentBoard(dates, _opens_at(board, student), cutoff, reasons, board.together_at)
    if board.together_at is None:
        return made
    return replace(made, held_until=held_until(board, student, made, student_board))


def _in_parts(
    parts: PartDates, student: StudentDates
) -> tuple[dict[int, Walk], Accommodation | None]:  # rule 9 a and b
    """What each dated checkpoint comes to in some sections and groups, by checkpoint id in their order."""
    board, zone = parts.rules, _own_zone(student)
    walks: dict[int, Walk] = {}
    for checkpoint in sorted(board.checkpoints, key=lambda checkpoint: (checkpoint.position, checkpoint.id)):
        own_rules = [dates.due[checkpoint.id] for dates in parts.audiences if checkpoint.id in dates.due]
        rules = own_rules or ([checkpoint.due] if checkpoint.due else [])
        start = _latest(_resolved(rule, board.course_zone, zone) for rule in rules)
        if start is not None:
            code = "section" if own_rules else "promised" if start.wall is None else "rule"
            reasons = [Reason(code, {"due": start.at, "zone": start.zone.key})]
            shown = [each for rule in rules for each in rule.was_shown]
            walks[checkpoint.id] = Walk(checkpoint, start, reasons, was_shown=shown)
    _extend(list(walks.values()), parts.extensions, ("group", "section"), board, zone)
    allowance: Accommodation | None = None
    for walk in walks.values():
        moved, chosen = _accommodated(walk.due, student.accommodations)
        if chosen is not None:
            allowance = chosen
            walk.take(moved, "accommodation", days=chosen.days, hours=chosen.hours)
    return walks, allowance


def _earlier(one: LocalDue, other: LocalDue) -> LocalDue:
    """Who left keeps what they had; what was moved later after that is not theirs, what was taken back is not either."""
    return other if one.later_than(other) else one


def _opens_at(board: BoardRules, student: StudentDates) -> datetime | None:
    """When the board opens for a student; what was open to them where they were before does not close again."""

    def opens(rules: BoardRules, audiences: Iterable[AudienceDates]) -> datetime | None:
        own = [dates.opens_at for dates in audiences if dates.opens_at is not None]
        return max(own, default=rules.opens_at)

    found = opens(board, student.audiences)
    for left in student.left:
        before = opens(left.then.rules, left.then.audiences)
        if found is not None and (before is None or before <= left.until_at):
            found = None if before is None else min(found, before)
    return found


def _cutoff_rule(parts: PartDates, zone: ZoneInfo | None) -> tuple[LocalDue | None, str]:
    own = [dates.cutoff for dates in parts.audiences if dates.cutoff is not None]
    rules = own or ([parts.rules.cutoff] if parts.rules.cutoff else [])
    return _latest(_resolved(rule, parts.rules.course_zone, zone) for rule in rules), (
        "section" if own else "cutoff"
    )


def _cutoff(
    board: BoardRules,
    student: StudentDates,
    dates: tuple[DueDate, ...],
    allowance: Accommodation | None,
    credit: timedelta,
) -> tuple[datetime | None, tuple[Reason, ...]]:
    """The cut-off of a student (rule 9, last paragraph, and rules 14 and 18); None is open without end.

    It moves by `credit`, as the due instants do, and by no less than what is due at its own instant would.
    """

    def given_back(at: datetime) -> timedelta:
        return max(credit, moved_by(at, board.outages, student.zone))

    reasons: list[Reason] = []
    zone = _own_zone(student)
    due, code = _cutoff_rule(PartDates(board, student.audiences), zone)
    unbounded = due is None
    latest = None if due is None else due.at
    if due is not None:
        reasons.append(Reason(code, {"cutoff": due.at}))
        for left in student.left:
            then, now = _cutoff_rule(left.then, zone)[0], _cutoff_rule(left.now, zone)[0]
            if then is not None and now is not None and (kept := _earlier(then, now)).later_than(due):
                due = kept
                reasons.append(Reason("kept_on_change", {"cutoff": due.at}))
        if allowance is None and not any(date.due for date in dates):
            due, allowance = _accommodated(due, student.accommodations)
        elif allowance is not None:
            due = due.plus_days(allowance.days).plus(timedelta(hours=allowance.hours))
        if allowance is not None:
            reasons.append(Reason("accommodation", {"cutoff": due.at}))
        if due.at is not None and given_back(due.at):
            due = due.plus(given_back(due.at))
            reasons.append(Reason("credit", {"cutoff": due.at}))
        latest = due.at
    for extension in student.extensions:
        if extension.no_due and extension.cutoff_at is None:
            unbounded = True  # until the course's end
        if latest is None or extension.cutoff_at is None:
            continue
        until = extension.cutoff_at + given_back(extension.cutoff_at)
        if until > latest:
            latest = until
            reasons.append(Reason("extension", {"cutoff": latest}))
    bound = None if unbounded else latest
    ends = [dates.ends_at for dates in student.audiences if dates.ends_at is not None]
    end = max(ends, default=board.ends_at)
    if end is not None and is_later(bound, end):
        bound = end
        reasons.append(Reason("course_end", {"cutoff": end}))
    own_limit = max((date.limit for date in dates if date.limit is not None), default=None)
    if bound is not None and own_limit is not None and own_limit > bound:
        bound = own_limit
        reasons.append(Reason("own_limit", {"cutoff": own_limit}))
    return bound, tuple(reasons)


def student_boards(board: BoardRules, students: Mapping[int, StudentDates]) -> dict[int, StudentBoard]:
    """`student_board` for all students of a board, by account id; equal students are computed once."""
    computed: dict[Hashable, StudentBoard] = {}
    found: dict[int, StudentBoard] = {}
    for account_id, student in students.items():
        key = (
            student.zone,
            student.without_zone,
            tuple(id(dates) for dates in student.audiences),
            student.extensions,
            student.accommodations,
            tuple(
                (
                    left.until_at,
                    left.shown,
                    *map(id, left.then.audiences),
                    None,
                    *map(id, left.now.audiences),
                    left.then.extensions,
                    left.now.extensions,
                )
                for left in student.left
            ),
            tuple(student.credit.items()),
        )
        if key not in computed:
            computed[key] = student_board(board, student)
        found[account_id] = computed[key]
    return found
