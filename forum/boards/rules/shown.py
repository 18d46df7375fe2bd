"""When others' posts are shown to a student: docs/time.md, rule 23. Staff always see them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from forum.boards.rules.values import PostFacts

OthersShown = Literal["at_once", "after_own", "together"]


def opened_by_own_at(own_posts: Iterable[PostFacts], min_words: int) -> datetime | None:
    """The instant from which one's first post opened the others' (`after_own`), or None if it did not.

    That is when the post had met the minimum and appeared. What was opened stays open, so a removal, an edit
    or a ruling afterwards changes nothing; a post withdrawn or cut before it appeared opened nothing. The
    instant may lie ahead, for a scheduled post.
    """
    return min(
        (opened_at for post in own_posts if (opened_at := _opened_at(post, min_words)) is not None),
        default=None,
    )


def _opened_at(post: PostFacts, min_words: int) -> datetime | None:
    if not post.opens or post.is_prompt or post.held:
        return None
    appears_at = post.appears_at or post.arrived_at
    standing = False
    opened_at: datetime | None = None
    for revision in post.revisions:
        if revision.arrived_at > appears_at and standing:
            break
        standing = revision.words >= min_words
        opened_at = max(revision.arrived_at, appears_at) if standing else None
    if opened_at is not None and post.removed_at is not None and post.removed_at <= opened_at:
        return None
    return opened_at


def together_from(
    shown_at: datetime, class_limit: datetime | None, credit: timedelta = timedelta()
) -> datetime:
    """The one instant at which a class sees all posts: never before its first-post limit.

    It moves by `credit`, the time that outages gave back to the class's due instant (rule 14). `class_limit` is the last zone's on an own-zone board; personal extensions and accommodations are not in
    it.
    """
    return shown_at + credit if class_limit is None else max(shown_at + credit, class_limit)


def others_visible_at(
    mode: OthersShown,
    own_posts: Iterable[PostFacts],
    min_words: int,
    *,
    together_at: datetime | None = None,
    own_limit: datetime | None = None,
) -> datetime | None:
    """The instant from which a student sees others' posts; None as long as nothing opens them.

    For `at_once` there is no such instant: None, and `are_others_visible` is true. `together_at` is the
    class's instant (`together_from`); `own_limit` the student's limit for the first post. Who has more time
    than the class and has not posted waits until they have, or their own limit has passed.
    """
    if mode == "at_once":
        return None
    own_at = opened_by_own_at(own_posts, min_words)
    return own_at if mode == "after_own" else together_visible_at(own_at, together_at, own_limit)


def together_visible_at(
    own_at: datetime | None, together_at: datetime | None, own_limit: datetime | None
) -> datetime | None:
    """The same for `together`, given when one's own first post opens others' (`opened_by_own_at`)."""
    if together_at is None or own_limit is None or own_limit <= together_at:
        return together_at
    return max(together_at, min(own_at or own_limit, own_limit))


def are_others_visible(mode: OthersShown, visible_at: datetime | None, at: datetime) -> bool:
    """Whether a student sees others' posts at an instant, given `others_visible_at`."""
    return mode == "at_once" or (visible_at is not None and visible_at <= at)


def first_post_judged_at(limit: datetime | None, visible_at: datetime | None) -> datetime | None:
    """The instant at which the first post is judged as it stood: the earlier of the two; None is no bound."""
    return min((at for at in (limit, visible_at) if at is not None), default=None)
