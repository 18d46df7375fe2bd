"""What happens later: reasons and answers are erased when the term is over."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..core import clock
from ..core.db import transaction
from ..core.jobs import does, want
from .models import TimeRequest
from .queries import term_end_of

KIND = "erase_reasons"


def want_erasure(session: Session, course_id: int, ends_at: datetime) -> None:
    """Write down that the reasons of a course end with its term; for one end it is one job."""
    want(session, KIND, f"{KIND}-{course_id}-{ends_at:%Y%m%dT%H%M}", due_at=ends_at, course_id=course_id)


@does(KIND)
def erase_reasons(facts: dict[str, Any]) -> None:
    """Erase what was written about requests in a course whose term is over; if it was prolonged, come back at its end."""
    with transaction() as session:
        course_id, at = int(facts["course_id"]), clock.now()
        ends_at = term_end_of(session, course_id)
        if at < ends_at:
            want_erasure(session, course_id, ends_at)
            return
        written = (
            TimeRequest.course_id == course_id,
            or_(TimeRequest.reason.is_not(None), TimeRequest.answer.is_not(None)),
        )
        students = select(TimeRequest.account_id).where(*written)
        session.execute(update(Account).where(Account.id.in_(students)).values(version=Account.version + 1))
        session.execute(update(TimeRequest).where(*written).values(reason=None, answer=None))
