"""What may be said when making a lesson."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from ..core import markup
from ..core.forms import ForumForm, line_field, no_control_characters, stripped
from .commands import SOURCE_LIMIT, is_web_address

NO_MODULE = ""


class LessonForm(ForumForm):
    """`module` holds the public id of a module, or NO_MODULE; its choices are set by the view."""

    title = line_field(_l("Title"))
    module = SelectField(_l("Module"), validate_choice=True)
    text = TextAreaField(
        _l("Text"),
        validators=[Optional(strip_whitespace=False)],
        render_kw={"rows": 24, "spellcheck": "true"},
    )
    revision = HiddenField()

    def validate_text(self, field: Field) -> None:
        code = markup.why_not_render(field.data or "", SOURCE_LIMIT)
        if code == "too_long":
            raise ValidationError(
                _("This is longer than 200,000 characters. All of it is still here: please shorten it.")
            )
        if code is not None:
            raise ValidationError(
                _("This holds more nested or repeated marks than can be shown. All of it is still here.")
            )


def has_a_name(_form: ForumForm, field: Field) -> None:
    given = field.data if isinstance(field.data, list) else [field.data]
    if not any(isinstance(each, FileStorage) and each.filename for each in given):
        raise ValidationError(_("Please choose a file."))


class RecordingForm(ForumForm):
    recording = FileField(_l("Video or audio file"), validators=[FileRequired(_l("Please choose a file."))])


class CaptionsForm(ForumForm):
    captions = FileField(_l("Caption file"), validators=[FileRequired(_l("Please choose a file."))])
    language = StringField(
        _l("Language"),
        filters=[stripped],
        validators=[
            DataRequired(_l("Please give the language.")),
            Length(max=12, message=_l("At most %(max)d characters.")),
            Regexp(
                r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z",
                message=_l("Write the language as a code, such as en, es or pt-BR."),
            ),
        ],
        render_kw={"list": "languages", "size": 12, "autocomplete": "off"},
    )
    label = line_field(_l("Label (optional)"), most=200, required=False)


class AttachmentsForm(ForumForm):
    attachments = MultipleFileField(_l("Files to add"), validators=[has_a_name])


class LinkForm(ForumForm):
    link_title = line_field(_l("Title of the link"))
    url = StringField(
        _l("Address"),
        filters=[stripped],
        validators=[
            DataRequired(_l("Please fill this in.")),
            Length(max=2000, message=_l("At most %(max)d characters.")),
            no_control_characters,
        ],
        render_kw={"inputmode": "url", "autocomplete": "off"},
    )

    def validate_url(self, field: Field) -> None:
        if not is_web_address(field.data or ""):
            raise ValidationError(_("This is no address of the web: it begins with https:// or http://."))
