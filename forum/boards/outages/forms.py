"""What may be said of outages: more time for a board, a stop that is planned."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from ...core.forms import ForumForm, line_field, text_field
from ..dates_form import WrittenDate, WrittenMinute
from ..forms import count_field


class MoreTimeForm(ForumForm):
    checkpoint = SelectField(_l("For"), validate_choice=True)
    hours = count_field(_l("Hours"), 14 * 24)
    minutes = count_field(_l("Minutes"), 59)
    reason = text_field(_l("Reason"), most=1000, required=True)


class StopForm(ForumForm):
    start_on = WrittenDate(_l("First day"))
    start_at = WrittenMinute(_l("From"))
    end_on = WrittenDate(_l("Last day"))
    end_at = WrittenMinute(_l("Until"))
    note = line_field(_l("What is done"), required=False)
