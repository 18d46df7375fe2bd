"""Entries of a calendar as iCalendar says them (RFC 5545, with the names of RFC 7986)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# An entry ends at the last minute that counts. It needs some length to be seen in a week's columns, and RFC 5545 wants
# an end later than the start.
LENGTH = timedelta(minutes=30)
READ_AGAIN = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """One due date. `ends_at` is the last minute that counts, in UTC; `changes` only ever grows."""

    uid: str
    ends_at: datetime
    summary: str
    description: str
    url: str
    category: str
    changes: int
    changed_at: datetime


def calendar_of(entries: Iterable[Entry], *, name: str, zone_name: str | None) -> bytes:
    """The calendar as a file. Equal entries give equal bytes.

    Times are in UTC, which every program reads alike and shows in its own zone. There are no alarms: silence is the
    default, and each program adds what its person wants. An entry takes no time of the day from anybody.
    """
    from icalendar import Calendar, Event  # it takes a while to load, and few requests ask for it

    calendar = Calendar()
    calendar.add("prodid", "-//Midnight Forum//Due dates//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    if zone_name is not None:
        calendar.add("x-wr-timezone", zone_name)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        event = Event()
        event.add("uid", entry.uid)
        event.add("dtstamp", entry.changed_at)
        event.add("last-modified", entry.changed_at)
        event.add("sequence", entry.changes)
        event.add("dtstart", entry.ends_at - LENGTH)
        event.add("dtend", entry.ends_at)
        event.add("summary", entry.summary)
        event.add("description", entry.description)
        event.add("url", entry.url)
        event.add("categories", [entry.category])
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
