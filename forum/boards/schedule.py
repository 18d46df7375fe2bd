"""From rows to the values of the rules: what holds on a board for everyone, and for each of its people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..accounts.models import AccountZone
from ..accounts.queries import zone_intervals_of
from ..core.moments import Wall, end_of_day, zone
from ..courses.models import Course, GroupMembership, Section, SectionMembership
from ..courses.queries import holds_at
from .models import Accommodation, Board, Checkpoint, DueRule, Extension
from .outages.models import AddedTime
from .outages.queries import added_time_on, credit_of, known_outages
from .rules import due, values
from .rules.outages import Outage

_WasShown = tuple[tuple[datetime, datetime], ...]  # earlier instants, with when each was replaced


def wall_of(on: object, minute: str | None) -> Wall | None:
    """A wall date and minute as kept in two columns; None if there is no date."""
    if on is None:
        return None
    return Wall(on, time.fromisoformat(minute) if minute else None)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Schedule:
    """All that the dates of one board come from; made from a fixed number of statements."""

    rules: values.BoardRules
    opened_at: datetime | None
    by_section: Mapping[int, values.AudienceDates]
    by_group: Mapping[int, values.AudienceDates]
    section_ends: Mapping[int, datetime]
    extensions: Sequence[tuple[Extension, values.Extension]]
    accommodations: Mapping[int, tuple[values.Accommodation, ...]]
    added: Sequence[AddedTime] = ()

    def student(
        self,
        account_id: int,
        *,
        zones: Sequence[AccountZone],
        enrolled_at: datetime,
        section_ids: Iterable[int],
        group_ids: Iterable[int],
    ) -> values.StudentDates:
        """What is particular to one student, from what is kept of everyone."""
        changes = [values.ZoneChange(ZoneInfo(interval.zone), interval.from_at) for interval in zones]
        frozen = due.frozen_zone(changes, self.opened_at or enrolled_at, enrolled_at, self.rules.course_zone)
        sections, groups = set(section_ids), set(group_ids)
        return values.StudentDates(
            zone=frozen.zone,
            audiences=tuple(
                audience
                for part_id, audience in [*self.by_section.items(), *self.by_group.items()]
                if (part_id in sections and self.by_section.get(part_id) is audience)
                or (part_id in groups and self.by_group.get(part_id) is audience)
            ),
            extensions=tuple(
                value
                for row, value in self.extensions
                if row.account_id == account_id or row.section_id in sections or row.group_id in groups
            ),
            accommodations=self.accommodations.get(account_id, ()),
            credit=credit_of(self.added, [checkpoint.id for checkpoint in self.rules.checkpoints]),
            without_zone=frozen.is_course,
        )


def schedule_of(session: Session, board: Board, course: Course) -> Schedule:
    """All that the dates of one board come from; seven statements, whatever the size of the course."""
    return schedules_of(session, [board], course)[board.id]


def schedules_of(session: Session, boards: Sequence[Board], course: Course) -> dict[int, Schedule]:
    """The schedule of each of several boards of a course, by board id; seven statements, however many."""
    course_zone = zone(course.zone)
    board_ids = [board.id for board in boards]
    checkpoints: dict[int, list[Checkpoint]] = {board_id: [] for board_id in board_ids}
    for checkpoint in session.scalars(
        select(Checkpoint).where(Checkpoint.board_id.in_(board_ids), Checkpoint.removed_at.is_(None))
    ):
        checkpoints[checkpoint.board_id].append(checkpoint)
    known = _rules_of(session, board_ids)
    current = {board_id: [rule for rule, _before in rules] for board_id, rules in known.items()}
    was_shown = {rule.id: before for rules in known.values() for rule, before in rules}
    ends = {
        section.id: end_of_day(section.ends_on, course_zone)
        for section in session.scalars(
            select(Section).where(Section.course_id == course.id, Section.ends_on.is_not(None))
        )
        if section.ends_on
    }
    extensions: dict[int, list[Extension]] = {board_id: [] for board_id in board_ids}
    for extension in session.scalars(
        select(Extension)
        .where(Extension.board_id.in_(board_ids), Extension.withdrawn_at.is_(None))
        .order_by(Extension.id)
    ):
        extensions[extension.board_id].append(extension)
    accommodations: dict[int, tuple[values.Accommodation, ...]] = {}
    for row in session.scalars(
        select(Accommodation)
        .where(Accommodation.course_id == course.id, Accommodation.withdrawn_at.is_(None))
        .order_by(Accommodation.id)
    ):
        value = values.Accommodation(row.from_on, row.until_on, row.days, row.hours)
        accommodations[row.account_id] = (*accommodations.get(row.account_id, ()), value)
    outages, added = known_outages(session), added_time_on(session, board_ids)
    found: dict[int, Schedule] = {}
    for board in boards:
        rules = _board_rules(board, course, checkpoints[board.id], current[board.id], was_shown, outages)
        by_section = _audiences(
            [rule for rule in current[board.id] if rule.section_id], "section_id", was_shown, ends
        )
        for section_id, ends_at in ends.items():
            by_section.setdefault(section_id, values.AudienceDates(ends_at=ends_at))
        found[board.id] = Schedule(
            rules=rules,
            opened_at=rules.opens_at or board.first_shown_at,
            by_section=by_section,
            by_group=_audiences(
                [rule for rule in current[board.id] if rule.group_id], "group_id", was_shown, {}
            ),
            section_ends=ends,
            extensions=[(row, extension_value(row)) for row in extensions[board.id]],
            accommodations=accommodations,
            added=added[board.id],
        )
    return found


def _board_rules(
    board: Board,
    course: Course,
    checkpoints: Sequence[Checkpoint],
    current: Sequence[DueRule],
    was_shown: Mapping[int, _WasShown],
    outages: tuple[Outage, ...],
) -> values.BoardRules:
    """What holds on a board for everyone."""
    course_zone = zone(course.zone)
    own = {
        (rule.what, rule.checkpoint_id): rule for rule in current if not rule.section_id and not rule.group_id
    }
    opens = own.get(("opens", None))
    return values.BoardRules(
        course_zone=course_zone,
        checkpoints=tuple(
            values.CheckpointRule(
                checkpoint.id, checkpoint.position, checkpoint.kind,  # type: ignore[arg-type]
                _due_rule(own.get(("due", checkpoint.id)), was_shown), checkpoint.replies, checkpoint.people,
                checkpoint.min_words,
            )
            for checkpoint in checkpoints
        ),
        opens_at=opens.instant if opens else None,
        cutoff=_due_rule(own.get(("cut_off", None)), {}),
        grace_minutes=board.grace_minutes,
        ends_at=end_of_day(course.ends_on, course_zone),
        outages=outages,
    )  # fmt: skip


def current_rules(session: Session, board_id: int) -> list[DueRule]:
    """The latest version of each date of a board, for each audience; cleared dates are left out."""
    return current_rules_of(session, [board_id])[board_id]


def current_rules_of(session: Session, board_ids: Sequence[int]) -> dict[int, list[DueRule]]:
    """The same for several boards, by board id; one statement."""
    return {
        board_id: [rule for rule, _before in rules]
        for board_id, rules in _rules_of(session, board_ids).items()
    }


def _rules_of(session: Session, board_ids: Sequence[int]) -> dict[int, list[tuple[DueRule, _WasShown]]]:
    """The latest version of each date, and the earlier instants that students saw before, with when each was replaced.

    What was later and is not any more was a mistake that was taken back.
    """
    latest: dict[int, dict[tuple[object, ...], DueRule]] = {board_id: {} for board_id in board_ids}
    before: dict[tuple[object, ...], list[tuple[datetime, datetime]]] = {}
    for rule in session.scalars(
        select(DueRule)
        .where(DueRule.board_id.in_(board_ids), DueRule.withdrawn_at.is_(None))
        .order_by(DueRule.version)
    ):
        key = (rule.what, rule.checkpoint_id, rule.section_id, rule.group_id)
        replaced = latest[rule.board_id].get(key)
        if (
            replaced is not None
            and replaced.shown_at
            and replaced.instant
            and replaced.whose_zone == "course"
        ):
            before.setdefault((rule.board_id, *key), []).append((replaced.instant, rule.created_at))
        latest[rule.board_id][key] = rule
    return {
        board_id: [
            (
                rule,
                tuple(
                    each
                    for each in before.get((board_id, *key), ())
                    if rule.instant and each[0] < rule.instant
                ),
            )
            for key, rule in rules.items()
            if rule.wall_on is not None
        ]
        for board_id, rules in latest.items()
    }


def _due_rule(row: DueRule | None, was_shown: Mapping[int, _WasShown]) -> values.DueRule | None:
    if row is None:
        return None
    wall = wall_of(row.wall_on, row.wall_minute)
    assert wall is not None
    promised = row.instant if row.whose_zone == "course" and row.shown_at is not None else None
    return values.DueRule(wall, row.whose_zone, promised, zone(row.zone), was_shown.get(row.id, ()))  # type: ignore[arg-type]


def _audiences(
    rules: Sequence[DueRule], key: str, was_shown: Mapping[int, _WasShown], ends: Mapping[int, datetime]
) -> dict[int, values.AudienceDates]:
    parts: dict[int, list[DueRule]] = {}
    for rule in rules:
        parts.setdefault(getattr(rule, key), []).append(rule)
    return {
        part_id: values.AudienceDates(
            opens_at=next((rule.instant for rule in own if rule.what == "opens"), None),
            due={
                rule.checkpoint_id: value
                for rule in own
                if rule.what == "due" and rule.checkpoint_id and (value := _due_rule(rule, was_shown))
            },
            cutoff=_due_rule(next((rule for rule in own if rule.what == "cut_off"), None), {}),
            ends_at=ends.get(part_id),
        )
        for part_id, own in parts.items()
    }


def with_extension(schedule: Schedule, row: Extension) -> Schedule:
    """What would hold with one extension more."""
    return replace(schedule, extensions=[*schedule.extensions, (row, extension_value(row))])


def without_extension(schedule: Schedule, row: Extension) -> Schedule:
    """What would hold without an extension."""
    return replace(schedule, extensions=[pair for pair in schedule.extensions if pair[0].id != row.id])


def without_accommodation(schedule: Schedule, account_id: int, row: Accommodation) -> Schedule:
    """What would hold without one accommodation of a student."""
    left = list(schedule.accommodations.get(account_id, ()))
    value = values.Accommodation(row.from_on, row.until_on, row.days, row.hours)
    if value in left:
        left.remove(value)
    return replace(schedule, accommodations={**schedule.accommodations, account_id: tuple(left)})


def extension_value(row: Extension) -> values.Extension:
    wall = wall_of(row.due_on, row.due_minute)
    return values.Extension(
        scope="student" if row.account_id else "section" if row.section_id else "group",
        checkpoint_id=row.checkpoint_id,
        due=values.DueRule(wall, "course", row.due_at, zone(row.zone)) if wall else None,
        no_due=row.no_due,
        cutoff_at=row.cut_off_at,
        moves_later=row.moves_later,
    )


def dates_of_everyone(
    session: Session,
    board: Board,
    course: Course,
    people: Mapping[int, datetime],
    at: datetime,
    *,
    schedule: Schedule | None = None,
) -> dict[int, values.StudentBoard]:
    """Every date of a board for the people given with the instant of their enrollment, by account id.

    `schedule` is another one than what is kept: what would hold with an extension more or less.
    """
    return dates_from(schedule or schedule_of(session, board, course), people_of(session, people, at))


def dates_on_schedules(
    session: Session, schedules: Mapping[int, Schedule], people: Mapping[int, datetime], at: datetime
) -> dict[int, dict[int, values.StudentBoard]]:
    """The same of several boards, by board id and account id; three statements, however many."""
    known = people_of(session, people, at)
    return {board_id: dates_from(schedule, known) for board_id, schedule in schedules.items()}


@dataclass(frozen=True)
class People:
    """What the dates of people come from besides a board's schedule, by account id."""

    enrolled_at: Mapping[int, datetime]
    zones: Mapping[int, Sequence[AccountZone]]
    sections: Mapping[int, Sequence[int]]
    groups: Mapping[int, Sequence[int]]

    def only(self, account_ids: Iterable[int]) -> "People":
        """Some of them."""
        wanted = set(account_ids)
        return replace(self, enrolled_at={key: at for key, at in self.enrolled_at.items() if key in wanted})


