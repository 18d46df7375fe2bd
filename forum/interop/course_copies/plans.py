"""When everything of a copied course will be: each date moved by whole weeks, and what is to look at before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from ...boards.rules import bounds, together
from ...boards.rules.many_dates import Flag, Frame, flags_of, shifted, whole_weeks
from ...core.moments import Wall, end_of_day, zone
from ...courses.models import Course, Section
from ...desk.dates.judging import RowTrouble
from ...desk.dates.slots import CourseDates, Slot

COURSE_ENDS = "course-ends"
Walls = Mapping[str, Wall | None]


@dataclass(frozen=True)
class Choices:
    """What a person chose for the new course. `term_ends_on` is of its term; `zone` an IANA name."""

    code: str
    title: str
    zone: str
    first_on: date
    term_ends_on: date
    holidays: frozenset[date] = frozenset()
    with_sections: bool = False

    @property
    def course_zone(self) -> ZoneInfo:
        return zone(self.zone)


def end_slot(course: Course) -> Slot:
    """The last day of a course as one more date of it."""
    wall = Wall(course.ends_on)
    return Slot(COURSE_ENDS, "course_ends", course.title, wall, end_of_day(course.ends_on, zone(course.zone)))


def moved(slots: Iterable[Slot], old_first_on: date, new_first_on: date) -> dict[str, Wall | None]:
    """Each date as many whole weeks later as the weeks of the first days are apart: weekday and wall clock stay.

    None where that is out of bounds (docs/time.md, rule 22).
    """
    days = whole_weeks(old_first_on, new_first_on)
    return {slot.key: shifted(slot.wall, days) if slot.wall is not None else None for slot in slots}


def frame_of(choices: Choices, walls: Walls) -> Frame:
    """What the dates are held against: the first day, the end of course or term, holidays."""
    end = walls.get(COURSE_ENDS)
    last_on = min(end.on, choices.term_ends_on) if end is not None else choices.term_ends_on
    return Frame(choices.first_on, last_on, choices.holidays)


def flags_in(slots: Iterable[Slot], walls: Walls, choices: Choices) -> dict[str, tuple[Flag, ...]]:
    """What is to look at, by key; nothing of it forbids anything."""
    frame = frame_of(choices, walls)
    found = {}
    for slot in slots:
        wall = walls.get(slot.key)
        if wall is None:
            continue
        held = Frame(frame.first_on, choices.term_ends_on) if slot.key == COURSE_ENDS else frame
        flags = flags_of(wall, held, weekday=slot.wall.on.weekday() if slot.wall else None)
        if flags:
            found[slot.key] = flags
    return found


def troubles_in(dates: CourseDates, walls: Walls, choices: Choices) -> dict[str, RowTrouble]:
    """What can't stand as it is, by key: the bounds of docs/time.md, rule 22. Dates that are not in `walls` are none."""
    found: dict[str, RowTrouble] = {}
    end = walls.get(COURSE_ENDS)
    if end is None:
        found[COURSE_ENDS] = RowTrouble("end_needed")
    elif not bounds.is_in_bounds(end):
        found[COURSE_ENDS] = RowTrouble("out_of_bounds")
    elif end.on < choices.first_on:
        found[COURSE_ENDS] = RowTrouble("dates_in_disorder")
    for slot in dates.slots:
        wall = walls.get(slot.key)
        if slot.board is None and wall is not None and not bounds.is_in_bounds(wall):
            found[slot.key] = RowTrouble("out_of_bounds")
        elif slot.kind == "section_ends" and wall is not None and end is not None and wall.on < end.on:
            found[slot.key] = RowTrouble("section_end_early", values={"ends_on": end.on})
    for board_id in dates.boards:
        everyone = _board_slots(dates, board_id, None)
        found |= _together_troubles(dates, board_id, walls, choices)
        found |= _board_troubles(everyone, [walls.get(slot.key) for slot in everyone], choices)
        for part in dates.parts:
            own = _board_slots(dates, board_id, part if isinstance(part, Section) else None)
            if isinstance(part, Section) and any(walls.get(slot.key) for slot in own):
                falls = [
                    walls.get(slot.key) or walls.get(all_.key)
                    for slot, all_ in zip(own, everyone, strict=True)
                ]
                found |= _board_troubles(own, falls, choices)
    return found


def _board_slots(dates: CourseDates, board_id: int, part: Section | None) -> list[Slot]:
    return [
        slot
        for slot in dates.slots
        if slot.board is not None
        and slot.board.id == board_id
        and slot.part is part
        and slot.kind != "together"
    ]


def _together_troubles(
    dates: CourseDates, board_id: int, walls: Walls, choices: Choices
) -> dict[str, RowTrouble]:
    """A board that shows all posts together needs the moment, and not before what it asks first is over."""
    board = dates.boards[board_id]
    slot = next((one for one in dates.slots if one.board is board and one.kind == "together"), None)
    if slot is None:
        return {}
    dues = [one for one in _board_slots(dates, board_id, None) if one.checkpoint is not None]
    problems = together.problems_of(
        "together", walls.get(slot.key), [together.Asked(one.kind, walls.get(one.key), one.whose_zone) for one in dues],
        board.grace_minutes, choices.course_zone,
    )  # fmt: skip
    return {
        (slot if problem.place is None else dues[problem.place]).key: RowTrouble(
            problem.code, problem.name, dict(problem.values)
        )
        for problem in problems
    }


def _board_troubles(
    slots: Sequence[Slot], walls: Sequence[Wall | None], choices: Choices
) -> dict[str, RowTrouble]:
    """`slots` are opens, the checkpoints in their order, cut-off."""
    found: dict[str, RowTrouble] = {}
    for problem in bounds.problems_of(walls[0], walls[1:-1], walls[-1], choices.course_zone):
        place = {"opens": 0, "cutoff": -1}.get(problem.name, (problem.place or 0) + 1)
        found.setdefault(slots[place].key, RowTrouble(problem.code, problem.name, dict(problem.values)))
    return found
