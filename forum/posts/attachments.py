"""What is attached to a text: the files as values, how they are kept beside it, and how many and how large they may be."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app

MOST_FILES = 10  # with one post
ALT_LIMIT = 500  # characters
_MARK = re.compile(r"([a-z0-9]{1,16})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Attached:
    """One file of a text. `sha256` is of the bytes that are kept, `sent` of those that came: pictures are made anew.

    `id` is its public id; `alt` says in words what a picture shows; `width` and `height` in pixels, 0 for no picture.
    """

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    sent: str
    alt: str = ""
    width: int = 0
    height: int = 0

    @property
    def is_picture(self) -> bool:
        return self.width > 0


def attached_in(kept: Any) -> tuple[Attached, ...]:
    """The files that a post, a text or a draft has, in order; `kept` is its column."""
    return tuple(Attached(**each) for each in kept or ())


def to_keep(files: Iterable[Attached]) -> list[dict[str, Any]] | None:
    """The files as a column keeps them; None for none."""
    return [asdict(each) for each in files] or None


def marks_of(files: Iterable[Attached]) -> str:
    """The files as a form carries them: each with the digest of what was sent, so that its arrival can be signed."""
    return " ".join(f"{each.id}.{each.sent}" for each in files)


def marks_in(text: str | None) -> list[tuple[str, str]]:
    """The ids and digests that a form carries; what is none of ours is left out."""
    found = (_MARK.fullmatch(mark) for mark in (text or "").split()[: 4 * MOST_FILES])
    return [(mark[1], mark[2]) for mark in found if mark is not None]


@dataclass(frozen=True)
class Limits:
    """How much may be attached, in bytes: a file, all files of a post, all that one person sends in 24 hours."""

    file: int
    post: int
    day: int


def limits() -> Limits:
    """Those of this site; 1 MB is 1,000,000 bytes, as on screens."""
    told: Mapping[str, Any] = current_app.config
    return Limits(*(int(told[f"ATTACHED_MB_{of}"]) * 1_000_000 for of in ("FILE", "POST", "DAY")))


def why_not_attach(size: int, others: Sequence[Attached], today: int, most: Limits) -> str | None:
    """Why a file of `size` bytes cannot be attached beside others, as a code; `today` is what came in 24 hours."""
    if size == 0:
        return "empty"
    if len(others) >= MOST_FILES:
        return "too_many"
    if size > most.file:
        return "too_large"
    if size + sum(each.size for each in others) > most.post:
        return "too_much"
    return "too_much_today" if size + today > most.day else None
