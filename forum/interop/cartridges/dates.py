"""Dates of a course that comes from elsewhere: read as UTC, given a zone, moved by calendar days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)
_LAST_MINUTE = time(23, 59)
_FIRST_YEAR, _LAST_YEAR = 2000, 2200  # docs/time.md, rule 22

# The names that Canvas writes for the commoner zones; an IANA name stands for itself.
_RAILS_ZONES = {
    "Hawaii": "Pacific/Honolulu",
    "Alaska": "America/Anchorage",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Arizona": "America/Phoenix",
    "Mountain Time (US & Canada)": "America/Denver",
    "Central Time (US & Canada)": "America/Chicago",
    "Mexico City": "America/Mexico_City",
    "Saskatchewan": "America/Regina",
    "Bogota": "America/Bogota",
    "Lima": "America/Lima",
    "Eastern Time (US & Canada)": "America/New_York",
    "Indiana (East)": "America/Indiana/Indianapolis",
    "Atlantic Time (Canada)": "America/Halifax",
    "Santiago": "America/Santiago",
    "Newfoundland": "America/St_Johns",
    "Brasilia": "America/Sao_Paulo",
    "Buenos Aires": "America/Argentina/Buenos_Aires",
    "UTC": "UTC",
    "London": "Europe/London",
    "Edinburgh": "Europe/London",
    "Dublin": "Europe/Dublin",
    "Lisbon": "Europe/Lisbon",
    "Amsterdam": "Europe/Amsterdam",
    "Berlin": "Europe/Berlin",
    "Brussels": "Europe/Brussels",
    "Copenhagen": "Europe/Copenhagen",
    "Madrid": "Europe/Madrid",
    "Paris": "Europe/Paris",
    "Rome": "Europe/Rome",
    "Stockholm": "Europe/Stockholm",
    "Vienna": "Europe/Vienna",
    "Warsaw": "Europe/Warsaw",
    "Athens": "Europe/Athens",
    "Helsinki": "Europe/Helsinki",
    "Jerusalem": "Asia/Jerusalem",
    "Cairo": "Africa/Cairo",
    "Pretoria": "Africa/Johannesburg",
    "Nairobi": "Africa/Nairobi",
    "Abu Dhabi": "Asia/Dubai",
    "Karachi": "Asia/Karachi",
    "Mumbai": "Asia/Kolkata",
    "New Delhi": "Asia/Kolkata",
    "Kathmandu": "Asia/Kathmandu",
    "Singapore": "Asia/Singapore",
    "Hong Kong": "Asia/Hong_Kong",
    "Beijing": "Asia/Shanghai",
    "Perth": "Australia/Perth",
    "Seoul": "Asia/Seoul",
    "Tokyo": "Asia/Tokyo",
    "Adelaide": "Australia/Adelaide",
    "Brisbane": "Australia/Brisbane",
    "Melbourne": "Australia/Melbourne",
    "Sydney": "Australia/Sydney",
    "Auckland": "Pacific/Auckland",
}


class OutOfBounds(ValueError):
    """An instant before 2000 or after 2200 (docs/time.md, rule 22)."""


def read_instant(text: str) -> datetime | None:
    """The instant that a cartridge says, in UTC; a time without a zone is UTC. None for nothing said.

    Raises OutOfBounds, or ValueError for what is no date.
    """
    text = text.strip()
    if not text:
        return None
    at = datetime.fromisoformat(text.removesuffix(" UTC").strip())
    try:
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise OutOfBounds(text) from None
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise OutOfBounds(text)
    return at


def zone_named(text: str) -> str:
    """The IANA name of a zone as other systems write it; "" if it is none."""
    name = _RAILS_ZONES.get(text.strip(), text.strip())
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return ""
    return name


def guess_zone(instants: Iterable[datetime], candidates: Sequence[str]) -> str | None:
    """The first of the candidates (IANA names) in which most of the instants are 23:59.

    That must be more than half of them; None otherwise, and where there are none: then a person is asked.
    """
    at = list(instants)
    best, best_score = None, len(at) // 2
    for name in candidates:
        zone = ZoneInfo(name)
        score = sum(1 for instant in at if wall_minute(instant, zone).time() == _LAST_MINUTE)
        if score > best_score:
            best, best_score = name, score
    return best


def wall_minute(instant: datetime, zone: ZoneInfo) -> datetime:
    """The wall-clock minute, without a zone, that the instant stands in: 04:59:00Z is 23:59 in New York.

    With docs/time.md, rule 2, that minute counts to its end.
    """
    return instant.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)


@dataclass(frozen=True, slots=True)
class Moved:
    """An instant (UTC) before and after, and the wall-clock minutes of both in the zone they moved in."""

    before: datetime
    after: datetime
    wall_before: datetime
    wall_after: datetime


def move_by_days(
    instants: Iterable[datetime], old_first_day: date, new_first_day: date, zone: ZoneInfo
) -> list[Moved]:
    """Each instant moved by as many calendar days as the first days are apart, its wall-clock time kept.

    A minute that does not exist becomes the first one after the gap, one that happens twice the second
    (docs/time.md, rules 4 and 10). The due rule is `wall_after`; `after` is the beginning of that minute.
    """
    days = (new_first_day - old_first_day).days
    moved = []
    for before in instants:
        wall_before = wall_minute(before, zone)
        try:
            wall = wall_before + timedelta(days=days)
        except OverflowError:
            raise OutOfBounds(f"{wall_before} {days:+d} d") from None
        after = _instant_of(wall, zone)
        wall_after = after.astimezone(zone).replace(tzinfo=None)
        moved.append(Moved(before.astimezone(UTC), after, wall_before, wall_after))
    return moved


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of that date (UTC)."""
    wall = datetime.combine(day, time())
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == wall:
        return early
    return _instant_of(wall, zone)


def _instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == wall:
        return late  # of two, the second
    # In a gap, fold 1 lies before the change of the clocks and fold 0 after it; the change is between them.
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    offset = late.astimezone(zone).utcoffset()
    while early - late > _MINUTE:
        middle = late + ((early - late) // 2 // _MINUTE) * _MINUTE
        if middle.astimezone(zone).utcoffset() == offset:
            late = middle
        else:
            early = middle
    return early
