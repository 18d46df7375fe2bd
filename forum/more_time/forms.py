"""What may be said in asking for more time and in answering."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField

from ..core.forms import ForumForm, text_field
from .rules import ANSWER_LIMIT, REASON_LIMIT


class AskForm(ForumForm):
    """The wished date is a form of its own; `text` is the name under which pages of errors give words back."""

    checkpoint = SelectField(_l("For what"))
    text = text_field(_l("Your reason"), most=REASON_LIMIT, required=True)
    hands_in = BooleanField(_l("If it is granted, post what was refused"))
    key = HiddenField()


class AnswerForm(ForumForm):
    no_due = BooleanField(_l("No due date"))
    moves_later = BooleanField(_l("What is due later on this board moves by as many days"), default=True)
    takes_in = BooleanField(_l("Take in what was refused, with its own arrival"), default=True)
    text = text_field(_l("Answer to the student"), most=ANSWER_LIMIT)
    version = HiddenField()
    looked_at = HiddenField()
