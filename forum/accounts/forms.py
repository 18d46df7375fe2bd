"""What may be said when signing in and in settings."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from ..core.forms import ForumForm, line_field, stripped
from ..core.moments import zone_names
from .passwords import MAX_LENGTH, why_not_password

WHY_NOT_PASSWORD = {
    "too_short": _l("At least 8 characters, please."),
    "too_long": _l("At most 128 characters, please."),
    "common": _l("This password is among those that are tried first. Please take another."),
    "own_name": _l("Please take something else than your own name or address."),
}


class SignInForm(ForumForm):
    email = StringField(
        _l("E-mail"), filters=[stripped], validators=[DataRequired(_l("Please enter your e-mail address.")), Length(max=320)],
        render_kw={"autocomplete": "username", "inputmode": "email", "autocapitalize": "none"},
    )  # fmt: skip
    password = PasswordField(
        _l("Password"), validators=[DataRequired(_l("Please enter your password.")), Length(max=1000)],
        render_kw={"autocomplete": "current-password"},
    )  # fmt: skip
    next = HiddenField()


class ForgottenForm(ForumForm):
    email = StringField(
        _l("E-mail"), filters=[stripped], validators=[DataRequired(_l("Please enter your e-mail address.")), Length(max=320)],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )  # fmt: skip


class NewPasswordForm(ForumForm):
    password = PasswordField(
        _l("New password"), validators=[DataRequired(_l("Please choose a password."))],
        render_kw={"autocomplete": "new-password", "maxlength": MAX_LENGTH},
    )  # fmt: skip

    def __init__(self, *args: object, own_name: str = "", own_email: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._own = {"name": own_name, "email": own_email}

    def validate_password(self, field: PasswordField) -> None:
        if code := why_not_password(field.data or "", **self._own):
            raise ValidationError(WHY_NOT_PASSWORD[code])


class ZoneForm(ForumForm):
    zone = SelectField(
        _l("Your time zone"), choices=lambda: [SelectChoice(name, name.replace("_", " ")) for name in zone_names()],
        validators=[DataRequired(_l("Please choose a time zone."))],
    )  # fmt: skip


class SettingsForm(ForumForm):
    name = line_field(_l("Name"), most=200, render_kw={"autocomplete": "name"})
    single_keys = BooleanField(_l("Use single keys (j, k, r, …) to move and write"))


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(
        _l("Current password"), validators=[DataRequired(_l("Please enter your current password."))],
        render_kw={"autocomplete": "current-password"},
    )  # fmt: skip
