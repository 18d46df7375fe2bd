"""What may be said when importing."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from ..core.forms import ForumForm, date_in_bounds, line_field
from ..core.moments import zone_names


def zone_choices() -> list[SelectChoice]:
    """All zones by name."""
    return [
        SelectChoice("UTC", "UTC"),
        *(SelectChoice(n, n.replace("_", " ")) for n in zone_names() if n != "UTC"),
    ]


class CourseRosterForm(ForumForm):
    """A roster of one course."""

    file = FileField(_l("Roster (CSV)"), validators=[FileRequired(_l("Please choose a file."))])
    keep_others = BooleanField(_l("The file is only a part: nobody is taken out for not being in it"))


class SchoolRosterForm(ForumForm):
    """A roster of a whole school."""

    file = FileField(_l("OneRoster file (.zip)"), validators=[FileRequired(_l("Please choose a file."))])
    term = SelectField(_l("Term"), choices=[])
    each = SelectField(
        _l("Make one course of each"),
        choices=[
            SelectChoice("course", _l("course; its classes become sections")),
            SelectChoice("class", _l("class")),
        ],
    )
    zone = SelectField(_l("Time zone of new courses"), choices=zone_choices)
    keep_others = BooleanField(_l("The file is only a part: nobody is taken out for not being in it"))


class CarryOutForm(ForumForm):
    """What must be said before a roster is carried out."""

    partly = BooleanField(_l("Carry out the rows that are in order, and leave the refused ones out"))
    remove_anyway = BooleanField(_l("Yes, take these people out of their courses"))


class CartridgeForm(ForumForm):
    """A file with a course."""

    file = FileField(
        _l("Course file (.imscc or .zip)"), validators=[FileRequired(_l("Please choose a file."))]
    )


class CourseChoicesForm(ForumForm):
    """What the file can't know of the course that is made of it."""

    term = SelectField(_l("Term"), choices=[])
    code = line_field(_l("Code"), most=60)
    title = line_field(_l("Title"), most=300)
    zone = SelectField(_l("Course zone"), choices=zone_choices)
    written_in = SelectField(_l("Zone in which the file's times were written"), choices=zone_choices)
    old_first_day = DateField(_l("First day in the file"), validators=[Optional(), date_in_bounds])
    first_day = DateField(_l("New first day"), validators=[Optional(), date_in_bounds])
    past_dates = BooleanField(_l("Take over dates that are past, too"))

    def validate_first_day(self, field: Any) -> None:
        """Days are moved only between two first days."""
        if field.data is not None and self.old_first_day.data is None:
            raise ValidationError(_l("Say which day was the first in the file, too."))

    @property
    def days(self) -> tuple[date, date] | None:
        """The first days, old and new, if both are there."""
        if self.old_first_day.data is None or self.first_day.data is None:
            return None
        return self.old_first_day.data, self.first_day.data
