"""From rows to the values of the rules: what holds on a board for everyone, and for each of its people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..accounts.models import AccountZone
from ..accounts.queries import zone_intervals_of
from ..core.moments import Wall, end_of_day, zone
from ..courses.models import Course, Section
from .date_versions import WasShown, latest_of, past_in_zones, shown_before, versions_of
from .models import Accommodation, Board, Checkpoint, DueRule, Extension
from .outages.models import AddedTime
from .outages.queries import added_time_on, credit_of, known_outages
from .parts import NONE, Left, Parts, parts_of
from .rules import due, values
from .together import with_together


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
    versions: Sequence[DueRule] = ()  # of every date, in their order
    shown_at: Mapping[int, datetime] = field(
        default_factory=dict
    )  # by checkpoint, when students could see it
    _before: dict[datetime, "Schedule"] = field(init=False, default_factory=dict, compare=False, repr=False)

    def student(
        self, account_id: int, *, zones: Sequence[AccountZone], enrolled_at: datetime, parts: Parts
    ) -> values.StudentDates:
        """What is particular to one student, from what is kept of everyone."""
        changes = [values.ZoneChange(ZoneInfo(interval.zone), interval.from_at) for interval in zones]
        frozen = due.frozen_zone(changes, self.opened_at or enrolled_at, enrolled_at, self.rules.course_zone)
        held = self.held(parts.section_ids, parts.group_ids)
        return values.StudentDates(
            zone=frozen.zone,
            audiences=held.audiences,
            extensions=tuple(
                value
                for row, value in self.extensions
                if row.account_id == account_id
                or row.section_id in parts.section_ids
                or row.group_id in parts.group_ids
            ),
            accommodations=self.accommodations.get(account_id, ()),
            credit=credit_of(self.added, [checkpoint.id for checkpoint in self.rules.checkpoints]),
            without_zone=frozen.is_course,
            left=tuple(
                values.LeftParts(self.as_of(left.until_at).held(left.section_ids, left.group_ids),
                                 self.held(left.section_ids, left.group_ids), left.until_at, shown)
                for left in parts.left
                if (shown := self._promised(left, parts, enrolled_at))
            ),
        )  # fmt: skip

    def held(self, section_ids: frozenset[int], group_ids: frozenset[int]) -> values.PartDates:
        """What sections and groups come to together on this board."""
        return values.PartDates(
            rules=self.rules,
            audiences=(
                *(audience for key, audience in self.by_section.items() if key in section_ids),
                *(audience for key, audience in self.by_group.items() if key in group_ids),
            ),
            extensions=tuple(
                value
                for row, value in self.extensions
                if row.section_id in section_ids or row.group_id in group_ids
            ),
        )

    def _promised(self, left: Left, now: Parts, enrolled_at: datetime) -> frozenset[int]:
        """The checkpoints that were shown to somebody in parts where they are no more, if those matter on this board.

        Whoever was in no part that matters had the course's dates, since their enrollment.
        """
        before, after = (
            (
                {key for key in of.section_ids if key in self.by_section}
                | {row.section_id for row, _value in self.extensions if row.section_id in of.section_ids},
                {key for key in of.group_ids if key in self.by_group}
                | {row.group_id for row, _value in self.extensions if row.group_id in of.group_ids},
            )
            for of in (left, now)
        )
        if before == after or (not any(before) and left.until_at <= enrolled_at):
            return frozenset()
        return frozenset(key for key, shown_at in self.shown_at.items() if shown_at < left.until_at)

    def as_of(self, until: datetime) -> "Schedule":
        """What held for everyone until an instant."""
        if until not in self._before:
            versions = [rule for rule in self.versions if rule.created_at < until]
            current, shown = latest_of(versions), shown_before(versions)
            self._before[until] = replace(
                self, rules=_with_dates(self.rules, current, shown),
                by_section=_sections_dated(current, shown, self.section_ends), by_group=_groups_dated(current, shown),
                extensions=[pair for pair in self.extensions if pair[0].created_at < until],
            )  # fmt: skip
        return self._before[until]


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
    versions = versions_of(session, board_ids)
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
        value = accommodation_value(row)
        accommodations[row.account_id] = (*accommodations.get(row.account_id, ()), value)
    outages, added = known_outages(session), added_time_on(session, board_ids)
    found: dict[int, Schedule] = {}
    for board in boards:
        current, shown = latest_of(versions[board.id]), shown_before(versions[board.id])
        rules = replace(_board_rules(board, course, checkpoints[board.id]), outages=outages)
        rules = _with_dates(rules, current, shown)
        found[board.id] = with_together(Schedule(
            rules=rules,
            opened_at=rules.opens_at or board.first_shown_at,
            by_section=_sections_dated(current, shown, ends),
            by_group=_groups_dated(current, shown),
            section_ends=ends,
            extensions=[(row, extension_value(row)) for row in extensions[board.id]],
            accommodations=accommodations,
            added=added[board.id],
            versions=versions[board.id],
            shown_at={
                row.id: shown_at
                for row in checkpoints[board.id]
                if (shown_at := row.first_shown_at or board.first_shown_at)
            },
        ))  # fmt: skip
    return found


def _board_rules(board: Board, course: Course, checkpoints: Sequence[Checkpoint]) -> values.BoardRules:
    """What holds on a board for everyone, without dates."""
    course_zone = zone(course.zone)
    return values.BoardRules(
        course_zone=course_zone,
        checkpoints=tuple(
            values.CheckpointRule(
                checkpoint.id, checkpoint.position, checkpoint.kind,  # type: ignore[arg-type]
                None, checkpoint.replies, checkpoint.people, checkpoint.min_words,
            )
            for checkpoint in checkpoints
        ),
        grace_minutes=board.grace_minutes,
        ends_at=end_of_day(course.ends_on, course_zone),
    )  # fmt: skip


def _with_dates(rules: values.BoardRules, current: Iterable[DueRule], shown: WasShown) -> values.BoardRules:
    """The same with the dates that hold for everyone."""
    own = {
        (rule.what, rule.checkpoint_id): rule for rule in current if not rule.section_id and not rule.group_id
    }
    opens, together = own.get(("opens", None)), own.get(("together", None))
    return replace(
        rules,
        checkpoints=tuple(
            replace(one, due=_due_rule(own.get(("due", one.id)), shown)) for one in rules.checkpoints
        ),
        opens_at=opens.instant if opens else None,
        cutoff=_due_rule(own.get(("cut_off", None)), {}),
        together=together.instant if together else None,
    )


def _sections_dated(
    current: Iterable[DueRule], shown: WasShown, ends: Mapping[int, datetime]
) -> dict[int, values.AudienceDates]:
    """The dates of sections: those on this board, and their own end."""
    found = _audiences([rule for rule in current if rule.section_id], "section_id", shown, ends)
    for section_id, ends_at in ends.items():
        found.setdefault(section_id, values.AudienceDates(ends_at=ends_at))
    return found


def _groups_dated(current: Iterable[DueRule], shown: WasShown) -> dict[int, values.AudienceDates]:
    return _audiences([rule for rule in current if rule.group_id], "group_id", shown, {})


def current_rules(session: Session, board_id: int) -> list[DueRule]:
    """The latest version of each date of a board, for each audience; cleared dates are left out."""
    return current_rules_of(session, [board_id])[board_id]


def current_rules_of(session: Session, board_ids: Sequence[int]) -> dict[int, list[DueRule]]:
    """The same for several boards, by board id; one statement."""
    return {board_id: latest_of(rules) for board_id, rules in versions_of(session, board_ids).items()}


def _due_rule(row: DueRule | None, shown: WasShown) -> values.DueRule | None:
    if row is None:
        return None
    wall = wall_of(row.wall_on, row.wall_minute)
    assert wall is not None
    promised = row.instant if row.whose_zone == "course" and row.shown_at is not None else None
    return values.DueRule(
        wall,
        row.whose_zone,  # type: ignore[arg-type]
        promised,
        zone(row.zone),
        shown.get(row.id, ()),
        tuple(past_in_zones(row).items()),
    )


def _audiences(
    rules: Sequence[DueRule], key: str, shown: WasShown, ends: Mapping[int, datetime]
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
                if rule.what == "due" and rule.checkpoint_id and (value := _due_rule(rule, shown))
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
    value = accommodation_value(row)
    if value in left:
        left.remove(value)
    return replace(schedule, accommodations={**schedule.accommodations, account_id: tuple(left)})


def accommodation_value(row: Any) -> values.Accommodation:
    return values.Accommodation(row.from_on, row.until_on, row.days, row.hours, row.created_at)


def extension_value(row: Extension) -> values.Extension:
    wall = wall_of(row.due_on, row.due_minute)
    return values.Extension(
        scope="student" if row.account_id else "section" if row.section_id else "group",
        checkpoint_id=row.checkpoint_id,
        due=values.DueRule(wall, "course", row.due_at, zone(row.zone)) if wall else None,
        no_due=row.no_due,
        cutoff_at=row.cut_off_at,
        moves_later=row.moves_later,
        given_at=row.created_at,
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
    """The same of several boards, by board id and account id; two statements, however many."""
    known = people_of(session, people, at)
    return {board_id: dates_from(schedule, known) for board_id, schedule in schedules.items()}


@dataclass(frozen=True)
class People:
    """What the dates of people come from besides a board's schedule, by account id."""

    enrolled_at: Mapping[int, datetime]
    zones: Mapping[int, Sequence[AccountZone]]
    parts: Mapping[int, Parts]

    def only(self, account_ids: Iterable[int]) -> "People":
        """Some of them."""
        wanted = set(account_ids)
        return replace(self, enrolled_at={key: at for key, at in self.enrolled_at.items() if key in wanted})


def people_of(session: Session, enrolled_at: Mapping[int, datetime], at: datetime) -> People:
    """What is known of people given with the instant of their enrollment; two statements."""
    ids = list(enrolled_at)
    return People(enrolled_at, zone_intervals_of(session, ids), parts_of(session, ids, at))


def dates_from(schedule: Schedule, people: People) -> dict[int, values.StudentBoard]:
    """Every date of a board for people, by account id; nothing is read."""
    students = {
        account_id: schedule.student(
            account_id, zones=people.zones[account_id], enrolled_at=enrolled_at,
            parts=people.parts.get(account_id, NONE),
        )
        for account_id, enrolled_at in people.enrolled_at.items()
    }  # fmt: skip
    return due.student_boards(schedule.rules, students)
