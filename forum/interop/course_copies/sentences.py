"""What a copy says in words: what is to look at in its dates, and why one can't stand."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ...boards.rules.many_dates import Flag
from ...core.errors import Refused
from ...core.refusals import tells
from ...courses.policy import Member
from ...desk.dates.judging import RowTrouble
from ...desk.dates.sentences import row_trouble_words

_FLAGS = {
    "holiday": _l("This is a holiday."),
    "before_start": _l("This lies before the new first day."),
    "after_end": _l("This lies after the end of the course or term."),
    "other_weekday": _l("This is another weekday than before."),
}


def flag_words(flags: Iterable[Flag]) -> list[str]:
    return [str(_FLAGS[flag]) for flag in flags]


def copy_trouble_words(trouble: RowTrouble, member: Member) -> str:
    """Why a date of a copy can't stand."""
    if trouble.code == "end_needed":
        return _("A course needs a last day.")
    if trouble.code == "dates_in_disorder":
        return _("The last day lies before the first.")
    return row_trouble_words(trouble, member)


@tells("dates_cannot_stand", "source_changed")
def _tell(refused: Refused) -> list[str]:
    if refused.code == "source_changed":
        return [_("Somebody changed the course meanwhile, so nothing was made. Look at its dates again.")]
    return [_("Some dates can't stand as they are, so nothing was made. They are marked.")]
