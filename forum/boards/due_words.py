"""A due time as somebody types it into a command, and what it comes to in words, as every screen says it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from ..core.moments import ZONE_DATABASE, UnknownZone, Wall, due_instant, midnight_question, oddity_of, zone
from ..core.times import due_moment
from .dates_form import night_words
from .rules import bounds
from .sentences import grace_words
from .trouble_sentences import oddity_words

_WRITTEN = re.compile(
    r"(?P<end>end of )?(?P<on>\d{4}-\d{2}-\d{2})(?:[ T](?P<minute>\d{2}:\d{2}))?", re.IGNORECASE
)


class NotADue(ValueError):
    """What was typed is no due time; the message is the sentence that says why and what to write."""


def zone_typed(name: str) -> ZoneInfo:
    """The zone of an IANA name, else NotADue."""
    try:
        return zone(name)
    except UnknownZone:
        raise NotADue(
            _("“%(name)s” is no time zone; please write one like Europe/Madrid.", name=name)
        ) from None


def wall_typed(text: str) -> Wall:
    """ "end of 2026-11-26", "2026-11-26" (the same) or "2026-11-26 17:00" as a wall, else NotADue.

    00:00 could mean either of two nights and is asked about (docs/time.md, rule 3).
    """
    found = _WRITTEN.fullmatch(" ".join(text.split()))
    if found is None or (found["end"] and found["minute"]):
        raise NotADue(
            _("“%(text)s” is no due time; please write it like “end of 2026-11-26” or “2026-11-26 17:00”.", text=text)
        )  # fmt: skip
    try:
        on = date.fromisoformat(found["on"])
    except ValueError:
        raise NotADue(_("There is no date %(date)s.", date=found["on"])) from None
    minute = None
    if found["minute"] == "24:00":
        raise NotADue(_("24:00 is no time; please write “end of %(date)s”.", date=on.isoformat()))
    if found["minute"]:
        try:
            minute = time.fromisoformat(found["minute"])
        except ValueError:
            raise NotADue(_("There is no time %(time)s.", time=found["minute"])) from None
    wall = Wall(on, minute)
    if not bounds.is_in_bounds(wall):
        raise NotADue(_("Dates lie between the years 2000 and 2200."))
    if question := midnight_question(wall):
        before, after = question.before, question.after
        raise NotADue(
            _(
                "00:00 stands between two days. Which night is meant? Write “end of %(one)s” for %(one_night)s, or “end of %(other)s” for %(other_night)s.",
                one=before.wall.on.isoformat(), one_night=night_words(before.from_on, before.to_on),
                other=after.wall.on.isoformat(), other_night=night_words(after.from_on, after.to_on),
            )
        )  # fmt: skip
    return wall


def due_lines(wall: Wall, course_zone: ZoneInfo, own_zone: ZoneInfo | None, grace_minutes: int) -> list[str]:
    """A due time in the course's zone, a line a fact; the due instant in UTC stands first on the first line."""
    due = due_instant(wall, course_zone)
    found = [_stated(due, course_zone, None)]
    if odd := oddity_of(wall, course_zone):
        found.append(oddity_words(odd, course_zone))
    if own_zone is not None:
        here = due_moment(due, own_zone, course_zone)
        text = _(
            "Read by somebody in %(zone)s: %(time)s, %(name)s",
            zone=own_zone.key,
            time=here.text,
            name=here.zone,
        )
        found.append(f"{text} ({here.other})." if here.other else f"{text}.")
    limit = due + timedelta(minutes=grace_minutes)
    if grace_minutes:
        found.append(
            _("Limit, with %(minutes)d minutes of grace: %(limit)s.", minutes=grace_minutes, limit=_utc(limit))
            + " " + grace_words(due, limit, own_zone or course_zone)
        )  # fmt: skip
    else:
        found.append(_("Limit, without grace: %(limit)s.", limit=_utc(limit)))
    if own_zone is not None:
        own = due_instant(wall, own_zone)
        found.append(
            _("If it were due in each student's own zone, for somebody in %(zone)s: %(due)s", zone=own_zone.key,
              due=_stated(own, own_zone, course_zone))
        )  # fmt: skip
        if odd := oddity_of(wall, own_zone):
            found.append(oddity_words(odd, own_zone))
    found.append(_("Zone database %(version)s.", version=ZONE_DATABASE))
    return found


def _stated(due: datetime, reader: ZoneInfo, other: ZoneInfo | None) -> str:
    there = due_moment(due, reader, other)
    text = f"{_utc(due)} {there.text}, {there.zone}"
    return f"{text} ({there.other})." if there.other else f"{text}."


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