def people_of(session: Session, enrolled_at: Mapping[int, datetime], at: datetime) -> People:
    """What is known of people given with the instant of their enrollment; three statements."""
    ids = list(enrolled_at)
    return People(
        enrolled_at, zone_intervals_of(session, ids),
        parts_of(session, SectionMembership, SectionMembership.section_id, ids, at),
        parts_of(session, GroupMembership, GroupMembership.group_id, ids, at),
    )  # fmt: skip


def dates_from(schedule: Schedule, people: People) -> dict[int, values.StudentBoard]:
    """Every date of a board for people, by account id; nothing is read."""
    students = {
        account_id: schedule.student(
            account_id, zones=people.zones[account_id], enrolled_at=enrolled_at,
            section_ids=people.sections.get(account_id, ()), group_ids=people.groups.get(account_id, ()),
        )
        for account_id, enrolled_at in people.enrolled_at.items()
    }  # fmt: skip
    return due.student_boards(schedule.rules, students)


def parts_of(
    session: Session,
    memberships: type[SectionMembership] | type[GroupMembership],
    key: Any,
    account_ids: Sequence[int],
    at: datetime,
) -> dict[int, list[int]]:
    """The sections, or the groups, that people are in, by account id; one statement."""
    found: dict[int, list[int]] = {}
    for account_id, part_id in session.execute(
        select(memberships.account_id, key).where(
            memberships.account_id.in_(account_ids), holds_at(memberships, at)
        )
    ):
        found.setdefault(account_id, []).append(part_id)
    return found
