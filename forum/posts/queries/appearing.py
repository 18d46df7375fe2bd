"""When what was handed in to be shown later is there for readers (docs/time.md, rule 15), and what is for all of them."""

from typing import Any

from sqlalchemy import and_, exists, or_
from sqlalchemy.orm import aliased

from ...courses.models import Enrollment
from ...courses.queries import holds_at
from ..models import Post

_stay = aliased(Enrollment)


def author_stayed(table: Any) -> Any:
    """Whether the author of what was to be shown at `appears_at` was in the course then; who never was enrolled is."""
    theirs = exists().where(_stay.course_id == table.course_id, _stay.account_id == table.author_id)
    return or_(theirs.where(holds_at(_stay, table.appears_at)).correlate(table), ~theirs.correlate(table))


def not_withdrawn() -> Any:
    """A post that its author took back before it was shown is nothing but a draft of theirs (docs/time.md, rule 15)."""
    return or_(Post.scheduled_for.is_(None), Post.removed_at.is_(None), Post.removed_at >= Post.appears_at)


def for_all() -> Any:
    """A post that is neither private nor in a thread for staff only; what is not for all counts for nothing."""
    return and_(Post.private_with_id.is_(None), Post.asker_id.is_(None))


def appeared(at: Any) -> Any:
    """Whether a post is there for readers at an instant: a comparison with the clock, which no job brings about."""
    came = or_(Post.scheduled_for.is_(None), and_(not_withdrawn(), author_stayed(Post)))
    return and_(Post.appears_at <= at, came)
