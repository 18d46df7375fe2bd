"""What is true of writing: places of drafts, the order of a thread, limits."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..boards.rules.values import Refusal
from ..core.errors import NotHere
from ..core.moments import shift_days

POST_LIMIT = 20_000  # characters
DRAFT_LIMIT = 500_000
TITLE_LIMIT = 300
TAG_LIMIT = 40
MOST_TAGS = 5  # of a thread
MOST_TAGS_OF_A_COURSE = 100
PAGE = 100  # posts on a page
DEEPEST = 15  # levels that have their own place in the order; deeper answers follow at this level
SPLIT_FORMS = ("threads", "question")  # boards on which a branch of replies can become a thread
SHOWN_DEPTH = 3  # levels that are indented; deeper answers say whom they answer
WAITS_AT_MOST = 7  # calendar days from its arrival until a post is shown
WAITING = (
    1 << 30
)  # positions from here on are those of posts that wait, or have appeared and nobody wrote since

BESIDE = 1 << 29  # positions from here on until those that wait are those of posts set apart

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
# What no database and no page can hold: control signs but tab and line end, halves of surrogate pairs.
_UNKEEPABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


# A private reply to a post, and a question to staff only, is written at a place of its own: its draft is never taken for one that all may read.
FOR_ALL = ("thread", "post", "board")  # where a new post is for all who read there
PLACES = (*FOR_ALL, "edit", "private", "staff")  # "staff": a new thread on a board (its id), for staff only


def why_not_answered(post: Any) -> str | None:
    """The code of why nobody replies to a post, for being set apart: it would tell others of it."""
    if post.private_with_id is not None:
        return "parent_private"
    return "parent_held" if post.held_at is not None else None


@dataclass(frozen=True)
class Place:
    """Where a text is to go: `kind` is one of `PLACES`, `public_id` that of the thing."""

    kind: str
    public_id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.public_id}"

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        kind, _, public_id = text.partition(":")
        if kind in PLACES and re.fullmatch(r"[a-z0-9]{1,16}", public_id):
            return cls(kind, public_id)
        return None


def as_kept(text: str) -> str:
    """A text as it is stored: line ends in one form, whichever way the browser sent them; nothing unkeepable."""
    return _UNKEEPABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def number_in(text: str | None) -> int | None:
    """A number that a form or address carries; None if it is none, or larger than any that we give."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 9 else None


def start_in(text: str | None) -> bytes | None:
    """Where a page of a thread begins (a path), as addresses carry it; NotHere for what is none."""
    try:
        return bytes.fromhex(text) if text else None
    except ValueError:
        raise NotHere from None


def is_key(text: str | None) -> bool:
    """Whether it can be an idempotency key."""
    return text is not None and _KEY.fullmatch(text) is not None


def path_below(parent: bytes | None, position: int) -> bytes:
    """The place of a post in its thread's tree: four bytes a level, compared byte by byte."""
    return (parent or b"")[: 4 * DEEPEST] + position.to_bytes(4, "big")


_FIRST_MINUTE = datetime(2020, 1, 1, tzinfo=UTC)
_IN_A_MINUTE = (
    32  # positions kept for each minute, so that those who wait stand in the order in which they appear
)


def waiting_position(shown_at: datetime) -> int:
    """The first position that a post may have while it waits to be shown at an instant."""
    return WAITING + max(0, (shown_at - _FIRST_MINUTE) // timedelta(minutes=1)) * _IN_A_MINUTE


def why_not_show_at(
    shown_at: datetime, arrived_at: datetime, next_limit: datetime | None, zone: ZoneInfo
) -> Refusal | None:
    """Why a post that is handed in now cannot be shown first at an instant (docs/time.md, rule 15).

    `next_limit` is that of the next checkpoint after the one that the post can meet; `zone` is its author's.
    """
    if shown_at <= arrived_at:
        return Refusal("shown_in_the_past")
    if shown_at > shift_days(arrived_at, WAITS_AT_MOST, zone):
        return Refusal("shown_too_late")
    if next_limit is not None and shown_at >= next_limit:
        return Refusal("shown_after_limit", {"limit_at": next_limit})
    return None


def depth_of(path: bytes) -> int:
    """0 for a post that answers the opening, 1 for an answer to that, and so on."""
    return len(path) // 4 - 1
