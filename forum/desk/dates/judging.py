"""What the rules say of many changes of dates at once, before any of them is made: by the same rules as one at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from ...boards.models import Board, DueRule
from ...boards.promises import takes_boards_away, what_gets_harder, what_gets_shorter
from ...boards.queries import spec_from, students_of
from ...boards.rules import bounds, values
from ...boards.schedule import People, Schedule, dates_from, people_of, schedules_of
from ...boards.specs import BoardSpec
from ...boards.together_troubles import together_troubles
from ...core.moments import Wall, opening_instant
from ...courses.models import Course, Section
from ...courses.policy import Member
from .slots import CourseDates, Part, Slot, instant_of

Wanted = Mapping[str, Wall | None]


@dataclass(frozen=True)
class RowTrouble:
    """Why one row can't stand. `name` is what it is called in `Trouble`; `of` is another row if the fault is there."""

    code: str
    name: str = "due"
    values: Mapping[str, Any] = field(default_factory=dict)
    of: Slot | None = None


Troubles = Mapping[str, RowTrouble]


class Judging:
    """Asks the rules; the dates of students are read once, and only if a part's dates are to change."""

    def __init__(
        self, session: Session, member: Member, dates: CourseDates, *, at: datetime, reason: str
    ) -> None:
        self.session, self.member, self.dates, self.at, self.reason = session, member, dates, at, reason
        self.slots = dates.by_key
        self.zone = member.course_zone

    @cached_property
    def course(self) -> Course:
        return self.session.get_one(Course, self.member.course_id)

    @cached_property
    def schedules(self) -> Mapping[int, Schedule]:
        return schedules_of(self.session, list(self.dates.boards.values()), self.course)

    @cached_property
    def people(self) -> People:
        students = students_of(self.session, self.member.course_id, self.at)
        return people_of(self.session, students, self.at)

    def troubles(self, wanted: Wanted) -> dict[str, RowTrouble]:
        """One trouble for each row that can't stand if all of `wanted` were to; none: all can."""
        found: dict[str, RowTrouble] = {}
        by_board: dict[int, dict[Part | None, dict[Slot, Wall | None]]] = {}
        for key, wall in wanted.items():
            slot = self.slots[key]
            if slot.board is not None:
                by_board.setdefault(slot.board.id, {}).setdefault(slot.part, {})[slot] = wall
            elif (trouble := self._single(slot, wall)) is not None:
                found[key] = trouble
        for board_id, parts in by_board.items():
            board = self.dates.boards[board_id]
            spec = spec_with(
                spec_from(board, self.dates.rules[board_id], self.dates.checkpoints[board_id]),
                parts.get(None, {}),
            )
            if None in parts:
                found |= self._for_everyone(board, spec, parts[None])
            for part, changes in parts.items():
                if part is not None:
                    found |= self._for_part(board, spec, part, changes, is_changed=None in parts)
        return found

    def what_can_stand(self, wanted: Wanted) -> tuple[dict[str, Wall | None], dict[str, RowTrouble]]:
        """The rows that can be changed once those that can't are left out, and why these were."""
        left = dict(wanted)
        refused: dict[str, RowTrouble] = {}
        while troubles := self.troubles(left):
            refused |= troubles
            left = {key: wall for key, wall in left.items() if key not in troubles}
        return left, refused

    # --- modules, lessons, sections ------------------------------------------------------------------------------

    def _single(self, slot: Slot, wall: Wall | None) -> RowTrouble | None:
        if wall is not None and not bounds.is_in_bounds(wall):
            return RowTrouble("out_of_bounds", "opens")
        if slot.module is not None:
            shown = any(
                board.module_id == slot.module.id and board.first_shown_at is not None
                for board in self.dates.boards.values()
            )
            if takes_boards_away(slot.module, wall, self.zone, self.at, has_shown_boards=shown):
                return RowTrouble("module_shown", "opens")
        elif slot.lesson is not None:
            if wall is not None and opening_instant(wall, self.zone) <= self.at:
                return RowTrouble("appears_past", "opens")
        elif isinstance(slot.part, Section):
            return self._section(slot.part, wall)
        return None

    def _section(self, section: Section, wall: Wall | None) -> RowTrouble | None:
        if wall is not None and wall.on < self.course.ends_on:
            return RowTrouble("section_end_early", values={"ends_on": self.course.ends_on})
        ends_on = wall.on if wall is not None else self.course.ends_on
        if self.course.state != "preparation" and section.ends_on and ends_on < section.ends_on:
            return RowTrouble("section_end_only_later", values={"section": section.title})
        return None

    # --- boards --------------------------------------------------------------------------------------------------

    def _for_everyone(
        self, board: Board, spec: BoardSpec, changes: Mapping[Slot, Wall | None]
    ) -> dict[str, RowTrouble]:
        dues = [checkpoint.due for checkpoint in spec.checkpoints]
        problems = bounds.problems_of(spec.opens, dues, spec.cut_off, self.zone)
        troubles: list[tuple[str, str, int | None, Mapping[str, Any]]] = [
            (one.name, one.code, one.place, one.values) for one in problems
        ]
        shown = together_troubles(board, self.dates.rules[board.id], spec, self.zone, self.at)
        troubles += [(one.name, one.code, one.place, one.values) for one in shown]
        if not troubles:
            harder = what_gets_harder(
                board, self.dates.rules[board.id], self.dates.checkpoints[board.id], spec, self.zone, self.at,
                self.reason,
            )  # fmt: skip
            troubles = [(one.name, one.code, one.place, one.values) for one in harder]
        return self._beside_rows(board, None, changes, troubles)

    def _for_part(
        self, board: Board, spec: BoardSpec, part: Part, changes: Mapping[Slot, Wall | None], *, is_changed: bool
    ) -> dict[str, RowTrouble]:  # fmt: skip
        walls = part_walls(self.dates, board, part, changes)
        checkpoints = self.dates.checkpoints[board.id]
        problems = bounds.problems_of(
            walls["opens", None] or spec.opens,
            [walls["due", one.id] or given.due for one, given in zip(checkpoints, spec.checkpoints, strict=True)],
            walls["cut_off", None] or spec.cut_off, self.zone,
        )  # fmt: skip
        if problems:
            troubles = [(one.name, one.code, one.place, one.values) for one in problems]
            return self._beside_rows(board, part, changes, troubles)
        schedule = _with_spec(self.schedules[board.id], board, spec)
        after = _with_part(schedule, part, walls)
        people = self.people.only(
            key for key, parts in self.people.parts.items()
            if part.id in (parts.sections_ever if isinstance(part, Section) else parts.groups_ever)
        )  # fmt: skip
        refusal = what_gets_shorter(
            dates_from(schedule, people), dates_from(after, people), self.at, shown_at=board.first_shown_at,
            entered_at=self._entered_at(board, part, is_changed=is_changed), reason=self.reason, zone=self.zone,
        )  # fmt: skip
        if refusal is None:
            return {}
        name = "opens" if refusal.code == "only_earlier" else "due"
        return {slot.key: RowTrouble(refusal.code, name, dict(refusal.values)) for slot in changes}

    def _entered_at(self, board: Board, part: Part, *, is_changed: bool) -> datetime:
        """When what the change corrects was entered: the part's last date, else everyone's, else the board."""

        def last(rules: Iterable[DueRule]) -> datetime | None:
            return max((rule.created_at for rule in rules), default=None)

        rules = self.dates.rules[board.id]
        own = last(rule for rule in rules if _is_of(rule, part))
        everyones = (
            self.at
            if is_changed
            else last(rule for rule in rules if not rule.section_id and not rule.group_id)
        )
        return own or everyones or board.created_at

    def _beside_rows(
        self,
        board: Board,
        part: Part | None,
        changes: Mapping[Slot, Wall | None],
        troubles: Iterable[tuple[str, str, int | None, Mapping[str, Any]]],
    ) -> dict[str, RowTrouble]:
        """Each trouble beside its row; if that row is not to change, beside those that are."""
        found: dict[str, RowTrouble] = {}
        rows = [slot for slot in self.slots.values() if slot.board is board and slot.part is part]
        checkpoints = self.dates.checkpoints[board.id]
        for name, code, place, told in troubles:
            checkpoint = checkpoints[place] if place is not None else None
            row = next(
                slot for slot in rows if slot.board_name == name and (slot.checkpoint is checkpoint)
            )  # fmt: skip
            if row in changes:
                found.setdefault(row.key, RowTrouble(code, name, dict(told)))
            else:
                for slot in changes:
                    found.setdefault(slot.key, RowTrouble(code, name, dict(told), of=row))
        return found


