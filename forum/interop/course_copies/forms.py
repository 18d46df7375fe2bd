"""What may be said of a copy of a course."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField

from ...core.forms import ForumForm, date_field, line_field
from ...desk.dates.days_field import days_field
from ..forms import zone_choices


class CopyForm(ForumForm):
    """The new course, and what its dates are held against."""

    term = SelectField(_l("Term"), choices=[])
    code = line_field(_l("Code"), most=60)
    title = line_field(_l("Title"), most=300)
    zone = SelectField(_l("Course zone"), choices=zone_choices)
    first_on = date_field(_l("New first day"))
    holidays = days_field(_l("Holidays"))
    with_sections = BooleanField(_l("Sections too, by name, with their own dates"))
