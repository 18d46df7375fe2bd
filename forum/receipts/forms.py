"""The form in which anyone checks a receipt."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..core.forms import ForumForm, line_field, text_field
from .rules import is_salt


class VerifyForm(ForumForm):
    """A token, and with a salt the words that it is about."""

    token = text_field(_l("Receipt (token)"), most=20_000, required=True)
    salt = line_field(_l("Salt"), most=100, required=False)
    words = text_field(_l("The words, exactly as they were sent"), most=500_000)
    files = text_field(_l("SHA-256 of each attached file, one a line, if there were any"), most=2_000)

    def validate(self, extra_validators: Any = None) -> bool:
        """Salt and words are given both or neither."""
        good = bool(super().validate(extra_validators))
        salt, words = self.salt.data or "", self.words.data or ""
        if salt and not is_salt(salt):
            self.salt.errors = [_("A salt has 32 characters: digits and the letters a to f.")]
        elif words and not salt:
            self.salt.errors = [_("To check the words, the salt of the receipt is needed too.")]
        elif salt and not words:
            self.words.errors = [_("To check the words, please paste them here.")]
        return good and not self.salt.errors and not self.words.errors
