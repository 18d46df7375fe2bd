"""A field that takes several dates and ranges of dates: holidays, days without teaching."""

import re
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField, ValidationError
from wtforms.validators import Length

from ...boards.rules.bounds import FIRST_YEAR, LAST_YEAR
from ...boards.rules.many_dates import dates_between

MOST_HOLIDAYS = 1000


class DaysField(TextAreaField):
    """Dates, one a line or between commas; "2026-12-21 to 2027-01-06" is every day of a range."""

    days: frozenset[date] = frozenset()

    def pre_validate(self, form: Any) -> None:
        found: set[date] = set()
        for piece in re.split(r"[\n,;]+", self.data or ""):
            ends = [part.strip() for part in re.split(r"\bto\b|–|\.\.", piece) if part.strip()]
            if not ends:
                continue
            try:
                first, last = (date.fromisoformat(ends[0]), date.fromisoformat(ends[-1]))
            except ValueError:
                raise ValidationError(
                    _("“%(text)s” is no date; please write dates like 2026-12-24.", text=piece.strip()[:60])
                ) from None
            if len(ends) > 2 or last < first or not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
                raise ValidationError(
                    _("“%(text)s” is no range of dates; please write the first and the last day.", text=piece.strip()[:60])
                )  # fmt: skip
            if (last - first).days >= MOST_HOLIDAYS:
                raise ValidationError(_("These are too many days."))
            found.update(dates_between(first, last))
        self.days = frozenset(found)


def days_field(label: Any) -> DaysField:
    return DaysField(label, validators=[Length(max=5000, message=_l("At most %(max)d characters."))])
