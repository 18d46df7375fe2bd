"""The chart of local deadline hours: a bar for each hour of the day in which something is due for students."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

WIDTH, HEIGHT = 352, 108  # of the view box; the page scales it
_LEFT, _HOUR, _BASE, _TALLEST = 20, 13, 84, 62
_NIGHTS = ((0, 7), (23, 24))


@dataclass(frozen=True)
class Bar:
    """A rectangle of the view box; a bar with its number of students."""

    x: float
    y: float
    width: float
    height: float
    number: int = 0

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class DeadlineChart:
    """What the template draws: nights, bars, the hours under the axis, and all of it in words."""

    title: str
    words: str
    nights: list[Bar]
    bars: list[Bar]
    hours: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = _BASE
    left: int = _LEFT
    right: int = _LEFT + 24 * _HOUR


def chart_of(title: str, students_by_hour: Sequence[int]) -> DeadlineChart:
    """The chart of 24 numbers of students, by the local hour in which the last minute that counts lies."""
    most = max(students_by_hour, default=0) or 1
    bars = []
    for hour, number in enumerate(students_by_hour):
        if number:
            height = max(round(_TALLEST * number / most, 1), 2)
            bars.append(Bar(_LEFT + hour * _HOUR + 1.5, _BASE - height, _HOUR - 3, height, number))
    return DeadlineChart(
        title=_("%(what)s: the local hour at which it is due", what=title),
        words=_words(students_by_hour),
        nights=[Bar(_LEFT + first * _HOUR, _BASE - _TALLEST - 18, (last - first) * _HOUR, _TALLEST + 18)
                for first, last in _NIGHTS],
        bars=bars,
        hours=[(_LEFT + hour * _HOUR, f"{hour}:00") for hour in (0, 6, 12, 18, 24)],
    )  # fmt: skip


def _words(students_by_hour: Sequence[int]) -> str:
    parts = [
        ngettext("%(from)d:00 to %(until)d:00, %(num)d student", "%(from)d:00 to %(until)d:00, %(num)d students", number,
                 **{"from": hour, "until": hour + 1})
        for hour, number in enumerate(students_by_hour)
        if number
    ]  # fmt: skip
    return "; ".join(parts) + ". " + _("Night, 23:00 to 7:00, is shaded.")
