"""The dates of an imported course: moved by calendar days, past ones left out, what can't stand left empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ..boards.rules import bounds
from ..core.moments import Wall, due_instant, opening_instant
from .cartridges import Topic, move_by_days, wall_minute
from .cartridges.dates import OutOfBounds

_LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose for the course. Zones are IANA names; `days`: first days, old and new."""

    code: str
    title: str
    zone: str
    written_in: str
    days: tuple[date, date] | None = None
    past_dates: bool = False

    @property
    def course_zone(self) -> ZoneInfo:
        """The zone that the course's deadlines will be written in."""
        return ZoneInfo(self.zone)

    @property
    def written_zone(self) -> ZoneInfo:
        """The zone that the file's times were written in."""
        return ZoneInfo(self.written_in)


@dataclass(frozen=True, slots=True)
class DateLine:
    """One date before and after; walls without a zone. `fate`: kept, past, or the code of why it is left empty."""

    place: str
    what: str
    before: datetime
    after: datetime | None
    fate: str


@dataclass(frozen=True, slots=True)
class BoardDates:
    """The dates of a board as they will be written; None is no such date."""

    opens: Wall | None = None
    first_post: Wall | None = None
    replies: Wall | None = None
    cut_off: Wall | None = None


_NAMES = {"opens": "opens", "cutoff": "cut_off"}


def dates_of(topic: Topic, choices: Choices, at: datetime) -> tuple[BoardDates, list[DateLine]]:
    """The dates of a topic's board and what became of each that the file says."""
    lines: list[DateLine] = []
    walls: dict[str, Wall | None] = {}
    for what, instant in _said(topic).items():
        wall, line = moved_wall(topic.title, what, instant, choices, at)
        walls[what] = wall
        lines.append(line)
    dates = BoardDates(**walls)
    dues = [("first_post", dates.first_post), ("replies", dates.replies)]
    for _round in range(6):
        asked = [(name, wall) for name, wall in dues if wall is not None]
        problems = bounds.problems_of(
            dates.opens, [wall for _name, wall in asked], dates.cut_off, choices.course_zone
        )
        if not problems:
            break
        problem = problems[0]
        name = asked[problem.place][0] if problem.place is not None else _NAMES[problem.name]
        lines = [
            replace(line, fate=problem.code) if line.what == name and line.fate == "kept" else line
            for line in lines
        ]
        dates = replace(dates, **{name: None})
        dues = [("first_post", dates.first_post), ("replies", dates.replies)]
    return dates, lines


def _said(topic: Topic) -> dict[str, datetime]:
    """The instants of a topic by what they are here."""
    opens = [instant for instant in (topic.appears_at, topic.opens_at) if instant is not None]
    found: dict[str, datetime | None] = {"opens": max(opens) if opens else None}
    by_label = {"replies" if "entry" in step.label else "first_post": step.due_at for step in topic.steps}
    found["first_post"] = by_label.get("first_post") or topic.due_at
    if "replies" in by_label or topic.replies_required:
        found["replies"] = by_label.get("replies") or topic.due_at
    found["cut_off"] = topic.cut_off_at
    return {what: instant for what, instant in found.items() if instant is not None}


def moved_wall(
    place: str, what: str, instant: datetime, choices: Choices, at: datetime
) -> tuple[Wall | None, DateLine]:
    """One date moved to the new first day, as it is written in the course's zone."""
    before = wall_minute(instant, choices.written_zone)
    try:
        after = (
            move_by_days([instant], *choices.days, choices.written_zone)[0].wall_after
            if choices.days
            else before
        )
    except OutOfBounds:
        return None, DateLine(place, what, before, None, "out_of_bounds")
    minute: time | None = after.time()
    if minute == (time() if what == "opens" else _LAST_MINUTE):
        minute = None
    wall = Wall(after.date(), minute)
    if not bounds.is_in_bounds(wall):
        return None, DateLine(place, what, before, after, "out_of_bounds")
    derive = opening_instant if what == "opens" else due_instant
    if not choices.past_dates and derive(wall, choices.course_zone) <= at:
        return None, DateLine(place, what, before, after, "past")
    return wall, DateLine(place, what, before, after, "kept")


def first_day_of(instants: Sequence[datetime], zone: ZoneInfo) -> date | None:
    """The earliest local date of the instants."""
    return min((wall_minute(instant, zone).date() for instant in instants), default=None)
