"""Moments: zones, and how a wall-clock date and minute become instants on the UTC line.

The specification is docs/time.md; rules are cited by their numbers. Everything here is a pure function.
Instants are aware datetimes in UTC; a wall time never carries a zone of its own. Two datetimes that share
one `ZoneInfo` compare by wall clock with the fold ignored, so nothing here compares local datetimes.
"""

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Literal
from zoneinfo import ZoneInfo

# Only the pinned tzdata package counts: the zone database of the machine may be older or newer.
zoneinfo.reset_tzpath(to=())
ZoneInfo.clear_cache()

ZONE_DATABASE: str = version("tzdata")
END_OF_DAY: None = None  # the minute of a Wall that means the whole day

_REGIONS = (
    "Africa/", "America/", "Antarctica/", "Arctic/", "Asia/",
    "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/",
)  # fmt: skip
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


class UnknownZone(ValueError):
    """The name is not that of an IANA zone of a place, nor UTC."""


@lru_cache(maxsize=1)
def _accepted() -> frozenset[str]:
    named = (name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return frozenset(named) | {"UTC"}


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name such as "Europe/Madrid", or "UTC".

    Offsets, abbreviations, names like "Cuba" or "Etc/GMT+5", paths and "" raise `UnknownZone`.
    """
    if name not in _accepted():
        raise UnknownZone(name)
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """All names of the form Region/City, sorted, older spellings included, since browsers still send them."""
    return tuple(sorted(name for name in _accepted() if name.startswith(_REGIONS)))


@dataclass(frozen=True, slots=True)
class Wall:
    """A local date and minute as somebody wrote them; minute None is END_OF_DAY (of *opens*: its start)."""

    on: date
    minute: time | None = END_OF_DAY

    def __post_init__(self) -> None:
        if isinstance(self.on, datetime):
            raise TypeError("a wall date is a date, not a datetime")
        if self.minute and (self.minute.second or self.minute.microsecond or self.minute.tzinfo):
            raise ValueError("a wall minute is a whole minute without a zone")


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """How an instant reads on the clocks of a zone; `offset` is what is added to UTC there."""

    on: date
    at: time
    is_end_of_day: bool
    zone_name: str
    offset: timedelta


@dataclass(frozen=True, slots=True)
class Oddity:
    """What is strange about a wall time in a zone, with the instants that it comes to all the same.

    `skipped`: no clock shows that minute; `doubled`: clocks show it twice; `date_skipped`: no clock shows
    that date. `due` is the exclusive end that it has as a due time, `opening` the start that it has as
    *opens*.
    """

    kind: Literal["skipped", "doubled", "date_skipped"]
    due: datetime
    opening: datetime


@dataclass(frozen=True, slots=True)
class Night:
    """The night from one date to the next, and the due wall that ends at its midnight."""

    from_on: date
    to_on: date
    wall: Wall


@dataclass(frozen=True, slots=True)
class MidnightQuestion:
    """The two nights that 00:00 of a date may mean."""

    before: Night
    after: Night


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late: in started calendar days of the rule's zone, and in elapsed time, both without grace."""

    days: int
    elapsed: timedelta


@dataclass(frozen=True, slots=True)
class ClockChange:
    """An instant at which the clocks of a zone are set; `shift` is positive where they go forward."""

    at: datetime
    shift: timedelta


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of the UTC line, half-open, in which a zone keeps one offset."""

    start: datetime
    end: datetime
    offset: timedelta


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant has a zone; this datetime has none")
    return instant.astimezone(UTC)


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    """What clocks show, as a naive datetime that is only ever compared with its like."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=4096)
def _stretches(zone: ZoneInfo, on: date) -> tuple[_Stretch, ...]:
    """Stretches of constant offset from 40 hours before a date (as if in UTC) to 40 hours after it.

    Offsets reach 16 hours at most, so all instants at which clocks show the date lie inside.
    """
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    start, last = noon - timedelta(hours=52), noon + timedelta(hours=52)
    found = []
    left, left_offset = start, _offset(start, zone)
    while left < last:
        right = left + timedelta(hours=4)
        right_offset = _offset(right, zone)
        if right_offset != left_offset:
            change = _change_between(left, right, zone)
            found.append(_Stretch(start, change, left_offset))
            start, left, left_offset = change, change, _offset(change, zone)
        else:
            left = right
    found.append(_Stretch(start, left, left_offset))
    return tuple(found)


def _change_between(left: datetime, right: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the new offset; zones change at whole seconds."""
    before = _offset(left, zone)
    seconds = int((right - left).total_seconds())
    low, high = 0, seconds
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(left + timedelta(seconds=middle), zone) == before:
            low = middle
        else:
            high = middle
    return left + timedelta(seconds=high)


def clock_changes(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[ClockChange, ...]:
    """Every change of clocks after `start` and before `end`, in their order."""
    found: list[ClockChange] = []
    left, end = _utc(start), _utc(end)
    while left < end:
        right = min(left + timedelta(hours=12), end)
        shift = _offset(right, zone) - _offset(left, zone)
        if shift:
            at = _change_between(left, right, zone)
            if start < at < end:
                found.append(ClockChange(at, shift))
        left = right
    return tuple(found)


def _end_of_local(point: datetime, on: date, zone: ZoneInfo) -> datetime:
    """The first instant from which clocks never again show anything before the local point."""
    aware = point.replace(tzinfo=UTC)
    return max(
        min(stretch.end, aware - stretch.offset)
        for stretch in _stretches(zone, on)
        if aware - stretch.offset > stretch.start
    )


def _start_of_local(point: datetime, on: date, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks show the local point or anything after it."""
    aware = point.replace(tzinfo=UTC)
    return min(
        max(stretch.start, aware - stretch.offset)
        for stretch in _stretches(zone, on)
        if aware - stretch.offset < stretch.end
    )


def _occurrences(start: datetime, length: timedelta, on: date, zone: ZoneInfo) -> int:
    """How often clocks show something of the local span."""
    aware = start.replace(tzinfo=UTC)
    return sum(
        max(stretch.start, aware - stretch.offset) < min(stretch.end, aware + length - stretch.offset)
        for stretch in _stretches(zone, on)
    )


@lru_cache(maxsize=4096)
def end_of_day(on: date, zone: ZoneInfo) -> datetime:
    """The first instant after which the local date is always later than `on` (rule 1)."""
    return _end_of_local(datetime.combine(on, time()) + _DAY, on, zone)


@lru_cache(maxsize=4096)
def due_instant(wall: Wall, zone: ZoneInfo) -> datetime:
    """The exclusive end of a due wall time, in UTC (rules 1, 2 and 4).

    A minute counts to its end; one that happens twice means the second; one that no clock shows is the first
    minute after the gap.
    """
    if wall.minute is None:
        return end_of_day(wall.on, zone)
    start = datetime.combine(wall.on, wall.minute)
    end = _end_of_local(start + _MINUTE, wall.on, zone)
    if not _occurrences(start, _MINUTE, wall.on, zone):
        return end + _MINUTE
    return end


def opening_instant(wall: Wall, zone: ZoneInfo) -> datetime:
    """The instant at which something opens or appears, in UTC (rule 4, the other way round).

    The beginning of the minute, the first of two, the edge of a gap; minute None is the first instant of the
    date.
    """
    return _start_of_local(datetime.combine(wall.on, wall.minute or time()), wall.on, zone)


def oddity_of(wall: Wall, zone: ZoneInfo) -> Oddity | None:
    """What a form must say about a wall time in this zone, or None for an ordinary one (rule 4).

    END_OF_DAY is odd only if the whole date does not exist.
    """
    kind: Literal["skipped", "doubled", "date_skipped"]
    start = datetime.combine(wall.on, wall.minute or time())
    if not _occurrences(datetime.combine(wall.on, time()), _DAY, wall.on, zone):
        kind = "date_skipped"
    elif wall.minute is None:
        return None
    elif not (times := _occurrences(start, _MINUTE, wall.on, zone)):
        kind = "skipped"
    elif times > 1:
        kind = "doubled"
    else:
        return None
    return Oddity(kind, due_instant(wall, zone), opening_instant(wall, zone))


def midnight_question(wall: Wall) -> MidnightQuestion | None:
    """The two nights to choose from when 00:00 was entered as a due time, else None (rule 3)."""
    if wall.minute is None or wall.minute != time():
        return None
    before, after = wall.on - _DAY, wall.on + _DAY
    return MidnightQuestion(Night(before, wall.on, Wall(before)), Night(wall.on, after, Wall(wall.on)))


def is_midnight_question(wall: Wall) -> bool:
    """Whether a due wall time says 00:00, which could mean either of two nights (rule 3)."""
    return midnight_question(wall) is not None


def due_wall(due: datetime, zone: ZoneInfo) -> Wall:
    """The wall that an exclusive end reads as: END_OF_DAY if it ends the date, else a minute."""
    last = _local(_utc(due) - _MICROSECOND, zone)
    if end_of_day(last.date(), zone) == _utc(due):
        return Wall(last.date())
    return Wall(last.date(), time(last.hour, last.minute))


def shift_wall(wall: Wall, days: int) -> Wall:
    """The same wall clock so many calendar days later; END_OF_DAY stays END_OF_DAY (rule 10)."""
    return Wall(wall.on + days * _DAY, wall.minute)


def shift_days(due: datetime, days: int, zone: ZoneInfo) -> datetime:
    """A due instant so many calendar days later, keeping the wall clock over clock changes (rule 10).

    An exclusive end of a day stays one. Where the wall is known, shift that instead (`shift_wall`): an
    instant forgets that its wall did not exist.
    """
    return _shifted(_utc(due), days, zone)  # UTC first: local instants of one zone are equal across a fold


@lru_cache(maxsize=4096)
def _shifted(due: datetime, days: int, zone: ZoneInfo) -> datetime:
    if days == 0:
        return due
    shifted = shift_wall(due_wall(due, zone), days)
    end = due_instant(shifted, zone)
    last = _local(due - _MICROSECOND, zone)
    short = _MINUTE - (timedelta(seconds=last.second, microseconds=last.microsecond) + _MICROSECOND)
    if oddity_of(shifted, zone) is None:
        end -= short  # an instant within a minute; a minute that clocks skip is given whole
    return end


def late_by(due: datetime, arrival: datetime, zone: ZoneInfo) -> Lateness:
    """How late an arrival is, from the due instant without grace, in the zone of the rule (rule 10).

    N days late means after due + (N-1) and not after due + N calendar days. What arrived at or before the due
    instant is no day late.
    """
    due, arrival = _utc(due), _utc(arrival)
    if arrival <= due:
        return Lateness(0, timedelta())
    elapsed = arrival - due
    days = max(
        elapsed // _DAY - 1, 0
    )  # clock changes, and a date line crossed, move it by at most a day or so
    while days and shift_days(due, days, zone) >= arrival:
        days -= 1
    while shift_days(due, days, zone) < arrival:
        days += 1
    return Lateness(days, elapsed)


def local_moment(instant: datetime, zone: ZoneInfo) -> LocalMoment:
    """How an instant reads in a zone, to the microsecond; never an end of day (see `last_minute`)."""
    local = _local(_utc(instant), zone)
    return LocalMoment(local.date(), local.time(), False, zone.key, _offset(_utc(instant), zone))


def last_minute(due: datetime, zone: ZoneInfo) -> LocalMoment:
    """The last minute that counts before an exclusive end, as people of a zone see it (rule 20).

    `is_end_of_day` says that the date ends there with it ("end of Thursday").
    """
    last = _utc(due) - _MICROSECOND
    wall = due_wall(due, zone)
    local = _local(last, zone)
    minute = time(local.hour, local.minute)
    return LocalMoment(wall.on, minute, wall.minute is None, zone.key, _offset(last, zone))
