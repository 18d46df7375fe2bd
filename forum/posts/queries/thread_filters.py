"""Which threads of a board its list is narrowed to, by the word in its address."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, func

from ..models import Star, Thread

# Each from the counts of what its reader sees of a thread: a post that they may not see narrows nothing.
FILTERS: dict[str, Callable[[Any], Any]] = {
    "unread": lambda counted: counted.c.new > 0,
    "starred": lambda _counted: Star.at.is_not(None),
    "unanswered": lambda counted: and_(
        Thread.is_prompt.is_(False), func.coalesce(counted.c.endorsed, 0) == 0
    ),
    "flagged": lambda counted: counted.c.flagged > 0,
    "without-replies": lambda counted: func.coalesce(counted.c.replies, 0) == 0,
}
OF_QUESTIONS = frozenset({"unanswered"})
OF_STAFF = frozenset({"flagged"})
