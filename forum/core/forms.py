"""The base of all forms: one token, text that keeps what was typed, answers beside the field in words."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from babel.support import NullTranslations, Translations
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, Field, Form, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.i18n import messages_path
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget


class ForumForm(FlaskForm):
    """A form of the forum. The token is checked once for all forms in `web.py`, not again by each."""

    class Meta(FlaskForm.Meta):
        csrf = False

        def get_translations(self, _form: Form) -> Any:
            return _words_of_fields(str(get_locale() or "en"))


class TickedField(SelectMultipleField):
    """Several of a list, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


@lru_cache(maxsize=64)
def _words_of_fields(locale: str) -> NullTranslations:
    """The library's own sentences in one language; it would read its file anew for each form."""
    return Translations.load(messages_path(), [locale], domain="wtforms")


def stripped(value: str | None) -> str | None:
    return value.strip() if isinstance(value, str) else value


def no_control_characters(_form: Form, field: Field) -> None:
    if any(ord(char) < 32 for char in field.data or ""):
        raise ValidationError(_l("Line breaks and control characters can't stand here."))


def line_field(label: Any, *, most: int = 300, required: bool = True, **kwargs: Any) -> Any:
    """A line of text, stripped; blank is not given."""
    first = DataRequired(_l("Please fill this in.")) if required else Optional()
    limit = Length(max=most, message=_l("At most %(max)d characters."))
    return StringField(label, filters=[stripped], validators=[first, limit, no_control_characters], **kwargs)


def text_field(label: Any, *, most: int, required: bool = False, **kwargs: Any) -> Any:
    """Several lines of text, kept as typed; blank is not given."""
    first = DataRequired(_l("There is nothing written here yet.")) if required else Optional()
    limit = Length(
        max=most, message=_l("This is longer than %(max)d characters. Nothing was lost: shorten it here.")
    )
    return TextAreaField(label, validators=[first, limit], **kwargs)


def date_field(label: Any, *, required: bool = True, **kwargs: Any) -> Any:
    """A calendar date between 2000 and 2200 (docs/time.md, rule 22)."""
    first: list[Any] = (
        [DataRequired(_l("Please give a date, such as 2026-11-26."))] if required else [Optional()]
    )
    return DateField(label, validators=[*first, date_in_bounds], **kwargs)


def date_in_bounds(_form: Form, field: Field) -> None:
    if field.data is not None and not date(2000, 1, 1) <= field.data <= date(2200, 12, 31):
        raise ValidationError(_l("Dates lie between the years 2000 and 2200."))


def zone_field(label: Any, choices: Callable[[], list[tuple[str, str]]], **kwargs: Any) -> Any:
    return SelectField(
        label, choices=choices, validators=[DataRequired(_l("Please choose a time zone."))], **kwargs
    )