def spec_with(spec: BoardSpec, changes: Mapping[Slot, Wall | None]) -> BoardSpec:
    """A board as it will stand with some of everyone's dates changed."""
    for slot, wall in changes.items():
        if slot.checkpoint is None:
            field = {"opens": "opens", "cut_off": "cut_off", "together": "together"}[slot.kind]
            spec = replace(spec, **{field: wall})  # type: ignore[arg-type]
        else:
            spec = replace(spec, checkpoints=tuple(
                replace(one, due=wall) if one.id == slot.checkpoint.id else one for one in spec.checkpoints
            ))  # fmt: skip
    return spec


def part_walls(
    dates: CourseDates, board: Board, part: Part, changes: Mapping[Slot, Wall | None]
) -> dict[tuple[str, int | None], Wall | None]:
    """All dates of a part on a board, those that change too; by what and checkpoint."""
    found: dict[tuple[str, int | None], Wall | None] = {}
    for slot in dates.slots:
        if slot.board is board and slot.part is part:
            what = "due" if slot.checkpoint is not None else slot.kind
            found[what, slot.checkpoint.id if slot.checkpoint else None] = changes.get(slot, slot.wall)
    return found


def _is_of(rule: DueRule, part: Part) -> bool:
    return part.id == (rule.section_id if isinstance(part, Section) else rule.group_id)


