"""What is true of flags: how long a reason is, and when a post can be flagged again."""

from datetime import datetime

REASON_LIMIT = 1_000  # characters


def is_settled(settled_at: datetime | None, edited_at: datetime | None) -> bool:
    """Whether staff have answered a flag for good: they kept the post, and it was not changed since."""
    return settled_at is not None and (edited_at is None or edited_at <= settled_at)
