"""Times as people read them: in their own zone, the course's beside it where they differ (docs/time.md, rule 20)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from .moments import LocalMoment, last_minute, local_moment


@dataclass(frozen=True)
class Moment:
    """An instant in words. `iso` is the instant itself; `other` the same in the course's zone, if it differs."""

    iso: str
    text: str
    zone: str
    other: str | None


def zone_words(zone_name: str) -> str:
    """ "Madrid time" for Europe/Madrid."""
    return _named(zone_name, str(get_locale() or "en"))


@lru_cache(maxsize=1024)
def _named(zone_name: str, _locale: str) -> str:
    if zone_name == "UTC":
        return "UTC"
    return _("%(place)s time", place=zone_name.rsplit("/", 1)[-1].replace("_", " "))


def date_words(on: date, *, year: bool = True) -> str:
    """ "Thursday 26 November 2026" in the reader's language."""
    return _formatted(on, "EEEE d MMMM y" if year else "EEEE d MMMM", str(get_locale() or "en"))


def weekday_words(on: date) -> str:
    return _formatted(on, "EEEE", str(get_locale() or "en"))


@lru_cache(maxsize=4096)
def _formatted(on: date, pattern: str, locale: str) -> str:
    """A date in words, kept: a thread's page says the same few dates hundreds of times."""
    return str(format_date(on, pattern, locale=locale))


def _words(local: LocalMoment, *, year: bool = True) -> str:
    return f"{date_words(local.on, year=year)}, {local.at:%H:%M}"


def moment(instant: datetime, reader: ZoneInfo, course: ZoneInfo | None = None) -> Moment:
    """When something happened or opens."""
    return _moment(instant, reader, course, str(get_locale() or "en"))


@lru_cache(maxsize=4096)
def _moment(instant: datetime, reader: ZoneInfo, course: ZoneInfo | None, _locale: str) -> Moment:
    here = local_moment(instant, reader)
    other = None
    if course is not None and course is not reader:
        there = local_moment(instant, course)
        if (there.on, there.at) != (here.on, here.at):
            other = _("%(time)s %(zone)s", time=_words(there), zone=zone_words(course.key))
    return Moment(_iso(instant, reader), _words(here), zone_words(reader.key), other)


def due_moment(due: datetime, reader: ZoneInfo, course: ZoneInfo | None = None) -> Moment:
    """When something is due: the last minute that counts; `iso` carries the exclusive instant."""
    here = last_minute(due, reader)
    other = None
    if course is not None:
        there = last_minute(due, course)
        if (there.on, there.at) != (here.on, here.at):
            other = _("%(time)s %(zone)s", time=_due_words(there), zone=zone_words(course.key))
    return Moment(_iso(due, reader), _due_words(here), zone_words(reader.key), other)


def _due_words(local: LocalMoment) -> str:
    if local.is_end_of_day:
        return _("end of %(date)s", date=date_words(local.on))
    return _words(local)


def _iso(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat()


def duration_words(length: timedelta) -> str:
    """A length of time in its two largest units: "2 days 3 hours", "4 minutes"; under a minute is that."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute")
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = []
    if days:
        parts.append(ngettext("%(num)d day", "%(num)d days", days))
    if hours:
        parts.append(ngettext("%(num)d hour", "%(num)d hours", hours))
    if minutes and not days:
        parts.append(ngettext("%(num)d minute", "%(num)d minutes", minutes))
    return " ".join(parts)


def hour_words(due: datetime, reader: ZoneInfo) -> str:
    """The last minute that counts, for the largest words of a block: "Thursday, 16:59", "end of Thursday"."""
    local = last_minute(due, reader)
    weekday = weekday_words(local.on)
    return _("end of %(weekday)s", weekday=weekday) if local.is_end_of_day else f"{weekday}, {local.at:%H:%M}"
