"""Many dates at once: a series, a stretch moved after a day lost, a whole course moved to a new start.

All of it moves walls, never instants: the wall clock stays over clock changes (docs/time.md, rule 10).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from forum.boards.rules.bounds import is_in_bounds
from forum.core.moments import Wall, shift_wall

MOST_DAYS = 3660

Flag = Literal["holiday", "before_start", "after_end", "other_weekday"]


def series(first: Wall, many: int, *, weeks: int = 1, skipping: Collection[date] = ()) -> list[Wall]:
    """So many walls from `first` on, every `weeks` weeks: the same weekday, the same minute.

    A date in `skipping` is passed over and what follows comes a step later; the same list may hold days on which
    nothing falls. At least one week lies between two walls. Fewer come back if the calendar ends before (rule 22).
    """
    if weeks < 1:
        raise ValueError("a series goes forward by whole weeks")
    found: list[Wall] = []
    wall: Wall | None = first
    while wall is not None and len(found) < many:
        if wall.on not in skipping:
            found.append(wall)
        wall = shifted(wall, 7 * weeks)
    return found


def shifted(wall: Wall, days: int) -> Wall | None:
    """The wall so many calendar days later (earlier if negative); None if that is out of bounds (rule 22)."""
    try:
        moved = shift_wall(wall, days)
    except OverflowError:
        return None
    return moved if is_in_bounds(moved) else None


def lies_within(wall: Wall, first_on: date, last_on: date | None) -> bool:
    """Whether its date is in a range of dates, both ends in it; None is no end."""
    return first_on <= wall.on and (last_on is None or wall.on <= last_on)


def whole_weeks(old_first_on: date, new_first_on: date) -> int:
    """The days by which a course moves to a new first day: a multiple of 7, so that every weekday stays.

    The week (Monday to Sunday) of the old first day becomes that of the new one.
    """
    return (_monday(new_first_on) - _monday(old_first_on)).days


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


@dataclass(frozen=True, slots=True)
class Frame:
    """What dates of a moved course are held against: its first and last day, and days on which nothing should fall."""

    first_on: date
    last_on: date
    holidays: frozenset[date] = frozenset()


def flags_of(wall: Wall, frame: Frame, *, weekday: int | None = None) -> tuple[Flag, ...]:
    """What to look at before a moved date is taken; none of it forbids anything. `weekday` is that of the date before."""
    found: list[Flag] = []
    if wall.on in frame.holidays:
        found.append("holiday")
    if wall.on < frame.first_on:
        found.append("before_start")
    if wall.on > frame.last_on:
        found.append("after_end")
    if weekday is not None and wall.on.weekday() != weekday:
        found.append("other_weekday")
    return tuple(found)


def dates_between(first_on: date, last_on: date) -> Iterable[date]:
    """Every date of a range, both ends in it; none if it ends before it begins."""
    return (first_on + timedelta(days=number) for number in range((last_on - first_on).days + 1))
