"""What may be said when many dates are changed at once."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from ...boards.rules.many_dates import MOST_DAYS
from ...core.forms import ForumForm, date_field, line_field
from .days_field import days_field
from .sentences import KIND_WORDS
from .slots import KINDS


class ReasonForm(ForumForm):
    """The one reason of all changes."""

    reason = line_field(_l("Reason"), most=1000, required=False)
    leave_out = BooleanField(_l("Leave the refused rows out, and change the others"))


class ManyField(SelectMultipleField):
    """Several of a list, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def whole_number(label: Any, least: int, most: int, **kwargs: Any) -> Any:
    """A whole number between two; anything else is said beside the field."""
    return _WholeNumber(
        label, validators=[InputRequired(_l("Please write a whole number.")),
                           NumberRange(least, most, message=_l("Please write a number from %(min)d to %(max)d."))],
        render_kw={"inputmode": "numeric"}, **kwargs,
    )  # fmt: skip


class _WholeNumber(IntegerField):
    def process_formdata(self, valuelist: Any) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_("Please write a whole number.")) from None


class ShiftForm(ForumForm):
    """A stretch of dates moved by days."""

    from_on = date_field(_l("From"))
    until_on = date_field(_l("To"), required=False)
    days = whole_number(_l("By how many days"), -MOST_DAYS, MOST_DAYS, default=1)
    kinds = ManyField(
        _l("What is moved"),
        choices=[SelectChoice(kind, KIND_WORDS[kind]) for kind in KINDS],
        default=[kind for kind in KINDS if kind != "section_ends"],
    )
    reason = line_field(_l("Reason"), most=1000, required=False)

    def validate_until_on(self, field: Any) -> None:
        if field.data and self.from_on.data and field.data < self.from_on.data:
            raise ValidationError(_l("The last day lies before the first."))

    def validate_days(self, field: Any) -> None:
        if field.data == 0:
            raise ValidationError(_l("By 0 days nothing moves."))

    def validate_kinds(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_l("Please choose what is moved."))


class SeriesForm(ForumForm):
    """A date each week for dates of one kind."""

    weeks = SelectField(
        _l("How often"), coerce=int, default=1,
        choices=[
            SelectChoice(1, _l("each week")), SelectChoice(2, _l("every second week")),
            SelectChoice(3, _l("every third week")), SelectChoice(4, _l("every fourth week")),
        ],
    )  # fmt: skip
    skipping = days_field(_l("Dates to pass over"))
    picked = ManyField(_l("For which, in this order"), choices=[])
    reason = line_field(_l("Reason"), most=1000, required=False)

    def validate_picked(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_l("Please choose at least one."))


class FileForm(ForumForm):
    """The dates of a course from a file."""

    file = FileField(_l("Dates (CSV)"), validators=[FileRequired(_l("Please choose a file."))])
