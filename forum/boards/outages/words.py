"""Outages in words: what a student reads beside a due date, and what a page says of one."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from ...core.times import date_words, due_moment, duration_words, moment
from ..rules.outages import Outage
from .models import ClockStep


def given_words(told: dict[str, Any], reader: ZoneInfo) -> str:
    """ "2 hours 10 minutes given back because the forum was down on Wednesday 25 November 2026: now …"."""
    time, day = duration_words(told["given"]), _day(told["from_at"], reader)
    why = {
        "down": _("%(time)s given back because the forum was down on %(day)s", time=time, day=day),
        "planned": _(
            "%(time)s given back because the forum was down for planned work on %(day)s", time=time, day=day
        ),
        "clock": _("%(time)s given back because the forum’s clock was set on %(day)s", time=time, day=day),
        "restored": _(
            "%(time)s given back because the forum was restored from a backup: it was away from %(day)s on",
            time=time,
            day=day,
        ),
    }[str(told["kind"])]
    now = due_moment(told["due"], reader).text
    if told.get("to_noon"):
        return _("%(why)s, until noon so that nobody has to write at night: now %(date)s.", why=why, date=now)
    return _("%(why)s: now %(date)s.", why=why, date=now)


def added_words(told: dict[str, Any], reader: ZoneInfo) -> str:
    """What instructors gave beyond that."""
    return _(
        "%(time)s more from the people who teach this course: now %(date)s.",
        time=duration_words(told["given"]), date=due_moment(told["due"], reader).text,
    )  # fmt: skip


def kind_words(kind: str) -> str:
    return {
        "down": _("The forum was down"),
        "planned": _("The forum was down for planned work"),
        "clock": _("The forum’s clock was set"),
        "restored": _("The forum was restored from a backup"),
    }[kind]


def outage_words(outage: Outage, reader: ZoneInfo) -> str:
    """ "The forum was down from Wednesday 25 November 2026, 20:00 to 22:10: 2 hours 10 minutes"."""
    return _(
        "%(what)s from %(start)s to %(end)s: %(length)s", what=kind_words(outage.kind),
        start=moment(outage.starts_at, reader).text, end=_until(outage, reader), length=duration_words(outage.length),
    )  # fmt: skip


def shortly(told: dict[str, Any]) -> str:
    """What stands beside a due date without being asked for."""
    if told["kind"] == "planned":
        return _(
            "%(time)s given back: the forum was down for planned work.", time=duration_words(told["given"])
        )
    if told["kind"] == "clock":
        return _("%(time)s given back: the forum’s clock was set.", time=duration_words(told["given"]))
    return _("%(time)s given back: the forum was down.", time=duration_words(told["given"]))


def set_words(step: ClockStep, reader: ZoneInfo) -> str:
    """ "one: set forward by 2 hours, Thursday …; before it showed Thursday …"."""
    length = timedelta(microseconds=step.microseconds)
    told = {
        "host": step.host, "length": _exactly(abs(length)), "before": moment(step.before_at, reader).text,
        "after": moment(step.after_at, reader).text,
    }  # fmt: skip
    if length > timedelta():
        return _("%(host)s: set forward by %(length)s, from %(before)s to %(after)s", **told)
    return _("%(host)s: set back by %(length)s, from %(before)s to %(after)s", **told)


def _exactly(length: timedelta) -> str:
    if length >= timedelta(minutes=2):
        return duration_words(length)
    return ngettext("%(num)d second", "%(num)d seconds", round(length.total_seconds()))


def _day(at: datetime, reader: ZoneInfo) -> str:
    return date_words(at.astimezone(reader).date())


def _until(outage: Outage, reader: ZoneInfo) -> str:
    start, end = outage.starts_at.astimezone(reader), outage.ends_at.astimezone(reader)
    return f"{end:%H:%M}" if start.date() == end.date() else moment(outage.ends_at, reader).text
