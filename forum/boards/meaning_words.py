"""What the deadlines of a board mean, in words: a sentence, what to look at, and for each due date chart and table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from ..core.moments import ClockChange, due_instant, local_moment
from ..core.times import date_words, due_moment, duration_words, hour_words, zone_words
from ..courses.policy import Member
from .deadline_chart import DeadlineChart, chart_of
from .finding_sentences import finding_words
from .models import Checkpoint
from .rules import fairness, linter
from .sentences import checkpoint_words
from .trouble_sentences import spelled

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class WeighedLine:
    """Students of a zone who have the same due instant, and the time that they have until then."""

    zone: ZoneInfo
    students: int
    due: datetime | None
    window: fairness.Window | None


@dataclass(frozen=True)
class Weighed:
    """One checkpoint: what it comes to for everyone, and the fairest hour of its day, None where none is sought."""

    checkpoint: Checkpoint
    asked: linter.Asked
    stands: datetime | None
    lines: tuple[WeighedLine, ...]
    fairest: fairness.Fairest | None


@dataclass(frozen=True)
class ZoneLine:
    """A line of the table in words; the numbers are whole hours."""

    zone: str
    students: int
    due: str
    hours: str
    by_day: str
    night: str
    changes: str


@dataclass(frozen=True)
class DueMeaning:
    """One due date: its chart, its table, and the fairest hour of its day."""

    title: str
    chart: DeadlineChart | None
    lines: list[ZoneLine]
    fairest: str


@dataclass(frozen=True)
class Meaning:
    """A sentence, what to look at, and what is behind it; without findings the rest opens when asked."""

    sentence: str
    findings: list[str]
    parts: list[DueMeaning]
    has_dates: bool


def in_words(
    weighed: Sequence[Weighed], findings: Sequence[linter.Finding], plan: linter.Plan, member: Member
) -> Meaning:
    """All of it as the pages show it to `member`."""
    dated = [one for one in weighed if one.stands is not None]
    return Meaning(
        sentence=_sentence(dated, plan, member),
        findings=list(dict.fromkeys(finding_words(finding, plan, member) for finding in findings)),
        parts=[_part(one, plan, member) for one in dated] if plan.readers else [],
        has_dates=bool(dated) or plan.opens is not None or plan.cut_off is not None,
    )


def _sentence(dated: Sequence[Weighed], plan: linter.Plan, member: Member) -> str:
    if not dated:
        return _("Nothing on this board has a due date.")
    ahead = [one for one in dated if one.stands is not None and one.stands > plan.at]
    if plan.shown_at is not None and not ahead:
        text = _("The last thing was due %(time)s.", time=_stated(dated[-1], member))
    elif plan.shown_at is not None and ahead[0] is not dated[0]:
        text = _("The next thing is due %(time)s.", time=_stated(ahead[0], member))
    elif ahead and ahead[0] is dated[0]:
        text = _("The first thing is due %(time)s.", time=_stated(dated[0], member))
    else:
        text = _("The first thing was due %(time)s.", time=_stated(dated[0], member))
    students = sum(readers.students for readers in plan.readers)
    zones = {readers.zone.key for readers in plan.readers}
    if not students:
        return text + " " + _("No students are enrolled yet.")
    if zones == {member.course_zone_name}:
        return text + " " + ngettext(
            "%(num)d student reads it so.", "All %(num)d students live in the course's time zone and read it so.", students
        )  # fmt: skip
    many = ngettext("%(num)d student lives", "%(num)d students live", students)
    return text + " " + ngettext(
        "%(many)s in %(num)d time zone.", "%(many)s in %(num)d time zones.", len(zones), many=many
    )  # fmt: skip


def _stated(one: Weighed, member: Member) -> str:
    text = spelled(one.stands, member)
    return _("%(time)s, for each student in their own zone", time=text) if one.asked.whose == "own" else text


def _part(one: Weighed, plan: linter.Plan, member: Member) -> DueMeaning:
    title = checkpoint_words(one.checkpoint)
    dues = [line.due for line in one.lines if line.due is not None]
    is_wide = bool(dues) and max(dues) - min(dues) > timedelta(days=3)  # a weekday alone would not tell which
    by_hour = fairness.local_hours(
        (line.due, line.zone, line.students) for line in one.lines if line.due is not None
    )
    return DueMeaning(
        title,
        chart_of(title, by_hour) if any(by_hour) else None,
        [_line(line, with_date=is_wide) for line in one.lines],
        _fairest(one, plan, member),
    )


def _line(line: WeighedLine, *, with_date: bool) -> ZoneLine:
    if line.due is None or line.window is None:
        return ZoneLine(zone_words(line.zone.key), line.students, _("no due date"), "", "", "", "")
    window = line.window
    return ZoneLine(
        zone_words(line.zone.key),
        line.students,
        due_moment(line.due, line.zone).text if with_date else hour_words(line.due, line.zone),
        str(round(window.length / _HOUR)),
        str(round(window.awake / _HOUR)),
        str(round(window.night_before / _HOUR)),
        "; ".join(_change(change, line.zone) for change in window.changes) or _("none"),
    )


def _hours(length: timedelta) -> str:
    """A length in whole hours, rounded; under half an hour is less than one."""
    number = round(length / _HOUR)
    if not number:
        return _("less than 1 hour") if length else _("0 hours")
    return ngettext("%(num)d hour", "%(num)d hours", number)


def _change(change: ClockChange, zone: ZoneInfo) -> str:
    on = date_words(local_moment(change.at, zone).on, year=False)
    if change.shift > timedelta():
        return _("%(date)s: %(time)s forward", date=on, time=duration_words(change.shift))
    return _("%(date)s: %(time)s back", date=on, time=duration_words(-change.shift))


def _fairest(one: Weighed, plan: linter.Plan, member: Member) -> str:
    """The fairest hour of the day, and what it would change; nothing where the date is over."""
    if one.fairest is None:
        return ""
    fairest = one.fairest
    was, would_be = round(fairest.written.together / _HOUR), round(fairest.cost.together / _HOUR)
    if would_be >= was:
        if plan.shown_at is not None:
            return _("Students have seen the date, so it can only become later; no later hour of that day costs them less night.")  # fmt: skip
        return _("No hour of that day costs students less night.")
    hour = due_moment(due_instant(fairest.wall, plan.course_zone), plan.course_zone)
    said = _("%(time)s, %(zone)s", time=hour.text, zone=hour.zone)
    if one.asked.whose == "own":
        said = _("%(time)s in each student's own zone", time=hour.text)
    text = _("The fairest hour of that day: %(time)s.", time=said)
    if plan.shown_at is not None:
        text = _("Students have seen the date, so it can only become later. The fairest later hour of that day: %(time)s.", time=said)  # fmt: skip
    changed = _(
        "Night before it, of all students together: %(would_be)s instead of %(was)s.",
        would_be=_hours(fairest.cost.together), was=_hours(fairest.written.together),
    )  # fmt: skip
    people = ngettext("%(num)d student would have less", "%(num)d students would have less", fairest.better)
    if fairest.worse:
        people += _(", %(num)d more", num=fairest.worse)
    return f"{text} {changed} {people}."
