"""How a due time falls upon the people of a roster: nights before it, hours to work in, and the fairest hour of a day.

Night is 23:00 to 7:00 on the clocks of each person's own zone. What a due time costs a person is the night in the
8 hours before it: none at 16:59, one hour at the end of a day, all eight at 7:00.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from forum.core.moments import ClockChange, Wall, clock_changes, due_instant, last_minute, oddity_of

NIGHT_FROM, NIGHT_UNTIL = time(23), time(7)
LOOKED_BACK = timedelta(hours=8)
ASLEEP_FOR = timedelta(hours=2)

_DAY = timedelta(days=1)
_EVENING = timedelta(hours=NIGHT_FROM.hour)
_MORNING = timedelta(hours=NIGHT_UNTIL.hour)
_NIGHT = _MORNING + _DAY - _EVENING
_FIRST = datetime(1999, 1, 1, tzinfo=UTC)

Whose = Literal["course", "own"]


@dataclass(frozen=True, slots=True)
class Share:
    """So many students who live in a zone."""

    zone: ZoneInfo
    students: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a due time costs a roster: night hours of all students together, and of whom it hits hardest."""

    together: timedelta
    worst: timedelta


@dataclass(frozen=True, slots=True)
class Fairest:
    """The hour of the same day that costs least, what that and the one written cost, and who would win and lose."""

    wall: Wall
    cost: Cost
    written: Cost
    better: int
    worse: int


@dataclass(frozen=True, slots=True)
class Window:
    """The time that people of a zone have from an opening to a due instant; `awake` is what of it is no night."""

    length: timedelta
    awake: timedelta
    night_before: timedelta
    changes: tuple[ClockChange, ...]


def night_between(start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
    """How much of the time between two instants is night in a zone."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    edges = [start, *(change.at for change in clock_changes(start, end, zone)), end]
    found = timedelta()
    for left, right in pairwise(edges):
        offset = left.astimezone(zone).utcoffset() or timedelta()
        found += _nights_until(right + offset) - _nights_until(left + offset)
    return found


def _nights_until(local: datetime) -> timedelta:
    """Night from a midnight long ago to a local time (written as if in UTC), on a clock that is never set."""
    days, into = divmod(local - _FIRST, _DAY)
    return days * _NIGHT + min(into, _MORNING) + max(into - _EVENING, timedelta())


def night_before(due: datetime, zone: ZoneInfo) -> timedelta:
    """The night in the 8 hours before a due instant."""
    return night_between(due - LOOKED_BACK, due, zone)


def is_asleep(due: datetime, zone: ZoneInfo) -> bool:
    """Whether people of a zone are asleep when something is due: the two hours before it are night for them."""
    return night_between(due - ASLEEP_FOR, due, zone) == ASLEEP_FOR


def window_of(opened_at: datetime, due: datetime, zone: ZoneInfo) -> Window:
    """The time to work in, none if it was due before it opened."""
    length = max(due - opened_at, timedelta())
    night = night_between(opened_at, due, zone) if length else timedelta()
    return Window(length, length - night, night_before(due, zone), clock_changes(opened_at, due, zone))


def resolved(wall: Wall, whose: Whose, course_zone: ZoneInfo, zone: ZoneInfo) -> datetime:
    """When a due wall is due for somebody who lives in `zone`."""
    return due_instant(wall, zone if whose == "own" else course_zone)


def cost_of(wall: Wall, whose: Whose, course_zone: ZoneInfo, shares: Sequence[Share]) -> Cost:
    """What a due wall costs a roster."""
    nights = [
        (night_before(resolved(wall, whose, course_zone, share.zone), share.zone), share.students)
        for share in shares
        if share.students
    ]
    together = sum((night * students for night, students in nights), timedelta())
    return Cost(together, max((night for night, _students in nights), default=timedelta()))


def hours_of(on: date, zone: ZoneInfo) -> list[Wall]:
    """The full hours of a date that can be written as due times, and its end; no midnight, nothing skipped or doubled."""
    walls = [*(Wall(on, time(hour)) for hour in range(1, 24)), Wall(on)]
    return [wall for wall in walls if oddity_of(wall, zone) is None]


def fairest_hour(
    written: Wall,
    whose: Whose,
    course_zone: ZoneInfo,
    shares: Sequence[Share],
    *,
    not_before: datetime | None = None,
) -> Fairest:
    """The hour of the same date that costs the roster the least night.

    Of equal ones the one that is kinder to whom it hits hardest, then the one nearest to what was written (which
    is among them), then the later. `not_before`: only hours that are due no earlier, since students have seen a
    date.
    """
    stands = resolved(written, whose, course_zone, course_zone)

    def order(wall: Wall) -> tuple[timedelta, timedelta, timedelta, timedelta]:
        cost = cost_of(wall, whose, course_zone, shares)
        away = resolved(wall, whose, course_zone, course_zone) - stands
        return cost.together, cost.worst, abs(away), -away

    hours: Iterable[Wall] = hours_of(written.on, course_zone)
    if not_before is not None:
        hours = [wall for wall in hours if due_instant(wall, course_zone) >= not_before]
    best = min((written, *hours), key=order)
    before_and_after = [
        tuple(
            night_before(resolved(wall, whose, course_zone, share.zone), share.zone)
            for wall in (written, best)
        )
        for share in shares
    ]
    return Fairest(
        best,
        cost_of(best, whose, course_zone, shares),
        cost_of(written, whose, course_zone, shares),
        better=sum(
            share.students for share, (was, now) in zip(shares, before_and_after, strict=True) if now < was
        ),
        worse=sum(
            share.students for share, (was, now) in zip(shares, before_and_after, strict=True) if now > was
        ),
    )


def local_hours(dues: Iterable[tuple[datetime, ZoneInfo, int]]) -> tuple[int, ...]:
    """For each hour of the day the number of students on whose clocks the last minute that counts lies in it."""
    found = [0] * 24
    for due, zone, students in dues:
        found[last_minute(due, zone).at.hour] += students
    return tuple(found)