def _with_spec(schedule: Schedule, board: Board, spec: BoardSpec) -> Schedule:
    """What would hold for everyone if the board stood as `spec` says; what does not change keeps its promise."""
    dues = {one.id: (one.due, one.whose_zone) for one in spec.checkpoints}
    old = schedule.rules

    def rule(before: values.DueRule | None, wall: Wall | None, whose: str) -> values.DueRule | None:
        if before is not None and before.wall == wall:
            return before
        return values.DueRule(wall, whose) if wall is not None else None  # type: ignore[arg-type]

    opens_at = instant_of(spec.opens, old.course_zone, is_opening=True)
    rules = replace(
        old, opens_at=opens_at, cutoff=rule(old.cutoff, spec.cut_off, "course"),
        checkpoints=tuple(replace(one, due=rule(one.due, *dues[one.id])) for one in old.checkpoints),
    )  # fmt: skip
    return replace(schedule, rules=rules, opened_at=opens_at or board.first_shown_at)


def _with_part(
    schedule: Schedule, part: Part, walls: Mapping[tuple[str, int | None], Wall | None]
) -> Schedule:
    """What would hold if a section or group had these dates."""
    zone = schedule.rules.course_zone
    cut_off = walls["cut_off", None]
    audience = values.AudienceDates(
        opens_at=instant_of(walls["opens", None], zone, is_opening=True),
        due={key: values.DueRule(wall) for (what, key), wall in walls.items() if what == "due" and key and wall},
        cutoff=values.DueRule(cut_off) if cut_off else None,
        ends_at=schedule.section_ends.get(part.id) if isinstance(part, Section) else None,
    )  # fmt: skip
    if isinstance(part, Section):
        return replace(schedule, by_section={**schedule.by_section, part.id: audience})
    return replace(schedule, by_group={**schedule.by_group, part.id: audience})


def changed_only(slots: Sequence[Slot], wanted: Wanted) -> dict[str, Wall | None]:
    """Of what is wanted, what differs from what stands and can be set here."""
    known = {slot.key: slot for slot in slots if not slot.fixed}
    return {key: wall for key, wall in wanted.items() if key in known and known[key].wall != wall}
