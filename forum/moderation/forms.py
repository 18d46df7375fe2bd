"""What may be said in flagging a post and in removing one."""

from flask_babel import lazy_gettext as _l

from ..core.forms import ForumForm, text_field
from .rules import REASON_LIMIT


class FlagForm(ForumForm):
    """`text` is the name under which pages of errors give words back."""

    text = text_field(_l("What should staff look at?"), most=REASON_LIMIT, required=True)


class ReasonForm(ForumForm):
    text = text_field(_l("Reason, which the author reads"), most=REASON_LIMIT, required=True)
