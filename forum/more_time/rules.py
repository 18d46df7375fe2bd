"""What is true of requests for more time. Pure: values in, values out."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ..boards.rules.values import Refusal
from ..core.moments import end_of_day

REASON_LIMIT = 2_000  # characters
ANSWER_LIMIT = 2_000


def term_ends_at(ends_on: date, course_zone: ZoneInfo) -> datetime:
    """The exclusive end of a term's last day, as a course counts it: from then on no reason is read or kept."""
    return end_of_day(ends_on, course_zone)


def words_left(words: str | None, ends_at: datetime, at: datetime) -> str | None:
    """A reason, or an answer, as it may be read at an instant: nothing from the term's end on, erased or not."""
    return words if at < ends_at else None


def why_not_ask(course_state: str, ends_at: datetime, at: datetime) -> Refusal | None:
    """Why no request is taken in a course now."""
    if course_state != "open":
        return Refusal("course_archived" if course_state == "archived" else "course_ended")
    if at >= ends_at:
        return Refusal("term_over")
    return None


def why_not_wish(
    wished_at: datetime, dues: Iterable[datetime | None], cutoff_at: datetime | None, at: datetime
) -> Refusal | None:
    """Why a date can't be wished for: it is past already, or gives nothing.

    `dues` are the due instants that it would move, as they are now; without any, the board's cut-off is what moves.
    A wish for a whole board gives something if it is later than the earliest of them.
    """
    dated = [due for due in dues if due is not None]
    now = min(dated) if dated else cutoff_at
    if now is None:
        return Refusal("nothing_due")
    if wished_at <= at:
        return Refusal("wish_passed")
    if wished_at <= now:
        return Refusal("wish_not_later", {"due_at": now})
    return None
