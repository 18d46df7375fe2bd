"""What may be said when writing."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    MultipleFileField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)  # fmt: skip
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ..core import markup
from ..core.forms import ForumForm, TickedField, date_field, line_field, stripped
from .attachments import Attached
from .rules import MOST_TAGS, POST_LIMIT, TITLE_LIMIT, as_kept

WHY_NOT_RENDER = {
    "too_long": _l("This is longer than 20,000 characters, the most that a post can hold. All of it is still here: please shorten it, or post it in parts."),
}  # fmt: skip


def _as_kept(value: str | None) -> str | None:
    return as_kept(value) if isinstance(value, str) else value


class ReplyForm(ForumForm):
    text = TextAreaField(
        _l("Your text"), validators=[DataRequired(_l("There is nothing written here yet."))],
        filters=[_as_kept], render_kw={"rows": 12, "spellcheck": "true"},
    )  # fmt: skip
    key = HiddenField()
    place = HiddenField()
    arrival = HiddenField()
    seq = HiddenField()
    attach = MultipleFileField(_l("Files"))
    files = HiddenField()
    attached: tuple[Attached, ...] = ()  # what `views.attaching` made of the two
    show_on = date_field(_l("Date"), required=False)
    show_at = TimeField(_l("Time of day"), validators=[Optional()], format=["%H:%M", "%H:%M:%S"])

    def validate_text(self, field: TextAreaField) -> None:
        if len(field.data or "") > POST_LIMIT:
            raise ValidationError(WHY_NOT_RENDER["too_long"])
        if (code := markup.why_not_render(field.data or "", POST_LIMIT)) is not None:
            raise ValidationError(
                WHY_NOT_RENDER.get(code)
                or _(
                    "This holds more nested or repeated marks than can be shown. All of it is still here: please simplify it."
                )
            )


class TagsField(SelectMultipleField):
    """Boxes to choose from the tags of a course; `offer` fills them in."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any, **kwargs: Any) -> None:
        most = Length(max=MOST_TAGS, message=_l("Please choose at most %(max)d tags."))
        super().__init__(label, validators=[most], **kwargs)

    def pre_validate(self, form: Any) -> None:
        known = {str(value) for value, *_rest in self.iter_choices()}
        chosen: list[str] = list(self.data or ())  # type: ignore[has-type]
        self.data = [value for value in chosen if value in known]
        if len(self.data) < len(chosen):
            raise ValidationError(
                _("A tag that you chose is gone meanwhile. Please look at what is chosen now.")
            )


class ThreadForm(ReplyForm):
    title = line_field(_l("Title"), most=TITLE_LIMIT)
    group = SelectField(_l("For which group"), validate_choice=False)
    tags = TagsField(_l("Tags"))


class EditForm(ReplyForm):
    title = line_field(_l("Title"), most=TITLE_LIMIT, required=False)
    reason = StringField(
        _l("Why you change it (optional)"), filters=[stripped], validators=[Optional(), Length(max=300)]
    )
    revision = HiddenField()


class SplitForm(ForumForm):
    title = line_field(_l("Title of the new thread"), most=TITLE_LIMIT)


class StaffRemovalForm(ForumForm):
    """Of another's post: its author reads why."""

    reason = line_field(_l("Reason, which the author reads"), most=300)


class RemovalForm(ForumForm):
    reason = StringField(
        _l("Reason (optional)"), filters=[stripped], validators=[Optional(), Length(max=300)]
    )


class GroupMoveForm(ForumForm):
    leaves = SelectField(_l("Leaves"))
    joins = SelectField(_l("Joins"))
    boards = TickedField(_l("What they wrote goes with them, on"), validators=[Optional()])
