"""One date of a form: a date, a time or none, and the question which night 00:00 means (docs/time.md, rules 2 to 4)."""

from datetime import date, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectChoice, TimeField
from wtforms.validators import Optional

from ..core.forms import ForumForm, date_in_bounds
from ..core.moments import Wall, midnight_question
from ..core.times import date_words, weekday_words


def options(*pairs: tuple[str, Any]) -> list[SelectChoice]:
    """The choices of a select or radio field, from values and labels."""
    return [SelectChoice(value, label) for value, label in pairs]


class WrittenDate(DateField):
    """A calendar date; what can't be read as one stays as it was typed."""

    data: date | None

    def process_formdata(self, valuelist: Any) -> None:
        if not any(valuelist or ()):
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_("This is no date; please write it like 2026-11-26.")) from None


class WrittenMinute(TimeField):
    """A time of day to the minute, on the clock of 24 hours; 24:00 and seconds are not times here."""

    data: time | None

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, format=["%H:%M", "%H:%M:%S"], **kwargs)

    def process_formdata(self, valuelist: Any) -> None:
        if not any(valuelist or ()):
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_("This is no time; please write it like 17:00.")) from None
        if self.data is not None:
            self.data = self.data.replace(second=0)


class DateForm(ForumForm):
    """A date with or without a time; fields `<prefix>-on`, `-minute` and, when it is asked, `-night`."""

    on = WrittenDate(_l("Date"), validators=[Optional(), date_in_bounds])
    minute = WrittenMinute(_l("Time"), validators=[Optional()])
    night = RadioField(
        _l("Which night is meant?"), choices=[], validate_choice=False, validators=[Optional()]
    )

    asks_night = False

    def show(self, wall: Wall | None) -> None:
        """Fill in what stands, when the form is first opened."""
        self.on.data = wall.on if wall else None
        self.minute.data = wall.minute if wall else None

    def wall(self, before: Wall | None = None, *, is_opening: bool = False) -> Wall | None:
        """What was written, after `validate`: a date without a time is END_OF_DAY (of *opens* the start of the day).

        A due time of 00:00 is the end of the night that was chosen; if none was, that is an error of the field
        `night`, which then offers both, spelled out. `before` stands already and is not asked about.
        """
        on, minute = self.on.data, self.minute.data
        if on is None:
            if minute is not None and not self.on.errors:
                _add_error(self.on, _("Please give the date of this time, too."))
            return None
        wall = Wall(on, minute)
        question = None if is_opening or wall == before else midnight_question(wall)
        if question is None:
            return wall
        self.asks_night = True
        self.night.choices = options(
            ("before", night_words(question.before.from_on, question.before.to_on)),
            ("after", night_words(question.after.from_on, question.after.to_on)),
        )
        chosen = {"before": question.before.wall, "after": question.after.wall}.get(self.night.data or "")
        if chosen is None:
            _add_error(
                self.night,
                _(
                    "00:00 stands between two days. Please choose the night that is meant; the whole evening before it counts."
                ),
            )
        return chosen

    @property
    def is_given(self) -> bool:
        """Whether anything was typed here."""
        return any(bool(field.raw_data and field.raw_data[0]) for field in (self.on, self.minute))


def night_words(from_on: date, to_on: date) -> str:
    """ "the night from Wednesday to Thursday, that is the end of Wednesday 25 November 2026"."""
    return _(
        "the night from %(one)s to %(other)s: until the end of %(date)s",
        one=weekday_words(from_on), other=weekday_words(to_on), date=date_words(from_on),
    )  # fmt: skip


def _add_error(field: Any, sentence: str) -> None:
    field.errors = [*field.errors, sentence]
